"""Disputes: read; the buyer's claim, changed or taken back; the seller's answer; what is said beside."""

from typing import Annotated, Literal
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AfterValidator

from comity.actions.disputes import claims, mediation, opening, reaching
from comity.actions.guard import allows
from comity.api.access import actor, dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import Act, ClaimIn, Code, Number, Shown, Words, Written
from comity.api.dispute_openings import claim_of
from comity.api.dispute_shapes import DisputeOut, Disputes
from comity.api.dispute_view import row, told
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, NOW, Dated, Moment, storable
from comity.policy.disputes.case import Stage
from comity.records.models import Dispute

router = Router()

Filter = Annotated[str, Query(max_length=60), AfterValidator(storable)]


class ModifyIn(ClaimIn):
    """The claim as it is to stand. `pieces`: none for those that it is about. `shown`: the case's `last`."""

    shown: Shown = ""


class WithdrawIn(Act):
    """Why a claim is taken back."""

    reason: Literal["mistake", "solved", "other"] = "other"
    text: Words = ""


class AcceptIn(Dated):
    """A yes to the claim as it was shown: its `version`."""

    version: Number


class RejectIn(Dated):
    """A no to the claim as it was shown, and why.

    `says`: what happened, in codes; they are held against the facts.
    """

    version: Number
    text: Written
    says: list[
        Literal[
            "says_delivered", "says_sent", "says_answered", "says_as_described", "says_replaced", "says_refunded"
        ]
    ] = []  # fmt: skip


class SayIn(Dated):
    """Words in a case. `sees`: all, or one side alone with the platform, or `agent` for agents among themselves."""

    text: Written
    sees: Code = "all"


@router.get("/disputes", response={200: Disputes, **ERRORS}, summary="List disputes")
@needs("dispute.read")
def list_(
    request: HttpRequest,
    limit: Limit = 50,
    after: After = "",
    stage: Stage | None = None,
    reason: Filter = "",
    party: UUID | None = None,
    since: Annotated[Moment, Query(description="those that have been in their stage since then or later")]
    | None = None,
) -> dict[str, object]:
    """Return your disputes, newest first. Agents: all, if their token is for `dispute.list`; else those they have."""
    who = actor(request)
    rows = Dispute.objects.select_related("order")
    if not allows(who, "dispute.list"):
        rows = rows.filter(Q(order__buyer=who.party) | Q(order__seller=who.party) | Q(holder=who.party))
    if stage is not None:
        rows = rows.filter(stage=stage)
    if reason:
        rows = rows.filter(reason=reason)
    if party is not None:
        rows = rows.filter(Q(order__buyer__uuid=party) | Q(order__seller__uuid=party))
    if since is not None:
        rows = rows.filter(since__gte=since)
    items, following = page(rows, by="opened_at", limit=limit, after=after)
    return {"items": [row(each) for each in items], "next": following}


@router.get("/disputes/{uuid}", response={200: DisputeOut, **ERRORS}, summary="A dispute")
@needs("dispute.read")
def one(request: HttpRequest, uuid: UUID) -> DisputeOut:
    """Return a dispute as you may see it: how it stands, whose turn it is, what you may do, and what if you do not."""
    who, at = actor(request), moment()
    dispute = dispute_of(who, uuid)
    reaching.acknowledge(who, dispute, at=at)
    return told(who, dispute, at)


@router.post("/disputes/{uuid}/claim", response={200: DisputeOut, **ERRORS}, summary="Make an inquiry a claim")
@needs("dispute.read", "dispute.claim")
def claim(request: HttpRequest, uuid: UUID, what: ClaimIn) -> DisputeOut:
    """Claim what so far was only asked about."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    opening.claim_it(who, dispute, claim_of(what), **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/reopen", response={200: DisputeOut, **ERRORS}, summary="Open a dispute again")
@needs("dispute.read", "dispute.claim")
def reopen(request: HttpRequest, uuid: UUID, what: ClaimIn) -> DisputeOut:
    """Open a dispute again that was withdrawn or closed with leave, within its window; the order counts once."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    opening.claim_it(who, dispute, claim_of(what), **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/modify", response={200: DisputeOut, **ERRORS}, summary="Change the claim")
@needs("dispute.read", "dispute.claim")
def modify(request: HttpRequest, uuid: UUID, what: ModifyIn) -> DisputeOut:
    """Change piece, reason or amount; the seller is told and answers anew. A yes to the claim before counts no more."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    claims.modify(who, dispute, claim_of(what), shown=what.shown, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/withdraw", response={200: DisputeOut, **ERRORS}, summary="Take a dispute back")
@needs("dispute.read", "dispute.claim")
def withdraw(request: HttpRequest, uuid: UUID, what: WithdrawIn) -> DisputeOut:
    """Take a dispute back. It may be opened again while its window is open."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    claims.withdraw(who, dispute, reason=what.reason, text=what.text, shown=what.shown, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/arrived", response={200: DisputeOut, **ERRORS}, summary="It arrived after all")
@needs("dispute.read", "dispute.claim")
def arrived(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> DisputeOut:
    """Say that the goods arrived: the dispute ends."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    claims.arrived(who, dispute, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/accept", response={200: DisputeOut, **ERRORS}, summary="Accept the claim")
@needs("dispute.read", "dispute.answer")
def accept(request: HttpRequest, uuid: UUID, what: AcceptIn) -> DisputeOut:
    """Accept what the buyer asks for, as it was shown: it is agreed, and carried out."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    claims.accept(who, dispute, version=what.version, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/reject", response={200: DisputeOut, **ERRORS}, summary="Reject the claim")
@needs("dispute.read", "dispute.answer")
def reject(request: HttpRequest, uuid: UUID, what: RejectIn) -> DisputeOut:
    """Reject the claim, and say why. The buyer may then ask the platform."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    claims.reject(who, dispute, text=what.text, says=tuple(what.says), version=what.version, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/say", response={200: DisputeOut, **ERRORS}, summary="Write in a case")
@needs("dispute.read", "dispute.say")
def say(request: HttpRequest, uuid: UUID, what: SayIn) -> DisputeOut:
    """Write to all, or in private with the platform. An agent who hears private talk does not decide."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    mediation.say(who, dispute, text=what.text, sees=what.sees, **when(request, what))
    return told(who, dispute, moment())
