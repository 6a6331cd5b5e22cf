"""Points and measures; a proposed measure is approved or declined."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from comity.actions import deeds, sanctions
from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.deeds import DeedOut, told
from comity.api.shapes import ERRORS, Done, In, Moment
from comity.api.told import Told
from comity.records.models import Charge, Sanction

router = Router()


class ChargeOut(Schema):
    """Points on a ledger."""

    key: str
    ledger: str
    points: int
    rule: str
    rulebook: str
    matter: str
    at: datetime
    expires_at: datetime
    overturned_at: datetime | None


class SanctionOut(Schema):
    """A measure with its statement of reasons. `in_force`: now, by time alone."""

    key: str
    ledger: str
    rung: int
    measure: str
    points: int
    rulebook: str
    status: str
    in_force: bool
    at: datetime
    effective_at: datetime | None
    until: datetime | None
    ended_at: datetime | None
    statement: dict[str, object] | None

    @staticmethod
    def resolve_ledger(sanction: Sanction) -> str:
        """The ledger's name; of a measure without points, as its statement of reasons cites where it comes from."""
        return sanction.comes_from.label

    @staticmethod
    def resolve_in_force(sanction: Sanction) -> bool:
        """Whether it is in force at the moment of the request."""
        return sanction.is_in_force(moment())


CHARGES = Told("charges", Charge, ChargeOut)
SANCTIONS = Told("sanctions", Sanction, SanctionOut)


class Approving(In):
    """Which proposal is approved: `asked_at` is its `at`. One that was made anew since is not."""

    asked_at: Moment


class Declining(Approving):
    """Which proposal is declined, and why, as a code: not_proportionate, mistake, outside_influence, other."""

    reason: str


@router.get(
    "/parties/{uuid}/sanctions/{key}/deeds",
    response={200: list[DeedOut], **ERRORS},
    summary="What you may decide of a measure",
)
@needs("sanction.decide")
def deeds_of(request: HttpRequest, uuid: UUID, key: str) -> list[DeedOut]:
    """Return what you may decide of a measure: what can be decided now, and why the rest cannot."""
    require(actor(request), "sanction.decide")
    return told(deeds.of(Sanction), actor(request), _sanction(uuid, key), moment())


@router.post(
    "/parties/{uuid}/sanctions/{key}/approve", response={200: Done, **ERRORS}, summary="Approve a proposed measure"
)
@needs("sanction.decide")
def approve(request: HttpRequest, uuid: UUID, key: str, what: Approving) -> Done:
    """Approve a proposed measure: it takes effect when its notice has run."""
    require(actor(request), "sanction.decide")
    sanctions.approve(actor(request), _sanction(uuid, key), at=moment(), shown=what.asked_at)
    return Done()


@router.post(
    "/parties/{uuid}/sanctions/{key}/decline", response={200: Done, **ERRORS}, summary="Decline a proposed measure"
)
@needs("sanction.decide")
def decline(request: HttpRequest, uuid: UUID, key: str, what: Declining) -> Done:
    """Decline a proposed measure."""
    require(actor(request), "sanction.decide")
    sanctions.decline(actor(request), _sanction(uuid, key), reason=what.reason, at=moment(), shown=what.asked_at)
    return Done()


def _sanction(party: UUID, key: str) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)
