"""Cancellations: of an order, or asked for and answered."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from comity.actions import cancellations, orders
from comity.api.access import needs, order_of, speaker, when
from comity.api.shapes import ERRORS, AnswerToOne, Dated, OrderOut, Text
from comity.records.models import CancelRequest, Order

router = Router()


class Cancellation(Dated):
    """Why an order is cancelled, as a code.

    shows  for the reason buyer_asked: the id of the buyer's message in which the buyer had asked. Then it counts as the
           buyer's wish; without it, as that of whoever cancels
    """

    reason: Text
    shows: UUID | None = None


class Wish(Dated):
    """Why a buyer wants to cancel, as a code."""

    reason: Text


class WishOut(Schema):
    """A wish to cancel and what the seller answered (null: nothing yet)."""

    asked_at: datetime
    reason: str
    accepted: bool | None


@router.post("/orders/{uuid}/cancel", response={200: OrderOut, **ERRORS}, summary="Cancel an order")
@needs("order.read", "order.cancel")
def cancel(request: HttpRequest, uuid: UUID, what: Cancellation) -> Order:
    """Cancel an order; what is still owed for it falls away."""
    who = speaker(request, what)
    return orders.cancel(who, order_of(who, uuid), reason=what.reason, shows=what.shows, **when(request, what))


@router.post("/orders/{uuid}/cancellation", response={201: WishOut, **ERRORS}, summary="Ask to cancel an order")
@needs("order.read", "order.ask_cancel")
def ask_to_cancel(request: HttpRequest, uuid: UUID, what: Wish) -> Status[CancelRequest]:
    """Ask the seller to cancel an order that is paid and not sent."""
    who = speaker(request, what)
    return Status(201, cancellations.ask(who, order_of(who, uuid), reason=what.reason, **when(request, what)))


@router.post("/orders/{uuid}/cancellation/answer", response={200: OrderOut, **ERRORS}, summary="Answer the wish")
@needs("order.read", "order.answer_cancel")
def answer_cancel(request: HttpRequest, uuid: UUID, what: AnswerToOne) -> Order:
    """Agree to cancel, or not; an agreement does not count against the seller."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    cancellations.answer(who, order, accepted=what.accepted, shown=what.asked_at, **when(request, what))
    return order
