"""Orders: placed, paid, cancelled. What becomes of them on their way has a module for each noun."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions import baskets
from comity.actions.addresses import ShipTo, first_address
from comity.actions.baskets import MAX_LINES, MAX_TITLE_CHARS, Line, LinePart, NewPayment
from comity.actions.doing import Deed, WhyNot, require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.lib import moments, zones
from comity.lib.ids import short_key, uuid7
from comity.lib.money import Money
from comity.lib.titles import joined
from comity.policy.facts import Scalar
from comity.records import statements
from comity.records.follow.world import contents_of
from comity.records.models import Address, Message, Order, OrderLine, Party, Payment, RefundPart, Shipment, ShipmentLine

#: What an order consists of stands in `baskets`; who places one finds it here, too.
__all__ = [
    "BUYERS_REASONS", "CANCEL", "MAX_HANDLING_HOURS", "MAX_LINES", "MAX_REGION_CHARS", "MAX_SERVICE_CHARS",
    "MAX_TITLE_CHARS", "PAY", "REASONS", "SELLERS_REASONS", "Lane", "Line", "LinePart", "NewOrder", "NewPayment",
    "cancel", "pay", "place", "promised", "take_back", "wishes",
]  # fmt: skip
MAX_HANDLING_HOURS = 24 * 60
MAX_SERVICE_CHARS, MAX_REGION_CHARS = 50, 16
#: What an order has beside its state: it is written down once, and no fact tells of it.
_WRITTEN = ("title", "handling_hours", "origin", "destination", "service", "postage")
#: Why orders are cancelled, by who may say so. What a seller says of the first three counts as the seller's fault.
SELLERS_REASONS = ("no_stock", "wrong_price", "cannot_ship")
BUYERS_REASONS = ("changed_mind", "ordered_wrong", "too_slow")
#: Somebody else cancels because the buyer asked: it is the buyer's wish only where a message of the buyer shows it.
ASKED = "buyer_asked"
REASONS = {
    "buyer": (*BUYERS_REASONS, "other"),
    "seller": (*SELLERS_REASONS, ASKED, "not_paid", "other"),
    "agent": (*SELLERS_REASONS, *BUYERS_REASONS, ASKED, "not_paid", "suspected_fraud", "other"),
    "platform": (*SELLERS_REASONS, *BUYERS_REASONS, ASKED, "not_paid", "suspected_fraud", "other"),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """Where an order goes from, to where and how. Empty where it is not known."""

    origin: str = ""
    destination: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What is ordered, and what the seller promises. What is left out is what the listings promise.

    lines            what is ordered; or one thing by `title` and `price`
    title, price     of the order as a whole; what the lines say, where they are left out
    handling_hours   within how many hours of the payment the seller sends it
    deliver_by       when it arrives at the latest
    external_id      the shop's own id: the same one again is the same order
    postage          what of the price is for sending it; None where the shop does not say
    payments         how it is paid, where there is more to say than the price; they come to the price
    """

    buyer: Party
    seller: Party
    title: str = ""
    price: Money | None = None
    lines: tuple[Line, ...] = ()
    handling_hours: int | None = None
    deliver_by: datetime | None = None
    lane: Lane = Lane()
    ship_to: ShipTo | None = None
    external_id: str | None = None
    postage: Money | None = None
    payments: tuple[NewPayment, ...] = ()


