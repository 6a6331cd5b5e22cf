"""One order, as its buyer, its seller and agents see it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.actions import shipments
from comity.actions.enact import Refused
from comity.actions.guard import allows, require
from comity.lib import tracking
from comity.lib.tracking import CARRIERS
from comity.lib.uploads import ACCEPTED
from comity.records.models import Conversation, Duty, Order
from comity.web import timeline
from comity.web.conversations import ask_about
from comity.web.doors import actor_of
from comity.web.gate import needs, refused
from comity.web.selling import items


@needs()
@require_GET
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An order: what was promised, where it is, what happened, and what may be done."""
    found = _order(uuid)
    require(actor_of(request), "order.read", found)
    return _page(request, found)


def _page(request: HttpRequest, found: Order, *, doubtful: bool = False) -> HttpResponse:
    """Return an order's page; `doubtful`: with the number that was typed, and the question whether it is right."""
    actor = actor_of(request)
    duties = Duty.objects.filter(party=found.seller, matter=found.ref, status="open").order_by("due")
    return render(request, "order.html", {
        "order": found, "shipments": list(found.shipments.prefetch_related("scans").order_by("dispatched_at")),
        "due": items(found.seller, list(duties)) if actor.role != "buyer" else [],
        "entries": timeline.of_matter(found.seller, found.ref, reader=actor.party),
        "conversations": list(Conversation.objects.filter(order=found).order_by("-opened_at")),
        "may_dispatch": allows(actor, "shipment.dispatch", found) and found.state == "paid",
        "carriers": sorted(CARRIERS), "doubtful": doubtful, "typed": request.POST,
        "may_ask": actor.role == "buyer", "accepted": ACCEPTED, "once": uuid4(), "now": datetime.now(UTC),
    }, status=422 if doubtful else 200)  # fmt: skip


@needs("seller")
@require_POST
def dispatch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Declare the parcel sent."""
    found = _order(uuid)
    try:
        shipments.dispatch(
            actor_of(request), found, carrier=request.POST.get("carrier", "").strip(),
            tracking_number=request.POST.get("number", ""), at=datetime.now(UTC), sure="sure" in request.POST,
        )  # fmt: skip
    except shipments.Doubtful as error:
        for problem in error.problems:
            flash.error(request, problem)
        return _page(request, found, doubtful=True)
    except Refused as error:
        return refused(request, error, f"/orders/{uuid}/")
    flash.success(request, _("The parcel is noted as sent."))
    return redirect("order", uuid=uuid)


@needs("seller")
@require_GET
def number(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say at once, while it is typed, what speaks against a tracking number, as a part of the page."""
    found = _order(uuid)
    require(actor_of(request), "shipment.dispatch", found)
    carrier, typed = request.GET.get("carrier", "").strip()[:50], request.GET.get("number", "").strip()[:60]
    code = shipments.doubt(carrier, typed, found)
    said = shipments.explained(code, carrier, typed) if code else ""
    fits = [] if code or not typed else tracking.check(typed, carrier).carriers
    return render(request, "parts/number.html", {"said": said, "fits": fits})


@needs("buyer")
@require_POST
def ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a conversation about an order with a first message."""
    found = _order(uuid)
    require(actor_of(request), "order.read", found)
    try:
        conversation = ask_about(request, seller=found.seller, title=f"{found.title} ({found.key})", order=found)
    except Refused as error:
        return refused(request, error, f"/orders/{uuid}/")
    return redirect("conversation", uuid=conversation.uuid)


def _order(uuid: UUID) -> Order:
    return get_object_or_404(Order.objects.select_related("buyer", "seller"), uuid=uuid)
