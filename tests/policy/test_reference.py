"""The judge against the reference interpreter: random rulebooks, random histories, facts that come late."""

import os
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.facts import Fact
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import MeasureStatus
from tests.policy import reference_time as walked
from tests.policy.random_rulebooks import END, noted, rulebooks
from tests.policy.random_times import SPRING, WINTER, clocks, timed
from tests.policy.reference import Reference, Standing
from tests.policy.reference_time import STEP
from tests.policy.strategies import PARTY, START, hour
from tests.profiles import examples

#: 3,000 rulebooks together.
CASES = int(os.environ.get("REFERENCE_CASES") or examples(500))
TIMED = int(os.environ.get("REFERENCE_CASES") or examples(1250))


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


@pytest.mark.parametrize("weeks", [SPRING, WINTER])
@given(data=st.data())
@settings(max_examples=TIMED)
def test_they_agree_about_time(weeks: tuple[int, ...], data: st.DataObject) -> None:
    """Zones, holidays, periods, skipped hours, one second: every rule that is counted in time."""
    told = data.draw(timed(weeks))
    expected = Reference(told.books, PARTY, told.facts, told.until).standing()
    found = standing_of(fold(told.books, PARTY, told.facts, until=told.until))
    assert found.duties == expected.duties
    assert found.ratings == expected.ratings
    assert found.charges == expected.charges
    assert found.measures == expected.measures


@given(data=st.data())
@settings(max_examples=examples(800))
def test_clocks_lay_and_count_time_as_it_is_walked(data: st.DataObject) -> None:
    """Deadlines, warnings so long before them, and how late something was, on any clock, around any pauses."""
    draw = data.draw
    clock, begin = draw(clocks()), START + timedelta(weeks=draw(st.sampled_from(SPRING + WINTER)))
    start = begin + draw(st.integers(0, 7 * 144)) * STEP
    pauses = []
    for first, steps in draw(st.lists(st.tuples(st.integers(-100, 1500), st.integers(1, 300)), max_size=3)):
        pauses.append((begin + first * STEP, begin + (first + steps) * STEP))
    length = draw(st.integers(1, 100)) * STEP
    due = clock.due(start, length, pauses)
    assert due == walked.due(clock, start, length, pauses)
    if clock.cutoff or clock.defer:
        return
    assert clock.elapsed(start, due + 40 * STEP, pauses) == walked.passed(clock, start, due + 40 * STEP, pauses)
    before = draw(st.integers(1, 120)) * STEP
    warned = clock.before(due, before, start, pauses)
    if before > length:
        assert warned == start
    else:
        assert walked.passed(clock, warned, due, pauses) == before
        assert walked.passed(clock, warned + STEP, due, pauses) < before, "the last such moment"


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
