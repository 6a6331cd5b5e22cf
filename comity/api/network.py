"""Complaints of an open network that are no disputes: which wait, naming the order of one, answering one."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Schema
from pydantic import AfterValidator, Field

from comity.actions.guard import require
from comity.actions.network import desk
from comity.actions.network import issue as issues
from comity.api.access import actor, moment, needs, order_of
from comity.api.shapes import ERRORS, In, Text, storable
from comity.records.models.network import NetworkIssue

router = Router()
MOST = 200
Number = Annotated[int, Path(ge=1, le=2**62)]


class NetworkIssueOut(Schema):
    """A complaint of the network. `number`: here; `issue`: in the network; `complainant`: the participant's id.

    why      no_order or no_reason: why it is no dispute; empty where it is one
    order    the order that it names; `dispute`: what it became
    text     what was written first
    """

    number: int
    issue: str
    complainant: str
    category: str
    status: str
    level: str
    why: str
    order: UUID | None
    dispute: UUID | None
    text: str
    at: datetime


class NetworkOrderIn(In):
    """Which order it is about, and for which of the rulebook's reasons."""

    order: UUID
    reason: Text


class NetworkAnswerIn(In):
    """What the complainant is told."""

    text: Annotated[str, Field(min_length=1, max_length=desk.MAX_TEXT_CHARS), AfterValidator(storable)]


@router.get("/network-issues", response={200: list[NetworkIssueOut], **ERRORS}, summary="Complaints without a dispute")
@needs("network.read")
def list_(request: HttpRequest) -> list[NetworkIssueOut]:
    """Return the complaints that are no disputes and wait for an agent, the oldest first; at most 200."""
    return [_told(row) for row in desk.waiting(actor(request))[:MOST]]


@router.post(
    "/network-issues/{number}/order", response={200: NetworkIssueOut, **ERRORS}, summary="Name the order of a complaint"
)
@needs("network.read", "network.answer", "order.read")
def name_order(request: HttpRequest, number: Number, what: NetworkOrderIn) -> NetworkIssueOut:
    """Open a dispute for the buyer of the order that a complaint is about."""
    who = actor(request)
    require(who, desk.ANSWER)
    return _told(desk.name_order(who, number, order_of(who, what.order), reason=what.reason, at=moment()))


@router.post("/network-issues/{number}/answer", response={200: NetworkIssueOut, **ERRORS}, summary="Answer a complaint")
@needs("network.read", "network.answer")
def answer(request: HttpRequest, number: Number, what: NetworkAnswerIn) -> NetworkIssueOut:
    """Answer a complaint that becomes no dispute; the network is told that it is resolved."""
    return _told(desk.answer(actor(request), number, text=what.text, at=moment()))


def _told(row: NetworkIssue) -> NetworkIssueOut:
    told = issues.read(row.body)
    return NetworkIssueOut(
        number=row.pk, issue=row.number, complainant=row.complainant, category=told.category, status=row.status,
        level=row.level, why="" if row.dispute else desk.why(row), order=row.order.uuid if row.order else None,
        dispute=row.dispute.uuid if row.dispute else None, text=told.text, at=row.at,
    )  # fmt: skip
