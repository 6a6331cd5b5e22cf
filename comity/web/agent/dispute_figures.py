"""Figures of disputes, for agents: with whom cases wait, who decides how, and whether like cases end alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from comity.actions.disputes import figures as counted
from comity.actions.disputes.figures import Figures
from comity.policy.disputes.figures import LEAST, Group, Lengths, Line, Ruling
from comity.policy.disputes.spent import WITH
from comity.records.figures import MOST
from comity.records.models import Dispute
from comity.web.common import words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.trade import dispute_words

CHOICES = (30, 90, 365)
_PAIRS = {
    "all": gettext_lazy("all"),
    "one_decider": gettext_lazy("by the same agent"),
    "two_deciders": gettext_lazy("by two agents"),
    "one_month": gettext_lazy("in the same month"),
    "two_months": gettext_lazy("in two months"),
}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Time:
    """One row of the times: with whom, how many days, and how long its bar is of the longest, 0 to 100."""

    who: str
    median: float
    mean: float
    bar: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Apart:
    """Like cases that ended differently: what they have in common, and each with its outcome."""

    row: str
    inputs: tuple[tuple[str, str], ...]
    by_deviation: bool
    cases: tuple[tuple[Dispute, Ruling], ...]
    more: int


@needs("agent", "platform")
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """All of them, of the days that are asked for."""
    actor, now = actor_of(request), datetime.now(UTC)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and len(asked) <= 4 else counted.DAYS
    found = counted.figures(actor, days=days, at=now)
    return render(request, "agent/dispute_figures.html", _context(found))


def _context(found: Figures) -> dict[str, Any]:
    return {
        "found": found,
        "now": found.at,
        "choices": CHOICES,
        "most": MOST,
        "least": LEAST,
        "whole": _days(found.whole.median) if found.whole else None,
        "mean": _days(found.whole.mean) if found.whole else None,
        "times": _times(found),
        "lines": [(name, line, _days(line.took.median) if line.took else None) for name, line in _lines(found)],
        "pairs": [(str(_PAIRS[each.by]), each.n, each.same / each.n) for each in found.consistency.pairs if each.n],
        "apart": [_apart(each, found.cases) for each in found.consistency.apart[: counted.MOST_GROUPS]],
        "left": max(len(found.consistency.apart) - counted.MOST_GROUPS, 0),
        "advice": [
            (str(dispute_words.HELPS.get(each.advised, "")) or _("no reason was chosen"), each.left)
            for each in found.guided.by_advice
        ],
    }


def _days(length: timedelta) -> float:
    return length / _DAY


def _times(found: Figures) -> list[Time]:
    longest = max((each.mean for each in found.spent.values() if each), default=_DAY) or _DAY
    nothing = Lengths(0, timedelta(0), timedelta(0))
    rows = []
    for who in WITH:
        each = found.spent[who] or nothing
        bar = round(100 * (each.mean / longest))
        rows.append(Time(_with(who), _days(each.median), _days(each.mean), bar, found.waiting[who]))
    return rows


def _with(who: str) -> str:
    said = dispute_words.side(who)
    return said[:1].upper() + said[1:]


def _lines(found: Figures) -> list[tuple[str, Line]]:
    """Return the lines of deciders with their names, that of all first, then the reader's own."""
    rows = [(_("All together"), found.everybody)]
    if found.own is not None:
        rows.append((_("You"), found.own))
    if found.deciders is not None:
        mine = found.own.agent if found.own is not None else ""
        others = [each for each in found.deciders if each.line.agent != mine]
        rows += [(each.party.name if each.party else words.code("agent"), each.line) for each in others]
    return rows


def _apart(group: Group, cases: Mapping[str, Dispute]) -> Apart:
    shown = group.rulings[: counted.MOST_OF_GROUP]
    return Apart(
        row=group.alike.row,
        inputs=tuple((words.code(name, "input"), words.code(value, "answer")) for name, value in group.alike.inputs),
        by_deviation=group.by_deviation,
        cases=tuple((cases[each.dispute], each) for each in shown),
        more=len(group.rulings) - len(shown),
    )


urlpatterns = [
    path("desk/disputes/figures/", figures, name="desk_figures"),
]
