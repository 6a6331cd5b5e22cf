"""Orders and their shipments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import orders, shipments
from comity.actions.addresses import ShipTo
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, Done, Moment, Text, storable
from comity.lib.money import Money
from comity.records.models import Listing, Order, OrderLine, Party, Shipment

router = Router()


class LineIn(Schema):
    """Some pieces of one thing; `amount` of one piece, in minor units. A listing says its title and price itself."""

    listing: UUID | None = None
    title: Annotated[str, Field(max_length=200), AfterValidator(storable)] = ""
    quantity: Annotated[int, Field(ge=1, le=orders.MAX_PIECES)] = 1
    amount: Annotated[int, Field(ge=0, le=10**15)] | None = None


class ShipToIn(Schema):
    """An address. `country` and `region` as ISO 3166 has them: BR, SP."""

    name: Text
    street: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(storable)]
    city: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(storable)]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    postcode: Annotated[str, Field(max_length=20), AfterValidator(storable)] = ""
    region: Annotated[str, Field(pattern="^[A-Z0-9]{0,10}$")] = ""

    def given(self) -> ShipTo:
        """Return it as the actions take it."""
        return ShipTo(self.name, self.street, self.city, self.country, self.postcode, self.region)


class OrderIn(Schema):
    """A new order: its `lines`, or one thing by `title` and `amount` (in minor units of `currency`).

    The seller promises handling time and delivery; what is left out is what the listings promise.
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


class LineOut(Schema):
    """Some pieces of one thing."""

    id: int
    title: str
    quantity: int
    amount: int


class OrderOut(Schema):
    """An order and where it stands."""

    uuid: UUID
    key: str
    external_id: str | None
    title: str
    amount: int
    currency: str
    state: str
    pieces: int
    lines: list[LineOut]
    origin: str
    destination: str
    service: str
    risk: str
    placed_at: datetime
    paid_at: datetime | None
    dispatch_by: datetime | None
    deliver_by: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: str
    cancel_reason: str

    @staticmethod
    def resolve_lines(order: Order) -> list[OrderLine]:
        """The order's lines."""
        return list(order.lines.all())


class Orders(Schema):
    """A page of orders."""

    items: list[OrderOut]
    next: str


class Cancellation(Schema):
    """Why an order is cancelled, as a code."""

    reason: Text


class Held(Schema):
    """How many pieces of a line a parcel holds; `line` is the line's id."""

    line: Annotated[int, Field(ge=1, le=2**62)]
    quantity: Annotated[int, Field(ge=1, le=orders.MAX_PIECES)]


class Dispatch(Schema):
    """A parcel that was sent; without a number it counts as not trackable. `contents` left out: all that is left.

    A number with a wrong check digit, of another carrier's form or of another order is refused, unless you are `sure`.
    """

    carrier: Annotated[str, Field(max_length=50)] = ""
    tracking_number: Annotated[str, Field(max_length=60)] = ""
    contents: Annotated[list[Held], Field(max_length=orders.MAX_LINES)] | None = None
    sure: bool = False


class ShipmentOut(Schema):
    """A shipment."""

    uuid: UUID
    carrier: str
    tracking_number: str
    pieces: int
    returns: bool
    dispatched_at: datetime
    delivered_at: datetime | None


class ScanIn(Schema):
    """A carrier's event. `at` is when it happened; it may be told late."""

    status: str
    at: Moment
    place: Annotated[str, Field(max_length=100)] = ""
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    external_id: Annotated[str, Field(min_length=1, max_length=80)] | None = None


@router.post("/orders", response={201: OrderOut, **ERRORS}, summary="Place an order")
def place(request: HttpRequest, what: OrderIn) -> Status[Order]:
    """Place an order; the same external id again returns the order that is there."""
    order = orders.place(
        actor(request), buyer=_party(what.buyer, "buyer"), seller=_party(what.seller, "seller"), title=what.title,
        price=None if what.amount is None else Money(what.amount, what.currency), lines=_lines(what),
        handling_hours=what.handling_hours, deliver_by=what.deliver_by, at=moment(), external_id=what.external_id,
        lane=orders.Lane(what.origin, service=what.service), ship_to=what.ship_to.given() if what.ship_to else None,
    )  # fmt: skip
    return Status(201, order)


