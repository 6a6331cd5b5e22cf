"""Times that count against nobody, on the desk: listed, looked at before they are recorded, ended, taken back."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.actions import files
from comity.actions.enact import Refused
from comity.actions.excuses import evidence, preview, verbs
from comity.actions.excuses.asked import CAUSES, MAX_EVIDENCE_CHARS, Asked, of_ref
from comity.actions.guard import Actor, require
from comity.records import refs
from comity.records.models import Excuse
from comity.web.common.doors import actor_of
from comity.web.common.gate import identity, needs, refused, typed
from comity.web.trade.order_acts import moment_of

PAGE = 50
FIELDS = ("cause", "about", "carrier", "places", "begins", "ends", "evidence")
POWER = "pause.record"


@needs("agent", "platform")
@require_GET
def pauses(request: HttpRequest) -> HttpResponse:
    """All pauses, the newest first."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "pause.read")
    page = Paginator(Excuse.objects.select_related("party", "recorded_by"), PAGE).get_page(request.GET.get("page"))
    shown = evidence.of(list(page))
    things = refs.things((row.party_id, row.matter) for row in page if row.party_id and row.matter)
    rows = [
        (row, row.is_going_on(now), shown.get(row.ref, ()), things.get((row.party_id or 0, row.matter))) for row in page
    ]
    return render(request, "agent/pauses.html", {"page": page, "rows": rows, "now": now, "most": MAX_EVIDENCE_CHARS})


@needs("agent", "platform")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a pause: a GET with its fields says whom it would excuse, a POST records it."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, POWER)
    given = request.POST if request.method == "POST" else request.GET
    fields = {name: given.get(name, "").replace("\x00", "").strip() for name in FIELDS}
    wrong: tuple[str, ...] = ()
    seen = None
    try:
        if request.method == "POST":
            asked = _asked(actor, fields)
            shown = files.taken((each.name or "", each.read()) for each in request.FILES.getlist("files"))
            verbs.record(actor, asked, at=now, identity=identity(request), files=shown)
            flash.success(request, _("Recorded. Whom it excuses is excused within moments."))
            return redirect("desk_pauses")
        if fields["cause"]:
            seen = preview.of(actor, _asked(actor, fields), at=now)
    except Refused as error:
        wrong = error.problems
    context = {
        "typed": fields, "wrong": wrong, "seen": seen, "examples": preview.named(seen),
        "causes": CAUSES, "most": MAX_EVIDENCE_CHARS, "once": uuid4(),
    }  # fmt: skip
    return render(request, "agent/pause_new.html", context, status=422 if wrong else 200)


def _asked(actor: Actor, fields: dict[str, str]) -> Asked:
    """Return what a form asks for. Raises Refused."""
    about = of_ref(fields["about"]) if fields["about"] else None
    if fields["about"] and about is None:
        said = _("There is no %(name)s: write an order's key, or seller:id, buyer:id, order:id or conversation:id.")
        raise Refused([said % {"name": fields["about"][:60]}])
    begins, ends = (moment_of(fields[name], actor.party.time_zone)[0] for name in ("begins", "ends"))
    places = tuple(fields["places"].replace(",", " ").split())
    return Asked(fields["cause"], begins, ends, about, fields["carrier"], places, fields["evidence"])


@needs("agent", "platform")
@require_POST
def end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End a pause; or, as `how` says, take it back, which needs a reason."""
    actor, mistaken = actor_of(request), typed(request, "how") == "mistaken"
    require(actor, POWER)
    row = get_object_or_404(Excuse.objects.select_related("party", "recorded_by"), uuid=uuid)
    try:
        verbs.end(actor, row, at=datetime.now(UTC), mistaken=mistaken, because=typed(request, "because"))
    except Refused as error:
        return refused(request, error, "/desk/pauses/")
    flash.success(request, _("Taken back: from now on time counts.") if mistaken else _("Ended: time counts again."))
    return redirect("desk_pauses")


urlpatterns = [
    path("desk/pauses/", pauses, name="desk_pauses"),
    path("desk/pauses/new/", new, name="desk_pause_new"),
    path("desk/pauses/<uuid:uuid>/end/", end, name="desk_pause_end"),
]
