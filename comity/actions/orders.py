"""Orders: placed, paid, cancelled; asked to be cancelled.

What changes an order's row locks the seller first, as `enact` does: two at once wait, and never for each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.actions.addresses import ShipTo, first_address
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.parties import platform
from comity.lib import moments
from comity.lib.ids import short_key, uuid7
from comity.lib.money import Money
from comity.policy.duties.matter import DutyStatus
from comity.policy.facts import Fact, Scalar
from comity.records import rulebooks, statements
from comity.records.models import CancelRequest, Duty, Listing, Order, OrderLine, Party

MAX_TITLE_CHARS = 200
MAX_HANDLING_HOURS = 24 * 60
MAX_LINES, MAX_PIECES = 100, 100_000
MAX_SERVICE_CHARS, MAX_REGION_CHARS = 50, 16
#: Why orders are cancelled, by who may say so. What a seller says of the first three counts as the seller's fault.
SELLERS_REASONS = ("no_stock", "wrong_price", "cannot_ship")
BUYERS_REASONS = ("changed_mind", "ordered_wrong", "too_slow")
REASONS = {
    "buyer": (*BUYERS_REASONS, "other"),
    "seller": (*SELLERS_REASONS, "not_paid", "other"),
    "agent": (*SELLERS_REASONS, *BUYERS_REASONS, "not_paid", "suspected_fraud", "other"),
    "platform": (*SELLERS_REASONS, *BUYERS_REASONS, "not_paid", "suspected_fraud", "other"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """Some pieces of one thing that is ordered; `price` of one piece."""

    title: str
    quantity: int
    price: Money
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """Where an order goes from, to where and how. Empty where it is not known."""

    origin: str = ""
    destination: str = ""
    service: str = ""


def place(
    actor: Actor,
    *,
    buyer: Party,
    seller: Party,
    at: datetime,
    title: str = "",
    price: Money | None = None,
    lines: Sequence[Line] = (),
    handling_hours: int | None = None,
    deliver_by: datetime | None = None,
    lane: Lane = Lane(),
    ship_to: ShipTo | None = None,
    external_id: str | None = None,
    noted_at: datetime | None = None,
) -> Order:
    """Place an order with what the seller promises: handling time in hours, and delivery by a moment.

    Its `lines`, or one thing by `title` and `price`. What is not given is what the listings promise. The same external
    id again returns the order that is there. Raises Refused, and Forbidden for a frozen seller.
    """
    if external_id and (known := Order.objects.filter(external_id=external_id).first()):
        require(actor, "order.read", known)
        return known
    if not lines and price is not None:
        lines = [Line(title.strip(), 1, price)]
    total = _total(lines, price)
    lane = _lane(lines, lane, ship_to)
    deliver_by = deliver_by or promised(lines, at, seller)
    order = Order(
        uuid=uuid7(at), key=short_key("O"), external_id=external_id, buyer=buyer, seller=seller,
        title=(title.strip() or _title(lines)), amount=total.minor, currency=total.currency,
        handling_hours=_handling(lines, handling_hours), placed_at=at, deliver_by=deliver_by or at,
        pieces=sum(line.quantity for line in lines), origin=lane.origin, destination=lane.destination,
        service=lane.service,
    )  # fmt: skip
    require(actor, "order.place", order, at=at)
    if wrong := list(_problems(order, lines, promised=deliver_by is not None)):
        raise Refused(wrong)
    rows: list[Model] = [
        OrderLine(order=order, listing=line.listing, title=line.title.strip(), quantity=line.quantity,
                  amount=line.price.minor)
        for line in lines
    ]  # fmt: skip
    if ship_to is not None:
        rows.append(first_address(order, ship_to, at))
    data: dict[str, Scalar] = {
        "buyer": buyer.ref, "amount": total.minor, "currency": total.currency, "pieces": order.pieces,
    }  # fmt: skip
    try:
        with transaction.atomic():
            tell(order, "order.placed", at, noted_at, data, rows=(order, *rows))
    except IntegrityError:  # the same order told twice at the same moment
        if external_id and (known := Order.objects.filter(external_id=external_id).first()):
            return known
        raise
    return order


def promised(lines: Sequence[Line], at: datetime, seller: Party) -> datetime | None:
    """Return by when the listings of `lines`, bought at `at`, promise to arrive: the end of the latest promised day.

    In the seller's zone. None where one of them promises nothing.
    """
    days = [line.listing.delivery_days if line.listing else None for line in lines]
    if not days or None in days:
        return None
    zone = ZoneInfo(seller.time_zone)
    day = at.astimezone(zone).date() + timedelta(days=max(day for day in days if day is not None))
    return moments.in_utc(datetime.combine(day, time(23, 59, 59), zone))


def pay(actor: Actor, order: Order, *, at: datetime, noted_at: datetime | None = None) -> Order:
    """Report that an order was paid: its handling time begins. A second report changes nothing."""
    require(actor, "order.pay", order)
    if order.cancelled_at:
        raise Refused([_("Order %(order)s was cancelled; it cannot be paid.") % {"order": order.key}])
    dispatch_by = at + timedelta(hours=order.handling_hours)
    with transaction.atomic():
        statements.lock(order.seller_id)
        changed = Order.objects.filter(pk=order.pk, paid_at=None).update(paid_at=at, dispatch_by=dispatch_by)
        if changed:
            order.paid_at, order.dispatch_by = at, dispatch_by
            tell(order, "order.paid", at, noted_at, {
                "dispatch_by": moments.to_text(dispatch_by), "deliver_by": moments.to_text(order.deliver_by),
            })  # fmt: skip
    return order


def cancel(actor: Actor, order: Order, *, reason: str, at: datetime, noted_at: datetime | None = None) -> Order:
    """Cancel an order. What is still owed for it falls away; a second cancellation changes nothing.

    Who cancels, and why, is kept: it counts differently. A buyer cancels before the payment, and asks after it
    (`ask_to_cancel`). Raises Refused, Forbidden.
    """
    require(actor, "order.cancel", order)
    if order.cancelled_at:
        return order
    if reason not in REASONS[actor.role]:
        raise Refused([f"reason must be one of {', '.join(REASONS[actor.role])}, not {reason!r:.60}"])
    if order.delivered_at:
        raise Refused([_("Order %(order)s was delivered; it can be sent back, not cancelled.") % {"order": order.key}])
    if order.sent_at and actor.role in ("buyer", "seller"):
        raise Refused([_("Order %(order)s was sent; it can be sent back, not cancelled.") % {"order": order.key}])
    if order.paid_at and actor.role == "buyer":
        raise Refused([_("Order %(order)s is paid: ask the seller to cancel it.") % {"order": order.key}])
    _cancel(order, by=actor.role, reason=reason, at=at, noted_at=noted_at)
    return order


def ask_to_cancel(actor: Actor, order: Order, *, reason: str, at: datetime) -> CancelRequest:
    """Ask the seller to cancel an order that was paid and not sent. Asking twice changes nothing. Raises Refused."""
    require(actor, "order.ask_cancel", order)
    if reason not in REASONS["buyer"]:
        raise Refused([f"reason must be one of {', '.join(REASONS['buyer'])}, not {reason!r:.60}"])
    if order.state != "paid":
        raise Refused([_("Only an order that is paid and not sent yet can be asked to be cancelled.")])
    with transaction.atomic():
        statements.lock(order.seller_id)
        request, new = CancelRequest.objects.get_or_create(order=order, defaults={"asked_at": at, "reason": reason})
        if new:
            tell(order, "cancellation.requested", at, None, {})
    return request


def answer_cancel(actor: Actor, order: Order, *, accepted: bool, at: datetime) -> None:
    """Agree to cancel, or not. An agreement cancels the order as the buyer's wish. Answering twice changes nothing."""
    require(actor, "order.answer_cancel", order)
    with transaction.atomic():
        statements.lock(order.seller_id)
        request = CancelRequest.objects.filter(order=order).first()
        if request is None:
            raise Refused([_("Nobody asked to cancel order %(order)s.") % {"order": order.key}])
        if not CancelRequest.objects.filter(pk=request.pk, accepted=None).update(accepted=accepted, answered_at=at):
            return
        tell(order, "cancellation.answered", at, None, {"accepted": accepted})
        if accepted and not order.sent_at:
            _cancel(order, by="buyer", reason=request.reason, at=at, noted_at=None)


