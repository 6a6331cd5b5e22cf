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
    actor, found = actor_of(request), _order(uuid)
    require(actor, "order.read", found)
    duties = Duty.objects.filter(party=found.seller, matter=found.ref, status="open").order_by("due")
    return render(request, "order.html", {
        "order": found, "shipments": list(found.shipments.prefetch_related("scans").order_by("dispatched_at")),
        "due": items(found.seller, list(duties)) if actor.role != "buyer" else [],
        "entries": timeline.of_matter(found.seller, found.ref, reader=actor.party),
        "conversations": list(Conversation.objects.filter(order=found).order_by("-opened_at")),
        "may_dispatch": allows(actor, "shipment.dispatch", found) and found.state == "paid",
        "may_ask": actor.role == "buyer", "accepted": ACCEPTED, "once": uuid4(), "now": datetime.now(UTC),
    })  # fmt: skip


@needs("seller")
@require_POST
def dispatch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Declare the parcel sent."""
    found = _order(uuid)
    try:
        shipments.dispatch(
            actor_of(request), found, carrier=request.POST.get("carrier", "").strip(),
            tracking_number=request.POST.get("number", ""), at=datetime.now(UTC),
        )  # fmt: skip
    except Refused as error:
        return refused(request, error, f"/orders/{uuid}/")
    flash.success(request, _("The parcel is noted as sent."))
    return redirect("order", uuid=uuid)


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
