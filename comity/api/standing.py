"""How a party stands: its points, whether it may sell, and its states of every kind that is told."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import create_model

from comity.actions.guard import is_frozen, is_taken_over, require
from comity.api.access import actor, moment, needs
from comity.api.parties import PartyOut
from comity.api.shapes import ERRORS
from comity.api.told import found
from comity.records import dossiers
from comity.records.models import Party

router = Router()
STATES = found(besides=__name__)
_SHAPES: dict[str, Any] = {told.name: (list[told.shape], ...) for told in STATES}  # type: ignore[name-defined]


class _Head(Schema):
    party: PartyOut
    points: dict[str, int]
    may_sell: bool


StandingOut = create_model(
    "StandingOut",
    __base__=_Head,
    __doc__="How a party stands: live points by ledger, whether it may sell, and its states, newest first.",
    **_SHAPES,
)


@router.get(
    "/parties/{uuid}/standing",
    response={200: StandingOut, **ERRORS},
    summary="How a party stands",
    tags=["parties"],
    operation_id="comity_api_parties_standing",
)
@needs("party.read")
def standing(request: HttpRequest, uuid: UUID) -> dict[str, object]:
    """Return a party's live points, charges and measures. A shop asks `may_sell` before it takes an order."""
    party = get_object_or_404(Party, uuid=uuid)
    require(actor(request), "party.read", party)
    now = moment()
    return {
        "party": party,
        "points": dossiers.points_of(party.pk, now),
        "may_sell": party.role == "seller" and not is_frozen(party, now) and not is_taken_over(party, at=now),
        **{told.name: told.rows(party) for told in STATES},
    }
