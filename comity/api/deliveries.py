"""Deliveries: the buyer's word on whether an order came in time."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from comity.actions import deliveries
from comity.api.access import needs, order_of, speaker, when
from comity.api.shapes import ERRORS, Dated, Done

router = Router()


class Judgement(Dated):
    """Whether an order came in time."""

    on_time: bool


@router.post("/orders/{uuid}/judgement", response={200: Done, **ERRORS}, summary="Say whether it came in time")
@needs("order.read", "delivery.judge")
def judge(request: HttpRequest, uuid: UUID, what: Judgement) -> Done:
    """The buyer's word on the delivery; the first one counts."""
    who = speaker(request, what)
    deliveries.judge(who, order_of(who, uuid), on_time=what.on_time, **when(request, what))
    return Done()
