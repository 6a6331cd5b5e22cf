"""Improvement plans on the desk: what waits to be looked at, and what an agent may do about one."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.measured import MAX_CHARS
from comity.actions.plans import verbs
from comity.policy.duties.matter import DutyStatus
from comity.policy.plans.fold import Stage
from comity.records.models import Duty, ImprovementPlan
from comity.web.common.doors import actor_of
from comity.web.common.gate import asked_at, needs, typed
from comity.web.trade import plan_words

MOST = 100


@needs("agent", "platform")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits to be looked at, the longest first; what nobody looked at and runs; what else is open."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "plan.decide")
    rows = ImprovementPlan.objects.select_related("party")
    waiting = list(rows.filter(stage=Stage.WRITTEN).order_by("written_at")[:MOST])
    open_duties = Duty.objects.filter(matter__in=[row.ref for row in waiting], status=DutyStatus.OPEN)
    due = {duty.matter: duty.due for duty in open_duties}
    running = rows.filter(stage=Stage.RUNNING).order_by("check_at")
    return render(
        request,
        "agent/plans.html",
        {
            "waiting": [(row, due.get(row.ref), verbs.ACCEPT.why_not(actor, row, at=now)) for row in waiting],
            "unseen": running.filter(accepted_by="silence")[:MOST],
            "running": running.exclude(accepted_by="silence")[:MOST],
            "asked": rows.filter(stage__in=(Stage.ASKED, Stage.SENT_BACK)).order_by("since")[:MOST],
            "now": now,
        },
    )


@needs("agent", "platform")
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, key: str, slug: str = "") -> HttpResponse:
    """One plan; with a slug, accept it or send it back. Where that is refused, all that was typed stays."""
    actor, now, row = actor_of(request), datetime.now(UTC), _row(request, key)
    wrong: tuple[str, ...] = ()
    if slug and slug not in _ACTS:
        raise Http404
    if request.method == "POST" and slug:
        try:
            flash.success(request, _ACTS[slug](request, actor, row, now))
            return redirect("desk_plan", key=key)
        except Refused as error:
            wrong = error.problems
    elif slug:
        return redirect("desk_plan", key=key)
    context = {
        **plan_words.shown(row, actor.party, now),
        "why_not": verbs.ACCEPT.why_not(actor, row, at=now),
        "wrong": wrong,
        "typed": typed(request, "because"),
        "most": MAX_CHARS,
    }
    return render(request, "agent/plan.html", context, status=422 if wrong else 200)


def _accept(request: HttpRequest, actor: Actor, row: ImprovementPlan, now: datetime) -> str:
    verbs.accept(actor, row, at=now, shown=asked_at(request), because=typed(request, "because"))
    return _("Accepted. It runs from now on.")


def _send_back(request: HttpRequest, actor: Actor, row: ImprovementPlan, now: datetime) -> str:
    verbs.send_back(actor, row, because=typed(request, "because"), at=now, shown=asked_at(request))
    return _("Sent back. The seller reads your words, and writes it anew.")


_ACTS: dict[str, Callable[[HttpRequest, Actor, ImprovementPlan, datetime], str]] = {
    "accept": _accept,
    "send-back": _send_back,
}


def _row(request: HttpRequest, key: str) -> ImprovementPlan:
    row = get_object_or_404(ImprovementPlan.objects.select_related("party"), key=key)
    require(actor_of(request), "plan.read", row)
    return row


urlpatterns = [
    path("desk/plans/", queue, name="desk_plans"),
    path("desk/plans/<str:key>/", plan, name="desk_plan"),
    path("desk/plans/<str:key>/<slug:slug>/", plan, name="desk_plan_act"),
]
