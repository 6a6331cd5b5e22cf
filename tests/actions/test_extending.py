"""Publishing a version that extends another one: what is kept, and judged by, is whole."""

import pytest

from comity.actions import rulebooks
from comity.records import rulebooks as published
from comity.records.models import RulebookVersion
from comity.rulebooks.language.reading import BadRulebook
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db

NEXT = 'name = "next"\nversion = "2"\nextends = "{}"\nin_force_from = 2030-01-01\n'


def test_a_version_is_published_whole(cast: Cast) -> None:
    before = RulebookVersion.objects.get()
    version = rulebooks.publish(cast.platform, NEXT.format(f"{before.name}@{before.version}"), at=hours(1))
    assert "extends" not in version.text
    books = {book.ref: book for book in published.current()}
    assert books["next@2"].duties == books[f"{before.name}@{before.version}"].duties


def test_what_nobody_published_cannot_be_extended(cast: Cast) -> None:
    with pytest.raises(BadRulebook, match="line 3: extends 'nothing@9', which is not known"):
        rulebooks.publish(cast.platform, NEXT.format("nothing@9"), at=hours(1))
    assert RulebookVersion.objects.count() == 1
