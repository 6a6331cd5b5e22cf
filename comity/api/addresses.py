"""Addresses: another one, asked for by the buyer and answered by the seller."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import AfterValidator, Field

from comity.actions import addresses
from comity.actions.addresses import ShipTo
from comity.api.access import needs, order_of, speaker, when
from comity.api.shapes import ERRORS, Answer, Dated, Done, In, OrderOut, Text, storable
from comity.records.models import Order

router = Router()


class ShipToIn(In):
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


class NewAddress(ShipToIn, Dated):
    """Another address for an order."""


@router.post("/orders/{uuid}/address", response={201: Done, **ERRORS}, summary="Ask for another address")
@needs("order.read", "address.ask")
def ask_address(request: HttpRequest, uuid: UUID, what: NewAddress) -> Status[Done]:
    """Ask the seller to send an order elsewhere, before it is sent."""
    who = speaker(request, what)
    addresses.ask(who, order_of(who, uuid), what.given(), **when(request, what))
    return Status(201, Done())


@router.post("/orders/{uuid}/address/answer", response={200: OrderOut, **ERRORS}, summary="Answer that wish")
@needs("order.read", "address.answer")
def answer_address(request: HttpRequest, uuid: UUID, what: Answer) -> Order:
    """Agree to the other address, or not."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    addresses.answer(who, order, accepted=what.accepted, shown=what.asked_at, **when(request, what))
    return order
