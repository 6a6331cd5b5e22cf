"""What sellers are due, and what they were paid: the shop asks, pays, and tells."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.money import after_money, of
from comity.actions.telling import fact_about
from comity.policy.disputes.case import OPEN
from comity.policy.disputes.openings import received_at
from comity.policy.facts import MAX_AMOUNT, Fact, Scalar
from comity.policy.money import Ledger, held_and_due
from comity.policy.sanctions.measures import HELD, forbidding
from comity.records import rulebooks, statements
from comity.records.models import Dispute, Order, Party, PayOut, Refund, Sanction
from comity.records.models.money import REFERENCE_CHARS

#: Orders in one answer, and in one pay-out.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Due:
    """What a seller is due for an order, in minor units of its currency; what is held, and what he owes.

    owed      what went back after he was paid, and what the platform had paid him and bears no more
    netted    what the next pay-out takes off of what is owed: no more than it brings; a line of its own
    platform  what the platform pays of its own money
    why_held  why it is held, as a code: dispute, cancelled, measure, not_received; empty where nothing is
    """

    order: Order
    due: int
    held: int
    owed: int
    netted: int = 0
    platform: int = 0
    why_held: str = ""


@dataclass(frozen=True, slots=True)
class PaidLine:
    """What a pay-out brought for an order, took off for what was owed for it, and brought from the platform."""

    order: Order
    amount: int = 0
    netted: int = 0
    platform: int = 0


@dataclass(frozen=True, slots=True)
class NewPayOut:
    """A pay-out to a seller. `reference`: the payment system's id of it; the same again is the same pay-out."""

    reference: str
    currency: str
    lines: tuple[PaidLine, ...]


def disputed(orders: Collection[Order]) -> frozenset[int]:
    """Return the keys of those orders whose money a dispute keeps back: it is open, or not carried out yet.

    A refund of a dispute that is on its way, or failed and was not instructed anew, is not carried out.
    """
    open_ = Refund.objects.filter(order__in=orders, outside=False).exclude(dispute_ref="")
    waits = Q(state="instructed") | Q(state="failed", replaced_by=None)
    unpaid = open_.filter(waits).values_list("order_id", flat=True)
    return frozenset(
        [*unpaid, *Dispute.objects.filter(order__in=orders, stage__in=OPEN).values_list("order_id", flat=True)]
    )


def due(actor: Actor, seller: Party, *, currency: str, after: int = 0, now: datetime) -> list[Due]:
    """Return what a seller is due now in a currency, by order, in the order of their keys after `after`: at most MOST.

    What is owed is taken off as far as what is due goes. Raises Forbidden.
    """
    require(actor, "payout.read", seller)
    rows = list(_moving(seller, currency).filter(pk__gt=after).order_by("pk")[:MOST])
    return _netted(_held(rows, now))


def of_order(actor: Actor, order: Order, *, now: datetime) -> Due:
    """Return what of an order's money is due now, held and owed. Raises Forbidden."""
    require(actor, "money.read", order)
    return _held([order], now)[0]


def _moving(seller: Party, currency: str) -> "QuerySet[Order]":
    """Return the orders of which something is the seller's, or owed by him."""
    went_back = F("refunded") + F("instructed") + F("charged_back") + F("paid_out")
    even = Q(paid=went_back) & Q(platform_pays=F("platform_paid"))
    return Order.objects.filter(seller=seller, currency=currency).exclude(even).select_related("seller", "buyer")


def awaited(orders: Collection[Order], now: datetime) -> frozenset[int]:
    """Return the keys of those orders that do not count as received yet, where the rules of their time wait for that.

    One statement for each seller whose orders are asked for.
    """
    books = rulebooks.current()
    ruled = {order: book.dispute for order in orders if (book := books.in_force(order.placed_at)) and book.dispute}
    waiting = {order: rules for order, rules in ruled.items() if rules.received}
    by_matter: dict[str, list[Fact]] = {order.ref: [] for order in waiting}
    for seller in {order.seller_id for order in waiting}:
        matters = [order.ref for order in waiting if order.seller_id == seller]
        for fact in statements.facts_of_matters(seller, matters):
            by_matter[fact.matter].append(fact)
    found = set()
    for order, rules in waiting.items():
        at = received_at(rules, sorted(by_matter[order.ref], key=lambda fact: fact.place))
        if at is None or now < at:
            found.add(order.pk)
    return frozenset(found)


