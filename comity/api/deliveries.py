"""What becomes of an order on its way: delays, wishes to cancel, addresses, returns, the buyer's word."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import addresses, orders, promises, shipments
from comity.api.access import actor, moment
from comity.api.orders import OrderOut, ShipmentOut, ShipToIn, order_of
from comity.api.shapes import ERRORS, Done, Moment, Text
from comity.records.models import CancelRequest, Delay, Order, Shipment

router = Router()


class DelayIn(Schema):
    """A later date; the buyer may accept it before the promised one has passed."""

    deliver_by: Moment
    reason: Literal[promises.REASONS]  # type: ignore[valid-type]


class DelayOut(Schema):
    """A delay: what was promised, what is offered instead, and the buyer's answer (null: none yet)."""

    announced_at: datetime
    was: datetime
    deliver_by: datetime
    reason: str
    accepted: bool | None


class Answer(Schema):
    """Yes or no."""

    accepted: bool


class Judgement(Schema):
    """Whether an order came in time."""

    on_time: bool


class Wish(Schema):
    """Why a buyer wants to cancel, as a code."""

    reason: Text


class WishOut(Schema):
    """A wish to cancel and what the seller answered (null: nothing yet)."""

    asked_at: datetime
    reason: str
    accepted: bool | None


class Return(Schema):
    """A parcel with the goods on their way back."""

    carrier: Annotated[str, Field(min_length=1, max_length=50)]
    tracking_number: Annotated[str, Field(min_length=1, max_length=60)]
    sure: bool = False


@router.post("/orders/{uuid}/delays", response={201: DelayOut, **ERRORS}, summary="Announce a delay")
def announce(request: HttpRequest, uuid: UUID, what: DelayIn) -> Status[Delay]:
    """Say before the promised moment that an order will be late; both dates stay on record."""
    who = actor(request)
    return Status(201, promises.announce_delay(
        who, order_of(who, uuid), deliver_by=what.deliver_by, reason=what.reason, at=moment()
    ))  # fmt: skip


@router.post("/orders/{uuid}/delays/answer", response={200: OrderOut, **ERRORS}, summary="Answer a delay")
def answer_delay(request: HttpRequest, uuid: UUID, what: Answer) -> Order:
    """Accept the later date, or keep the first one."""
    who = actor(request)
    found = order_of(who, uuid)
    promises.answer_delay(who, found, accepted=what.accepted, at=moment())
    return found


@router.post("/orders/{uuid}/judgement", response={200: Done, **ERRORS}, summary="Say whether it came in time")
def judge(request: HttpRequest, uuid: UUID, what: Judgement) -> Done:
    """The buyer's word on the delivery; the first one counts."""
    who = actor(request)
    promises.judge_delivery(who, order_of(who, uuid), on_time=what.on_time, at=moment())
    return Done()


@router.post("/orders/{uuid}/cancellation", response={201: WishOut, **ERRORS}, summary="Ask to cancel an order")
def ask_to_cancel(request: HttpRequest, uuid: UUID, what: Wish) -> Status[CancelRequest]:
    """Ask the seller to cancel an order that is paid and not sent."""
    who = actor(request)
    return Status(201, orders.ask_to_cancel(who, order_of(who, uuid), reason=what.reason, at=moment()))


@router.post("/orders/{uuid}/cancellation/answer", response={200: OrderOut, **ERRORS}, summary="Answer the wish")
def answer_cancel(request: HttpRequest, uuid: UUID, what: Answer) -> Order:
    """Agree to cancel, or not; an agreement does not count against the seller."""
    who = actor(request)
    found = order_of(who, uuid)
    orders.answer_cancel(who, found, accepted=what.accepted, at=moment())
    return found


@router.post("/orders/{uuid}/address", response={201: Done, **ERRORS}, summary="Ask for another address")
def ask_address(request: HttpRequest, uuid: UUID, what: ShipToIn) -> Status[Done]:
    """Ask the seller to send an order elsewhere, before it is sent."""
    who = actor(request)
    addresses.ask(who, order_of(who, uuid), what.given(), at=moment())
    return Status(201, Done())


@router.post("/orders/{uuid}/address/answer", response={200: OrderOut, **ERRORS}, summary="Answer that wish")
def answer_address(request: HttpRequest, uuid: UUID, what: Answer) -> Order:
    """Agree to the other address, or not."""
    who = actor(request)
    found = order_of(who, uuid)
    addresses.answer(who, found, accepted=what.accepted, at=moment())
    return found


@router.post("/orders/{uuid}/returns", response={201: ShipmentOut, **ERRORS}, summary="Goods are sent back")
def send_back(request: HttpRequest, uuid: UUID, what: Return) -> Status[Shipment]:
    """Declare the goods of a delivered order sent back."""
    who = actor(request)
    return Status(201, shipments.send_back(
        who, order_of(who, uuid), carrier=what.carrier, tracking_number=what.tracking_number, at=moment(),
        sure=what.sure,
    ))  # fmt: skip


@router.post("/orders/{uuid}/returns/confirm", response={200: Done, **ERRORS}, summary="The goods are back")
def confirm_return(request: HttpRequest, uuid: UUID) -> Done:
    """Confirm that the goods which were sent back are here."""
    who = actor(request)
    shipments.confirm_return(who, order_of(who, uuid), at=moment())
    return Done()
