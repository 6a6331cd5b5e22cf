"""A past that is imported: what it brings is what it would have brought in time, but a person decides on measures."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.facts import Fact
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureState, MeasureStatus
from comity.policy.sanctions.outcome import DECISIONS, SYSTEM
from comity.policy.sanctions.rulings import Place
from comity.policy.sitting import import_of
from comity.rulebooks.language.parse import parse
from tests.policy.random_rulebooks import END
from tests.policy.strategies import PARTY, hour
from tests.policy.test_lives import at_once, decided
from tests.profiles import examples

HOUR = timedelta(hours=1)
#: A warning that ends after a day, once a course was passed.
A_COURSE = """
name = "course"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "dispatch"
title = "Dispatch"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
within = "1 hour"
breach = { charge = { ledger = "service", points = 1 } }

[[ledger]]
name = "service"
title = "Service"
expires_after = "365 days"

[[ledger.rung]]
at = 1
measure = "warning"
length = "1 day"
decided_by = "automatic"
restored_by = { fact = "course.passed" }
"""


def import_past(memory: Memory, facts: Sequence[Fact], now: datetime, number: int = 1) -> list[Ruling]:
    past = sorted(
        (msgspec.structs.replace(fact, noted_at=now, sitting=number) for fact in facts), key=lambda f: f.place
    )
    rulings = memory.turn(now)
    rulings += memory.sit([msgspec.structs.replace(import_of(past, number), sitting=number), *past])
    return rulings + memory.turn(now)


def automatic(memory: Memory) -> list[MeasureState]:
    versions = memory.rulebooks
    return [m for m in memory.measures.values() if versions.version(m.rulebook).rung(m.origin, m.rung).automatic]


def keys(measures: Sequence[MeasureState], status: MeasureStatus) -> set[str]:
    return {measure.key for measure in measures if measure.status is status}


@given(decided(), st.integers(0, 200))
@settings(max_examples=examples(250))
def test_what_would_stand_is_proposed_and_what_would_have_ended_is_not(
    story: tuple[Rulebooks, list[Fact]], later: int
) -> None:
    books, told = story
    facts = sorted((at_once(fact) for fact in told if fact.kind not in DECISIONS), key=lambda fact: fact.place)
    now = facts[-1].at + later * HOUR
    in_time = fold(books, PARTY, facts, until=now)
    memory = Memory(books, PARTY)
    import_past(memory, facts, now)
    assert keys(automatic(memory), MeasureStatus.PROPOSED) == keys(automatic(in_time), MeasureStatus.PLACED)
    assert not keys(list(memory.measures.values()), MeasureStatus.PLACED)
    assert set(memory.charges) == set(in_time.charges)
    assert {d.key: d.status for d in memory.all_duties()} == {d.key: d.status for d in in_time.all_duties()}


@given(decided(), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=examples(250))
def test_nothing_of_before_is_placed_at_once_by_what_comes_later(
    story: tuple[Rulebooks, list[Fact]], first: float, second: float
) -> None:
    """Some facts live, some imported, the rest live again, much of it late; and decisions on all of them."""
    books, facts = story
    one, two = sorted((int(len(facts) * first), int(len(facts) * second)))
    memory = Memory(books, PARTY)
    memory.replay(facts[:one])
    if not facts[one:two]:
        return
    now = facts[two - 1].noted_at
    memory.turn(now)
    rulings = [*import_past(memory, facts[one:two], now), *memory.replay(facts[two:]), *memory.turn(END)]
    placed = [ruling for ruling in rulings if isinstance(ruling, Place) and ruling.decided_by == SYSTEM]
    assert all(ruling.at > now for ruling in placed)


@given(decided(), st.floats(0, 1))
@settings(max_examples=examples(200))
def test_a_past_in_two_slices_leaves_what_one_leaves(story: tuple[Rulebooks, list[Fact]], cut: float) -> None:
    books, told = story
    facts = sorted((at_once(fact) for fact in told if fact.kind not in DECISIONS), key=lambda fact: fact.place)
    now = facts[-1].at + HOUR
    matters = list(dict.fromkeys(fact.matter for fact in facts))
    first = set(matters[: int(len(matters) * cut)])
    slices = [[f for f in facts if f.matter in first], [f for f in facts if f.matter not in first]]
    whole, sliced = Memory(books, PARTY), Memory(books, PARTY)
    import_past(whole, facts, now)
    for number, slice_ in enumerate(filter(None, slices), start=1):
        import_past(sliced, slice_, now, number)
    for status in (MeasureStatus.PROPOSED, MeasureStatus.PLACED):
        assert keys(list(sliced.measures.values()), status) == keys(list(whole.measures.values()), status)
    assert set(sliced.charges) == set(whole.charges)


@pytest.mark.parametrize("how", ["in a later slice", "late", "not"])
def test_a_course_that_was_passed_in_time_ends_what_is_proposed(how: str) -> None:
    memory, now = Memory(Rulebooks([parse(A_COURSE)]), PARTY), hour(100)
    order = Fact(
        id="p", kind="order.paid", at=hour(0), noted_at=now, subject="order:1", matter="order:1", party=PARTY, data={}
    )
    passed = Fact(
        id="c", kind="course.passed", at=hour(50), noted_at=now, subject=PARTY, matter=PARTY, party=PARTY, data={}
    )
    import_past(memory, [order], now)
    assert [measure.status for measure in memory.measures.values()] == ["proposed"], "it would be held until a course"
    if how == "in a later slice":
        import_past(memory, [passed], now, 2)
    elif how == "late":
        memory.note(msgspec.structs.replace(passed, noted_at=hour(120)))
    else:
        memory.note(msgspec.structs.replace(passed, at=hour(119), noted_at=hour(120)))
    status = "proposed" if how == "not" else "overturned"
    assert [measure.status for measure in memory.measures.values()] == [status]
