"""The clock: what it could not rule on, and trying that again."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router, Schema
from pydantic import AfterValidator, Field

from comity.actions import clock
from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.shapes import ERRORS, In, storable

router = Router()


class StuckOut(Schema):
    """A moment that stepped aside, and why."""

    key: str
    party: UUID
    stuck_at: datetime
    stuck_why: str


class RetryIn(In):
    """Which one; none: all."""

    key: Annotated[str, Field(max_length=300), AfterValidator(storable)] = ""


class RetriedOut(Schema):
    """How many could be ruled on now; of the others, by their key, why not."""

    ruled: int
    again: dict[str, str]


@router.get("/clock/stuck", response={200: list[StuckOut], **ERRORS}, summary="What the clock could not rule on")
@needs("clock.read")
def stuck(request: HttpRequest) -> list[dict[str, object]]:
    """Return the moments that stepped aside because judging them failed."""
    rows = clock.stuck(actor(request))
    return [
        {"key": row.key, "party": row.party.uuid, "stuck_at": row.stuck_at, "stuck_why": row.stuck_why} for row in rows
    ]


@router.post("/clock/retry", response={200: RetriedOut, **ERRORS}, summary="Try again what stepped aside")
@needs("clock.read", "clock.retry")
def retry(request: HttpRequest, what: RetryIn) -> clock.Retried:
    """Try one moment again, or all."""
    who = actor(request)
    require(who, "clock.retry")
    try:
        return clock.retry_all(who, now=moment(), key=what.key)
    except LookupError as error:
        raise Http404 from error
