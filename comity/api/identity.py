"""Accounts that may belong to one person: how they are linked."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, needs
from comity.api.shapes import ERRORS
from comity.records import identity
from comity.records.models import Party

router = Router()


class LinkOut(Schema):
    """What joins an account (`party`) to another one, as it was found of the first.

    kinds    payout, document, admission, network, device, address: each once, the strong ones first
    since    when the first of it was found
    matched  whether a measure was proposed for it
    """

    party: UUID
    other: UUID
    kinds: list[str]
    since: datetime
    matched: bool

    @staticmethod
    def resolve_party(pair: identity.Pair) -> UUID:
        """The account of which it was found."""
        return pair.party.uuid

    @staticmethod
    def resolve_other(pair: identity.Pair) -> UUID:
        """The account to which it is linked."""
        return pair.other.uuid


@router.get("/parties/{uuid}/links", response={200: list[LinkOut], **ERRORS}, summary="List links to other accounts")
@needs("link.read")
def list_links(request: HttpRequest, uuid: UUID) -> list[identity.Pair]:
    """Return what joins an account to others, in either direction, in the order in which it was found."""
    require(actor(request), "link.read")
    return identity.pairs_of(get_object_or_404(Party, uuid=uuid))