def place(actor: Actor, new: NewOrder, *, at: datetime, noted_at: datetime | None = None) -> Order:
    """Place an order. The same external id again returns the order that is there.

    A buyer orders what is offered: its listings say what it costs and what is promised. Raises Refused with everything
    that is wrong, and Forbidden for a frozen seller.
    """
    if actor.role == "buyer" and (wrong := list(_problems_of_a_buyers(new))):
        raise Refused(wrong)
    if (known := _known(new)) and known.complete:
        # An external id could be guessed: the order that is there is shown only to those who may see it.
        require(actor, "order.read", known)
        return known
    lines = new.lines or ((Line(new.title.strip(), 1, new.price),) if new.price is not None else ())
    deliver_by = new.deliver_by or promised(lines, at, new.seller)
    # `at` stands in for a promise that is missing, so that everything that is wrong can be said at once.
    order = _row(new, lines, deliver_by or at, at)
    naming = [line.listing.ref for line in lines if line.listing is not None]
    require(actor, "order.place", order, at=at, naming=naming)
    if wrong := list(_problems(new, order, lines, promised=deliver_by is not None)):
        raise Refused(wrong)
    rows: list[Model] = [order, *baskets.rows(order, lines, new.payments)]
    if new.ship_to is not None:
        rows.append(first_address(order, new.ship_to, at))
    data: dict[str, Scalar] = {
        "buyer": new.buyer.ref,
        "amount": order.amount,
        "currency": order.currency,
        "pieces": order.pieces,
        "deliver_by": moments.to_text(deliver_by or at),
    }
    try:
        # A savepoint: on PostgreSQL an error spoils the transaction that the caller may be in.
        with transaction.atomic():
            statements.lock(new.seller.pk)
            # Asked again under the lock: facts may have told of it meanwhile.
            if (known := _known(new)) is not None:
                if known.complete:
                    return known
                order = _complete(known, order, rows)
                rows = []
            else:  # what leaves so many orders a day counts those of who was quicker
                require(actor, "order.place", order, at=at, naming=naming)
            fact = fact_about(order, "order.placed", at=at, noted_at=noted_at, data=data, actor=actor)
            enact(order.seller, fact, rows=rows, about=(order,), once=True)
            if known is not None:
                parcels = list(Shipment.objects.filter(order=order).select_related("order"))
                ShipmentLine.objects.bulk_create(contents_of(parcels))
    except IntegrityError:  # the same order told twice at the same moment
        if known := _known(new):
            return known
        raise
    return order


def _known(new: NewOrder) -> Order | None:
    """Return the order of that seller that the shop gave this id."""
    rows = Order.objects.filter(seller=new.seller, external_id=new.external_id).select_related("buyer", "seller")
    return rows.first() if new.external_id else None


def _complete(known: Order, order: Order, rows: Sequence[Model]) -> Order:
    """Give the row that facts have made what an order has beside its state, and return it."""
    for name in _WRITTEN:
        setattr(known, name, getattr(order, name))
    known.deliver_by = known.deliver_by or order.deliver_by
    known.save(update_fields=[*_WRITTEN, "deliver_by"])
    # The line that stood in for these, with what parcels hold of it.
    ShipmentLine.objects.filter(line__order=known).delete()
    # What went back for it is not known by line any more.
    RefundPart.objects.filter(line__order=known).delete()
    OrderLine.objects.filter(order=known).delete()
    for row in rows:
        if isinstance(row, OrderLine | Address | Payment):
            row.order = known
            row.save(force_insert=True)
    return known


def _row(new: NewOrder, lines: Sequence[Line], deliver_by: datetime, at: datetime) -> Order:
    total, lane = _total(lines, new.price, new.postage), _lane(lines, new.lane, new.ship_to)
    return Order(
        uuid=uuid7(at),
        key=short_key("O"),
        external_id=new.external_id,
        buyer=new.buyer,
        seller=new.seller,
        title=new.title.strip() or _title(lines),
        amount=total.minor,
        currency=total.currency,
        handling_hours=_handling(lines, new.handling_hours),
        placed_at=at,
        deliver_by=deliver_by,
        pieces=sum(line.quantity for line in lines),
        origin=lane.origin,
        destination=lane.destination,
        service=lane.service,
        postage=None if new.postage is None else new.postage.minor,
    )


def promised(lines: Sequence[Line], at: datetime, seller: Party) -> datetime | None:
    """Return by when the listings of `lines`, bought at `at`, promise to arrive: the end of the latest promised day.

    In the seller's zone. None where one of them promises nothing.
    """
    days = [line.listing.delivery_days if line.listing else None for line in lines]
    if not days or None in days:
        return None
    zone = zones.zone(seller.time_zone)
    day = at.astimezone(zone).date() + timedelta(days=max(day for day in days if day is not None))
    # A promised day counts to its end, wherever days are promised.
    return moments.in_utc(datetime.combine(day, time(23, 59, 59), zone))


