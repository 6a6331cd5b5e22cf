"""Tracking news as agents see it: what found no parcel, and what could not be read."""

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from comity.actions.guard import require
from comity.records.models import TrackingBody
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs

PAGE = 50
#: What somebody should look at, in words.
ODD = {
    "unmatched": _("no parcel has that number yet"), "unreadable": _("could not be read"),
    "failed": _("an error on our side"),
}  # fmt: skip


@needs("agent", "platform")
@require_GET
def tracking(request: HttpRequest) -> HttpResponse:
    """Bodies of one outcome, newest first; how many there are of each."""
    require(actor_of(request), "tracking.read")
    asked = request.GET.get("outcome", "")
    counts = {row["outcome"]: row["n"] for row in TrackingBody.objects.values("outcome").annotate(n=Count("pk"))}
    rows = TrackingBody.objects.filter(outcome__in=[asked] if asked in ODD else list(ODD)).defer("body")
    page = Paginator(rows.order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    whole = ("", _("All"), sum(counts.get(name, 0) for name in ODD))
    return render(
        request,
        "agent/tracking.html",
        {
            "page": page,
            "asked": asked if asked in ODD else "",
            "rows": [(row, ODD[row.outcome]) for row in page],
            "tabs": [whole, *((name, said, counts.get(name, 0)) for name, said in ODD.items())],
            "taken": counts.get("taken", 0),
            "unread": counts.get("", 0),
        },
    )


urlpatterns = [
    path("desk/tracking/", tracking, name="desk_tracking"),
]
