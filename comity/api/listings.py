"""Listings: what sellers offer, as the shop tells it."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import listings
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS, In, Text, storable
from comity.lib.money import Money
from comity.records.models import Listing, Party

router = Router()


class ListingIn(In):
    """An offer. `amount` in minor units of `currency`; with a known `external_id` it replaces what was told before.

    `delivery_days`: promised, from the payment to the end of the day of arrival; `ships_from` as ISO 3166: CN-GD.
    `category`: as you call it; checks before shipping may be asked by it.
    """

    seller: UUID
    title: Text
    amount: Annotated[int, Field(ge=0, le=10**15)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    handling_hours: Annotated[int, Field(ge=1, le=listings.MAX_HANDLING_HOURS)]
    description: Annotated[str, Field(max_length=listings.MAX_DESCRIPTION_CHARS)] = ""
    delivery_days: Annotated[int, Field(ge=1, le=listings.MAX_DELIVERY_DAYS)] | None = None
    ships_from: Annotated[str, Field(max_length=16), AfterValidator(storable)] = ""
    service: Annotated[str, Field(max_length=50), AfterValidator(storable)] = ""
    category: Annotated[str, Field(max_length=listings.MAX_CATEGORY_CHARS), AfterValidator(storable)] = ""
    external_id: Text | None = None


class ListingOut(Schema):
    """An offer."""

    uuid: UUID
    key: str
    external_id: str | None
    title: str
    description: str
    amount: int
    currency: str
    handling_hours: int
    delivery_days: int | None
    ships_from: str
    service: str
    category: str


@router.post("/listings", response={201: ListingOut, **ERRORS}, summary="Offer something")
@needs("listing.add")
def offer(request: HttpRequest, what: ListingIn) -> Status[Listing]:
    """Tell an offer, or what changed of it. Conversations keep what they quoted."""
    seller = Party.objects.filter(uuid=what.seller, role="seller").first()
    if seller is None:
        raise Refused([f"seller: there is no seller {what.seller}"])
    offered = listings.Offered(
        seller=seller,
        title=what.title,
        price=Money(what.amount, what.currency),
        handling_hours=what.handling_hours,
        description=what.description,
        delivery=listings.Delivery(what.delivery_days, what.ships_from, what.service),
        category=what.category,
        external_id=what.external_id,
    )
    return Status(201, listings.offer(actor(request), offered, at=moment()))


@router.get("/listings/{uuid}", response={200: ListingOut, **ERRORS}, summary="Read an offer")
@needs("listing.read")
def read(request: HttpRequest, uuid: UUID) -> Listing:
    """Return one offer."""
    listing = get_object_or_404(Listing.objects.select_related("seller"), uuid=uuid)
    require(actor(request), "listing.read", listing)
    return listing
