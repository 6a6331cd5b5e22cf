"""Properties 2 to 5 of the design, over random histories: they hold for the judge before there is any database."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.deliveries import without_undone
from comity.policy.duties import step
from comity.policy.duties.matter import DutyStatus
from comity.policy.duties.rulings import Warn
from comity.policy.facts import PAUSE, Fact
from comity.policy.memory import Memory, fold
from comity.policy.sanctions import points
from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.rulings import Place
from comity.policy.standards.running import NO_ROWS
from comity.policy.time import deadlines
from tests.policy.strategies import BOOKS, PARTY, histories, hour, late_histories
from tests.profiles import examples

END = hour(400)


def in_force(memory: Memory) -> tuple[object, ...]:
    """What stands: duties with their outcomes, charges, measures, ratings. When a warning was given is not part of it."""
    standing_duties = {(d.key, d.rulebook, d.due, d.status, d.ended_at, d.opened_at) for d in memory.all_duties()}
    charges = {(c.key, c.points, c.at, c.expires_at) for c in memory.charges.values()}
    measures = {
        (m.key, m.rung, m.at, m.because, m.next_at, m.status)
        for m in memory.measures.values()
        if m.status is not MeasureStatus.OVERTURNED
    }
    ratings = {(r.key, r.level, r.counted, r.faulty) for r in memory.ratings.values()}
    return standing_duties, charges, measures, ratings


@given(late_histories())
@settings(max_examples=examples(250))
def test_the_order_of_arrival_does_not_matter(noted: list[Fact]) -> None:
    in_time = sorted((_in_time(fact) for fact in noted), key=lambda fact: fact.place)
    assert in_force(fold(BOOKS, PARTY, noted, until=END)) == in_force(fold(BOOKS, PARTY, in_time, until=END))


def _in_time(fact: Fact) -> Fact:
    return Fact(id=fact.id, kind=fact.kind, at=fact.at, noted_at=fact.at, subject=fact.subject, matter=fact.matter,
                party=fact.party, data=fact.data)  # fmt: skip


@given(late_histories(), st.lists(st.integers(0, 400), max_size=20))
@settings(max_examples=examples(300))
def test_when_the_clock_is_turned_does_not_matter(noted: list[Fact], turns: list[int]) -> None:
    once = Memory(BOOKS, PARTY)
    rulings = [ruling for fact in noted for ruling in once.note(fact)] + once.turn(END)
    often = Memory(BOOKS, PARTY)
    moments = sorted([(hour(turn), "", None) for turn in turns] + [(f.noted_at, f.id, f) for f in noted], key=str)
    again = []
    for moment, _, fact in sorted(moments, key=lambda entry: entry[:2]):
        again += often.turn(moment) if fact is None else often.note(fact)
    assert again + often.turn(END) == rulings


@given(histories())
@settings(max_examples=examples(300))
def test_judging_step_by_step_equals_judging_a_matter_whole(facts: list[Fact]) -> None:
    memory = fold(BOOKS, PARTY, facts, until=END)
    for name, matter in memory.matters.items():
        pauses = deadlines.pauses_of(f for f in facts if f.kind == PAUSE and f.matter in (name, PARTY))
        known = without_undone([f for f in facts if f.matter == name])
        whole, _ = step.unfold(BOOKS, known, until=END, pauses=pauses)
        standing = {k: (d.status, d.due, d.ended_at) for k, d in matter.by_key.items() if d.status != "overturned"}
        assert standing == {k: (d.status, d.due, d.ended_at) for k, d in whole.by_key.items()}


@given(late_histories())
@settings(max_examples=examples(300))
def test_what_stands_is_consistent(noted: list[Fact]) -> None:
    memory = fold(BOOKS, PARTY, noted, until=END)
    stands = {duty.key: duty for duty in memory.all_duties()}
    for duty in stands.values():
        book = BOOKS.in_force(duty.opened_at)
        assert book is not None
        assert duty.rulebook == book.ref, "a duty is judged by the version it opened under"
        assert duty.status is not DutyStatus.OPEN or duty.due >= END
    charged = {charge.because for charge in memory.charges.values()}
    breached = {d.key for d in stands.values() if d.status in ("breached", "cured")}
    with_charge = {key for key in breached if BOOKS.version(stands[key].rulebook).by_name[stands[key].rule].charge}
    assert charged == with_charge, "every breach that costs points has its charge, and nothing else has"
    expected = {
        crossing.key
        for ledger in ("service", "care")
        for crossing in points.crossings(BOOKS, [c for c in memory.charges.values() if c.ledger == ledger], NO_ROWS)
    }
    assert expected == {m.key for m in memory.measures.values() if m.status is not MeasureStatus.OVERTURNED}


@given(late_histories())
@settings(max_examples=examples(200))
def test_nothing_heavier_than_a_warning_takes_effect_before_its_notice_has_run(noted: list[Fact]) -> None:
    memory = Memory(BOOKS, PARTY)
    rulings = [ruling for fact in noted for ruling in memory.note(fact)] + memory.turn(END)
    for ruling in rulings:
        if isinstance(ruling, Place):
            assert ruling.because, "no measure without the charges that it rests on"
            if ruling.measure != "warning":
                assert ruling.effective_at is None or ruling.effective_at >= ruling.at + timedelta(hours=6)


@given(histories())
@settings(max_examples=examples(100))
def test_warnings_come_in_order_and_before_the_deadline(facts: list[Fact]) -> None:
    memory = Memory(BOOKS, PARTY)
    warned = [r for fact in facts for r in memory.note(fact) if isinstance(r, Warn)]
    assert all(ruling.at < ruling.due for ruling in warned)
    for earlier, later in pairwise(sorted(warned, key=lambda ruling: (ruling.key, ruling.warned))):
        if earlier.key == later.key and earlier.due == later.due:
            assert earlier.warned < later.warned


@given(late_histories())
@settings(max_examples=examples(250))
def test_no_moment_is_noted_twice(noted: list[Fact]) -> None:
    written: list[object] = []
    memory = Memory(BOOKS, PARTY, write=written.append)
    for fact in noted:
        memory.note(fact)
    memory.turn(END)
    ids = [entry.id for entry in written if isinstance(entry, Fact)]
    assert len(ids) == len(set(ids))
