"""The first page, and notices."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions import reached
from comity.records import rulebooks
from comity.records.models import Dispute, Notice, Order, Party
from comity.records.refs import by_ref
from comity.web.common import noticed, words
from comity.web.common.doors import HOMES, actor_of
from comity.web.common.gate import needs

#: Lines of a page of notices, and the notices of which they are made: several are one line.
MOST, MOST_ROWS = 100, 300


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
    reached.seen(party, at=datetime.now(UTC))
    told_of = noticed.lines(party, list(rows.order_by("-at", "-pk")[:MOST_ROWS]))[:MOST]
    keys = _disputes(party, (str(line.row.values.get("subject", "")) for line in told_of))
    named = _orders(party, (str(line.row.values.get("order", "")) for line in told_of))
    shown = [
        {
            "line": line,
            "row": (row := line.row),
            "words": words.SENTENCES.get(row.kind),
            "dispute": keys.get(str(row.values.get("subject", ""))),
            "order": named.get(str(row.values.get("order", ""))),
            "plan": row.matter.partition(":")[2] if row.matter.startswith("plan:") and party.role == "seller" else "",
        }
        for line in told_of
    ]
    return render(request, "common/notices.html", {"notices": shown})


def _disputes(party: Party, subjects: Iterable[str]) -> dict[str, Dispute]:
    """Return the disputes of a party, of an agent any, among subjects of facts, by how these name them."""
    rows = Dispute.objects.all()
    if party.role in ("buyer", "seller"):
        rows = rows.filter(Q(order__buyer=party) | Q(order__seller=party))
    return by_ref(rows, {each for each in subjects if each.startswith("dispute:")})


def _orders(party: Party, keys: Iterable[str]) -> dict[str, Order]:
    """Return a party's own orders among those whose keys notices name, by these."""
    mine = Order.objects.filter(Q(buyer=party) | Q(seller=party), key__in={key for key in keys if key})
    return {row.key: row for row in mine}


urlpatterns = [
    path("", home, name="home"),
    path("notices/", notices, name="notices"),
]
