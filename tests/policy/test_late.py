"""Histories in which it mattered when something became known; it must not."""

from datetime import datetime

import msgspec
import pytest

from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.rulings import Propose
from comity.rulebooks.language.parse import parse
from tests.policy.strategies import PARTY, hour

HEAD = """
name = "late"
version = "1"
in_force_from = 2026-01-01
[[conduct]]
name = "spam"
title = "No spam"
severity = "low"
proved_by = ["reviewer"]
charge = { ledger = "service", points = [1, 90] }
[[ledger]]
name = "service"
expires_after = "60 days"
"""
COURSE = 'length = "1 day"\ndecided_by = "automatic"\nrestored_by = { fact = "course.passed" }\n'


def books(text: str) -> Rulebooks:
    return Rulebooks([parse(HEAD + text)])


def rung(at: int, more: str) -> str:
    return f'[[ledger.rung]]\nat = {at}\nmeasure = "warning"\n{more}'


def fact(number: int, kind: str, at: int, *, noted: int | None = None, matter: str = PARTY, **data: Scalar) -> Fact:
    return Fact(id=f"f{number:03d}", kind=kind, at=hour(at), noted_at=hour(at if noted is None else noted), subject=matter,
                matter=matter, party=PARTY, data=data)  # fmt: skip


def spam(number: int, at: int, *, noted: int | None = None, points: int = 1) -> Fact:
    return fact(number, "violation.found", at, noted=noted, rule="spam", by="reviewer", points=points)


def measures(memory: Memory) -> list[tuple[str, datetime, datetime | None]]:
    standing = [m for m in memory.measures.values() if m.status != "overturned"]
    return sorted((m.status.value, m.at, m.restored_at) for m in standing)


def both(rules: Rulebooks, facts: list[Fact]) -> tuple[Memory, Memory]:
    """The history as it was noted, and as if everything had been known at once."""
    in_time = [msgspec.structs.replace(each, noted_at=each.at) for each in sorted(facts, key=lambda each: each.place)]
    return fold(rules, PARTY, facts, until=hour(300)), fold(rules, PARTY, in_time, until=hour(300))


def test_a_course_passed_in_time_and_told_after_the_end_ends_the_measure_at_its_end() -> None:
    late, in_time = both(
        books(rung(1, COURSE)),
        [spam(1, 0), fact(2, "course.passed", 3, noted=60), fact(3, "course.passed", 90, noted=90)],
    )
    ended = [[m.ended_at for m in memory.measures.values()] for memory in (late, in_time)]
    assert ended == [[hour(24)], [hour(24)]]


def test_a_course_passed_before_the_finding_became_known_ends_the_measure() -> None:
    noted, in_time = both(books(rung(1, COURSE)), [fact(1, "course.passed", 20), spam(2, 10, noted=30)])
    assert measures(noted) == measures(in_time) == [("lifted", hour(10), hour(20))]


def test_a_measure_issued_anew_keeps_what_was_done_for_it() -> None:
    facts = [
        spam(1, 5),
        spam(2, 10, points=2),
        fact(3, "course.passed", 20),
        fact(4, "violation.cleared", 21, of="f001"),
    ]
    noted, in_time = both(books(rung(2, COURSE)), facts)
    assert measures(noted) == measures(in_time) == [("lifted", hour(10), hour(20))]


@pytest.mark.parametrize(("decision", "becomes"), [("sanction.approved", "placed"), ("sanction.declined", "declined")])
def test_a_decision_counts_however_often_the_measure_goes_and_comes(decision: str, becomes: str) -> None:
    rules = books(rung(3, 'length = "90 days"\n'))
    first = [spam(1, 5, points=2), spam(2, 10, points=3)]
    memory = Memory(rules, PARTY)
    proposed = next(r for each in first for r in memory.note(each) if isinstance(r, Propose))
    decided = fact(3, decision, 20, matter=proposed.matter, agent="agent:1")
    cleared, found = fact(4, "violation.cleared", 30, of="f001"), spam(5, 6, noted=31, points=2)
    one_way = fold(rules, PARTY, [*first, decided, cleared, found], until=hour(300))
    other = fold(
        rules, PARTY, [*first, decided, msgspec.structs.replace(found, noted_at=hour(29)), cleared], until=hour(300)
    )
    assert [status for status, _, _ in measures(one_way)] == [becomes]
    assert measures(one_way) == measures(other)


def test_a_decision_about_a_measure_that_is_not_known_has_no_consequence() -> None:
    memory = Memory(books(rung(3, "")), PARTY)
    assert memory.note(fact(1, "sanction.approved", 5, matter="sanction:nothing", agent="agent:1")) == []


