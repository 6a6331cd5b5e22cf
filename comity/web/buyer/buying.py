"""The buyer's workspace: my orders, my conversations."""

from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from comity.actions import reached
from comity.records import merges
from comity.records.models import Conversation, Order
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.trade import dispute_lists
from comity.web.trade.health import health_of
from comity.web.trade.standing import states_of
from comity.web.trade.ways import way_of

PAGE = 25


@needs("buyer")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """My orders, newest first, each with its promise and where it is."""
    rows = Order.objects.filter(buyer=actor_of(request).party).select_related("seller")
    rows = rows.prefetch_related("shipments__scans").order_by("-placed_at")
    page, now = Paginator(rows, PAGE).get_page(request.GET.get("page")), datetime.now(UTC)
    shown = [(order, way_of(order, now)) for order in page]
    buyer = actor_of(request).party
    context = {"page": page, "rows": shown, "now": now, "due": dispute_lists.due(buyer), "merge": merges.of(buyer)}
    return render(request, "buyer/orders.html", context)


@needs("buyer")
@require_GET
def conversations(request: HttpRequest) -> HttpResponse:
    """My conversations, those last written in first."""
    rows = (
        Conversation.objects.filter(buyer=actor_of(request).party)
        .select_related("seller", "order")
        .order_by("-last_at")
    )
    return render(
        request, "buyer/conversations.html", {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))}
    )


@needs("buyer")
@require_GET
def standing(request: HttpRequest) -> HttpResponse:
    """How the buyer stands, in small: what counts against him, and what is to be done."""
    buyer, now = actor_of(request).party, datetime.now(UTC)
    reached.seen(buyer, at=now)
    context = {"standing": states_of(buyer, request.GET.get("page", "")), "health": health_of(buyer, now), "now": now}
    return render(request, "buyer/standing.html", context)


urlpatterns = [
    path("buy/", orders, name="buy"),
    path("buy/standing/", standing, name="buy_standing"),
    path("buy/conversations/", conversations, name="buy_conversations"),
]
