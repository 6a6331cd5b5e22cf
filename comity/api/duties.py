"""Duties: what is due, soonest first."""

from django.http import HttpRequest
from ninja import Router, Schema

from comity.actions.guard import require
from comity.api.access import actor, needs
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, DutyOut
from comity.policy.duties.matter import DutyStatus
from comity.records.models import Duty
from comity.records.rulebooks import duties_of_others

router = Router()


class Duties(Schema):
    """A page of duties."""

    items: list[DutyOut]
    next: str


@router.get("/duties", response={200: Duties, **ERRORS}, summary="What is due, soonest first")
@needs("party.read")
def list_(request: HttpRequest, limit: Limit = 50, after: After = "") -> dict[str, object]:
    """Return your open duties."""
    who = actor(request)
    require(who, "party.read", who.party)
    rows = Duty.objects.filter(party=who.party, status=DutyStatus.OPEN)
    rows = rows.exclude(rule__in=duties_of_others(who.role))
    items, following = page(rows, by="due", limit=limit, after=after, descending=False)
    return {"items": items, "next": following}