def test_a_finding_without_points_can_be_taken_back() -> None:
    rules = Rulebooks([parse(HEAD.replace('charge = { ledger = "service", points = [1, 90] }\n', "") + rung(3, ""))])
    memory = fold(rules, PARTY, [fact(1, "violation.found", 5, rule="spam", by="reviewer")])
    assert [found.overturned_at for found in memory.of("finding").values()] == [None]
    memory.note(fact(2, "violation.cleared", 6, of="f001"))
    assert [found.overturned_at for found in memory.of("finding").values()] == [hour(6)]


REPLIES = """
[[ledger.rung]]
at = 50
measure = "warning"
[[duty]]
name = "reply"
title = "Reply"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "12 hours"
repeats = true
[[standard]]
name = "replies"
of_duty = "reply"
window = "10 days"
evaluated = "daily"
limit = { counted = "<= 1" }
"""


def test_nothing_is_rejected_before_it_was_written() -> None:
    asked = fact(1, "message.sent", 1, matter="conversation:1", by="buyer", automatic=False)
    early = fact(2, "answer.rejected", 2, matter="conversation:1", of="f003")
    answered = fact(3, "message.sent", 3, matter="conversation:1", by="seller", automatic=True)
    rules = books(REPLIES)
    together = [msgspec.structs.replace(each, noted_at=hour(9), sitting=1) for each in (asked, early, answered)]
    for told in ([asked, early, answered], together):
        (duty,) = fold(rules, PARTY, told, until=hour(100)).all_duties()
        assert (duty.status, duty.ended_at) == ("met", hour(3))


def test_an_answer_rejected_changes_every_evaluation_since_it_counted() -> None:
    def wrote(number: int, at: int, by: str, of: int = 1, *, automatic: bool = False) -> Fact:
        return fact(number, "message.sent", at, matter=f"conversation:{of}", by=by, automatic=automatic)

    facts = [
        wrote(1, 1, "buyer"), wrote(2, 2, "seller", automatic=True), wrote(3, 3, "buyer", of=2), wrote(4, 4, "seller", of=2),
        fact(5, "answer.rejected", 60, matter="conversation:1", of="f002"), wrote(6, 61, "seller"),
    ]  # fmt: skip
    rules = books(REPLIES)
    known_at_the_end = [msgspec.structs.replace(each, noted_at=hour(100)) for each in facts]
    held = [fold(rules, PARTY, told, until=hour(150)).ratings for told in (facts, known_at_the_end)]
    assert held[0] == held[1]
    assert min(rated.at for rated in held[0].values()) == hour(72), "until then one conversation counted"


SCORE = """
score = { start = 100, most = 200, rises = { points = 10, every = 1, of = "good" } }
[[ledger.rung]]
at = 60
measure = "warning"
decided_by = "automatic"
[[standard]]
name = "good"
counted = { fact = "order.paid" }
window = "5 days"
evaluated = "monthly on 28"
"""


def test_a_score_that_rises_late_is_looked_at_without_an_evaluation_between() -> None:
    facts = [spam(1, 10, points=40), fact(2, "order.paid", 5, noted=12, matter="order:1")]
    noted, in_time = both(books(SCORE), facts)
    assert measures(noted) == measures(in_time) == []


LEVELS = """
[[ledger.rung]]
at = 50
measure = "warning"
[[standard]]
name = "disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "5 days"
evaluated = "weekly on thursday"
[[standard.level]]
name = "bad"
limit = { rate = "<= 10%" }
BAD
[[standard.level]]
name = "worse"
limit = { rate = "<= 40%" }
WORSE
"""
FEW, MANY = ('charge = { ledger = "service", points = 2 }', 'charge = { ledger = "service", points = 5 }')
LIGHT = 'measure = { measure = "restriction", length = "2 days", notice = "6 hours" }'
GRAVE = 'measure = { measure = "freeze", length = "2 days", notice = "6 hours" }'


@pytest.mark.parametrize(
    ("bad", "worse", "points", "light"),
    [(FEW, MANY, [2], []), ("", GRAVE, [], []), (LIGHT, GRAVE, [], ["restriction"]), (LIGHT, "", [], ["restriction"])],
)
def test_an_evaluation_that_comes_to_another_level_brings_what_that_level_brings(
    bad: str, worse: str, points: list[int], light: list[str]
) -> None:
    """One order of two was disputed; that there were four more becomes known after the evaluation."""
    rules = books(LEVELS.replace("BAD", bad).replace("WORSE", worse))
    facts = [fact(n, "order.paid", n, noted=n if n < 3 else 100, matter=f"order:{n}") for n in range(1, 7)]
    facts.insert(2, fact(9, "dispute.opened", 9, matter="order:1"))
    late, in_time = both(rules, facts)
    assert len(late.ratings) == 1
    for memory in (late, in_time):
        assert {rated.level for rated in memory.ratings.values()} == {0}
        assert [charge.points for charge in memory.charges.values()] == points
        assert [m.measure for m in memory.measures.values() if m.status != "overturned"] == light
