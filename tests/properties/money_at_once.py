"""Two who move the money of one order at once, each in a process of its own."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from unittest.mock import patch

from comity.actions import money, orders, payouts, reports, rulebooks
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.money import Instruction
from comity.actions.reports import Report
from comity.lib.money import Money
from comity.policy.money import MONEY_KINDS
from comity.records import rebuild
from comity.records.models import JournalLine, Order, Party
from tests.cast import assemble, hours

PAID, EACH = 6800, 3800


def stage(times: int) -> list[int]:
    """Return the keys of so many paid orders for each thing that is done twice."""
    with patch.object(rulebooks, "_unready", lambda text: ()):
        cast = assemble("aliexpress")
    made = []
    for _ in range(times * len(TWICE)):
        new = orders.NewOrder(
            buyer=cast.buyer, seller=cast.seller, title="Racks", price=Money(PAID, "USD"), handling_hours=24,
            deliver_by=hours(90),
        )  # fmt: skip
        made.append(orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(0)), at=hours(0)).pk)
    return made


def _instructs(who: Actor, order: Order, at: datetime) -> object:
    return money.instruct(who, order, Instruction(Money(EACH, "USD")), at=at)


def _instructs_one(who: Actor, order: Order, at: datetime) -> object:
    return money.instruct(who, order, Instruction(Money(EACH, "USD"), once="k1"), at=at)


def _reports(who: Actor, order: Order, at: datetime) -> object:
    return reports.report(who, Report("refunded", order=order, reference="r1", amount=Money(EACH, "USD")), at=at)


def _pays_out(who: Actor, order: Order, at: datetime) -> object:
    run = payouts.NewPayOut("po1", "USD", (payouts.PaidLine(order, PAID),))
    return payouts.paid_out(who, order.seller, run, at=at)


#: What is done twice; for how many of the two it is new; and the order's refunded, instructed and paid_out afterwards.
TWICE: dict[str, tuple[Callable[[Actor, Order, datetime], object], int, tuple[int, int, int]]] = {
    "two refunds": (_instructs, 1, (0, EACH, 0)),
    "one refund": (_instructs_one, 2, (0, EACH, 0)),
    "a report": (_reports, 2, (EACH, 0, 0)),
    "a pay-out": (_pays_out, 2, (0, 0, PAID)),
}


def act(keys: Sequence[int], at: datetime, together: Any) -> list[str]:
    """Do each thing with each of its orders when another is ready to do it too; return "done", or why not."""
    platform, answers = Actor(Party.objects.get(role="platform")), []
    for number, key in enumerate(keys):
        do, _, _ = list(TWICE.values())[number % len(TWICE)]
        order = Order.objects.select_related("seller", "buyer").get(pk=key)
        together.wait(20)
        answers.append(_said(partial(do, platform, order, at)))
    return answers


def _said(do: Callable[[], object]) -> str:
    try:
        do()
    except Refused as refused:
        return str(refused)
    return "done"


def became(keys: Sequence[int]) -> tuple[list[tuple[int, int, int]], list[int], int]:
    """Return the money of each order, how many facts of money it has, and how many rows do not follow."""
    found = Order.objects.in_bulk(list(keys))
    sums = [(found[key].refunded, found[key].instructed, found[key].paid_out) for key in keys]
    told = JournalLine.objects.filter(kind__in=MONEY_KINDS)
    facts = [told.filter(matter=found[key].ref).count() for key in keys]
    return sums, facts, sum(len(rebuild.at_odds(seller)) for seller in Party.objects.filter(role="seller"))
