"""For whoever watches the server: whether it lives, and whether it does its work."""

from datetime import UTC, datetime, timedelta

from django.db import DatabaseError
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_safe

from comity.records.models import ErrandLane, Standing

#: From how late on the clock, and errands, are not ready.
CLOCK_LATE, ERRANDS_LATE = timedelta(minutes=5), timedelta(minutes=10)


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Say that this process answers, and nothing else."""
    return HttpResponse("alive\n", content_type="text/plain; charset=utf-8")


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say whether the database answers, how late the clock is, and when errands ran last: 200, or 503.

    Where no errands have ever run, they are somebody else's, and are not missed.
    """
    now = datetime.now(UTC)
    try:
        due = Standing.objects.aggregate(at=Min("next_due"))["at"]
        seen = ErrandLane.objects.aggregate(at=Max("at"))["at"]
    except DatabaseError:
        return _said({"ready": False, "database": False})
    late = max(now - due, timedelta()) if due else timedelta()
    silent = now - seen if seen else None
    is_ready = late <= CLOCK_LATE and (silent is None or silent <= ERRANDS_LATE)
    return _said({
        "ready": is_ready, "database": True, "clock_late_seconds": int(late.total_seconds()),
        "errands_seen_seconds_ago": None if silent is None else int(silent.total_seconds()),
    })  # fmt: skip


def _said(what: dict[str, object]) -> JsonResponse:
    answer = JsonResponse(what, status=200 if what["ready"] else 503)
    answer.headers["Cache-Control"] = "no-store"
    return answer


urlpatterns = [path("health", health, name="alive"), path("ready", ready, name="ready")]
