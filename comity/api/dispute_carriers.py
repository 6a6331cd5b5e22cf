"""A third side: what the seller passes on to the carrier, what that asks for, is told, and answers."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions.disputes import carriers
from comity.api.access import dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import Sum, Words, Written
from comity.api.dispute_shapes import DisputeOut
from comity.api.dispute_view import told
from comity.api.shapes import ERRORS, Dated, storable

router = Router()


class CarrierClaimIn(Dated):
    """A complaint that is passed on to a carrier."""

    carrier: Annotated[str, Field(min_length=1, max_length=50), AfterValidator(storable)]
    text: Words = ""


class CarrierClaimMade(Schema):
    """The id of a claim on a carrier."""

    claim: str
    dispute: DisputeOut


class CarrierAsksIn(Dated):
    """What the carrier asks for."""

    text: Written


class CarrierAsked(Schema):
    """The id of what the carrier asks for."""

    request: str
    dispute: DisputeOut


class CarrierToldIn(Dated):
    """What the seller told the carrier, to which of its requests."""

    request: UUID
    text: Written


class CarrierAnswerIn(Sum):
    """What the carrier answered: whether it accepts, and what it pays."""

    accepted: bool
    text: Words = ""


@router.post(
    "/disputes/{uuid}/carrier-claims", response={201: CarrierClaimMade, **ERRORS}, summary="Claim on the carrier"
)
@needs("dispute.read", "dispute.carrier")
def claim(request: HttpRequest, uuid: UUID, what: CarrierClaimIn) -> Status[CarrierClaimMade]:
    """Pass a complaint on to the carrier. The buyer's clock does not wait for it, unless the rules say so."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    made = carriers.claim(who, dispute, carrier=what.carrier, text=what.text, **when(request, what))
    return Status(201, CarrierClaimMade(claim=made, dispute=told(who, dispute, moment())))


@router.post(
    "/disputes/{uuid}/carrier-claims/{claim}/asks", response={201: CarrierAsked, **ERRORS}, summary="The carrier asks"
)
@needs("dispute.read", "dispute.carrier_answers")
def asks(request: HttpRequest, uuid: UUID, claim: UUID, what: CarrierAsksIn) -> Status[CarrierAsked]:
    """Note what the carrier asks for."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    asked = carriers.asks(who, dispute, claim=str(claim), text=what.text, **when(request, what))
    return Status(201, CarrierAsked(request=asked, dispute=told(who, dispute, moment())))


@router.post(
    "/disputes/{uuid}/carrier-claims/{claim}/tells", response={200: DisputeOut, **ERRORS}, summary="The carrier is told"
)
@needs("dispute.read", "dispute.carrier_answers")
def tells(request: HttpRequest, uuid: UUID, claim: UUID, what: CarrierToldIn) -> DisputeOut:
    """Note what the seller told the carrier."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    carriers.tells(who, dispute, claim=str(claim), request=str(what.request), text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post(
    "/disputes/{uuid}/carrier-claims/{claim}/answer",
    response={200: DisputeOut, **ERRORS},
    summary="A carrier answers",
)
@needs("dispute.read", "dispute.carrier_answers")
def answers(request: HttpRequest, uuid: UUID, claim: UUID, what: CarrierAnswerIn) -> DisputeOut:
    """Note what the carrier answered: it pays, or does not."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    carriers.answers(
        who, dispute, claim=str(claim), accepted=what.accepted, amount=what.money(), text=what.text,
        **when(request, what),
    )  # fmt: skip
    return told(who, dispute, moment())
