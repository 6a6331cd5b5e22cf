"""While the bank has the money, or a carrier looks into a claim: replay equals live, and lateness does not matter."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import fold
from comity.policy.rulebook import Rulebooks
from comity.records import journal
from comity.rulebooks.language.parse import parse
from tests.policy.strategies import PARTY
from tests.profiles import examples
from tests.properties.stories import noted, replayed, ruled
from tests.properties.test_properties import Undo, seller_under

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 20, 10, tzinfo=UTC)
END = START + timedelta(days=90)
RULES = """
name = "b"
version = "1"
in_force_from = 2026-01-01
zone = "Europe/Berlin"

[[duty]]
name = "answer"
title = "Answer"
who = "seller"
each = "dispute"
opened_by = [{ fact = "dispute.opened" }, { fact = "dispute.modified" }]
met_by = { fact = "dispute.answered" }
within = "5 days"
repeats = true
counts_from = "latest"
warn_before = ["24 hours"]
breach = { opens = "explain" }

[[duty]]
name = "explain"
title = "Explain"
who = "seller"
each = "dispute"
met_by = { fact = "dispute.information_given" }
within = "2 days"

[[duty]]
name = "note"
title = "Note, whatever stops what it opens"
who = "seller"
each = "dispute"
opened_by = { fact = "dispute.opened" }
met_by = { fact = "dispute.answered" }
within = "3 days"
pauses = ["platform_outage"]
breach = { opens = "explain" }

[[duty]]
name = "ask"
title = "Ask"
who = "buyer"
each = "dispute"
opened_by = { fact = "dispute.answered" }
met_by = { fact = "dispute.escalated" }
within = "72 hours"
pauses = ["carrier_claim", "repair", "charge_back"]
"""
KINDS: list[tuple[str, str, dict[str, Scalar]]] = [
    ("dispute.opened", "dispute:1", {}), ("dispute.opened", "dispute:2", {}), ("dispute.modified", "dispute:1", {}),
    ("dispute.answered", "dispute:1", {"answer": "rejected"}), ("dispute.answered", "dispute:2", {"answer": "offered"}),
    ("order.charged_back", "order:1", {"reference": "a"}), ("order.charged_back", "order:1", {}),
    ("order.charge_back_reversed", "order:1", {"reference": "a"}), ("order.charge_back_reversed", "order:1", {}),
    ("carrier.claimed", "dispute:1", {"claim": "c"}),
    ("carrier.answered", "dispute:1", {"claim": "c", "accepted": True}),
    ("dispute.settled", "dispute:2", {"act": "repair"}), ("dispute.fulfilled", "dispute:2", {"act": "repair"}),
    ("dispute.information_given", "dispute:1", {"by": "seller"}),
]  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> list[Fact]:
    """Facts of one order in the order in which they were noted, some of them days late."""
    facts = []
    for number in range(draw(st.integers(2, 12))):
        kind, about, data = draw(st.sampled_from(KINDS))
        at = START + timedelta(hours=draw(st.integers(0, 40 * 24)))
        late = timedelta(hours=draw(st.sampled_from([0, 0, 0, 30, 300])))
        facts.append(
            Fact(
                id=f"f{number:03d}", kind=kind, at=at, noted_at=at + late, subject=about, matter="order:1",
                party=PARTY, data=data,
            )
        )  # fmt: skip
    return sorted(facts, key=lambda fact: (fact.noted_at, fact.id))


def stands(books: Rulebooks, facts: list[Fact]) -> set[tuple[object, ...]]:
    duties = fold(books, PARTY, facts, until=END).all_duties()
    return {(duty.key, duty.status, duty.due, duty.ended_at) for duty in duties}


@given(stories())
@settings(max_examples=examples(200))
def test_when_things_are_noted_does_not_matter(facts: list[Fact]) -> None:
    books = Rulebooks([parse(RULES)])
    in_time = [
        Fact(
            id=f.id, kind=f.kind, at=f.at, noted_at=f.at, subject=f.subject, matter=f.matter, party=f.party, data=f.data
        )
        for f in sorted(facts, key=lambda fact: fact.place)
    ]
    assert stands(books, facts) == stands(books, in_time)


@given(stories())
@settings(max_examples=examples(60))
def test_replay_equals_live(facts: list[Fact]) -> None:
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under([RULES])
        noted(facts, seller)
        clock.turn(END)
        assert replayed(seller, until=END) == ruled(seller)
        assert list(journal.verify(seller)) == []
        raise Undo


def test_how_late_it_was_on_a_clock_that_was_stopped_is_the_same_live() -> None:
    told: list[tuple[int, str, str, dict[str, Scalar]]] = [
        (0, "dispute.opened", "dispute:1", {}), (200, "order.charged_back", "order:1", {"reference": "a"}),
        (300, "order.charge_back_reversed", "order:1", {"reference": "a"}),
        (400, "dispute.information_given", "dispute:1", {"by": "seller"}),
    ]  # fmt: skip
    facts = [
        Fact(id=f"f{hour:03d}", kind=kind, at=at, noted_at=at, subject=about, matter="order:1", party=PARTY, data=data)
        for hour, kind, about, data in told
        for at in [START + timedelta(hours=hour)]
    ]
    seller = seller_under([RULES])
    noted(facts, seller)
    (cure,) = [each for each in ruled(seller) if each["ruling"] == "Cure"]
    # The note was due after three days, and what it opens two days later; for a hundred hours the bank had the money.
    assert (cure["late_seconds"], cure["late_seconds_on_clock"]) == (280 * 3600, 180 * 3600)
    assert replayed(seller, until=START + timedelta(hours=400)) == ruled(seller)