def cancel_unanswered(now: datetime) -> int:
    """Cancel the orders whose sellers left a request unanswered for longer than the rules allow; return how many.

    The rule says so (`breach = { cancel = true }`); this carries it out. Called by errands.
    """
    books, count = rulebooks.current(), 0
    waiting = CancelRequest.objects.filter(accepted=None, order__cancelled_at=None, order__sent_at=None)
    for request in waiting.select_related("order__seller", "order__buyer"):
        late = Duty.objects.filter(
            party=request.order.seller, matter=request.order.ref, status=DutyStatus.BREACHED, ended_at=None
        )
        if any(books.version(duty.rulebook).by_name[duty.rule].breach.cancel for duty in late):
            answer_cancel(Actor(platform(now)), request.order, accepted=True, at=now)
            count += 1
    return count


def _cancel(order: Order, *, by: str, reason: str, at: datetime, noted_at: datetime | None) -> None:
    with transaction.atomic():
        statements.lock(order.seller_id)
        if Order.objects.filter(pk=order.pk, cancelled_at=None).update(
            cancelled_at=at, cancelled_by=by, cancel_reason=reason
        ):
            order.cancelled_at, order.cancelled_by, order.cancel_reason = at, by, reason
            tell(order, "order.cancelled", at, noted_at, {"by": by, "reason": reason})


