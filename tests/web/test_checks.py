"""Checks before shipping on pages: filled in by the seller, seen by both sides and agents, beside a dispute too."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.actions import checks
from comity.records.models import Check
from comity.rulebooks.shelf import load
from comity.web.common.words.rules import TITLES
from tests.actions.test_checks import looked, ordered, shop
from tests.cast import Cast, hours
from tests.files.test_uploads import picture
from tests.web.test_pages import text
from tests.web.test_review_pages import browser, page

__all__ = ["shop"]
pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def test_a_check_is_filled_in_beside_the_parcel(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    seen = page(shop.li, f"/orders/{order.uuid}/")
    assert "Checks before shipping" in seen
    assert f'href="/sell/check/{order.uuid}/"' in seen
    assert "First fill in the check: Look at the goods" in seen
    assert "the parcel is marked: Count the pieces" in seen
    address = f"/sell/check/{order.uuid}/"
    form = page(shop.li, address)
    assert "The parcel can be declared sent once this is filled in." in form
    assert 'accept="image/*" capture="environment" required' in form
    lacks = browser(shop.li).post(address, {"checklist": "before it leaves", "works": "yes", "weight": "81"})
    assert lacks.status_code == 422
    assert "“A photo of the goods”: a photo is missing." in text(lacks)
    assert 'value="81"' in text(lacks)
    whole = {
        "checklist": "before it leaves", "works": "yes", "weight": "81",
        "goods": SimpleUploadedFile("lamp.jpg", picture("JPEG")),
    }  # fmt: skip
    kept = browser(shop.li).post(address, whole, follow=True)
    assert "The check is kept with the order." in text(kept)
    assert kept.redirect_chain == [(address, 302)]  # one more is asked for
    assert Check.objects.get().answers == {"works": "yes", "weight": "81"}
    done = browser(shop.li).post(address, {"checklist": "count", "count": "no"}, follow=True)
    assert "something is not as it should be" in text(done)
    done = browser(shop.li).post(address, {"checklist": "count", "count": "yes"}, follow=True)
    assert done.redirect_chain == [(f"/orders/{order.uuid}/", 302)]
    after = page(shop.li, f"/orders/{order.uuid}/")
    assert "First fill in" not in after
    assert "the parcel is marked" not in after


def test_the_house_rules_speak_of_it_in_the_readers_language() -> None:
    [rule] = load("comity").checklists
    for title in (rule.title, *(item.title for item in rule.items)):
        assert title in TITLES, f"{title!r} is not in the catalogue"


def test_who_sees_it(shop: Cast) -> None:
    order = ordered(shop, "lamps")
    made = checks.fill(shop.li, order, looked(), at=hours(1))
    photo = f"/checks/photos/{made.photos.get().uuid}/"
    for who in (shop.ana, shop.li, shop.ken):
        seen = page(who, f"/orders/{order.uuid}/")
        assert photo in seen
        assert "812,5" in seen
        answer = browser(who).get(photo)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
        assert b"".join(answer.streaming_content).startswith(b"\xff\xd8")  # type: ignore[attr-defined]
    assert browser(shop.bea).get(photo).status_code == 403
    assert browser(shop.ana).get(f"/sell/check/{order.uuid}/").status_code == 403
    assert browser(shop.max).get(f"/sell/check/{order.uuid}/").status_code == 403
