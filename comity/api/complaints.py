"""Complaints by listing and by lane: what goes wrong with a seller's orders, and where."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.health import PLACES, exact
from comity.api.shapes import ERRORS
from comity.records import complaints
from comity.records.complaints import Complaints, Span
from comity.records.models import Party

router = Router()
MOST_DAYS, MOST_ROWS = 365, 200


class ComplaintsOut(Schema):
    """What became of the orders of a listing, or on a lane (to `country`, by `carrier`).

    faulty     orders with a dispute that was not withdrawn, with something that came back, or cancelled by the seller
    rate       the exact share, as "1/4"; `rounded` beside; `low`, `high`: its 95 % interval (Wilson)
    disputes   how many for each reason
    mean       of the reviews that everybody sees, exactly
    """

    listing: UUID | None
    title: str
    country: str
    carrier: str
    orders: int
    faulty: int
    rate: str
    rounded: float
    low: float
    high: float
    returns: int
    disputes: dict[str, int]
    reviews: int
    mean: str | None


class ComplaintsPage(Schema):
    """Some of the rows, what is surest to be bad first; `total`: how many there are."""

    total: int
    rows: list[ComplaintsOut]


@router.get(
    "/parties/{uuid}/complaints", response={200: ComplaintsPage, **ERRORS}, summary="What goes wrong, and where"
)
@needs("party.read")
def what_goes_wrong(
    request: HttpRequest,
    uuid: UUID,
    by: Literal["listing", "lane"] = "listing",
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 90,
    offset: Annotated[int, Query(ge=0, le=complaints.MOST)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 50,
) -> ComplaintsPage:
    """Return complaints about the orders paid in the last `days`, by listing or by lane."""
    party = get_object_or_404(Party, uuid=uuid, role="seller")
    require(actor(request), "party.read", party)
    now = moment()
    find = complaints.by_lane if by == "lane" else complaints.by_listing
    found = find(party, Span(now - timedelta(days=days), now), first=offset, number=limit)
    return ComplaintsPage(total=found.total, rows=_rows(found.rows))


def _rows(found: Sequence[Complaints]) -> list[ComplaintsOut]:
    return [
        ComplaintsOut(
            listing=row.listing.uuid if row.listing else None, title=row.listing.title if row.listing else "",
            country=row.country, carrier=row.carrier, orders=row.orders, faulty=row.faulty, rate=str(row.rate),
            rounded=round(float(row.rate), PLACES), low=row.bounds[0], high=row.bounds[1], returns=row.returns,
            disputes=dict(row.disputes), reviews=row.reviews, mean=exact(row.mean),
        )
        for row in found
    ]  # fmt: skip