@router.get("/orders", response={200: Orders, **ERRORS}, summary="List orders")
def list_(request: HttpRequest, limit: Limit = 50, after: After = "") -> dict[str, object]:
    """Return the orders that you may see, newest first."""
    items, following = page(
        _visible(actor(request)).prefetch_related("lines"), by="placed_at", limit=limit, after=after
    )
    return {"items": items, "next": following}


@router.get("/orders/{uuid}", response={200: OrderOut, **ERRORS}, summary="An order")
def one(request: HttpRequest, uuid: UUID) -> Order:
    """Return an order."""
    return order_of(actor(request), uuid)


@router.post("/orders/{uuid}/pay", response={200: OrderOut, **ERRORS}, summary="An order was paid")
def pay(request: HttpRequest, uuid: UUID) -> Order:
    """Report that an order was paid: the handling time begins."""
    return orders.pay(actor(request), order_of(actor(request), uuid), at=moment())


@router.post("/orders/{uuid}/cancel", response={200: OrderOut, **ERRORS}, summary="Cancel an order")
def cancel(request: HttpRequest, uuid: UUID, what: Cancellation) -> Order:
    """Cancel an order; what is still owed for it falls away."""
    return orders.cancel(actor(request), order_of(actor(request), uuid), reason=what.reason, at=moment())


@router.post("/orders/{uuid}/shipments", response={201: ShipmentOut, **ERRORS}, summary="A parcel was sent")
def dispatch(request: HttpRequest, uuid: UUID, what: Dispatch) -> Status[Shipment]:
    """Declare a parcel of an order sent."""
    order = order_of(actor(request), uuid)
    sent = shipments.dispatch(
        actor(request), order, carrier=what.carrier, tracking_number=what.tracking_number, at=moment(), sure=what.sure,
        contents=None if what.contents is None else {held.line: held.quantity for held in what.contents},
    )  # fmt: skip
    return Status(201, sent)


@router.post("/shipments/{uuid}/scans", response={200: Done, **ERRORS}, summary="A carrier's event")
def scan(request: HttpRequest, uuid: UUID, what: ScanIn) -> Done:
    """Enter a carrier's event. Told twice, it counts once; told late, it counts from when it happened."""
    shipment = get_object_or_404(Shipment.objects.select_related("order__seller", "order__buyer"), uuid=uuid)
    require(actor(request), "order.read", shipment.order)
    now = moment()
    shipments.scan(
        actor(request), shipment, status=what.status, place=what.place, at=happened(what.at, now), noted_at=now,
        external_id=what.external_id, news=shipments.News(country=what.country),
    )  # fmt: skip
    return Done()


def order_of(who: Actor, uuid: UUID) -> Order:
    """Return an order that `who` may read, or answer 404, 403."""
    order = get_object_or_404(Order.objects.select_related("buyer", "seller"), uuid=uuid)
    require(who, "order.read", order)
    return order


def _lines(what: OrderIn) -> list[orders.Line]:
    """Return the lines of an order; a listing says the title and the price where they are left out."""
    known = {row.uuid: row for row in Listing.objects.filter(uuid__in=[line.listing for line in what.lines])}
    found = []
    for number, line in enumerate(what.lines, 1):
        listing = known.get(line.listing) if line.listing else None
        if line.listing and listing is None:
            raise Refused([f"line {number}: there is no listing {line.listing}"])
        amount = line.amount if line.amount is not None else listing.amount if listing else None
        if amount is None:
            raise Refused([f"line {number}: amount is missing, and no listing says it"])
        title = line.title or (listing.title if listing else "")
        found.append(orders.Line(title, line.quantity, Money(amount, what.currency), listing))
    return found


def _visible(who: Actor) -> QuerySet[Order]:
    if who.role in ("agent", "platform"):
        return Order.objects.all()
    return Order.objects.filter(Q(buyer=who.party) | Q(seller=who.party))


def _party(uuid: UUID, role: str) -> Party:
    party = Party.objects.filter(uuid=uuid, role=role).first()
    if party is None:
        raise Refused([f"{role}: there is no {role} {uuid}; add it first"])
    return party
