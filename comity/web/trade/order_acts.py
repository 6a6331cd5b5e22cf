"""What may be done with an order from its page: one address for each verb, one action behind each."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from uuid import UUID

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.actions import addresses, orders, promises, shipments
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor
from comity.lib import moments
from comity.records.models import Order
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed

Verb = Callable[[HttpRequest, Actor, Order, datetime], str]


@needs()
@require_POST
def act(request: HttpRequest, uuid: UUID, verb: str) -> HttpResponse:
    """Do one thing with an order and say what was done, or why not. The guard says who may."""
    if verb not in VERBS:
        raise Http404
    order = get_object_or_404(Order.objects.select_related("buyer", "seller"), uuid=uuid)
    try:
        flash.success(request, VERBS[verb](request, actor_of(request), order, datetime.now(UTC)))
    except Refused as error:
        return refused(request, error, f"/orders/{uuid}/")
    return redirect("order", uuid=uuid)


def _cancel(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    orders.cancel(actor, order, reason=typed(request, "reason"), at=now)
    return _("The order is cancelled.")


def _ask_cancel(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    orders.ask_to_cancel(actor, order, reason=typed(request, "reason"), at=now)
    return _("The seller is asked to cancel the order.")


def _answer_cancel(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    accepted = "accept" in request.POST
    orders.answer_cancel(actor, order, accepted=accepted, at=now)
    return _("The order is cancelled.") if accepted else _("The buyer is told that the order goes on.")


def _announce_delay(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    day = _day(typed(request, "day"))
    promises.announce_delay(actor, order, deliver_by=day, reason=typed(request, "reason"), at=now)
    return _("The buyer is told, and may accept the later date.")


def _answer_delay(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    accepted = "accept" in request.POST
    promises.answer_delay(actor, order, accepted=accepted, at=now)
    return _("The later date is the promise now.") if accepted else _("The first date stands.")


def _judge(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    promises.judge_delivery(actor, order, on_time="on_time" in request.POST, at=now)
    return _("Thank you. That is noted.")


def _ask_address(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    addresses.ask(actor, order, _ship_to(request), at=now)
    return _("The seller is asked to send it there.")


def _answer_address(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    accepted = "accept" in request.POST
    addresses.answer(actor, order, accepted=accepted, at=now)
    return _("The order goes to the new address.") if accepted else _("The order goes to the first address.")


def _send_back(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    shipments.send_back(
        actor, order, carrier=typed(request, "carrier"), tracking_number=typed(request, "number"),
        at=now, sure="sure" in request.POST,
    )  # fmt: skip
    return _("The seller is told that the goods are on their way back.")


def _confirm_return(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    shipments.confirm_return(actor, order, at=now)
    return _("It is noted that the goods are back.")


def _scan(request: HttpRequest, actor: Actor, order: Order, now: datetime) -> str:
    shipment = order.shipments.select_related("order__seller", "order__buyer").filter(
        uuid=_uuid(typed(request, "parcel"))
    ).first()  # fmt: skip
    if shipment is None:
        raise Refused([_("Choose a parcel of this order.")])
    at, _assumed = moment_of(typed(request, "at"), actor.party.time_zone)
    shipments.scan(
        actor, shipment, status=typed(request, "status"), place=typed(request, "place"),
        at=happened(at, now), noted_at=now,
    )  # fmt: skip
    return _("The event is noted as entered by hand.")


VERBS: Mapping[str, Verb] = {
    "cancel": _cancel, "ask-cancel": _ask_cancel, "answer-cancel": _answer_cancel, "announce-delay": _announce_delay,
    "answer-delay": _answer_delay, "judge": _judge, "ask-address": _ask_address, "answer-address": _answer_address,
    "send-back": _send_back, "confirm-return": _confirm_return, "scan": _scan,
}  # fmt: skip


def moment_of(text: str, zone: str) -> tuple[datetime, bool]:
    """Return a moment that a person typed; without a zone, in theirs, and then True as well. Raises Refused."""
    try:
        return moments.local(text.strip(), zone)
    except (ValueError, OverflowError):
        said = _("%(text)s is no time; write it as 2026-03-02 14:30.")
        raise Refused([said % {"text": text[:40] or "“”"}]) from None


def _day(text: str) -> datetime:
    """Return the end of a day in the reader's zone."""
    try:
        day = datetime.combine(datetime.fromisoformat(text).date(), time(23, 59, 59))
        return moments.in_utc(day.replace(tzinfo=timezone.get_current_timezone()))
    except (ValueError, OverflowError):
        raise Refused([_("Choose the new date.")]) from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def _ship_to(request: HttpRequest) -> addresses.ShipTo:
    given = {name: typed(request, name) for name in _ADDRESS}
    return addresses.ShipTo(**{**given, "country": given["country"].upper(), "region": given["region"].upper()})


_ADDRESS = ("name", "street", "city", "country", "postcode", "region")
