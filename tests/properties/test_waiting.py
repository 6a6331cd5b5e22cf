"""A past that is told in parts, live: judged with the rest where it would accuse, and a replay sits as was sat."""

from datetime import timedelta

import msgspec
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock
from comity.actions.enact import sit
from comity.policy.facts import Fact
from comity.records import journal, rebuild
from comity.records.models import Standing
from tests.policy.random_rulebooks import END
from tests.policy.test_lives import told
from tests.profiles import examples
from tests.properties.stories import noted, of, replayed, ruled
from tests.properties.test_properties import Undo, seller_under

pytestmark = pytest.mark.django_db


@given(told(), st.lists(st.floats(0, 1), min_size=4, max_size=4), st.sampled_from((10, 50, 90)), st.booleans())
@settings(max_examples=examples(60))
def test_replay_equals_live_where_facts_wait(
    story: tuple[list[str], list[Fact]], cuts: list[float], seconds: int, worked: bool
) -> None:
    """Some alone, three requests within a minute or beyond it, the rest alone; a worker turns the clock in between."""
    versions, facts = story
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under(versions)
        one, two, three, four = sorted(int(len(facts) * cut) for cut in cuts)
        noted(facts[:one], seller)
        now = max((fact.noted_at for fact in facts[:four]), default=END) + timedelta(hours=2)
        for slice_ in (facts[one:two], facts[two:three], facts[three:four]):
            if slice_:
                sit(seller, [msgspec.structs.replace(of(fact, seller), noted_at=now) for fact in slice_], waits=True)
                if worked:
                    clock.turn(now + timedelta(seconds=5))
                assert rebuild.at_odds(seller) == []
            now += timedelta(seconds=seconds)
        noted([msgspec.structs.replace(fact, noted_at=max(fact.noted_at, now)) for fact in facts[four:]], seller)
        clock.turn(END + timedelta(days=1))
        assert Standing.objects.get(party=seller).unjudged is None
        assert replayed(seller, until=END + timedelta(days=1)) == ruled(seller)
        assert rebuild.at_odds(seller) == []
        assert list(journal.verify(seller)) == []
        raise Undo
