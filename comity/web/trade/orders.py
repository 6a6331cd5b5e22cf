"""One order, as its buyer, its seller and agents see it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from comity.actions import delays, doubts, lanes, shipments
from comity.actions.checks import FILL
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.files.uploads import ACCEPTED
from comity.policy import tracking_numbers
from comity.policy.disputes.case import Stage
from comity.policy.tracking_numbers import CARRIERS
from comity.records import rulebooks
from comity.records.models import Address, CancelRequest, Conversation, Delay, Order
from comity.web.common import timeline
from comity.web.common.acts import carry_out, offers
from comity.web.common.called import called
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused
from comity.web.seller import checks
from comity.web.seller.selling import items
from comity.web.trade import reviews
from comity.web.trade.conversations import ask_about
from comity.web.trade.dispute_lists import glances
from comity.web.trade.order_acts import ACTS
from comity.web.trade.ways import way_of


@needs()
@require_GET
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An order: what was promised, where it is, what happened, and what may be done."""
    order = _order(uuid)
    require(actor_of(request), "order.read", order)
    return _page(request, order)


@needs()
@require_POST
def act(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """Do one thing with an order and say what was done, or why not. The guard says who may."""
    order = _order(uuid)
    try:
        return carry_out(request, ACTS, slug, order, address=f"/orders/{uuid}/")
    except doubts.Doubtful as error:
        for problem in error.problems:
            flash.error(request, problem)
        return _page(request, order, doubtful=True)


def _page(request: HttpRequest, order: Order, *, doubtful: bool = False) -> HttpResponse:
    """Return an order's page; `doubtful`: with the number that was typed, and the question whether it is right."""
    actor, now = actor_of(request), datetime.now(UTC)
    duties = order.seller.duties.filter(matter=order.ref, status="open").order_by("due")
    parcels = order.shipments.prefetch_related("scans", "contents__line").order_by("dispatched_at")
    possible = offers(ACTS, actor, order, now, address=f"/orders/{order.uuid}/")
    disputes = list(order.disputes.select_related("order__buyer", "order__seller").order_by("-opened_at"))
    if any(row.stage == Stage.RETURNING for row in disputes):
        possible.pop("send_back", None)  # The goods go back by the dispute, whose time runs there.
    context = {
        "order": order,
        "way": way_of(order, now),
        "lines": list(order.goods),
        "shipments": [parcel for parcel in parcels if not parcel.returns],
        "returned": [parcel for parcel in parcels if parcel.returns],
        "due": items(order.seller, list(duties)) if actor.role != "buyer" else [],
        "entries": timeline.of_matter(order.seller, order.ref, reader=actor.party),
        "conversations": list(Conversation.objects.filter(order=order).select_related("order").order_by("-opened_at")),
        "disputes": glances(disputes, reader=actor.role),
        "role": actor.role,
        "doubtful": doubtful,
        "typed": request.POST,
        "is_buyer": actor.role == "buyer",
        "accepted": ACCEPTED,
        "once": uuid4(),
        "now": now,
        "offers": possible,
        "reviews": reviews.of_order(actor, order, now),
        "checks": checks.shown(order),
        "fillable": FILL.why_not(actor, order, at=now) is None,
        **_waiting(order),
        **(reviews.rating(order, now) if "rate" in possible else {}),
        **(_dispatching(order, now) if "dispatch" in possible else {}),
    }
    return render(request, "trade/order.html", context, status=422 if doubtful else 200)


def _waiting(order: Order) -> dict[str, Any]:
    """Return what was asked of a side of the order, and what came of it."""
    asked = CancelRequest.objects.filter(order=order, accepted=None).first()
    return {
        "addresses": {row.state: row for row in Address.objects.filter(order=order, state__in=["in_force", "asked"])},
        "delay": delays.waiting(order),
        "delays": Delay.objects.filter(order=order, accepted=True),
        "cancel_request": asked if not order.cancelled_at else None,
    }


def _dispatching(order: Order, now: datetime) -> dict[str, Any]:
    """Return what sending a parcel takes: which pieces are left, which carrier does well here, what is due then."""
    left = shipments.left_to_send(order, unless_scanned=order.sent_at is not None)
    book = rulebooks.current().in_force(now)
    follow = book.opened_by_kind.get("shipment.dispatched", ()) if book else ()
    return {
        "left": [(line, count) for line, count in left.items() if count],
        "then": [gettext(rule.title) for rule in follow if rule.who == "seller"],
        "best": lanes.recommended(order.origin, order.destination, order.service)[:3] if order.origin else [],
        "carriers": sorted(CARRIERS),
    }


@needs("seller")
@require_GET
def number(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say at once, while it is typed, what speaks against a tracking number, as a part of the page."""
    order = _order(uuid)
    require(actor_of(request), "shipment.dispatch", order)
    carrier, given = (request.GET.get(name, "").replace("\x00", "").strip()[:60] for name in ("carrier", "number"))
    code = doubts.doubt(carrier, given, order)
    said = doubts.explained(code, carrier, given) if code else ""
    fits = [] if code or not given else tracking_numbers.check(given, carrier).carriers
    return render(request, "parts/number.html", {"said": said, "fits": fits})


@needs("buyer")
@require_POST
def ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a conversation about an order with a first message."""
    order = _order(uuid)
    require(actor_of(request), "order.read", order)
    try:
        conversation = ask_about(request, seller=order.seller, title=f"{called(order)} ({order.key})", order=order)
    except Refused as error:
        return refused(request, error, f"/orders/{uuid}/")
    return redirect("conversation", uuid=conversation.uuid)


def _order(uuid: UUID) -> Order:
    return get_object_or_404(Order.objects.select_related("buyer", "seller"), uuid=uuid)


urlpatterns = [
    path("orders/<uuid:uuid>/", order, name="order"),
    path("orders/<uuid:uuid>/number/", number, name="check_number"),
    path("orders/<uuid:uuid>/ask/", ask, name="ask"),
    path("orders/<uuid:uuid>/<slug:slug>/", act, name="order_act"),
]
