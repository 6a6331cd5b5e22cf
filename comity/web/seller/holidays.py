"""A seller's holidays: what the rules give a year, what is used, taking one, ending it early, taking it back."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.actions.enact import Refused
from comity.actions.excuses import holidays, preview, verbs
from comity.actions.excuses.asked import MAX_EVIDENCE_CHARS, Asked
from comity.actions.guard import Actor, require
from comity.policy.facts.standing import HOLIDAY
from comity.records.models import Excuse
from comity.web.common.doors import actor_of
from comity.web.common.gate import identity, needs, refused, typed
from comity.web.trade.order_acts import moment_of

MOST = 50


@needs("seller")
@require_http_methods(["GET", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """Own holidays. A GET with a beginning and an end says what these would excuse, a POST takes the holiday."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "pause.ask", actor.party)
    given = request.POST if request.method == "POST" else request.GET
    fields = {name: given.get(name, "").replace("\x00", "").strip() for name in ("begins", "ends", "evidence")}
    wrong: tuple[str, ...] = ()
    seen = None
    try:
        if request.method == "POST":
            verbs.record(actor, _asked(actor, fields), at=now, identity=identity(request))
            flash.success(request, _("Your holiday is noted. What it excuses has its new time."))
            return redirect("holidays")
        if fields["begins"] or fields["ends"]:
            seen = preview.of(actor, _asked(actor, fields), at=now)
    except Refused as error:
        wrong = error.problems
    rows = Excuse.objects.filter(party=actor.party, cause=HOLIDAY)[:MOST]
    context = {
        "typed": fields, "wrong": wrong, "seen": seen, "examples": preview.named(seen),
        "once": uuid4(), "most": MAX_EVIDENCE_CHARS,
        "rows": [(row, row.is_going_on(now)) for row in rows], "allowance": _allowance(actor, now),
    }  # fmt: skip
    return render(request, "seller/holidays.html", context, status=422 if wrong else 200)


def _asked(actor: Actor, fields: dict[str, str]) -> Asked:
    begins, ends = (moment_of(fields[name], actor.party.time_zone)[0] for name in ("begins", "ends"))
    return Asked(HOLIDAY, begins, ends, about=actor.party, evidence=fields["evidence"])


def _allowance(actor: Actor, now: datetime) -> dict[str, object] | None:
    """Return what a year gives, in days, and what of it is used and left; None where the rules know no holidays."""
    given = holidays.allowance(actor.party, now)
    if given is None:
        return None
    year = holidays.year_of(given, now)
    used, left = given.used.get(year), given.left(year)
    return {
        "year": str(year),
        "limit": None if given.limit is None else given.limit.total_seconds() / 86400,
        "used": 0.0 if used is None else used.total_seconds() / 86400,
        "left": None if left is None else left.total_seconds() / 86400,
        # A limit that is not the greatest stands with its duty: nobody shall learn of it by being late.
        "duties": [
            (title, None if limit in (None, given.limit) else limit.total_seconds() / 86400)
            for title, limit in given.duties
        ],
        "differ": len({limit for _title, limit in given.duties}) > 1,
    }


@needs("seller")
@require_POST
def act(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """End an own holiday, take it back, or give it another end."""
    actor, now = actor_of(request), datetime.now(UTC)
    row = get_object_or_404(
        Excuse.objects.select_related("party", "recorded_by"), uuid=uuid, party=actor.party, cause=HOLIDAY
    )
    try:
        if slug == "end":
            verbs.end(actor, row, at=now)
            flash.success(request, _("Welcome back: time counts again."))
        elif slug == "take-back":
            verbs.end(actor, row, at=now, mistaken=True, because=typed(request, "because"))
            flash.success(request, _("Taken back: from now on time counts."))
        elif slug == "change":
            ends = moment_of(typed(request, "ends"), actor.party.time_zone)[0]
            verbs.change(actor, row, ends=ends, at=now, identity=identity(request))
            flash.success(request, _("Your holiday has its new end."))
        else:
            raise Http404
    except Refused as error:
        return refused(request, error, "/sell/holidays/")
    return redirect("holidays")


urlpatterns = [
    path("sell/holidays/", away, name="holidays"),
    path("sell/holidays/<uuid:uuid>/<slug:slug>/", act, name="holiday_act"),
]
