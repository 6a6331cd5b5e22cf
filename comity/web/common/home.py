"""The first page, and notices."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from comity.records import rulebooks
from comity.records.models import Notice
from comity.web.common import words
from comity.web.common.doors import HOMES, actor_of
from comity.web.common.gate import needs
from comity.web.common.timeline import readable


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What this marketplace promises; whoever is signed in goes to the own workspace."""
    party = actor_of(request).party if getattr(request, "party", None) else None
    if party is not None:
        return redirect(HOMES[party.role])
    book = rulebooks.current().in_force(datetime.now(UTC))
    return render(request, "common/home.html", {"rules": book.duties if book else ()})


@needs()
@require_http_methods(["GET", "POST"])
def notices(request: HttpRequest) -> HttpResponse:
    """What the reader was told; a POST marks all as read."""
    party = actor_of(request).party
    rows = Notice.objects.filter(party=party)
    if request.method == "POST":
        rows.filter(read_at=None).update(read_at=datetime.now(UTC))
        return redirect("notices")
    shown = [
        {"row": row, "words": words.SENTENCES.get(row.kind), "sentence": words.sentence(row.kind, readable(row.values))}
        for row in rows.order_by("-at", "-pk")[:100]
    ]
    return render(request, "common/notices.html", {"notices": shown})


urlpatterns = [
    path("", home, name="home"),
    path("notices/", notices, name="notices"),
]
