"""The report on fairness, for agents: a page, and the same as CSV."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import StringIO
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from comity.actions import fairness
from comity.actions.fairness import Group, Keepers, Report
from comity.policy.standards.rule import Level, StandardRule
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
    ways = {
        "size": _("By orders in this time"),
        "age": _("By time since they joined"),
        "country": _("By country"),
        "category": _("By what they mostly sell"),
    }
    tables = [
        (title, [(name_of(group), group) for group in found.groups if group.of == of]) for of, title in ways.items()
    ]
    context = {
        "found": found, "tables": tables, "choices": CHOICES, "took": took, "keepers": _by_level(found.keepers),
    }  # fmt: skip
    return render(request, "agent/fairness.html", context)


def _by_level(keepers: Iterable[Keepers]) -> list[tuple[StandardRule, Level, list[tuple[str, Keepers]]]]:
    """Return the levels of standards, each with its lines by size of sellers."""
    found = []
    for (_name, place), lines in groupby(keepers, key=lambda each: (each.rule.name, each.level)):
        mine = list(lines)
        rows = [(_stretch("size", each.size), each) for each in mine]
        found.append((mine[0].rule, mine[0].rule.levels[place], rows))
    return found


def name_of(group: Group) -> str:
    """Return what a group is called."""
    if group.of in ("country", "category"):
        return group.name or _("not known")
    return _stretch(group.of, int(group.name))


def _stretch(of: str, least: int) -> str:
    steps = fairness.SIZES if of == "size" else fairness.AGES
    most = next((step for step in steps if step > least), None)
    if of == "size":
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
    # Simulated: there is nobody to count, and a chance has no interval of its own.
    for each in found.keepers:
        for test, rate in (("raw", each.raw), ("certain", each.certain)):
            name = f"{each.rule.name}: {each.rule.levels[each.level].name}, {each.size}"
            yield "keepers", name, test, "", each.sellers, "" if rate is None else rate, "", ""


urlpatterns = [
    path("desk/fairness/", page, name="desk_fairness"),
    path("desk/fairness.csv", table, name="desk_fairness_csv"),
]
