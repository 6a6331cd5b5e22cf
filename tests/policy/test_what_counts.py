"""What counts in standards: an admitted mistake goes from every window at once, an order has one fault however many."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

import pytest
from msgspec.structs import replace

from comity.lib import moments
from comity.lib.moments import UTC
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.reasons import statement
from comity.policy.standards.levels import outcome
from comity.policy.standards.rating import verdict_at
from comity.rulebooks.language.parse import parse

SELLER = "seller:li"
MAY = datetime(2026, 5, 1, tzinfo=UTC)
NOON = datetime(2026, 5, 30, 12, tzinfo=UTC)

LATE = """
name = "late"
version = "1"
in_force_from = 2026-01-01
[[duty]]
name = "dispatch"
title = "Sent in time"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.handed_over" }
by = "dispatch_by"
[[standard]]
name = "late dispatch"
of_duty = "dispatch"
basis = "due"
window = ["10 days", "30 days"]
limit = { rate = "< 4%" }
breach = { charge = { ledger = "service", points = 2 }, measure = { measure = "restriction", notice = "24 hours", length = "30 days", decided_by = "automatic" } }
[[ledger]]
name = "service"
expires_after = "90 days"
"""


def fact(kind: str, order: str, at: datetime, **data: Scalar) -> Fact:
    return Fact(
        id=f"{kind}:{order}:{at.isoformat()}", kind=kind, at=at, noted_at=at, subject=f"order:{order}",
        matter=f"order:{order}", party=SELLER, data=data,
    )  # fmt: skip


def sent(order: str, due: datetime, at: datetime) -> list[Fact]:
    paid = due - timedelta(hours=30)
    return [fact("order.paid", order, paid, dispatch_by=moments.to_text(due)), fact("shipment.handed_over", order, at)]


def lived(memory: Memory, facts: Iterable[Fact]) -> Memory:
    for each in sorted(facts, key=lambda each: each.place):
        memory.note(each)
    return memory


def a_month_of_orders() -> Memory:
    """Two orders due on each day of May up to the 30th, and three more on the 8th and 9th that were sent late."""
    facts = []
    for number in range(60):
        due = MAY + timedelta(days=number // 2, hours=9)
        facts += sent(f"o{number}", due, due - timedelta(hours=1))
    for number in range(6):
        due = MAY + timedelta(days=7 + number // 3, hours=10)
        facts += sent(f"late{number}", due, due + timedelta(hours=20))
    return lived(Memory(Rulebooks([parse(LATE)]), SELLER), facts)


def windows(memory: Memory, at: datetime) -> list[tuple[int, int]]:
    book = next(iter(memory.rulebooks))
    seen = outcome(book.standards["late dispatch"], memory.counting, at, book.in_force_from).readings
    return [(each.faulty, each.counted) for each in seen]


def test_orders_excused_for_our_mistake_are_late_in_no_window_any_more() -> None:
    memory = a_month_of_orders()
    memory.turn(NOON)
    book = next(iter(memory.rulebooks))
    rule = book.standards["late dispatch"]
    assert windows(memory, NOON) == [(0, 20), (6, 66)]
    assert verdict_at(book, rule, NOON, memory.counting).level == 0, "the clean ten days do not help"
    assert memory.charges
    (measure,) = memory.measures.values()
    assert measure.status is MeasureStatus.PLACED
    began = moments.to_text(MAY + timedelta(days=7))
    data = {"from": began, "until": moments.to_text(MAY + timedelta(days=9)), "cause": "platform_outage", "by": "agent"}
    memory.sit([fact("pause.recorded", f"late{number}", NOON, **data) for number in range(6)])
    assert [faulty for faulty, _ in windows(memory, NOON)] == [0, 0]
    assert verdict_at(book, rule, NOON, memory.counting).level is None
    assert not memory.ratings
    assert not memory.charges
    (measure,) = memory.measures.values()
    assert (measure.status, measure.ended_at) == (MeasureStatus.OVERTURNED, NOON)
    memory.turn(NOON + timedelta(days=20))
    assert not memory.ratings, "and none comes again"


def test_excusing_one_of_them_leaves_the_others() -> None:
    memory = a_month_of_orders()
    memory.turn(NOON)
    data = {"from": moments.to_text(MAY + timedelta(days=7)), "until": moments.to_text(MAY + timedelta(days=9))}
    memory.note(fact("pause.recorded", "late0", NOON, cause="platform_outage", by="agent", **data))
    assert windows(memory, NOON)[1] == (5, 66)
    assert memory.ratings, "five of 66 are still over 4 %"


DEFECTS = """
name = "defects"
version = "1"
in_force_from = 2026-01-01
[[standard]]
name = "defects"
counted = { fact = "order.paid" }
faulty = [{ fact = "order.cancelled", where = { by = "seller" } }, { fact = "dispute.decided", where = { outcome = "buyer" } }]
window = "30 days"
evaluated = "daily"
limit = { rate = "<= 2%", faulty = "<= MOST", hold = "any" }
breach = { notify = ["seller"] }
"""


@pytest.mark.parametrize(("most", "level"), [(4, None), (3, None), (2, 0)])
def test_an_order_with_two_faults_is_one_and_both_bounds_must_be_passed(most: int, level: int | None) -> None:
    at = datetime(2026, 1, 15, 10, tzinfo=UTC)
    facts = [fact("order.paid", f"o{number}", at) for number in range(100)]
    facts += [
        fact("order.cancelled", "o1", at + timedelta(days=5), by="seller", reason="no_stock"),
        fact("dispute.decided", "o1", at + timedelta(days=10), outcome="buyer"),
        fact("dispute.decided", "o2", at + timedelta(days=11), outcome="buyer"),
        fact("dispute.decided", "o3", at + timedelta(days=11, hours=1), outcome="buyer"),
        fact("dispute.decided", "o4", at + timedelta(days=12), outcome="seller"),
    ]
    book = parse(DEFECTS.replace("MOST", str(most)))
    memory = lived(Memory(Rulebooks([book]), SELLER), facts)
    verdict = verdict_at(book, book.standards["defects"], datetime(2026, 1, 28, tzinfo=UTC), memory.counting)
    (seen,) = verdict.outcome.readings
    assert (seen.counted, seen.faulty, seen.rate) == (100, 3, Fraction(3, 100))
    assert verdict.level == level


BUYERS = """
name = "buyers"
version = "1"
in_force_from = 2026-01-01
[[standard]]
name = "defects"
title = "Few defects"
counted = { fact = "order.paid" }
faulty = [{ fact = "order.cancelled", where = { by = "seller" } }, { fact = "dispute.decided", where = { fault = "seller" } }]
cleared = { fact = "dispute.withdrawn" }
window = "30 days"
evaluated = "daily"
limit = { rate = "<= 4%", buyers = "<= 2", hold = "any" }
breach = { measure = { measure = "restriction", notice = "24 hours", length = "30 days", decided_by = "automatic" } }
"""


def test_a_rate_bites_only_above_a_number_of_different_buyers() -> None:
    placed = [
        fact("order.placed", str(n), MAY, buyer=f"buyer:{'ann' if n < 3 else 'bob' if n < 6 else 'cyd'}")
        for n in range(20)
    ]
    paid = [fact("order.paid", str(n), MAY) for n in range(20)]
    twice = fact("dispute.decided", "0", MAY + timedelta(days=2), outcome="buyer", fault="seller")
    bad = [fact("order.cancelled", str(n), MAY + timedelta(days=1), by="seller") for n in (0, 1, 4)]
    unfounded = fact("dispute.decided", "9", MAY + timedelta(days=3), outcome="seller", fault="nobody")
    facts = [*placed, *paid, *bad, twice, unfounded]
    books = Rulebooks([parse(BUYERS)])
    memory = lived(Memory(books, SELLER), facts)
    memory.turn(MAY + timedelta(days=5))
    (seen,) = outcome(next(iter(books)).standards["defects"], memory.counting, MAY + timedelta(days=5), MAY).readings
    assert (seen.counted, seen.faulty, seen.buyers) == (20, 3, 2), "an order is one fault, a buyer one buyer"
    assert memory.measures == {}, "15 % is above 4 %, and two buyers are not too many"
    third = fact("order.cancelled", "12", MAY + timedelta(days=6), by="seller")
    memory.note(third)
    memory.turn(MAY + timedelta(days=8))
    (measure,) = memory.measures.values()
    (window,) = statement(books, measure, ())["windows"]
    assert (window["faulty"], window["buyers"], window["would_keep"]) == (4, 3, 2)
    gone = [replace(fact("dispute.withdrawn", "12", MAY + timedelta(days=6)), noted_at=MAY + timedelta(days=9))]
    lived(memory, gone)
    assert [each.status for each in memory.measures.values()] == [MeasureStatus.OVERTURNED], "his fault was none"
    for told in ([*facts, third, *gone], sorted([*facts, third, *gone], key=lambda each: each.id)):
        again = Memory(books, SELLER)
        again.sit(told)
        assert all(m.status is MeasureStatus.OVERTURNED for m in again.measures.values())
        assert again.counting.rows["defects"] == memory.counting.rows["defects"]  # type: ignore[attr-defined]


def test_who_bought_may_be_told_late_and_is_no_buyer_until_then() -> None:
    books = Rulebooks([parse(BUYERS)])
    facts = [fact("order.paid", str(n), MAY) for n in range(20)]
    facts += [fact("order.cancelled", str(n), MAY + timedelta(days=1), by="seller") for n in range(3)]
    late = MAY + timedelta(days=4)
    who = [replace(fact("order.placed", str(n), MAY, buyer=f"buyer:{n}"), noted_at=late) for n in range(3)]
    memory = lived(Memory(books, SELLER), [*facts, *who[:2]])
    memory.turn(late + timedelta(days=1))
    assert memory.measures == {}, "of a third nobody knows"
    memory.note(replace(who[2], noted_at=late + timedelta(days=1)))
    (measure,) = memory.measures.values()
    assert measure.at == datetime(2026, 5, 2, tzinfo=UTC), "as of the evaluation that would have found it"
