"""Standards as they stand: official, now, at the next evaluation; why a rate rises; what open matters would add."""

from datetime import datetime, timedelta
from fractions import Fraction

import pytest

from comity.lib.moments import UTC
from comity.policy.duties.matter import DutyState
from comity.policy.health.known import Known
from comity.policy.health.standards import StandardHealth, standards
from comity.policy.health.supposed import Clean, Supposed
from comity.policy.rulebook import Rulebooks
from comity.policy.standards.rates import Count
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Tally
from comity.rulebooks.language.parse import parse

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
DISPUTES = """
[[standard]]
name = "disputes"
title = "Few disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "30 days"
evaluated = "weekly on monday"
limit = { rate = "<= 20%", at_least = 4 }
"""
REPLIES = """
[[duty]]
name = "reply"
title = "Reply within a day"
who = "seller"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "24 hours"
repeats = true

[[standard]]
name = "replies"
title = "Replies in time"
of_duty = "reply"
window = "30 days"
evaluated = "daily"
limit = { kept = ">= 90%", at_least = 2 }
"""


def day(number: float) -> datetime:
    return MONDAY + timedelta(days=number)


def row(standard: str, number: int, at: float, *, faulty: bool = False, **more: object) -> Tally:
    told: dict[str, object] = {
        "standard": standard, "subject": f"order:{number}", "basis": day(at), "counted_at": day(at),
        "faulty_at": day(at) if faulty else None,
    }  # fmt: skip
    return Tally(**(told | more))  # type: ignore[arg-type]


def seller(text: str, at: float, rows: list[Tally], duties: list[DutyState] | None = None) -> Known:
    book = parse(HEAD + text)
    return Known(Rulebooks([book]), book, "seller", day(at), [], [], duties or [], [], Tallies(rows))


def open_duty(number: int, opened: float) -> DutyState:
    return DutyState(
        key=f"d{number}", rule="reply", rulebook="b@1", matter=f"conversation:{number}",
        subject=f"conversation:{number}", opened_at=day(opened), opened_by="m", due=day(opened + 1),
    )  # fmt: skip


def only(known: Known) -> StandardHealth:
    (health,) = standards(known)
    return health


def test_official_now_and_next_are_three_moments() -> None:
    rows = [row("disputes", n, 1, faulty=n < 1) for n in range(4)] + [row("disputes", 9, 10, faulty=True)]
    health = only(seller(DISPUTES, 10.5, rows))
    assert [(each.at, each.telling.counted, each.telling.faulty, each.state) for each in (health.official, health.now)] == [
        (day(7), 4, 1, "broken"), (day(10.5), 5, 2, "broken"),
    ]  # fmt: skip
    assert health.projected is not None
    assert (health.projected.at, health.projected.telling.rate) == (day(14), Fraction(2, 5))
    (window,) = health.now.windows
    assert (window.most, window.broken) == (1, ("limit",))
    assert window.interval == pytest.approx((0.1176, 0.7693), abs=1e-3)


def test_a_rate_that_rises_because_good_orders_leave_says_so() -> None:
    good, newer = (
        [row("disputes", n, 0) for n in range(8)],
        [row("disputes", n, 20, faulty=n == 20) for n in range(20, 24)],
    )
    health = only(seller(DISPUTES, 29, good + newer))
    assert health.projected is not None
    assert (health.now.telling.rate, health.projected.telling.rate) == (Fraction(1, 12), Fraction(1, 4))
    assert health.rises
    assert health.left is not None
    assert (health.left.counted, health.left.faulty, health.left.kept_in) == (8, 0, Fraction(1, 12))
    assert (health.now.state, health.projected.state) == ("fine", "broken")


def test_a_rate_that_falls_by_time_or_rises_by_a_new_fault_is_not_explained_so() -> None:
    bad, newer = [row("disputes", n, 0, faulty=True) for n in range(4)], [row("disputes", n, 20) for n in range(20, 24)]
    health = only(seller(DISPUTES, 29, bad + newer))
    assert health.left is not None
    assert (health.left.faulty, health.rises) == (4, False)


def test_open_matters_would_add_what_they_add_if_they_are_missed() -> None:
    rows = [row("replies", n, 1) for n in range(8)]
    health = only(seller(REPLIES, 5.5, rows, [open_duty(1, 4.9), open_duty(2, 6.5)]))
    assert health.open == 1, "the other is not due by the next evaluation"
    assert health.projected is not None
    assert health.missed is not None
    assert (health.projected.telling.rate, health.projected.state) == (Fraction(0), "fine")
    assert (health.missed.telling.rate, health.missed.state) == (Fraction(1, 9), "broken")


def test_nothing_counted_is_unknown_and_breaks_nothing() -> None:
    health = only(seller(DISPUTES, 5, []))
    assert (health.now.telling.rate, health.now.state, health.now.windows[0].interval) == (None, "not_enough", None)


def test_rows_that_are_supposed_count_as_if_they_were_there() -> None:
    rows = [row("disputes", n, n, faulty=n % 2 == 0, value=n, buyer=f"buyer:{n % 3}") for n in range(10)]
    window = (day(0), day(30))
    plain = Tallies(rows)
    for gone, excused in (([], None), (rows[:3], None), ([], (day(2), day(5))), (rows[:4], (day(2), day(5)))):
        left = [each for each in rows if each not in gone and not (excused and excused[0] <= each.basis < excused[1])]  # type: ignore[operator]
        supposed = Supposed(plain, gone=gone, excused=excused)
        assert supposed.count("disputes", window, day(20)) == Tallies(left).count("disputes", window, day(20))
        assert supposed.buyers("disputes", window, day(20)) == Tallies(left).buyers("disputes", window, day(20))
    clean = Supposed(plain, clean=Clean("disputes", day(12), 7)).count("disputes", window, day(20))
    assert clean == Count(17, 5, 45, 10)
    assert Supposed(plain, clean=Clean("disputes", day(40), 7)).count("disputes", window, day(20)).counted == 10
