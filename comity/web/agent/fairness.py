"""The report on fairness, for agents: a page, and the same as CSV."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from comity.actions import fairness
from comity.actions.fairness import Group, Report
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs

CHOICES = (90, 365, 1_095)


def _found(request: HttpRequest) -> Report:
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and len(asked) <= 4 else fairness.DAYS
    return fairness.report(actor_of(request), days=days, at=datetime.now(UTC))


@needs("agent", "platform")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Who is under measures, by groups, and what becomes of appeals."""
    found = _found(request)
    took = found.took.median.total_seconds() / 86_400 if found.took else None
    ways = {"size": _("By orders in this time"), "age": _("By time since they joined"), "country": _("By country")}
    tables = [
        (title, [(name_of(group), group) for group in found.groups if group.of == of]) for of, title in ways.items()
    ]
    context = {"found": found, "tables": tables, "choices": CHOICES, "took": took}
    return render(request, "agent/fairness.html", context)


def name_of(group: Group) -> str:
    """Return what a group is called."""
    if group.of == "country":
        return group.name or _("not known")
    steps = fairness.SIZES if group.of == "size" else fairness.AGES
    least = int(group.name)
    most = next((step for step in steps if step > least), None)
    if group.of == "size":
        if least == 0:
            return _("no orders")
        return (
            _("%(least)s to %(most)s") % {"least": least, "most": most - 1}
            if most
            else _("%(n)s or more") % {"n": least}
        )
    if most is None:
        return ngettext("%(n)s day or more", "%(n)s days or more", least) % {"n": least}
    return _("%(least)s to %(most)s days") % {"least": least, "most": most - 1}


@needs("agent", "platform")
@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The same as CSV: a line for each group and level, and for each figure of appeals."""
    found, text = _found(request), StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("of", "name", "what", "part", "of_all", "rate", "low", "high"))
    lines.writerows(_lines(found))
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="fairness-{found.at:%Y-%m-%d}.csv"'
    return answer


def _lines(found: Report) -> Iterator[tuple[object, ...]]:
    shares = [(group.of, group.name, level, share) for group in found.groups for level, share in group.shares.items()]
    whole = ("automatic", "taken_back", "appealed", "fell", "shortened")
    for of, name, what, share in (*shares, *(("all", "", each, getattr(found, each)) for each in whole)):
        low, high = share.bounds or ("", "")
        yield of, name, what, share.part, share.of, "" if share.rate is None else share.rate, low, high


urlpatterns = [
    path("desk/fairness/", page, name="desk_fairness"),
    path("desk/fairness.csv", table, name="desk_fairness_csv"),
]