def _total(lines: Sequence[Line], price: Money | None) -> Money:
    if price is not None:
        return price
    currencies = {line.price.currency for line in lines}
    if len(currencies) != 1:
        raise Refused([_("An order has at least one line, and all its lines one currency.")])
    return Money(sum(line.price.minor * line.quantity for line in lines), currencies.pop())


def _title(lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    first, more = lines[0].title.strip(), len(lines) - 1
    rest = ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
    return f"{first[: MAX_TITLE_CHARS - 40]} {rest}" if more else first


def _handling(lines: Sequence[Line], given: int | None) -> int:
    return given if given is not None else max(
        (line.listing.handling_hours for line in lines if line.listing), default=0
    )  # fmt: skip


def _lane(lines: Sequence[Line], given: Lane, ship_to: ShipTo | None) -> Lane:
    """Return the lane that is given, completed by what the first listing and the address say."""
    listing = next((line.listing for line in lines if line.listing), None)
    return Lane(
        given.origin or (listing.ships_from if listing else ""),
        given.destination or (ship_to.lane_end if ship_to else ""),
        given.service or (listing.service if listing else ""),
    )


def _problems(order: Order, lines: Sequence[Line], *, promised: bool) -> Iterator[str]:
    if order.buyer.role != "buyer":
        yield f"{order.buyer.ref} is no buyer"
    if order.seller.role != "seller":
        yield f"{order.seller.ref} is no seller"
    if not order.title or len(order.title) > MAX_TITLE_CHARS:
        yield f"title must have 1 to {MAX_TITLE_CHARS} characters"
    if order.amount < 0:
        yield "the price must not be negative"
    if not 1 <= order.handling_hours <= MAX_HANDLING_HOURS:
        yield f"handling_hours must be from 1 to {MAX_HANDLING_HOURS}"
    if not promised:
        yield "deliver_by is missing, and not every line is of a listing with delivery_days"
    elif order.deliver_by <= order.placed_at:
        yield "deliver_by must be after the order"
    if len(order.service) > MAX_SERVICE_CHARS or max(map(len, (order.origin, order.destination))) > MAX_REGION_CHARS:
        yield f"service has at most {MAX_SERVICE_CHARS} characters, origin and destination {MAX_REGION_CHARS}"
    yield from _problems_of_lines(order, lines)


def _problems_of_lines(order: Order, lines: Sequence[Line]) -> Iterator[str]:
    if not lines or len(lines) > MAX_LINES:
        yield f"an order has 1 to {MAX_LINES} lines"
    if order.pieces > MAX_PIECES:
        yield f"an order has at most {MAX_PIECES} pieces"
    for number, line in enumerate(lines, 1):
        if not line.title.strip() or len(line.title) > MAX_TITLE_CHARS:
            yield f"line {number}: title must have 1 to {MAX_TITLE_CHARS} characters"
        if line.quantity < 1:
            yield f"line {number}: quantity must be at least 1"
        if line.price.minor < 0 or line.price.currency != order.currency:
            yield f"line {number}: its price must not be negative, and be in {order.currency}"
        if line.listing is not None and line.listing.seller_id != order.seller_id:
            yield f"line {number}: listing {line.listing.key} is another seller's"


def tell(
    order: Order,
    kind: str,
    at: datetime,
    noted_at: datetime | None,
    data: dict[str, Scalar],
    *,
    identity: str = "",
    rows: Sequence[Model] = (),
) -> bool:
    """Take a fact about an order through the one door; return whether it is new. `identity`: where it may recur."""
    fact = Fact(
        id=identity or f"{kind}:{order.uuid}", kind=kind, at=at, noted_at=noted_at or at, subject=order.ref,
        matter=order.ref, party=order.seller.ref, data=data,
    )  # fmt: skip
    return enact(order.seller, fact, rows=rows, once=True) is not None
