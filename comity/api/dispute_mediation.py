"""Mediation: asked for, taken by one agent, who asks, tells how it stands, and finds cases that belong together."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AfterValidator, Field

from comity.actions.disputes import disclosing, mediation
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.api.access import actor, dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import Act, Words, Written
from comity.api.dispute_shapes import DisputeOut, RowOut
from comity.api.dispute_view import row, told
from comity.api.shapes import ERRORS, NOW, Dated, Moment, storable
from comity.records.models import Party

router = Router()


class EscalateIn(Act):
    """Why the platform is asked to decide."""

    text: Words = ""


class NeededIn(Dated):
    """Whether the platform is still needed."""

    needed: bool


class HandOverIn(Dated):
    """To which agent a case goes, by the party's uuid."""

    to: UUID


class AskIn(Dated):
    """What is asked of a side (buyer, seller), and until when."""

    of: Literal["buyer", "seller"]
    text: Written
    until: Moment | None = None


class AskedOut(Schema):
    """The id of a request: who answers it names it."""

    request: str
    dispute: DisputeOut


class ProgressIn(Dated):
    """How the case stands, in words."""

    text: Written


class JoinIn(Dated):
    """The case that is decided together with this one, and why, as a code: counter_claim, repeat, same_batch …"""

    other: UUID
    because: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(storable)]


class CandidateOut(RowOut):
    """A case that may belong together with another, and whose it is, by the parties' uuids."""

    buyer: UUID
    seller: UUID


NO_WORDS = EscalateIn()


@router.post("/disputes/{uuid}/escalate", response={200: DisputeOut, **ERRORS}, summary="Ask the platform to decide")
@needs("dispute.read", "dispute.escalate")
def escalate(request: HttpRequest, uuid: UUID, what: EscalateIn = NO_WORDS) -> DisputeOut:
    """Ask the platform to decide. Where the facts alone decide by the table, it is decided at once."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.escalate(who, dispute, text=what.text, shown=what.shown, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/needed", response={200: DisputeOut, **ERRORS}, summary="Is the platform still needed?")
@needs("dispute.read", "dispute.escalate")
def needed(request: HttpRequest, uuid: UUID, what: NeededIn) -> DisputeOut:
    """Say whether the platform is still needed. Where the buyer does not need it, the dispute is withdrawn."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.needed(who, dispute, needed=what.needed, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/disclose", response={200: DisputeOut, **ERRORS}, summary="Disclose settlement talk")
@needs("dispute.read", "dispute.evidence")
def disclose(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Agree that settlement talk stands in case files: once both sides did, offers are in them. For good."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    disclosing.disclose(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/take", response={200: DisputeOut, **ERRORS}, summary="Take a case")
@needs("dispute.read", "dispute.mediate")
def take(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Take a case: one agent has it, and both sides hear who."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.take(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/give-back", response={200: DisputeOut, **ERRORS}, summary="Give a case back")
@needs("dispute.read", "dispute.mediate")
def give_back(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Give a case back to the queue."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.give_back(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/hand-over", response={200: DisputeOut, **ERRORS}, summary="Hand a case over")
@needs("dispute.read", "dispute.mediate")
def hand_over(request: HttpRequest, uuid: UUID, what: HandOverIn) -> DisputeOut:
    """Hand a case over to another agent who has no interest of the own in it."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    require(who, "dispute.mediate", dispute)
    to = Party.objects.filter(uuid=what.to, role="agent").first()
    if to is None:
        raise Refused([f"to: there is no agent {what.to}"])
    mediation.hand_over(who, dispute, to=to, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/ask-needed", response={200: DisputeOut, **ERRORS}, summary="Ask whether it is needed")
@needs("dispute.read", "dispute.mediate")
def ask_needed(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Ask both sides whether the platform is still needed."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.ask_needed(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/ask-information", response={200: AskedOut, **ERRORS}, summary="Ask for information")
@needs("dispute.read", "dispute.mediate")
def ask(request: HttpRequest, uuid: UUID, what: AskIn) -> AskedOut:
    """Ask a side for information, by a clear deadline. Each request is answered by itself."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    asked = mediation.ask(who, dispute, of=what.of, text=what.text, until=what.until, **when(request, what))
    return AskedOut(request=asked, dispute=told(who, dispute, moment()))


@router.post("/disputes/{uuid}/tell-progress", response={200: DisputeOut, **ERRORS}, summary="Tell how a case stands")
@needs("dispute.read", "dispute.mediate")
def tell_progress(request: HttpRequest, uuid: UUID, what: ProgressIn) -> DisputeOut:
    """Tell both sides how the case stands."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.tell_progress(who, dispute, text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/join", response={200: DisputeOut, **ERRORS}, summary="Decide cases together")
@needs("dispute.read", "dispute.mediate")
def join(request: HttpRequest, uuid: UUID, what: JoinIn) -> DisputeOut:
    """Have a case decided together with another."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    require(who, "dispute.mediate", dispute)
    other = dispute_of(who, what.other)
    mediation.join(who, dispute, other, because=what.because, **when(request, what))
    return told(who, dispute, moment())


@router.get(
    "/disputes/{uuid}/candidates", response={200: list[CandidateOut], **ERRORS}, summary="Cases that may belong to it"
)
@needs("dispute.read", "dispute.mediate")
def candidates(request: HttpRequest, uuid: UUID) -> list[CandidateOut]:
    """Return cases about the same order, of the same two, or about the same listing for the same reason."""
    who = actor(request)
    dispute = dispute_of(who, uuid)
    require(who, "dispute.mediate", dispute)
    return [
        CandidateOut(**row(each).dict(), buyer=each.order.buyer.uuid, seller=each.order.seller.uuid)
        for each in mediation.candidates(dispute)
    ]
