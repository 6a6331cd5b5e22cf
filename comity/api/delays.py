"""Delays: announced by the seller, answered by the buyer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from comity.actions import delays
from comity.api.access import needs, order_of, speaker, when
from comity.api.shapes import ERRORS, Answer, Dated, Moment, OrderOut
from comity.records.models import Delay, Order

router = Router()


class DelayIn(Dated):
    """A later date; the buyer may accept it before the promised one has passed."""

    deliver_by: Moment
    reason: Literal[delays.REASONS]  # type: ignore[valid-type]


class DelayOut(Schema):
    """A delay: what was promised, what is offered instead, and the buyer's answer (null: none yet)."""

    announced_at: datetime
    was: datetime
    deliver_by: datetime
    reason: str
    accepted: bool | None


@router.post("/orders/{uuid}/delays", response={201: DelayOut, **ERRORS}, summary="Announce a delay")
@needs("order.read", "delay.announce")
def announce(request: HttpRequest, uuid: UUID, what: DelayIn) -> Status[Delay]:
    """Say before the promised moment that an order will be late; both dates stay on record."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    return Status(
        201, delays.announce(who, order, deliver_by=what.deliver_by, reason=what.reason, **when(request, what))
    )


@router.post("/orders/{uuid}/delays/answer", response={200: OrderOut, **ERRORS}, summary="Answer a delay")
@needs("order.read", "delay.answer")
def answer_delay(request: HttpRequest, uuid: UUID, what: Answer) -> Order:
    """Accept the later date, or keep the first one."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    delays.answer(who, order, accepted=what.accepted, shown=what.asked_at, **when(request, what))
    return order
