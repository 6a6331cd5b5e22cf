"""What if: what would stand of a party without some charges, or with subjects or days excused. Nothing is written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from comity.actions.guard import require
from comity.lib import moments
from comity.policy.health.known import Known
from comity.policy.health.without import Fate, LedgerThen, StandardThen, What, what_if
from comity.policy.standards.tally import Tally
from comity.policy.time.clocks import Interval
from comity.records import health as rows
from comity.records import refs
from comity.records.models import Party
from comity.web.common import words
from comity.web.common.called import called
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.common.timeline import title_of
from comity.web.trade import health_words
from comity.web.trade.health import names_of

#: Most charges that a form shows, the newest, and most subjects that it takes.
MOST_CHARGES, MOST_SUBJECTS = 100, 200
#: Most days that are excused at once.
MOST_DAYS = 366


class _Asked(NamedTuple):
    what: What
    wrong: list[str]
    dates: tuple[str, str]

    @property
    def is_anything(self) -> bool:
        return bool(self.what.charges or self.what.subjects or self.what.excused) and not self.wrong


@needs("agent", "platform")
@require_GET
def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The form, and with something taken away, what would stand."""
    about = get_object_or_404(Party, uuid=uuid, role__in=("buyer", "seller"))
    require(actor_of(request), "party.read", about)
    known = rows.known_of(about, datetime.now(UTC))
    context: dict[str, object] = {"about": about}
    if known is not None:
        asked = _read(request, about, known)
        context |= _form(about, known, asked)
        if asked.is_anything:
            context |= _result(known, asked.what)
    return render(request, "agent/what_if.html", context)


def _read(request: HttpRequest, about: Party, known: Known) -> _Asked:
    """Return what is asked for; what names nothing of the party is left out."""
    named = set(request.GET.getlist("charge"))
    charges = frozenset(charge.key for charge in known.charges if charge.key in named)
    dates = (request.GET.get("from", "")[:10], request.GET.get("to", "")[:10])
    wrong: list[str] = []
    excused = _days(*dates, wrong)
    return _Asked(What(charges, _subjects(request, about, known), excused), wrong, dates)


def _subjects(request: HttpRequest, about: Party, known: Known) -> list[Tally]:
    named: dict[str, list[str]] = {}
    for value in request.GET.getlist("subject")[:MOST_SUBJECTS]:
        standard, _bar, subject = value.replace("\x00", "").partition("|")
        if standard in known.book.standards:
            named.setdefault(standard, []).append(subject)
    return [row for standard, each in named.items() for row in rows.rows_of(about, standard, each)]


def _days(begin: str, end: str, wrong: list[str]) -> Interval | None:
    """Return the days from `begin` to `end` in the reader's zone, the last included; with one date, that day."""
    if not begin and not end:
        return None
    try:
        first, last = date.fromisoformat(begin or end), date.fromisoformat(end or begin)
        zone = timezone.get_current_timezone()
        edges = [datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1))]
        span = (moments.believable(edges[0]), moments.believable(edges[1]))
    except (ValueError, OverflowError):
        wrong.append(_("Choose days."))
        return None
    if not timedelta(0) < span[1] - span[0] <= timedelta(days=MOST_DAYS):
        wrong.append(_("Choose at most a year, the first day before the last."))
        return None
    return span


def _form(about: Party, known: Known, asked: _Asked) -> dict[str, object]:
    newest = sorted(known.charges, key=lambda charge: charge.at, reverse=True)
    alive = (charge for charge in newest if charge.expires_at > known.at or charge.key in asked.what.charges)
    shown = list(islice(alive, MOST_CHARGES))
    found = refs.things((about.pk, charge.matter) for charge in shown)
    things = {matter: f"{called(thing)} {thing.key}" for (_pk, matter), thing in found.items()}
    return {
        "charges": [
            (each, title_of(each.rulebook, each.rule), things.get(each.matter, ""), each.key in asked.what.charges)
            for each in shown
        ],
        "rated": [
            (reverse("standard_subjects", args=[about.uuid, rule.name]), _(rule.title))
            for rule in known.book.standards.values()
            if rule.who == about.role
        ],
        "subjects": [
            (f"{row.standard}|{row.subject}", f"{_(known.book.standards[row.standard].title)}: {name}")
            for row, name in zip(asked.what.subjects, names_of(about, asked.what.subjects), strict=True)
        ],
        "wrong": asked.wrong,
        "from": asked.dates[0],
        "to": asked.dates[1],
    }


def _result(known: Known, what: What) -> dict[str, object]:
    then = what_if(known, what)
    return {
        "then": then,
        "ledgers": list(_ledgers(then.ledgers)),
        "standards": list(_standards(then.standards)),
        "measures": [(fate.measure, _says(fate)) for fate in then.measures],
        "comes": then.comes,
    }


def _ledgers(ledgers: list[LedgerThen]) -> Iterator[str]:
    for each in ledgers:
        if each.points == each.then == (each.rule.start or 0):
            continue
        said = ngettext(
            "%(ledger)s: %(then)s point instead of %(now)s", "%(ledger)s: %(then)s points instead of %(now)s", each.then
        ) % {"ledger": _(each.rule.title), "then": each.then, "now": each.points}
        if each.rung != each.rung_then:
            said += ", " + (words.code(each.rung_then.measure) if each.rung_then else _("before the first rung"))
        yield said


def _standards(standards: list[StandardThen]) -> Iterator[str]:
    for each in standards:
        if not each.can_tell:
            yield _("%(standard)s: cannot be tried, for only the newest share counts") % {
                "standard": _(each.rule.title)
            }
        elif each.now.telling != each.then.telling:
            yield _("%(standard)s: %(then)s instead of %(now)s; %(state)s") % {
                "standard": _(each.rule.title),
                "then": health_words.number(each.rule, each.then.telling),
                "now": health_words.number(each.rule, each.now.telling),
                "state": words.code(each.then.state),
            }


def _says(fate: Fate) -> str:
    if not fate.stands:
        return _("would fall")
    return _("would stand, for less") if fate.less else _("would stand")


urlpatterns = [path("desk/parties/<uuid:uuid>/what-if/", page, name="desk_what_if")]
