"""Orders and their shipments."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import orders, shipments
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, Done, Moment, Text
from comity.lib.money import Money
from comity.records.models import Order, Party, Shipment

router = Router()


class OrderIn(Schema):
    """A new order. `amount` in minor units of `currency`; the seller promises handling time and delivery."""

    buyer: UUID
    seller: UUID
    title: Text
    amount: Annotated[int, Field(ge=0, le=10**15)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    handling_hours: Annotated[int, Field(ge=1, le=orders.MAX_HANDLING_HOURS)]
    deliver_by: Moment
    external_id: Text | None = None


class OrderOut(Schema):
    """An order and where it stands."""

    uuid: UUID
    key: str
    external_id: str | None
    title: str
    amount: int
    currency: str
    state: str
    placed_at: datetime
    paid_at: datetime | None
    dispatch_by: datetime | None
    deliver_by: datetime
    delivered_at: datetime | None
    cancelled_at: datetime | None


class Orders(Schema):
    """A page of orders."""

    items: list[OrderOut]
    next: str


class Cancellation(Schema):
    """Why an order is cancelled, as a code."""

    reason: Text


class Dispatch(Schema):
    """A parcel that was sent; without a number it counts as not trackable.

    A number with a wrong check digit, of another carrier's form or of another order is refused, unless you are `sure`.
    """

    carrier: Annotated[str, Field(max_length=50)] = ""
    tracking_number: Annotated[str, Field(max_length=60)] = ""
    sure: bool = False


class ShipmentOut(Schema):
    """A shipment."""

    uuid: UUID
    carrier: str
    tracking_number: str
    dispatched_at: datetime
    delivered_at: datetime | None


class ScanIn(Schema):
    """A carrier's event. `at` is when it happened; it may be told late."""

    status: str
    at: Moment
    place: Annotated[str, Field(max_length=100)] = ""
    external_id: Annotated[str, Field(min_length=1, max_length=80)] | None = None


@router.post("/orders", response={201: OrderOut, **ERRORS}, summary="Place an order")
def place(request: HttpRequest, what: OrderIn) -> Status[Order]:
    """Place an order; the same external id again returns the order that is there."""
    order = orders.place(
        actor(request), buyer=_party(what.buyer, "buyer"), seller=_party(what.seller, "seller"), title=what.title,
        price=Money(what.amount, what.currency), handling_hours=what.handling_hours, deliver_by=what.deliver_by,
        at=moment(), external_id=what.external_id,
    )  # fmt: skip
    return Status(201, order)


@router.get("/orders", response={200: Orders, **ERRORS}, summary="List orders")
def list_(request: HttpRequest, limit: Limit = 50, after: After = "") -> dict[str, object]:
    """Return the orders that you may see, newest first."""
    items, following = page(_visible(actor(request)), by="placed_at", limit=limit, after=after)
    return {"items": items, "next": following}


@router.get("/orders/{uuid}", response={200: OrderOut, **ERRORS}, summary="An order")
def one(request: HttpRequest, uuid: UUID) -> Order:
    """Return an order."""
    return _order(actor(request), uuid)


@router.post("/orders/{uuid}/pay", response={200: OrderOut, **ERRORS}, summary="An order was paid")
def pay(request: HttpRequest, uuid: UUID) -> Order:
    """Report that an order was paid: the handling time begins."""
    return orders.pay(actor(request), _order(actor(request), uuid), at=moment())


@router.post("/orders/{uuid}/cancel", response={200: OrderOut, **ERRORS}, summary="Cancel an order")
def cancel(request: HttpRequest, uuid: UUID, what: Cancellation) -> Order:
    """Cancel an order; what is still owed for it falls away."""
    return orders.cancel(actor(request), _order(actor(request), uuid), reason=what.reason, at=moment())


@router.post("/orders/{uuid}/shipments", response={201: ShipmentOut, **ERRORS}, summary="A parcel was sent")
def dispatch(request: HttpRequest, uuid: UUID, what: Dispatch) -> Status[Shipment]:
    """Declare a parcel of an order sent."""
    order = _order(actor(request), uuid)
    sent = shipments.dispatch(
        actor(request), order, carrier=what.carrier, tracking_number=what.tracking_number, at=moment(), sure=what.sure
    )
    return Status(201, sent)


@router.post("/shipments/{uuid}/scans", response={200: Done, **ERRORS}, summary="A carrier's event")
def scan(request: HttpRequest, uuid: UUID, what: ScanIn) -> Done:
    """Enter a carrier's event. Told twice, it counts once; told late, it counts from when it happened."""
    shipment = get_object_or_404(Shipment.objects.select_related("order__seller", "order__buyer"), uuid=uuid)
    require(actor(request), "order.read", shipment.order)
    now = moment()
    shipments.scan(
        actor(request), shipment, status=what.status, place=what.place, at=happened(what.at, now), noted_at=now,
        external_id=what.external_id,
    )  # fmt: skip
    return Done()


def _order(who: Actor, uuid: UUID) -> Order:
    order = get_object_or_404(Order.objects.select_related("buyer", "seller"), uuid=uuid)
    require(who, "order.read", order)
    return order


def _visible(who: Actor) -> QuerySet[Order]:
    if who.role in ("agent", "platform"):
        return Order.objects.all()
    return Order.objects.filter(Q(buyer=who.party) | Q(seller=who.party))


def _party(uuid: UUID, role: str) -> Party:
    party = Party.objects.filter(uuid=uuid, role=role).first()
    if party is None:
        raise Refused([f"{role}: there is no {role} {uuid}; add it first"])
    return party