def _against_paying(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if order.cancelled_at:
        return WhyNot("cancelled", _("Order %(order)s was cancelled; it cannot be paid.") % {"order": order.key})
    if order.paid_at:
        return WhyNot("paid_already", _("Order %(order)s has already been paid.") % {"order": order.key}, done=True)
    return None


def _against_cancelling(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    key = {"order": order.key}
    if order.cancelled_at:
        return WhyNot("cancelled_already", _("Order %(order)s was cancelled.") % key, done=True)
    if order.delivered_at:
        return WhyNot("delivered", _("Order %(order)s was delivered; it can be sent back, not cancelled.") % key)
    if order.sent_at and actor.role in ("buyer", "seller"):
        return WhyNot("sent", _("Order %(order)s was sent; it can be sent back, not cancelled.") % key)
    if order.paid_at and actor.role == "buyer":
        return WhyNot("paid", _("Order %(order)s is paid: ask the seller to cancel it.") % key)
    return None


PAY = Deed(Order, "pay", "order.pay", _against_paying)
CANCEL = Deed(Order, "cancel", "order.cancel", _against_cancelling)


def pay(actor: Actor, order: Order, *, at: datetime, noted_at: datetime | None = None) -> Order:
    """Report that an order was paid: its handling time begins. A second report changes nothing."""
    with PAY.doing(actor, order, at=at) as to_do:
        if to_do:
            enact(
                order.seller,
                fact_about(order, "order.paid", at=at, noted_at=noted_at, data=_promise(order, at)),
                about=(order,),
                once=True,
            )
    return order


def _promise(order: Order, paid_at: datetime) -> dict[str, Scalar]:
    """Return what a payment promises: when it is sent, where the handling time is known, and when it arrives."""
    promise: dict[str, Scalar] = {}
    if order.handling_hours:
        promise["dispatch_by"] = moments.to_text(paid_at + timedelta(hours=order.handling_hours))
    if order.deliver_by is not None and order.deliver_by >= paid_at:
        promise["deliver_by"] = moments.to_text(order.deliver_by)
    return promise


def cancel(
    actor: Actor,
    order: Order,
    *,
    reason: str,
    at: datetime,
    noted_at: datetime | None = None,
    shows: UUID | None = None,
) -> Order:
    """Cancel an order. What is still owed for it falls away; a second cancellation changes nothing.

    Who cancels, and why, is kept: it counts differently. A buyer cancels before the payment, and asks after it
    (`cancellations.ask`). `shows`: the buyer's message in which the buyer had asked, for the reason "buyer_asked": then
    it counts as the buyer's wish. Raises Refused, Forbidden.
    """
    with CANCEL.doing(actor, order, at=at) as to_do:
        if to_do:
            require_one_of("reason", reason, REASONS[actor.role])
            wish = None if shows is None else _wish(order, reason, shows, at)
            by = actor.role if wish is None else "buyer"
            take_back(actor, order, by=by, reason=reason, at=at, noted_at=noted_at, wish=wish)
    return order


def wishes(order: Order, at: datetime) -> QuerySet[Message]:
    """Return the buyer's messages before `at` that can show that the buyer asked to cancel an order, the newest first.

    They stand in a conversation about the order, or in one of the two that is about no other.
    """
    rows = Message.objects.filter(
        Q(conversation__order=order) | Q(conversation__order=None),
        conversation__buyer=order.buyer_id,
        conversation__seller=order.seller_id,
        author=order.buyer_id,
        automatic=False,
        at__gte=order.placed_at,
        at__lt=at,
    )
    return rows.select_related("conversation").order_by("-at", "-pk")


def _wish(order: Order, reason: str, shows: UUID, at: datetime) -> Message:
    found = wishes(order, at).filter(uuid=shows).first() if reason == ASKED else None
    if found is None:
        raise Refused([_("Choose a message in which the buyer of this order asked for it, before it is cancelled.")])
    return found


def take_back(
    actor: Actor,
    order: Order,
    *,
    by: str,
    reason: str,
    at: datetime,
    noted_at: datetime | None = None,
    wish: Message | None = None,
) -> None:
    """Note that an order is cancelled, inside a deed that was asked already.

    by    the role whose wish it was; `wish`: the message that shows it, where one does
    """
    data: dict[str, Scalar] = {"by": by, "reason": reason, **({} if wish is None else {"shows": str(wish.uuid)})}
    fact = fact_about(order, "order.cancelled", at=at, noted_at=noted_at, data=data, actor=actor)
    enact(order.seller, fact, about=(order,), once=True)


def _total(lines: Sequence[Line], price: Money | None, postage: Money | None) -> Money:
    if price is not None:
        return price
    currencies = {line.price.currency for line in lines}
    if len(currencies) != 1:
        raise Refused([_("An order has at least one line, and all its lines are in one currency.")])
    goods = sum(line.price.minor * line.quantity if line.paid is None else line.paid.minor for line in lines)
    return Money(goods + (postage.minor if postage else 0), currencies.pop())


def _title(lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    # The rest of the title is for "and 3 more", in any language.
    return joined(lines[0].title.strip()[: MAX_TITLE_CHARS - 40], len(lines) - 1)


def _handling(lines: Sequence[Line], given: int | None) -> int:
    if given is not None:
        return given
    return max((line.listing.handling_hours for line in lines if line.listing), default=0)


def _lane(lines: Sequence[Line], given: Lane, ship_to: ShipTo | None) -> Lane:
    """Return the lane that is given, completed by what the first listing and the address say."""
    listing = next((line.listing for line in lines if line.listing), None)
    return Lane(
        given.origin or (listing.ships_from if listing else ""),
        given.destination or (ship_to.lane_end if ship_to else ""),
        given.service or (listing.service if listing else ""),
    )


def _problems(new: NewOrder, order: Order, lines: Sequence[Line], *, promised: bool) -> Iterator[str]:
    if order.buyer.role != "buyer":
        yield f"{order.buyer.ref} is not a buyer"
    if order.seller.role != "seller":
        yield f"{order.seller.ref} is not a seller"
    if not order.title or len(order.title) > MAX_TITLE_CHARS:
        yield f"title must have 1 to {MAX_TITLE_CHARS} characters"
    if order.amount < 0:
        yield "the price must not be negative"
    if not 1 <= order.handling_hours <= MAX_HANDLING_HOURS:
        yield f"handling_hours must be from 1 to {MAX_HANDLING_HOURS}"
    if not promised:
        yield "deliver_by is missing, and not every line is of a listing with delivery_days"
    elif order.deliver_by is not None and order.deliver_by <= order.placed_at:
        yield "deliver_by must be after the order"
    if len(order.service) > MAX_SERVICE_CHARS or max(map(len, (order.origin, order.destination))) > MAX_REGION_CHARS:
        yield f"service has at most {MAX_SERVICE_CHARS} characters, origin and destination {MAX_REGION_CHARS}"
    yield from baskets.problems(order, lines, new.payments, new.postage)


def _problems_of_a_buyers(new: NewOrder) -> Iterator[str]:
    """Yield what a buyer cannot say of an order, since it is the seller's or the shop's to say."""
    given = {
        "title": new.title,
        "amount": new.price,
        "handling_hours": new.handling_hours,
        "deliver_by": new.deliver_by,
        "origin": new.lane.origin,
        "destination": new.lane.destination,
        "service": new.lane.service,
        "external_id": new.external_id,
        "postage": new.postage,
        "payments": new.payments or None,
    }
    if said := [name for name, value in given.items() if value not in (None, "")]:
        yield f"{', '.join(said)}: only the shop says that; leave it out, and name the listing of each line"
    for number, line in enumerate(new.lines, 1):
        if line.parts or any(given is not None for given in (line.paid, line.tax, line.listed)):
            yield f"line {number}: paid, tax, listed and parts: only the shop says that; leave it out"
        if line.listing is None:
            yield f"line {number}: name its listing; what is in none, only the shop sells"
        elif (line.title, line.price) != (line.listing.title, line.listing.price):
            price = line.listing.price
            yield f"line {number}: its listing says otherwise: {line.listing.title} at {price.major} {price.currency}"
