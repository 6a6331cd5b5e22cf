"""Complaints of an open network that are no disputes, on the desk: why, and what can be done."""

from datetime import UTC, datetime

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.actions.enact import Refused
from comity.actions.guard import allows
from comity.actions.network import desk
from comity.actions.network import issue as issues
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed

MOST = 100


@needs("agent", "platform")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first."""
    actor, now = actor_of(request), datetime.now(UTC)
    rows = desk.waiting(actor)
    context = {
        "rows": [(row, issues.read(row.body), desk.why(row)) for row in rows[:MOST]], "count": rows.count(),
        "reasons": desk.reasons(now), "may": allows(actor, desk.ANSWER), "most": desk.MAX_TEXT_CHARS,
    }  # fmt: skip
    return render(request, "agent/network.html", context)


@needs("agent", "platform")
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Name the order of a complaint, or answer it, as `do` says."""
    actor, now = actor_of(request), datetime.now(UTC)
    try:
        if typed(request, "do") == "answer":
            desk.answer(actor, number, text=typed(request, "text"), at=now)
            flash.success(request, _("Answered: the network is told."))
            return redirect("desk_network")
        order = desk.order_named(typed(request, "order"))
        row = desk.name_order(actor, number, order, reason=typed(request, "reason"), at=now)
    except Refused as error:
        return refused(request, error, "/desk/network/")
    assert row.dispute is not None
    flash.success(request, _("It is dispute %(key)s now.") % {"key": row.dispute.key})
    return redirect("desk_network")


urlpatterns = [
    path("desk/network/", waiting, name="desk_network"),
    path("desk/network/<int:number>/", act, name="desk_network_act"),
]
