"""Shipments: parcels that are sent, and what happens to them on their way."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Status
from pydantic import AfterValidator, Field

from comity.actions import orders, scans, shipments
from comity.actions.enact import happened
from comity.actions.guard import require
from comity.api.access import moment, needs, order_of, speaker, when
from comity.api.shapes import ERRORS, Dated, Done, In, Moment, ShipmentOut, Spoken, storable
from comity.policy.facts import MAX_GRAMS, MAX_PIECES
from comity.records.models import Shipment

router = Router()


class Held(In):
    """How many pieces of a line a parcel holds; `line` is the line's id."""

    line: Annotated[int, Field(ge=1, le=2**62)]
    quantity: Annotated[int, Field(ge=1, le=MAX_PIECES)]


class Dispatch(Dated):
    """A parcel that was sent; without a number it counts as not trackable. `contents` left out: all that is left.

    A number with a wrong check digit, of another carrier's form or of another order is refused, unless you are `sure`.
    """

    carrier: Annotated[str, Field(max_length=50)] = ""
    tracking_number: Annotated[str, Field(max_length=60)] = ""
    contents: Annotated[list[Held], Field(max_length=orders.MAX_LINES)] | None = None
    sure: bool = False


class ScanIn(Spoken):
    """A carrier's event. `at` is when it happened; it may be told late. What the carrier weighed is in grams.

    What was surely delivered to another town, postcode or country than the order's has not arrived.
    """

    status: str
    at: Moment
    place: Annotated[str, Field(max_length=100)] = ""
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = ""
    postcode: Annotated[str, Field(max_length=20), AfterValidator(storable)] = ""
    weight_g: Annotated[int, Field(ge=0, le=MAX_GRAMS)] | None = None
    signed: bool = False
    external_id: Annotated[str, Field(min_length=1, max_length=80)] | None = None


@router.post("/orders/{uuid}/shipments", response={201: ShipmentOut, **ERRORS}, summary="A parcel was sent")
@needs("order.read", "shipment.dispatch")
def dispatch(request: HttpRequest, uuid: UUID, what: Dispatch) -> Status[Shipment]:
    """Declare a parcel of an order sent."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    contents = None if what.contents is None else {held.line: held.quantity for held in what.contents}
    parcel = shipments.Parcel(what.carrier, what.tracking_number, contents, what.sure)
    sent = shipments.dispatch(who, order, parcel, **when(request, what))
    return Status(201, sent)


@router.post("/shipments/{uuid}/scans", response={200: Done, **ERRORS}, summary="A carrier's event")
@needs("order.read", "shipment.scan")
def scan(request: HttpRequest, uuid: UUID, what: ScanIn) -> Done:
    """Enter a carrier's event. Told twice, it counts once; told late, it counts from when it happened."""
    who = speaker(request, what)
    shipment = get_object_or_404(Shipment.objects.select_related("order__seller", "order__buyer"), uuid=uuid)
    require(who, "order.read", shipment.order)
    now = moment()
    event = scans.Event(
        what.status,
        happened(what.at, now),
        what.place,
        what.country,
        external_id=what.external_id,
        postcode=what.postcode,
        weight_g=what.weight_g,
        signed=what.signed,
    )
    scans.scan(who, shipment, event, noted_at=now)
    return Done()
