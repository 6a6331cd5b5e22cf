"""A past that is imported, live: a replay finds the same lines, rows follow, nobody is told."""

from datetime import datetime, timedelta

import msgspec
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock
from comity.actions.enact import enact, sit
from comity.policy.facts import Fact
from comity.policy.sanctions.outcome import DECISIONS
from comity.records import journal, rebuild
from comity.records.carry_out import ROWS
from comity.records.models import JournalLine, Notice, Party
from tests.policy.random_rulebooks import END
from tests.policy.strategies import PARTY
from tests.policy.test_lives import told
from tests.profiles import examples
from tests.properties.stories import noted, of, replayed, ruled
from tests.properties.test_properties import Undo, seller_under

pytestmark = pytest.mark.django_db


def imported(facts: list[Fact], seller: Party, now: datetime) -> None:
    past = [msgspec.structs.replace(of(fact, seller), noted_at=now) for fact in facts]
    sit(seller, past, imported=True)


@given(told(), st.lists(st.floats(0, 1), min_size=3, max_size=3), st.booleans())
@settings(max_examples=examples(60))
def test_replay_equals_live_with_imports(story: tuple[list[str], list[Fact]], cuts: list[float], worked: bool) -> None:
    """Some alone, two slices imported, the rest alone; a worker turns the clock in between, or only at the end."""
    versions, facts = story
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under(versions)
        one, two, three = sorted(int(len(facts) * cut) for cut in cuts)
        noted(facts[:one], seller)
        for slice_ in (facts[one:two], facts[two:three]):
            if slice_:
                imported(slice_, seller, slice_[-1].noted_at)
                if worked:
                    clock.turn(slice_[-1].noted_at + timedelta(hours=1))
        noted(facts[three:], seller)
        clock.turn(END)
        assert replayed(seller, until=END) == ruled(seller)
        # Rows of the world have tests of their own (tests/records/test_follow.py).
        assert [row for row in rebuild.at_odds(seller) if row.life in ROWS] == []
        assert list(journal.verify(seller)) == []
        raise Undo


@given(told())
@settings(max_examples=examples(60))
def test_nobody_is_told_of_an_imported_past(story: tuple[list[str], list[Fact]]) -> None:
    """Decisions on measures are left out by whoever imports."""
    versions, everything = story
    facts = [fact for fact in everything if fact.kind not in DECISIONS]
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under(versions)
        imported(facts, seller, facts[-1].noted_at)
        lines = list(JournalLine.objects.filter(party=seller).order_by("seq"))
        past = journal.imported(lines)
        assert not Notice.objects.exists()
        assert past == {line.seq for line in lines}, "nothing falls due behind a past of one slice"
        enact(seller, of(live(facts[-1].noted_at + timedelta(hours=1)), seller), once=True)
        lines = list(JournalLine.objects.filter(party=seller).order_by("seq"))
        for first in (0, len(past) // 2, len(past)):
            assert journal.imported(lines[first:]) == {seq for seq in past if seq > first}
        raise Undo


def live(at: datetime) -> Fact:
    return Fact(
        id="live", kind="order.fulfilled", at=at, noted_at=at, subject="order:9", matter="order:9", party=PARTY, data={}
    )
