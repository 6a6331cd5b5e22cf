"""A seller's improvement plan: why it is asked for, where the faults lie, and the form in which it is written."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.actions.measured import MAX_CHARS
from comity.actions.plans import reading, verbs
from comity.policy.plans.fold import Stage
from comity.records.models import ImprovementPlan
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, typed
from comity.web.trade import plan_words

MOST = 100


@needs("seller")
@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """All plans of a seller, the newest first."""
    rows = ImprovementPlan.objects.filter(party=actor_of(request).party).order_by("-asked_at", "key")[:MOST]
    return render(request, "seller/plans.html", {"rows": rows})


@needs("seller")
@require_GET
def plan(request: HttpRequest, key: str) -> HttpResponse:
    """One plan."""
    return _page(request, _row(request, key))


@needs("seller")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, key: str) -> HttpResponse:
    """Write a plan, or write it anew; where it is refused, all that was typed stays."""
    row = _row(request, key)
    if request.method == "POST":
        text, actions = typed(request, "text"), request.POST.getlist("action")
        try:
            verbs.write(actor_of(request), row, text=text, actions=actions, at=datetime.now(UTC))
        except Refused as error:
            return _page(request, row, wrong=error.problems, status=422)
        flash.success(request, _("Your plan is handed in. Somebody looks at it next."))
    return redirect("plan", key=key)


def _row(request: HttpRequest, key: str) -> ImprovementPlan:
    actor = actor_of(request)
    row = get_object_or_404(ImprovementPlan.objects.select_related("party"), key=key, party=actor.party)
    require(actor, "plan.read", row)
    return row


def _page(request: HttpRequest, row: ImprovementPlan, *, wrong: Sequence[str] = (), status: int = 200) -> HttpResponse:
    actor, now = actor_of(request), datetime.now(UTC)
    said = plan_words.shown(row, actor.party, now)
    chosen = request.POST.getlist("action") if wrong else row.codes
    context = {
        **said,
        "may_write": verbs.WRITE.why_not(actor, row, at=now) is None,
        "choices": plan_words.choices(said["suggested"], chosen),
        "text": typed(request, "text") if wrong else reading.last_words(row),
        "sent_back": said["texts"][-1] if row.stage == Stage.SENT_BACK and said["texts"] else None,
        "wrong": wrong,
        "most": MAX_CHARS,
    }
    return render(request, "seller/plan.html", context, status=status)


urlpatterns = [
    path("sell/plans/", plans, name="plans"),
    path("sell/plans/<str:key>/", plan, name="plan"),
    path("sell/plans/<str:key>/write/", write, name="plan_write"),
]
