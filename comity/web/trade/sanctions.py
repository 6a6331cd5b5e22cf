"""Measures and points, as a standing shows them."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import Charge, Sanction
from comity.web.common import words
from comity.web.common.shown import Column, Shown, Waiting, badge
from comity.web.common.timeline import title_of_charge, when


def term_of(row: Sanction) -> tuple[datetime, datetime | None] | None:
    """Return from when to when a measure is in effect, or was; None where it never is."""
    if row.effective_at is None or (row.ended_at is not None and row.ended_at <= row.effective_at):
        return None
    return row.effective_at, row.until if row.ended_at is None else row.ended_at


def _in_effect(row: Sanction) -> str:
    if (term := term_of(row)) is None:
        return ""
    begins, ends = term
    return when(begins) + (f" – {when(ends)}" if ends else "")


def _at_points(row: Sanction) -> str:
    if not row.points:  # a standard's, or an agent's own
        return str(words.code(row.measure))
    said = gettext("%(measure)s at %(points)s points")
    return said % {"measure": words.code(row.measure), "points": row.points}


def _state(row: Sanction) -> SafeString:
    return badge(MeasureStatus.LIFTED if row.is_over(timezone.now()) else row.status, "sanction")


def _for_what(row: Charge) -> str:
    return title_of_charge(row.rulebook, row.rule, taken_over=bool(row.taken_from))


MEASURES = Shown(
    of=Sanction,
    title=_("Measures"),
    columns=(
        Column(_("Measure"), lambda row: words.code(row.measure)),
        Column(_("Points"), lambda row: row.points or "—", number=True),
        Column(_("State"), _state),
        Column(_("Since"), lambda row: when(row.at)),
        Column(_("In effect"), _in_effect),
    ),
    empty=_("No measures. They would appear here with their reasons."),
    gone=lambda row: row.status in (MeasureStatus.OVERTURNED, MeasureStatus.DECLINED),
    why="why_sanction",
    waiting=Waiting(
        which=Q(status=MeasureStatus.PROPOSED),
        title=_("Waiting for your decision"),
        says=_at_points,
        address=lambda row: reverse("desk_party", args=[row.party.uuid]),
    ),
)
CHARGES = Shown(
    of=Charge,
    title=_("Charges"),
    columns=(
        Column(_("When"), lambda row: when(row.at)),
        Column(_("For what"), _for_what),
        Column(_("Points"), lambda row: row.points, number=True),
        Column(_("Counts until"), lambda row: gettext("overturned") if row.overturned_at else when(row.expires_at)),
    ),
    empty=_("No charges. Points for what was not done in time would appear here."),
    gone=lambda row: row.overturned_at is not None,
    why="why_charge",
)
