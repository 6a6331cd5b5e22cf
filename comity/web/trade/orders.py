"""One order, as its buyer, its seller and agents see it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.actions import doubts, lanes, orders, promises, shipments
from comity.actions.enact import Refused
from comity.actions.guard import Actor, allows, require
from comity.files.uploads import ACCEPTED
from comity.policy import tracking_numbers
from comity.policy.tracking_numbers import CARRIERS
from comity.records import rulebooks
from comity.records.models import Address, CancelRequest, Conversation, Delay, Duty, Order
from comity.web.common import timeline
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed
from comity.web.seller.selling import items
from comity.web.trade.conversations import ask_about
from comity.web.trade.ways import way_of

#: What a seller may enter by hand: what a carrier would have said.
BY_HAND = [status for status in shipments.STATUSES if status not in shipments.NOTED]


@needs()
@require_GET
def order(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """An order: what was promised, where it is, what happened, and what may be done."""
    found = _order(uuid)
    require(actor_of(request), "order.read", found)
    return _page(request, found)


def _page(request: HttpRequest, found: Order, *, doubtful: bool = False) -> HttpResponse:
    """Return an order's page; `doubtful`: with the number that was typed, and the question whether it is right."""
    actor, now = actor_of(request), datetime.now(UTC)
    duties = Duty.objects.filter(party=found.seller, matter=found.ref, status="open").order_by("due")
    parcels = found.shipments.prefetch_related("scans", "contents__line").order_by("dispatched_at")
    return render(request, "trade/order.html", {
        "order": found, "way": way_of(found, now), "lines": list(found.lines.all()),
        "shipments": [parcel for parcel in parcels if not parcel.returns],
        "returned": [parcel for parcel in parcels if parcel.returns],
        "due": items(found.seller, list(duties)) if actor.role != "buyer" else [],
        "entries": timeline.of_matter(found.seller, found.ref, reader=actor.party),
        "conversations": list(Conversation.objects.filter(order=found).order_by("-opened_at")),
        "doubtful": doubtful, "typed": request.POST, "may_ask": actor.role == "buyer", "accepted": ACCEPTED,
        "once": uuid4(), "now": now, "carriers": sorted(CARRIERS), **_dispatching(actor, found, now),
        **_deeds(actor, found, now),
    }, status=422 if doubtful else 200)  # fmt: skip


def _dispatching(actor: Actor, found: Order, now: datetime) -> dict[str, Any]:
    """Return what sending a parcel takes: which pieces are left, which carrier does well here, what is due then."""
    if not allows(actor, "shipment.dispatch", found) or found.state not in ("paid", "sent"):
        return {"may_dispatch": False}
    left = shipments.left_to_send(found, unless_scanned=found.sent_at is not None)
    book = rulebooks.current().in_force(now)
    follow = book.opened_by_kind.get("shipment.dispatched", ()) if book else ()
    return {
        "may_dispatch": True, "left": [(line, count) for line, count in left.items() if count],
        "then": [gettext(rule.title) for rule in follow if rule.who == "seller"],
        "best": lanes.recommended(found.origin, found.destination, found.service)[:3] if found.origin else [],
    }  # fmt: skip


def _deeds(actor: Actor, found: Order, now: datetime) -> dict[str, Any]:
    """Return what else may be done with an order by who looks at it, and what waits for an answer."""
    before = found.state in ("placed", "paid")
    asked = CancelRequest.objects.filter(order=found).first()
    past = found.paid_at is not None and not found.cancelled_at and (found.delivered_at or now > found.deliver_by)
    return {
        "addresses": {row.state: row for row in Address.objects.filter(order=found, state__in=["in_force", "asked"])},
        "delay": Delay.objects.filter(order=found, answered_at=None).first(),
        "delays": Delay.objects.filter(order=found, accepted=True), "cancel_request": asked,
        "may_cancel": before and allows(actor, "order.cancel", found) and not (actor.role == "buyer" and found.paid_at),
        "may_ask_cancel": found.state == "paid" and asked is None and allows(actor, "order.ask_cancel", found),
        "may_answer_cancel": allows(actor, "order.answer_cancel", found) and before,
        "cancel_reasons": orders.REASONS[actor.role], "delay_reasons": promises.REASONS, "by_hand": BY_HAND,
        "may_announce": found.under_way and now < found.deliver_by and allows(actor, "delay.announce", found),
        "may_answer_delay": allows(actor, "delay.answer", found),
        "may_judge": bool(past) and allows(actor, "delivery.judge", found) and not _judged(found),
        "may_ask_address": before and allows(actor, "address.ask", found),
        "may_answer_address": before and allows(actor, "address.answer", found),
        "may_send_back": found.delivered_at is not None and allows(actor, "return.send", found),
        "may_confirm": allows(actor, "return.confirm", found), "may_scan": actor.role == "seller",
    }  # fmt: skip


def _judged(found: Order) -> bool:
    return timeline.has(found.seller, found.ref, "delivery.judged")


@needs("seller")
@require_POST
def dispatch(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Declare a parcel sent, with all that is left or with the pieces that are named."""
    found = _order(uuid)
    try:
        shipments.dispatch(
            actor_of(request), found, carrier=typed(request, "carrier"),
            tracking_number=typed(request, "number"), at=datetime.now(UTC), sure="sure" in request.POST,
            contents=_contents(request),
        )  # fmt: skip
    except doubts.Doubtful as error:
        for problem in error.problems:
            flash.error(request, problem)
        return _page(request, found, doubtful=True)
    except Refused as error:
        return refused(request, error, f"/orders/{uuid}/")
    flash.success(request, _("The parcel is noted as sent."))
    return redirect("order", uuid=uuid)


def _contents(request: HttpRequest) -> dict[int, int] | None:
    """Return how many pieces of each line a form names; None where it names none."""
    named: dict[int, int] = {}
    for name, value in request.POST.items():
        key = name.removeprefix("line-")
        if name == key or not key.isascii() or not key.isdecimal() or len(key) > 15:
            continue
        text = str(value).strip() or "0"
        if not (text.isascii() and text.isdecimal()) or len(text) > 9:
            raise Refused([_("Write how many pieces as a whole number.")])
        named[int(key)] = int(text)
    return named or None


@needs("seller")
@require_GET
def number(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say at once, while it is typed, what speaks against a tracking number, as a part of the page."""
    found = _order(uuid)
    require(actor_of(request), "shipment.dispatch", found)
    carrier, given = (request.GET.get(name, "").replace("\x00", "").strip()[:60] for name in ("carrier", "number"))
    code = doubts.doubt(carrier, given, found)
    said = doubts.explained(code, carrier, given) if code else ""
    fits = [] if code or not given else tracking_numbers.check(given, carrier).carriers
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
