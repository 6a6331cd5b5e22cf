"""What helps most: each advice comes true when it is followed and judged again, and the work is bounded."""

import time
from datetime import datetime, timedelta
from fractions import Fraction

from comity.lib.moments import UTC
from comity.policy.duties.matter import DutyState
from comity.policy.health import supposed
from comity.policy.health.helps import Help, helps, in_order
from comity.policy.health.known import Known
from comity.policy.health.ledgers import ledgers
from comity.policy.health.standards import look, standards
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.points import ChargeState
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Tally
from comity.rulebooks.language.parse import parse

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
BOOK = """
name = "b"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "reply"
title = "Reply within a day"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "24 hours"
repeats = true
breach = { charge = { ledger = "points", points = 2 } }

[[standard]]
name = "replies"
title = "Replies in time"
of_duty = "reply"
window = "30 days"
evaluated = "daily"
limit = { kept = ">= 90%", at_least = 2 }

[[standard]]
name = "disputes"
title = "Few disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "30 days"
evaluated = "weekly on monday"
limit = { rate = "<= 20%", at_least = 4 }

[[ledger]]
name = "points"
expires_after = "30 days"
[[ledger.rung]]
at = 4
measure = "warning"
[[ledger.rung]]
at = 12
measure = "freeze"
notice = "1 day"
"""


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def charge(number: int, at: float, points: int) -> ChargeState:
    return ChargeState(
        key=f"c{number}", ledger="points", points=points, rulebook="b@1", rule="reply", matter="order:1",
        because=f"{number:04d}", at=day(at), expires_at=day(at + 30),
    )  # fmt: skip


def duty(number: int, due: float) -> DutyState:
    return DutyState(
        key=f"d{number}", rule="reply", rulebook="b@1", matter=f"conversation:{number}",
        subject=f"conversation:{number}", opened_at=day(due - 1), opened_by="m", due=day(due),
    )  # fmt: skip


def order(number: int, at: float, *, faulty: bool = False) -> Tally:
    return Tally(
        standard="disputes", subject=f"order:{number}", basis=day(at), counted_at=day(at),
        faulty_at=day(at) if faulty else None,
    )  # fmt: skip


def seller(at: float, charges: list[ChargeState], duties: list[DutyState], rows: list[Tally]) -> Known:
    book = parse(BOOK)
    return Known(Rulebooks([book]), book, "seller", day(at), charges, [], duties, [], Tallies(rows))


def found(known: Known) -> list[Help]:
    return helps(known, ledgers(known), standards(known))


def test_answering_in_time_avoids_points_a_measure_and_a_broken_standard() -> None:
    first, *rest = found(seller(10, [charge(1, 1, 9)], [duty(1, 10.5), duty(2, 10.7)], []))
    assert (first.what, first.on, first.duty, first.number, first.by) == ("answer", "ledger", "reply", 2, day(10.5))
    assert (first.before, first.after, first.leaves) == (Fraction(13), Fraction(9), "freeze")
    (rate,) = [each for each in rest if each.on == "standard"]
    assert (rate.before, rate.after, rate.leaves) == (Fraction(1), Fraction(0), "limit")


def test_so_many_clean_orders_are_enough_and_one_less_is_not() -> None:
    known = seller(8, [], [], [order(n, 7, faulty=n < 3) for n in range(6)])
    clean = next(each for each in found(known) if each.what == "clean")
    assert (clean.name, clean.number, clean.before, clean.after) == ("disputes", 9, Fraction(1, 2), Fraction(1, 5))
    assert clean.by == day(14)
    rule = known.book.standards["disputes"]
    for number, level in ((9, None), (8, "limit")):
        rows = supposed.Supposed(known.counting, clean=supposed.Clean("disputes", known.at, number))
        then = look(known, rule, day(14), rows).level
        assert (then and then.name) == level


def test_waiting_is_said_with_the_day_from_which_it_is_kept() -> None:
    known = seller(8, [], [], [order(n, 0, faulty=n < 3) for n in range(6)] + [order(n, 7.5) for n in range(10, 14)])
    wait = next(each for each in found(known) if each.what == "wait")
    assert wait.by is not None
    assert (wait.on, wait.name, wait.leaves, wait.after) == ("standard", "disputes", "limit", Fraction(0))
    rule = known.book.standards["disputes"]
    assert look(known, rule, wait.by).level is None
    assert look(known, rule, day(28)).level is not None, "and not long before"
    assert wait.by <= day(42)


def test_points_that_end_are_told_next_and_where_a_rung_is_left() -> None:
    waits = [each for each in found(seller(5, [charge(1, 0, 1), charge(2, 1, 1), charge(3, 2, 9), charge(4, 3, 3)], [], [])) if each.what == "wait"]  # fmt: skip
    assert [(each.by, each.after, each.leaves) for each in waits] == [
        (day(32), Fraction(3), "freeze"),
        (day(30), Fraction(13), ""),
    ]


def test_nothing_helps_who_stands_well_and_what_helps_nobody_is_not_said() -> None:
    assert found(seller(5, [], [], [order(n, 1) for n in range(6)])) == []


def test_the_most_helpful_comes_first() -> None:
    told = found(seller(10, [charge(1, 1, 9), charge(2, 2, 1)], [duty(1, 10.5)], [order(n, 9, faulty=n < 3) for n in range(6)]))  # fmt: skip
    effects = [each.effect for each in told]
    assert effects == sorted(effects, reverse=True)
    assert told[0].leaves == "freeze"


def test_a_thousand_charges_and_duties_take_no_time() -> None:
    charges = [charge(n, n / 50, 1) for n in range(1_000)]
    known = seller(20, charges, [duty(n, 20.5 + n / 2_000) for n in range(1_000)], [order(n, 19, faulty=True) for n in range(900)])  # fmt: skip
    begin = time.perf_counter()
    told = found(known)
    assert time.perf_counter() - begin < 2
    answer = next(each for each in told if each.what == "answer" and each.on == "ledger")
    assert (answer.number, answer.before, answer.after) == (50, Fraction(1_100), Fraction(1_000))


def test_a_score_rises_with_so_many_more_good_subjects() -> None:
    text = BOOK.replace(
        'expires_after = "30 days"\n',
        'expires_after = "30 days"\nscore = { start = 20, most = 40, rises = { points = 3, every = 5, of = "disputes" } }\n',
    ).replace("at = 4\n", "at = 13\n")
    book = parse(text)
    rows = Tallies([order(n, 7, faulty=n < 1) for n in range(4)])
    known = Known(Rulebooks([book]), book, "seller", day(8), [charge(1, 1, 8)], [], [], [], rows)
    told = [each for each in found(known) if each.what == "clean" and each.on == "ledger"]
    assert [(each.number, each.before, each.after, each.leaves) for each in told] == [
        (2, Fraction(12), Fraction(15), "freeze")
    ]


def test_what_one_can_do_comes_before_what_time_does_and_the_sooner_first() -> None:
    wait = Help("wait", "ledger", "service", 0, day(365), Fraction(12), Fraction(0), "freeze")
    small = Help("answer", "standard", "late", 1, day(1), Fraction(2, 10), Fraction(1, 10), "")
    later = small._replace(by=day(3))
    assert in_order(seller(5, [], [], []), [wait, later, small]) == [small, later, wait]