def _held(orders: Sequence[Order], now: datetime) -> list[Due]:
    kept_back, not_there = disputed(orders), awaited(orders, now)
    sellers = {order.seller_id for order in orders}
    under = Sanction.objects.filter(Sanction.in_force(now), party__in=sellers, measure__in=forbidding(HELD))
    stopped = set(under.values_list("party_id", flat=True))
    found = []
    for order in orders:
        ledger = of(order)
        # Of a cancelled order nothing is the seller's: it goes back, or somebody says that it does not.
        why = "dispute" if order.pk in kept_back else "cancelled" if order.cancelled_at else ""
        why = why or ("measure" if order.seller_id in stopped else "")
        held, free = held_and_due(ledger, bool(why), received=order.pk not in not_there)
        why = why or "not_received"
        platform, owed = ledger.platform_due, _owed(ledger)
        found.append(Due(order, free, held, owed, platform=platform, why_held=why if held else ""))
    return found


def _netted(lines: Sequence[Due]) -> list[Due]:
    """Return the lines with what is taken off of what is owed."""
    left, found = sum(line.due + line.platform for line in lines), []
    for line in lines:
        netted = min(line.owed, left)
        left -= netted
        found.append(
            Due(line.order, line.due, line.held, line.owed, netted, line.platform, line.why_held) if netted else line
        )
    return found


def paid_out(
    actor: Actor, seller: Party, what: NewPayOut, *, at: datetime, noted_at: datetime | None = None
) -> Mapping[int, bool]:
    """Note a pay-out; return for each order, by its key, whether that was new. Told again, it changes nothing.

    It was made, so what it brought too much is owed afterwards. Raises Forbidden, and Refused for orders of another
    seller or currency, amounts of nothing, and more taken off than was owed.
    """
    require(actor, "payout.record")
    with transaction.atomic():
        statements.lock(seller.pk)
        fresh = Order.objects.select_related("seller", "buyer").in_bulk([line.order.pk for line in what.lines])
        lines = [PaidLine(fresh[line.order.pk], line.amount, line.netted, line.platform) for line in what.lines]
        known = set(PayOut.objects.filter(order__in=fresh, reference=what.reference).values_list("order_id", flat=True))
        if wrong := _problems(seller, what, lines, known):
            raise Refused(wrong)
        new = {}
        for line in lines:
            new[line.order.pk] = _note(actor, what, line, at=at, noted_at=noted_at)
            if new[line.order.pk]:
                after_money(line.order, at=at, noted_at=noted_at or at)
        return new


def _note(actor: Actor, what: NewPayOut, line: PaidLine, *, at: datetime, noted_at: datetime | None) -> bool:
    data: dict[str, Scalar] = {"amount": line.amount, "currency": what.currency, "reference": what.reference}
    # What is taken off beyond what went back is of what the platform had paid, and bears no more.
    netted = min(line.netted, of(line.order).owed)
    platform = line.platform - (line.netted - netted)
    data |= {name: value for name, value in (("netted", netted), ("platform", platform)) if value}
    kind = "payout.made"
    name = f"{kind}:{line.order.uuid}:{what.reference}"
    fact = fact_about(line.order, kind, at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
    return enact(line.order.seller, fact, about=(line.order,), once=True) is not None


def _problems(seller: Party, what: NewPayOut, lines: Sequence[PaidLine], known: Collection[int]) -> list[str]:
    wrong = []
    if not lines or len(lines) > MOST:
        wrong.append(f"a pay-out has 1 to {MOST} lines")
    if len({line.order.pk for line in lines}) < len(lines):
        wrong.append("a pay-out names each order once")
    if not 1 <= len(what.reference) <= REFERENCE_CHARS - 50:
        wrong.append(f"reference must have 1 to {REFERENCE_CHARS - 50} characters")
    for line in lines:
        order, amounts = line.order, (line.amount, line.netted, line.platform)
        if order.seller_id != seller.pk:
            wrong.append(_("Order %(order)s is another seller's.") % {"order": order.key})
        elif order.currency != what.currency:
            words = {"order": order.key, "currency": order.currency, "other": what.currency}
            wrong.append(_("Order %(order)s is in %(currency)s, the pay-out in %(other)s.") % words)
        elif min(amounts) < 0 or max(amounts) < 1 or max(amounts) > MAX_AMOUNT:
            wrong.append(
                f"order {order.key}: something is paid or taken off, at most {MAX_AMOUNT}, and never less than 0"
            )
        elif order.pk not in known and line.netted > (owed := _owed(of(order))):
            wrong.append(f"order {order.key}: {owed} is owed for it, and no more can be taken off")
    return wrong


def _owed(ledger: Ledger) -> int:
    """Return what a seller owes for an order: what went back after he was paid, and what the platform bears no more."""
    return ledger.owed + ledger.platform_owed
