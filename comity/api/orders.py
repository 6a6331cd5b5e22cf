"""Orders: placed, read, paid. What becomes of them on their way has a module for each noun."""

from typing import Annotated, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import baskets, deeds, orders
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.api.access import actor, moment, needs, order_of, speaker, when
from comity.api.addresses import ShipToIn
from comity.api.deeds import DeedOut, told
from comity.api.dispute_openings import beginnings
from comity.api.dispute_shapes import ActionOut
from comity.api.paging import After, ExternalId, Limit, named, page
from comity.api.shapes import ERRORS, NOW, Dated, In, Minor, Moment, OrderOut, Text, storable
from comity.lib.money import Money
from comity.policy.facts import MAX_GRAMS, MAX_PIECES
from comity.records.models import Listing, Order, Party

router = Router()


class PartIn(In):
    """A part of a set that is sold at one price: so many pieces for the whole line, and its share without tax."""

    title: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
    pieces: Annotated[int, Field(ge=1, le=MAX_PIECES)]
    net: Minor


class PaymentIn(In):
    """One of the means by which an order is paid. `reference`: the payment system's id of the payment."""

    name: Annotated[str, Field(min_length=1, max_length=baskets.MAX_NAME_CHARS), AfterValidator(storable)]
    amount: Annotated[int, Field(ge=1, le=10**15)]
    reference: Annotated[str, Field(max_length=baskets.MAX_REFERENCE_CHARS), AfterValidator(storable)] = ""


class LineIn(In):
    """Some pieces of one thing; of one piece its `amount` in minor units, and its weight, packed, in grams.

    `paid`: what is really paid for all of them, discounts off and tax in; `tax`: what of that is tax; `listed`: what
    they cost without discounts; `parts`: what a set consists of. A buyer says none of these, names the listing, and an
    amount only as the price that was seen: another one is refused.
    """

    listing: UUID | None = None
    title: Annotated[str, Field(max_length=200), AfterValidator(storable)] = ""
    quantity: Annotated[int, Field(ge=1, le=MAX_PIECES)] = 1
    amount: Minor | None = None
    paid: Minor | None = None
    tax: Minor | None = None
    listed: Minor | None = None
    parts: Annotated[list[PartIn], Field(max_length=baskets.MAX_PARTS)] = []
    weight_g: Annotated[int, Field(ge=0, le=MAX_GRAMS)] | None = None


class OrderIn(Dated):
    """A new order: its `lines`, or one thing by `title` and `amount` (in minor units of `currency`).

    The seller promises handling time and delivery; what is left out is what the listings promise. A buyer says neither
    these nor a price, a title, a way or an `external_id`: only the shop's token does. `postage` is a part of `amount`;
    what is paid for the lines and the postage come to it, and so do the `payments`.
    """

    buyer: UUID
    seller: UUID
    title: Annotated[str, Field(max_length=200), AfterValidator(storable)] = ""
    amount: Annotated[int, Field(ge=0, le=10**15)] | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    lines: Annotated[list[LineIn], Field(max_length=orders.MAX_LINES)] = []
    handling_hours: Annotated[int, Field(ge=1, le=orders.MAX_HANDLING_HOURS)] | None = None
    deliver_by: Moment | None = None
    ship_to: ShipToIn | None = None
    origin: Annotated[str, Field(max_length=orders.MAX_REGION_CHARS), AfterValidator(storable)] = ""
    service: Annotated[str, Field(max_length=orders.MAX_SERVICE_CHARS), AfterValidator(storable)] = ""
    external_id: Text | None = None
    postage: Minor | None = None
    payments: Annotated[list[PaymentIn], Field(max_length=baskets.MAX_PAYMENTS)] = []


class OneOrderOut(OrderOut):
    """An order, and how you may begin a dispute about it now (`available_actions`); else `GET …/problem` says why not.

    What may be done in one that there is, the dispute says itself; what else with the order, its `deeds`.
    """

    available_actions: list[ActionOut]

    @staticmethod
    def resolve_available_actions(order: Order, context: dict[str, Any]) -> list[ActionOut]:
        """How the reader may begin a dispute."""
        return beginnings(context["request"].auth, order, moment())


class Orders(Schema):
    """A page of orders."""

    items: list[OrderOut]
    next: str


