"""Promises: a delay that is announced early, the buyer's word on whether it came in time, and doubt told in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.orders import tell
from comity.lib import moments
from comity.policy.promises import Course, doubt
from comity.records import statements
from comity.records.lanes import typical_days
from comity.records.models import Delay, Notice, Order, Scan, Shipment

REASONS = ("carrier_delay", "production", "weather", "no_stock", "other")
MAX_DELAY = timedelta(days=180)
_PROMISED = ("deliver_by", "sent_at", "delivered_at", "cancelled_at")
#: How far ahead of the promised moment doubts are looked for, and how often at one order; how many orders in a round.
LOOKS_AHEAD, EVERY, MOST = timedelta(days=7), timedelta(hours=1), 200


def announce_delay(actor: Actor, order: Order, *, deliver_by: datetime, reason: str, at: datetime) -> Delay:
    """Say that an order will arrive later, before the promised moment has passed. The buyer may accept the new one.

    The same date again changes nothing; another takes the place of one that was not answered. Raises Refused.
    """
    require(actor, "delay.announce", order)
    if reason not in REASONS:
        raise Refused([f"reason must be one of {', '.join(REASONS)}, not {reason!r:.60}"])
    with transaction.atomic():
        statements.lock(order.seller_id)
        order.refresh_from_db(fields=_PROMISED)  # an earlier delay may have been accepted at this very moment
        _may_be_delayed(order, deliver_by, at)
        waiting = Delay.objects.filter(order=order, answered_at=None).first()
        if waiting is not None and waiting.deliver_by == deliver_by:
            return waiting
        Delay.objects.filter(order=order, answered_at=None).update(answered_at=at, accepted=False)
        delay = Delay.objects.create(
            order=order, announced_at=at, was=order.deliver_by, deliver_by=deliver_by, reason=reason
        )
        _tell(delay, "delay.announced", at, reason=reason)
        Notice.objects.create(
            party=order.buyer, kind="delay.announced", matter=order.ref, at=at,
            values={"deliver_by": moments.to_text(deliver_by), "order": order.key},
        )  # fmt: skip
    return delay


def _may_be_delayed(order: Order, deliver_by: datetime, at: datetime) -> None:
    if not order.under_way:
        raise Refused([_("Nothing is promised any more for order %(order)s.") % {"order": order.key}])
    if at >= order.deliver_by:
        raise Refused([_("The promised date has passed; a delay is announced before it.")])
    if not order.deliver_by < deliver_by <= order.deliver_by + MAX_DELAY:
        raise Refused([_("The new date must be after the promised one, and at most 180 days after it.")])


def answer_delay(actor: Actor, order: Order, *, accepted: bool, at: datetime) -> None:
    """Accept a later date, or not. Accepted before the first date has passed, it is the promise from now on.

    Both stay on record. Answering twice changes nothing; what was not answered in time was not accepted.
    """
    require(actor, "delay.answer", order)
    with transaction.atomic():
        statements.lock(order.seller_id)
        delay = Delay.objects.filter(order=order, answered_at=None).first()
        if delay is None:
            return
        if accepted and (at > delay.was or not order.under_way):
            raise Refused([_("The promised date has passed; it stands as it was.")])
        Delay.objects.filter(pk=delay.pk).update(answered_at=at, accepted=accepted)
        if not accepted:
            tell(order, "delay.declined", at, None, {}, identity=_identity(delay, "delay.declined"))
            return
        Order.objects.filter(pk=order.pk).update(deliver_by=delay.deliver_by, risk="")
        order.deliver_by, order.risk = delay.deliver_by, ""
        _tell(delay, "delay.accepted", at)


def judge_delivery(actor: Actor, order: Order, *, on_time: bool, at: datetime) -> None:
    """Say whether an order came in time; the first word counts. Raises Refused before it can be said, Forbidden."""
    require(actor, "delivery.judge", order)
    if order.cancelled_at or not order.paid_at or (not order.delivered_at and at <= order.deliver_by):
        raise Refused([_("That can be said once it has arrived, or the promised date has passed.")])
    tell(order, "delivery.judged", at, None, {"on_time": on_time})


def warn_buyers(now: datetime) -> int:
    """Tell buyers whose order may come later than promised, before they ask; return how many. Called by errands.

    Each order is looked at once in an hour, those longest not looked at first.
    """
    orders = list(_in_question(now))
    count = sum(_warn(order, now) for order in orders)
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(looked_at=now)
    return count


def course_of(order: Order, now: datetime) -> Course:
    """Return how an order is doing on its way, from the prefetched shipments and scans where there are any."""
    parcels = [parcel for parcel in order.shipments.all() if not parcel.returns]
    scans = [scan for parcel in parcels for scan in parcel.scans.all() if scan.source == "carrier"]
    newest = max(scans, key=lambda scan: (scan.at, scan.pk), default=None)
    return Course(
        now=now, deliver_by=order.deliver_by, dispatch_by=order.dispatch_by, sent_at=order.sent_at,
        scanned_at=newest.at if newest else None, status=newest.status if newest else "",
        typical_days=typical_days(order.origin, order.destination, order.service),
    )  # fmt: skip


def _in_question(now: datetime) -> Iterator[Order]:
    """Yield the orders under way whose promise ends soon and is not in doubt yet."""
    scans = Prefetch("shipments", Shipment.objects.prefetch_related(Prefetch("scans", Scan.objects.order_by("at"))))
    rows = Order.objects.filter(
        paid_at__isnull=False, delivered_at=None, cancelled_at=None, deliver_by__gt=now,
        deliver_by__lt=now + LOOKS_AHEAD, risk="",
    ).filter(Q(looked_at=None) | Q(looked_at__lt=now - EVERY))  # fmt: skip
    rows = rows.select_related("seller", "buyer").prefetch_related(scans)
    yield from rows.order_by(F("looked_at").asc(nulls_first=True), "pk")[:MOST]


def _warn(order: Order, now: datetime) -> bool:
    reason = doubt(course_of(order, now))
    if not reason:
        return False
    with transaction.atomic():
        statements.lock(order.seller_id)
        if not Order.objects.filter(pk=order.pk, risk="", delivered_at=None).update(risk=reason):
            return False
        identity = f"promise.at_risk:{order.uuid}:{int(order.deliver_by.timestamp())}:{reason}"
        if not tell(order, "promise.at_risk", now, None, {"reason": reason}, identity=identity):
            return False  # that was said before, and is so again
        for party in (order.buyer, order.seller):
            Notice.objects.create(
                party=party, kind="promise.at_risk", matter=order.ref, at=now,
                values={"reason": reason, "order": order.key},
            )  # fmt: skip
    return True


def _tell(delay: Delay, kind: str, at: datetime, **more: str) -> None:
    data = {"deliver_by": moments.to_text(delay.deliver_by), "was": moments.to_text(delay.was), **more}
    tell(delay.order, kind, at, None, dict(data), identity=_identity(delay, kind))


def _identity(delay: Delay, kind: str) -> str:
    """Return the id of a fact about a delay: the same wherever the same story is told."""
    return f"{kind}:{delay.order.uuid}:{int(delay.announced_at.timestamp() * 1_000_000):x}"
