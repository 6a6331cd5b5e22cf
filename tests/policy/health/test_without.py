"""What if: what is said to stand is what does stand once the judge is told the same."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.lib.moments import UTC
from comity.policy.facts import Fact, Scalar
from comity.policy.health.known import Known, known
from comity.policy.health.without import Comes, Then, What, what_if
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import MeasureStatus
from comity.rulebooks.language.parse import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
PARTY = "seller:li"
BOOK = """
name = "b"
version = "1"
in_force_from = 2026-01-01

[[conduct]]
name = "spam"
title = "No spam"
severity = "high"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = [1, 48] }

[[duty]]
name = "reply"
title = "Reply within a day"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "24 hours"
repeats = true
breach = { charge = { ledger = "conduct", points = 3 } }

[[standard]]
name = "disputes"
title = "Few disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
excluded = { fact = "order.cancelled" }
window = "30 days"
evaluated = "weekly on monday"
limit = { rate = "<= 20%", at_least = 4 }
breach = { charge = { ledger = "conduct", points = 5 }, measure = { measure = "restriction", notice = "1 day", length = "90 days" } }

[[ledger]]
name = "conduct"
title = "Conduct"
expires_after = "60 days"
[[ledger.rung]]
at = 4
measure = "warning"
[[ledger.rung]]
at = 12
measure = "freeze"
notice = "1 day"
length = "90 days"
"""
BOOKS = Rulebooks([parse(BOOK)])
#: The same, but nobody is asked, and a freeze is soon over.
AT_ONCE = Rulebooks([
    parse(
        BOOK.replace('measure = "warning"\n', 'measure = "warning"\ndecided_by = "automatic"\n').replace(
            'notice = "1 day"\nlength = "90 days"\n', 'notice = "1 day"\nlength = "241 hours"\ndecided_by = "automatic"\n'
        )
    )
])  # fmt: skip


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def fact(kind: str, matter: str, at: float, **data: Scalar) -> Fact:
    return Fact(
        id=f"{kind}:{matter}:{at}", kind=kind, at=day(at), noted_at=day(at), subject=matter, matter=matter,
        party=PARTY, data=data,
    )  # fmt: skip


def spam(at: float, points: int) -> Fact:
    return fact("violation.found", f"listing:{at}", at, rule="spam", by="reviewer", points=points)


def lived(*facts: Fact, until: float = 40, books: Rulebooks = BOOKS) -> Memory:
    return fold(books, PARTY, sorted(facts, key=lambda each: each.place), until=day(until))


def seen(memory: Memory, at: float = 40) -> Known:
    found = known(memory.rulebooks, memory, day(at))
    assert found is not None
    return found


def standing(then: Then) -> set[tuple[str, str]]:
    return {(fate.measure.key, fate.measure.measure) for fate in then.measures if fate.stands}


def in_place(memory: Memory) -> set[tuple[str, str]]:
    live = (MeasureStatus.PROPOSED, MeasureStatus.PLACED)
    return {(each.key, each.measure) for each in memory.measures.values() if each.status in live}


def test_without_one_charge_the_freeze_falls_and_the_warning_stays() -> None:
    memory = lived(spam(1, 5), spam(2, 8), spam(3, 2))
    keys = {charge.points: charge.key for charge in memory.charges.values()}
    then = what_if(seen(memory), What(charges=frozenset({keys[8]})))
    (ledger,) = then.ledgers
    assert (ledger.points, ledger.then, ledger.rung and ledger.rung.at, ledger.rung_then and ledger.rung_then.at) == (
        15,
        7,
        12,
        4,
    )
    assert {(fate.measure.measure, fate.stands) for fate in then.measures} == {("warning", True), ("freeze", False)}
    assert [charge.key for charge in then.gone] == [keys[8]]
    assert then.comes == []


def test_another_charge_may_then_reach_the_rung_and_that_is_said() -> None:
    memory = lived(spam(1, 12), spam(2, 11))
    first = next(charge.key for charge in memory.charges.values() if charge.points == 12)
    then = what_if(seen(memory), What(charges=frozenset({first})))
    assert standing(then) == set()
    assert then.comes == [Comes("warning", day(2), is_over=False)]


def test_an_excused_subject_takes_the_evaluation_and_all_that_hangs_on_it() -> None:
    facts = [fact("order.paid", f"order:{n}", 1) for n in range(5)]
    facts += [fact("dispute.opened", f"order:{n}", 2) for n in range(2)]
    memory = lived(*facts, spam(3, 7), until=8)
    now = seen(memory, 8)
    assert {each.measure for each in now.measures} == {"restriction", "warning", "freeze"}
    row = memory.counting.rows["disputes"]["order:0"]  # type: ignore[attr-defined]
    then = what_if(now, What(subjects=[row]))
    (standard,) = then.standards
    assert (standard.now.telling.rate, standard.then.telling.rate) == (Fraction(2, 5), Fraction(1, 4))
    assert {fate.measure.measure for fate in then.measures if fate.stands} == {"restriction", "warning", "freeze"}, (
        "a quarter is too much still"
    )
    rows = [memory.counting.rows["disputes"][f"order:{n}"] for n in range(2)]  # type: ignore[attr-defined]
    then = what_if(now, What(subjects=rows))
    assert then.standards[0].then.level is None
    assert {fate.measure.measure for fate in then.measures if fate.stands} == {"warning"}
    assert [charge.points for charge in then.gone] == [5]


def test_an_excused_week_excuses_what_was_late_and_not_what_somebody_did() -> None:
    asked = fact("message.sent", "conversation:1", 1, by="buyer", automatic=False)
    paid = [fact("order.paid", f"order:{n}", 2) for n in range(4)]
    memory = lived(asked, *paid, fact("dispute.opened", "order:0", 2.5), spam(3, 9), until=8)
    now = seen(memory, 8)
    then = what_if(now, What(excused=(day(0), day(7))))
    assert sorted(charge.points for charge in now.charges) == [3, 5, 9]
    assert sorted(charge.points for charge in then.gone) == [3, 5]
    assert then.standards[0].then.telling.counted == 0
    assert (then.ledgers[0].then, standing(then)) == (9, {key for key in standing(then) if key[1] == "warning"})


def test_nothing_taken_away_changes_nothing() -> None:
    memory = lived(spam(1, 5), spam(2, 8), *(fact("order.paid", f"order:{n}", 1) for n in range(4)))
    then = what_if(seen(memory), What())
    assert (standing(then), then.gone, then.comes) == (in_place(memory), [], [])
    assert all(not fate.less for fate in then.measures)


GIVEN = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 13)), min_size=1, max_size=9, unique_by=lambda each: each[0]
)


@given(books=st.sampled_from([BOOKS, AT_ONCE]), given_=GIVEN, data=st.data())
def test_it_is_what_follows_when_the_charges_are_really_taken_off(
    books: Rulebooks, given_: list[tuple[int, int]], data: st.DataObject
) -> None:
    facts = [spam(at / 2, points) for at, points in given_]
    memory = lived(*facts, books=books)
    keys = sorted(memory.charges)
    gone = data.draw(st.sets(st.sampled_from(keys)))
    then = what_if(seen(memory), What(charges=frozenset(gone)))
    for number, key in enumerate(sorted(gone)):
        memory.note(fact("charge.taken_off", PARTY, 40 + number / 1_000, of=key, agent="agent:ken"))
    # Measures that were over or lesser by then are compared by their kind and charge, not by what became of them.
    now = in_place(memory)
    came = {each.measure for each in memory.measures.values() if (each.key, each.measure) in now - standing(then)}
    assert standing(then) <= now
    assert came == {each.measure for each in then.comes if not each.is_over}
    (ledger,) = then.ledgers
    assert ledger.then == what_if(seen(memory, 40.5), What()).ledgers[0].points or any(
        day(40) <= charge.expires_at <= day(40.5) for charge in memory.charges.values()
    )


@pytest.mark.parametrize("number", [1_000])
def test_of_many_charges_it_is_told_in_a_moment(number: int) -> None:
    from time import perf_counter

    memory = Memory(BOOKS, PARTY)
    for n in range(number):
        memory.note(spam(n / 40, 1))
    now = seen(memory, 30)
    begin = perf_counter()
    then = what_if(now, What(charges=frozenset(sorted(memory.charges)[:500])))
    assert perf_counter() - begin < 4
    assert then.ledgers[0].points == number
    assert then.ledgers[0].then == 500


def test_what_would_have_come_and_be_over_is_said_to_be_and_what_is_over_falls_too() -> None:
    memory = lived(spam(1, 6), spam(2, 6), until=40, books=AT_ONCE)
    now = seen(memory)
    assert {each.measure: each.status for each in now.measures} == {
        "warning": MeasureStatus.PLACED, "freeze": MeasureStatus.LIFTED,
    }  # fmt: skip
    first = next(charge.key for charge in memory.charges.values() if charge.at == day(1))
    then = what_if(now, What(charges=frozenset({first})))
    assert {(fate.measure.measure, fate.stands) for fate in then.measures} == {("warning", False), ("freeze", False)}
    assert then.comes == [Comes("warning", day(2), is_over=False)], "a warning has no end"
    heavy = lived(spam(1, 12), spam(2, 12), until=40, books=AT_ONCE)
    first = next(charge.key for charge in heavy.charges.values() if charge.at == day(1))
    assert what_if(seen(heavy), What(charges=frozenset({first}))).comes == [Comes("freeze", day(2), is_over=True)]