@router.post("/orders", response={201: OrderOut, **ERRORS}, summary="Place an order")
@needs("order.place")
def place(request: HttpRequest, what: OrderIn) -> Status[Order]:
    """Place an order; the same external id again returns the order that is there."""
    who = speaker(request, what)
    new = orders.NewOrder(
        buyer=_party(what.buyer, "buyer"),
        seller=_party(what.seller, "seller"),
        title=what.title,
        price=_money(what.amount, what.currency),
        lines=_lines(what),
        handling_hours=what.handling_hours,
        deliver_by=what.deliver_by,
        lane=orders.Lane(what.origin, service=what.service),
        ship_to=what.ship_to.given() if what.ship_to else None,
        external_id=what.external_id,
        postage=_money(what.postage, what.currency),
        payments=tuple(
            orders.NewPayment(each.name, Money(each.amount, what.currency), each.reference) for each in what.payments
        ),
    )
    order = orders.place(who, new, **when(request, what))
    return Status(201, order)


@router.get("/orders", response={200: Orders, **ERRORS}, summary="List orders")
@needs("order.read")
def list_(
    request: HttpRequest,
    limit: Limit = 50,
    after: After = "",
    external_id: ExternalId = "",
    seller: UUID | None = None,
) -> dict[str, object]:
    """Return the orders that you may see, newest first; by `seller` and the shop's own id, if you say so."""
    rows = named(_visible(actor(request)), external_id, seller).prefetch_related("lines", "disputes")
    items, following = page(rows, by="placed_at", limit=limit, after=after)
    return {"items": items, "next": following}


@router.get("/orders/{uuid}", response={200: OneOrderOut, **ERRORS}, summary="An order")
@needs("order.read")
def one(request: HttpRequest, uuid: UUID) -> Order:
    """Return an order."""
    return order_of(actor(request), uuid)


@router.post("/orders/{uuid}/pay", response={200: OrderOut, **ERRORS}, summary="An order was paid")
@needs("order.read", "order.pay")
def pay(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> Order:
    """Report that an order was paid: the handling time begins."""
    who = speaker(request, what)
    return orders.pay(who, order_of(who, uuid), **when(request, what))


@router.get("/orders/{uuid}/deeds", response={200: list[DeedOut], **ERRORS}, summary="What you may do with an order")
@needs("order.read")
def deeds_of(request: HttpRequest, uuid: UUID) -> list[DeedOut]:
    """Return what your role may do with an order: what can be done now, and why the rest cannot."""
    who, now = actor(request), moment()
    return told(deeds.of(Order), who, order_of(who, uuid), now)


def _lines(what: OrderIn) -> tuple[orders.Line, ...]:
    """Return the lines of an order; a listing says the title and the price where they are left out."""
    known = {row.uuid: row for row in Listing.objects.filter(uuid__in=[line.listing for line in what.lines])}
    lines = []
    for number, line in enumerate(what.lines, 1):
        listing = known.get(line.listing) if line.listing else None
        if line.listing and listing is None:
            raise Refused([f"line {number}: there is no listing {line.listing}"])
        if line.amount is not None:
            price = Money(line.amount, what.currency)
        elif listing is None:
            raise Refused([f"line {number}: amount is missing, and no listing says it"])
        elif (price := listing.price).currency != what.currency:
            raise Refused([f"line {number}: its listing is in {price.currency}, the order in {what.currency}"])
        title = line.title or (listing.title if listing else "")
        lines.append(
            orders.Line(
                title,
                line.quantity,
                price,
                listing,
                paid=_money(line.paid, what.currency),
                tax=_money(line.tax, what.currency),
                listed=_money(line.listed, what.currency),
                weight_g=line.weight_g,
                parts=tuple(
                    orders.LinePart(part.title, part.pieces, Money(part.net, what.currency)) for part in line.parts
                ),
            )
        )
    return tuple(lines)


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money(minor, currency)


def _visible(who: Actor) -> QuerySet[Order]:
    if who.role in ("agent", "platform"):
        return Order.objects.all()
    return Order.objects.filter(Q(buyer=who.party) | Q(seller=who.party))


def _party(uuid: UUID, role: str) -> Party:
    party = Party.objects.filter(uuid=uuid, role=role).first()
    if party is None:
        raise Refused([f"{role}: there is no {role} {uuid}; add it first"])
    return party
