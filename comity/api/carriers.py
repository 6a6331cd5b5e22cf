"""Carriers: how they do, when they were blind, and what could be promised."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import lanes, outages
from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS, In, Moment, storable
from comity.history.cards import Card
from comity.records.lanes import cards_of
from comity.records.models import Advice, Excuse, LaneCard

router = Router()
MOST = 500
Region = Annotated[str, Field(max_length=16), AfterValidator(storable)]
Service = Annotated[str, Field(max_length=50), AfterValidator(storable)]


class CardOut(Schema):
    """How a carrier does on a lane. `known`: of how many it is known whether they were on time."""

    carrier: str
    parcels: int
    known: int
    on_time: int
    median_days: float | None
    p90_days: float | None
    lost: int
    failed: int


class LaneOut(Schema):
    """A lane's carriers, and those recommended, the surest first; none with fewer than 30 parcels."""

    carriers: list[CardOut]
    recommended: list[str]


class OutageIn(In):
    """A time in which a carrier, or its feed, was blind. `ends` may lie ahead."""

    carrier: Annotated[str, Field(min_length=1, max_length=50), AfterValidator(storable)]
    begins: Moment
    ends: Moment
    evidence: Annotated[str, Field(max_length=outages.MAX_EVIDENCE_CHARS), AfterValidator(storable)] = ""


class OutageOut(Schema):
    """An outage. `spread_at`: when it was noted in all orders concerned."""

    uuid: UUID
    carrier: str
    begins: datetime
    ends: datetime
    spread_at: datetime | None


class AdviceOut(Schema):
    """What could be promised on a lane with probability `level`, and what is; in days from the payment."""

    origin: str
    destination: str
    service: str
    level: float
    days: float
    promised: float
    kept: float | None
    parcels: int


@router.get("/carriers", response={200: LaneOut, **ERRORS}, summary="Which carrier for this parcel?")
@needs("carrier.compare")
def lane(
    request: HttpRequest, origin: Region = "", destination: Region = "", service: Service = ""
) -> dict[str, list[LaneCard] | list[str]]:
    """Return how carriers do on a lane, as counted within the last hour."""
    require(actor(request), "carrier.compare")
    best: list[Card] = lanes.recommended(origin, destination, service)
    return {"carriers": cards_of(origin, destination, service), "recommended": [card.carrier for card in best]}


@router.post("/outages", response={201: OutageOut, **ERRORS}, summary="A carrier was blind")
@needs("outage.record")
def outage(request: HttpRequest, what: OutageIn) -> Status[Excuse]:
    """Record an outage: it excuses the orders that the carrier had, and those it gets while it lasts."""
    return Status(
        201,
        outages.record(
            actor(request),
            carrier=what.carrier,
            begins=what.begins,
            ends=what.ends,
            evidence=what.evidence,
            at=moment(),
        ),
    )


@router.post("/outages/{uuid}/end", response={200: OutageOut, **ERRORS}, summary="It was over earlier")
@needs("outage.record")
def outage_over(request: HttpRequest, uuid: UUID) -> Excuse:
    """End an outage early, or take it back: from now on time counts again. What it excused until now stays excused."""
    who = actor(request)
    require(who, "outage.record")
    row = Excuse.objects.filter(uuid=uuid).first()
    if row is None:
        raise Http404
    return outages.end(who, row, at=moment())


@router.get("/promises", response={200: list[AdviceOut], **ERRORS}, summary="What to promise")
@needs("party.read")
def promises(request: HttpRequest) -> list[Advice]:
    """Return your lanes, each with the earliest promise that would be kept."""
    who = actor(request)
    require(who, "party.read", who.party)
    return list(Advice.objects.filter(seller=who.party)[:MOST])
