"""Moments that could not be ruled on, on the desk: why, and trying one of them, or all, again."""

from datetime import UTC, datetime

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from comity.actions import clock
from comity.actions.guard import allows
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, typed

MOST = 200


@needs("agent", "platform")
@require_http_methods(["GET", "POST"])
def stuck(request: HttpRequest) -> HttpResponse:
    """What stepped aside, the longest first of each kind; a POST tries one again, by its key, or all."""
    actor = actor_of(request)
    if request.method == "POST":
        try:
            done = clock.retry_all(actor, now=datetime.now(UTC), key=typed(request, "key"))
        except LookupError:
            flash.error(request, _("It is ruled on already, or gone."))
            return redirect("desk_clock")
        said = ngettext("%(n)s moment is ruled on.", "%(n)s moments are ruled on.", done.ruled)
        flash.success(request, said % {"n": done.ruled})
        if done.again:
            said = ngettext("%(n)s stepped aside again.", "%(n)s stepped aside again.", len(done.again))
            flash.error(request, said % {"n": len(done.again)})
        return redirect("desk_clock")
    rows = list(clock.stuck(actor))
    context = {"rows": rows[:MOST], "count": len(rows), "may": allows(actor, "clock.retry")}
    return render(request, "agent/clock.html", context)


urlpatterns = [path("desk/clock/", stuck, name="desk_clock")]
