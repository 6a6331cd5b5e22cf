"""Holidays up to a limit, warnings on a clock, many facts of one second: live judges what replay judges again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock
from comity.lib import moments
from comity.policy.facts import Fact, Scalar
from comity.records import journal
from tests.policy.strategies import PARTY
from tests.profiles import examples
from tests.properties.stories import noted, replayed, ruled
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
    return sorted(facts, key=lambda fact: fact.noted_at)


@given(stories())
@settings(max_examples=examples(40))
def test_replay_equals_live(facts: list[Fact]) -> None:
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under([RULES])
        noted(facts, seller)
        clock.turn(END)
        assert replayed(seller, until=END) == ruled(seller)
        assert list(journal.verify(seller)) == []
        raise Undo
