"""Measures and points, as a standing shows them."""

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
from comity.web.common.timeline import title_of, when


def _in_effect(row: Sanction) -> str:
    if row.effective_at is None:
        return ""
    return when(row.effective_at) + (f" – {when(row.until)}" if row.until else "")


def _at_points(row: Sanction) -> str:
    said = gettext("%(measure)s at %(points)s points")
    return said % {"measure": words.code(row.measure), "points": row.points}


def _state(row: Sanction) -> SafeString:
    return badge(MeasureStatus.LIFTED if row.is_over(timezone.now()) else row.status, "sanction")


MEASURES = Shown(
    of=Sanction,
    title=_("Measures"),
    columns=(
        Column(_("Measure"), lambda row: words.code(row.measure)),
        Column(_("Points"), lambda row: row.points, number=True),
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
        Column(_("For what"), lambda row: title_of(row.rulebook, row.rule)),
        Column(_("Points"), lambda row: row.points, number=True),
        Column(_("Counts until"), lambda row: gettext("overturned") if row.overturned_at else when(row.expires_at)),
    ),
    empty=_("No charges. Points for what was not done in time would appear here."),
    gone=lambda row: row.overturned_at is not None,
    why="why_charge",
)
