"""What a seller could promise: the earliest date that is kept with a given probability, beside what is promised."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comity.history.promise import LEAST_ARRIVALS
from comity.records.models import Advice, Watch
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs

MOST = 200
#: A difference of fewer days is none.
ALIKE_DAYS = 0.5


@needs("seller")
@require_GET
def advice(request: HttpRequest) -> HttpResponse:
    """Each lane in use: what is promised, what could be, on a scale of days."""
    rows = list(Advice.objects.filter(seller=actor_of(request).party)[:MOST])
    longest = max((max(row.days, row.promised) for row in rows), default=1.0)
    return render(
        request,
        "seller/promises.html",
        {
            "rows": [
                {
                    "row": row,
                    "shorter": row.days < row.promised - ALIKE_DAYS,
                    "longer": row.days > row.promised + ALIKE_DAYS,
                    "promised": round(160 * row.promised / longest),
                    "could": round(160 * row.days / longest),
                }
                for row in rows
            ],
            "watch": Watch.objects.order_by("-at").first(),
            "least": LEAST_ARRIVALS,
        },
    )


urlpatterns = [
    path("sell/ship/promises/", advice, name="promises"),
]
