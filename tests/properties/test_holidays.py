"""Holidays up to a limit, warnings on a clock, many facts of one second: live judges what replay judges again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from comity.actions import clock
from comity.actions.enact import sit
from comity.lib import moments
from comity.policy.facts import PAUSE, PAUSE_ENDED, Fact, Scalar, moment_of
from comity.records import journal
from tests.policy.strategies import PARTY
from tests.profiles import examples
from tests.properties.stories import noted, of, replayed, ruled
from tests.properties.test_properties import Undo, seller_under

pytestmark = pytest.mark.django_db

START = datetime(2026, 12, 20, 10, tzinfo=UTC)
END = START + timedelta(days=60)
RULES = """
name = "b"
version = "1"
in_force_from = 2026-01-01
zone = "Asia/Manila"

[[clock]]
name = "office"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = ["09:00-12:00", "13:00-18:00"]

[[duty]]
name = "reply"
title = "Reply"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "12 hours"
clock = "office"
pauses = ["holiday", "force_majeure"]
holiday_limit = "5 days"
warn_before = ["3 hours", "9 hours"]
repeats = true
season = [{ from = "12-24", until = "01-02", within = "6 hours" }]

[[duty]]
name = "answer back"
title = "Answer back"
who = "buyer"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "seller" } }
met_by = { fact = "message.sent", where = { by = "buyer" } }
within = "3 days"
repeats = true
"""


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Messages of two conversations, by the half day so that many meet; pauses of the seller or of one of them."""
    facts = []
    for number in range(draw(st.integers(2, 10))):
        matter = f"conversation:{draw(st.integers(1, 2))}"
        at = START + timedelta(hours=12 * draw(st.integers(0, 60)))
        late = timedelta(hours=draw(st.sampled_from([0, 0, 0, 36, 300])))
        data: dict[str, Scalar] = {"by": draw(st.sampled_from(["buyer", "seller"])), "automatic": False}
        kind = "message.sent"
        if draw(st.integers(0, 2)) == 0:
            begin = at - timedelta(days=draw(st.integers(-9, 9)))
            end = begin + timedelta(days=draw(st.integers(1, 9)))
            kind, matter = "pause.recorded", draw(st.sampled_from([PARTY, PARTY, matter]))
            data = {"from": moments.to_text(begin), "until": moments.to_text(end), "by": "agent"}
            data["cause"] = draw(st.sampled_from(["holiday", "holiday", "force_majeure"]))
        identity = f"{draw(st.sampled_from('ab'))}{number:03d}"
        facts.append(Fact(id=identity, kind=kind, at=at, noted_at=at + late, subject=matter, matter=matter, party=PARTY, data=data))  # fmt: skip
    facts += [
        _ended(fact, draw(st.integers(1, 120))) for fact in facts if fact.kind == PAUSE and not draw(st.integers(0, 2))
    ]
    return sorted(facts, key=lambda fact: fact.noted_at)


def _ended(pause: Fact, hours: int) -> Fact:
    """The fact that ends a pause some hours after it was noted, or before its last hour."""
    begin, until = (moment_of(str(pause.data[name])) for name in ("from", "until"))
    at = pause.noted_at + timedelta(hours=hours)
    begin = max(begin, min(at, until - timedelta(hours=1)))
    data = {"of": pause.id, "from": moments.to_text(begin), "until": pause.data["until"], "cause": pause.data["cause"]}
    return replace(pause, id=f"{pause.id}e", kind=PAUSE_ENDED, at=at, noted_at=at, data={**data, "by": "agent"})


@given(stories(), st.integers(0, 6))
@settings(max_examples=examples(40))
def test_replay_equals_live(facts: list[Fact], together: int) -> None:
    """The first facts are judged in one sitting, the others as they come."""
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under([RULES])
        if first := facts[:together]:
            sit(seller, [replace(of(fact, seller), noted_at=first[-1].noted_at) for fact in first])
        noted(facts[together:], seller)
        clock.turn(END)
        assert replayed(seller, until=END) == ruled(seller)
        assert list(journal.verify(seller)) == []
        raise Undo
