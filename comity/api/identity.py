"""Accounts that may belong to one person: how they are linked."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import Field

from comity.actions import identity as acts
from comity.actions.guard import require
from comity.actions.measured import written
from comity.api.access import actor, moment, needs
from comity.api.sanctions import Said
from comity.api.shapes import ERRORS, Done, In, Text
from comity.policy.identity.links import KINDS_OF_LINKS
from comity.records import identity
from comity.records.models import Party, Sanction

router = Router()


class LinkOut(Schema):
    """What joins an account (`party`) to another one, as it was found of the first.

    kinds       those that stand, of payout, document, admission, network, device, address; the strong ones first
    since       when the first of them was found
    matched     whether a measure was proposed for it
    taken_back  kinds that were told, and taken back since
    """

    party: UUID
    other: UUID
    kinds: list[str]
    since: datetime
    matched: bool
    taken_back: list[str]

    @staticmethod
    def resolve_party(pair: identity.Pair) -> UUID:
        """The account of which it was found."""
        return pair.party.uuid

    @staticmethod
    def resolve_other(pair: identity.Pair) -> UUID:
        """The account to which it is linked."""
        return pair.other.uuid


class TakingLinksBack(In):
    """Which links were wrong: those of these kinds to the account `other`; and why."""

    other: UUID
    kinds: Annotated[list[Text], Field(min_length=1, max_length=len(KINDS_OF_LINKS))]
    because: Said


class UnfoundedOut(Schema):
    """A measure that rests on links that were taken back."""

    party: UUID
    key: str
    measure: str
    at: datetime

    @staticmethod
    def resolve_party(sanction: Sanction) -> UUID:
        """Whose it is."""
        return sanction.party.uuid


class JudgingAnew(In):
    """Why, in your own words."""

    because: Said


@router.get("/parties/{uuid}/links", response={200: list[LinkOut], **ERRORS}, summary="List links to other accounts")
@needs("link.read")
def list_links(request: HttpRequest, uuid: UUID) -> list[identity.Pair]:
    """Return what joins an account to others, in either direction, in the order in which it was found."""
    require(actor(request), "link.read")
    return identity.pairs_of(get_object_or_404(Party, uuid=uuid))


@router.post("/parties/{uuid}/links/take-back", response={200: Done, **ERRORS}, summary="Take wrong links back")
@needs("link.take_back")
def take_links_back(request: HttpRequest, uuid: UUID, what: TakingLinksBack) -> Done:
    """Take links back that were told of this account. What is proposed and rests on them closes."""
    require(actor(request), "link.take_back")
    party, other = get_object_or_404(Party, uuid=uuid), get_object_or_404(Party, uuid=what.other)
    acts.unlink(actor(request), party, other, what.kinds, words=written(what.because), at=moment())
    return Done()


@router.get(
    "/unfounded-measures", response={200: list[UnfoundedOut], **ERRORS}, summary="List measures whose links are gone"
)
@needs("link.read")
def list_unfounded(request: HttpRequest) -> list[Sanction]:
    """Return the measures that rest on links that were taken back: an agent takes each back, or keeps it."""
    require(actor(request), "link.read")
    return identity.unfounded()


@router.post("/parties/{uuid}/sanctions/{key}/take-back", response={200: Done, **ERRORS}, summary="Take a measure back")
@needs("sanction.reverse")
def take_measure_back(request: HttpRequest, uuid: UUID, key: str, what: JudgingAnew) -> Done:
    """Take a measure back that rests on links that were taken back, as if it had never been."""
    require(actor(request), "sanction.reverse")
    acts.take_back(actor(request), _sanction(uuid, key), words=written(what.because), at=moment())
    return Done()


@router.post("/parties/{uuid}/sanctions/{key}/keep", response={200: Done, **ERRORS}, summary="Keep a measure")
@needs("sanction.reverse")
def keep_measure(request: HttpRequest, uuid: UUID, key: str, what: JudgingAnew) -> Done:
    """Note that a measure stays, though links on which it rests were taken back."""
    require(actor(request), "sanction.reverse")
    acts.keep(actor(request), _sanction(uuid, key), words=written(what.because), at=moment())
    return Done()


def _sanction(party: UUID, key: str) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)
