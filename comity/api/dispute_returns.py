"""What was agreed in a dispute, carried out: a label, goods sent back and confirmed or not, a new parcel, a repair."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import AfterValidator, Field

from comity.actions.disputes import returning
from comity.actions.shipments import Parcel
from comity.api.access import dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import AS_IT_IS, Act, Sum, Words, Written
from comity.api.dispute_shapes import DisputeOut
from comity.api.dispute_view import told
from comity.api.shapes import ERRORS, NOW, Dated, Moment, storable
from comity.policy.facts import MAX_GRAMS

router = Router()


class LabelIn(Sum):
    """A label for the way back: until when it is valid, what it cost, where the platform gives it, and in `text` where
    the buyer finds it: a link, a code, or that it lay in the parcel.
    """

    until: Moment | None = None
    text: Words = ""


class ParcelIn(Dated):
    """A parcel; `weight_g`: what it weighed at posting, in grams; `sure`: although its number looks wrong."""

    carrier: Annotated[str, Field(min_length=1, max_length=50), AfterValidator(storable)]
    tracking_number: Annotated[str, Field(min_length=1, max_length=60), AfterValidator(storable)]
    sure: bool = False
    weight_g: Annotated[int, Field(ge=0, le=MAX_GRAMS)] | None = None

    def parcel(self) -> Parcel:
        """Return it."""
        return Parcel(self.carrier, self.tracking_number, sure=self.sure, weight_g=self.weight_g)


class ContestIn(Dated):
    """What is wrong with the return, as a code, and in words."""

    state: Literal["not_received", "damaged", "empty", "different", "incomplete"]
    text: Words = ""


class ContestAnswerIn(Dated):
    """An answer."""

    text: Written


@router.post("/disputes/{uuid}/label", response={200: DisputeOut, **ERRORS}, summary="Give a label for the way back")
@needs("dispute.read", "dispute.return")
def label(request: HttpRequest, uuid: UUID, what: LabelIn) -> DisputeOut:
    """Give a label: only now the buyer's time to send begins."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.label(who, dispute, until=what.until, cost=what.money(), text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/send-back", response={200: DisputeOut, **ERRORS}, summary="The goods are sent back")
@needs("dispute.read", "dispute.send_back", "return.send")
def send_back(request: HttpRequest, uuid: UUID, what: ParcelIn) -> DisputeOut:
    """Declare the goods sent back. Sent in time is in time, whenever they arrive."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.send_back(who, dispute, what.parcel(), **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/confirm-return", response={200: DisputeOut, **ERRORS}, summary="The return is right")
@needs("dispute.read", "dispute.return")
def confirm(request: HttpRequest, uuid: UUID, what: Act = AS_IT_IS) -> DisputeOut:
    """Confirm that the goods are back as they should be: now the money goes."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.confirm(who, dispute, shown=what.shown, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/contest-return", response={200: DisputeOut, **ERRORS}, summary="The return is wrong")
@needs("dispute.read", "dispute.return")
def contest(request: HttpRequest, uuid: UUID, what: ContestIn) -> DisputeOut:
    """Say what is wrong with the return: nothing is paid by itself, and the buyer is asked."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.contest(who, dispute, state=what.state, text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/answer-contest", response={200: DisputeOut, **ERRORS}, summary="Answer about the return")
@needs("dispute.read", "dispute.send_back")
def answer_contest(request: HttpRequest, uuid: UUID, what: ContestAnswerIn) -> DisputeOut:
    """Answer what the seller says of the return; then the platform decides."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.answer_contest(who, dispute, text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/act", response={200: DisputeOut, **ERRORS}, summary="What was promised is sent")
@needs("dispute.read", "dispute.return", "shipment.dispatch")
def act(request: HttpRequest, uuid: UUID, what: ParcelIn) -> DisputeOut:
    """Send what was promised: a replacement, or the goods once more."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.act(who, dispute, what.parcel(), **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/fulfil", response={200: DisputeOut, **ERRORS}, summary="What was promised was done")
@needs("dispute.read", "dispute.fulfil")
def fulfil(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Say that what was promised was done: the repaired goods are back, the other parcel is here."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    returning.fulfil(who, dispute, **when(request, what))
    return told(who, dispute, moment())
