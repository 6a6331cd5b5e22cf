"""The judge against the reference interpreter: random rulebooks, random histories, facts that come late."""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.facts import Fact
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import MeasureStatus
from tests.policy.random_rulebooks import END, noted, rulebooks
from tests.policy.reference import Reference, Standing
from tests.policy.strategies import PARTY, hour
from tests.profiles import examples

CASES = int(os.environ.get("REFERENCE_CASES") or examples(1000))


def standing_of(memory: Memory) -> Standing:
    return Standing(
        duties={(d.key, d.rulebook, d.due, d.status.value, d.ended_at, d.opened_at) for d in memory.all_duties()},
        charges={(c.key, c.points, c.at, c.expires_at) for c in memory.charges.values()},
        measures={
            (m.key, m.rung, m.at, m.because)
            for m in memory.measures.values()
            if m.status is not MeasureStatus.OVERTURNED
        },
        ratings={(r.standard, r.at, r.rulebook, r.level) for r in memory.ratings.values()},
    )


@given(rulebooks(), noted())
@settings(max_examples=CASES)
def test_the_judge_and_the_reference_agree(books: Rulebooks, facts: list[Fact]) -> None:
    expected = Reference(books, PARTY, facts, END).standing()
    found = standing_of(fold(books, PARTY, facts, until=END))
    assert found.duties == expected.duties
    assert found.ratings == expected.ratings
    assert found.charges == expected.charges
    assert found.measures == expected.measures


@given(rulebooks(), noted(), st.lists(st.integers(0, 290), max_size=8))
@settings(max_examples=examples(400))
def test_when_the_clock_is_turned_does_not_matter_to_standards(
    books: Rulebooks, facts: list[Fact], turns: list[int]
) -> None:
    once = Memory(books, PARTY)
    rulings = [ruling for fact in facts for ruling in once.note(fact)] + once.turn(END)
    often = Memory(books, PARTY)
    moments = sorted(
        [(hour(turn), "", None) for turn in turns] + [(f.noted_at, f.id, f) for f in facts], key=lambda each: each[:2]
    )
    again = []
    for moment, _, fact in moments:
        again += often.turn(moment) if fact is None else often.note(fact)
    assert again + often.turn(END) == rulings, "the same rulings in the same order"
