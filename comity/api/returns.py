"""Returns: goods sent back, and confirmed."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from comity.actions import returns
from comity.actions.shipments import Parcel
from comity.api.access import needs, order_of, speaker, when
from comity.api.shapes import ERRORS, NOW, Dated, Done, ShipmentOut
from comity.policy.facts import MAX_GRAMS
from comity.records.models import Shipment

router = Router()


class Return(Dated):
    """A parcel with the goods on their way back; `weight_g`: what it weighed at posting, in grams."""

    carrier: Annotated[str, Field(min_length=1, max_length=50)]
    tracking_number: Annotated[str, Field(min_length=1, max_length=60)]
    sure: bool = False
    weight_g: Annotated[int, Field(ge=0, le=MAX_GRAMS)] | None = None


@router.post("/orders/{uuid}/returns", response={201: ShipmentOut, **ERRORS}, summary="Goods are sent back")
@needs("order.read", "return.send")
def send_back(request: HttpRequest, uuid: UUID, what: Return) -> Status[Shipment]:
    """Declare the goods of a delivered order sent back."""
    who = speaker(request, what)
    parcel = Parcel(what.carrier, what.tracking_number, sure=what.sure, weight_g=what.weight_g)
    return Status(201, returns.send(who, order_of(who, uuid), parcel, **when(request, what)))


@router.post("/orders/{uuid}/returns/confirm", response={200: Done, **ERRORS}, summary="The goods are back")
@needs("order.read", "return.confirm")
def confirm_return(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> Done:
    """Confirm that the goods which were sent back are here."""
    who = speaker(request, what)
    told = when(request, what)
    returns.confirm(who, order_of(who, uuid), at=told["at"], noted_at=told["noted_at"])
    return Done()
