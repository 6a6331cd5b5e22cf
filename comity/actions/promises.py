"""Promises: how an order is doing on its way, and doubt told to its buyer in time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Prefetch, Q

from comity.actions.enact import enact
from comity.actions.telling import fact_about, micros
from comity.policy.promises import Course, doubt
from comity.records import statements
from comity.records.lanes import typical_days
from comity.records.models import JournalLine, Notice, Order, Scan, Shipment

#: How far ahead of the promised moment doubts are looked for, and how often at one order; how many orders in a round.
LOOKS_AHEAD, EVERY, MOST = timedelta(days=7), timedelta(hours=1), 200


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
        now=now,
        deliver_by=order.deliver_by,
        dispatch_by=order.dispatch_by,
        sent_at=order.sent_at,
        scanned_at=newest.at if newest else None,
        status=newest.status if newest else "",
        typical_days=typical_days(order.origin, order.destination, order.service),
    )


def _in_question(now: datetime) -> Iterator[Order]:
    """Yield the orders under way whose promise ends soon and is not in doubt yet."""
    scans = Prefetch("shipments", Shipment.objects.prefetch_related(Prefetch("scans", Scan.objects.order_by("at"))))
    rows = Order.objects.filter(
        paid_at__isnull=False,
        delivered_at=None,
        cancelled_at=None,
        deliver_by__gt=now,
        deliver_by__lt=now + LOOKS_AHEAD,
        risk="",
    ).filter(Q(looked_at=None) | Q(looked_at__lt=now - EVERY))
    rows = rows.select_related("seller", "buyer").prefetch_related(scans)
    yield from rows.order_by(F("looked_at").asc(nulls_first=True), "pk")[:MOST]


def _warn(order: Order, now: datetime) -> bool:
    reason = doubt(course_of(order, now))
    if not reason:
        return False
    with transaction.atomic():
        statements.lock(order.seller_id)
        order.refresh_from_db(fields=["risk", "paid_at", "sent_at", "delivered_at", "cancelled_at", "deliver_by"])
        # News may have come since the order was read.
        if order.risk or not order.under_way or order.deliver_by is None:
            return False
        doubted = f"promise.at_risk:{order.uuid}:{int(order.deliver_by.timestamp())}:{reason}:"
        told = JournalLine.objects.filter(party=order.seller, fact_id__startswith=doubted).exists()
        fact = fact_about(order, "promise.at_risk", at=now, data={"reason": reason}, identity=doubted + micros(now))
        enact(order.seller, fact, about=(order,), once=True)
        if told:
            return False  # the same doubt about the same date: it was said before, and is so again
        for party in (order.buyer, order.seller):
            Notice.objects.create(
                party=party,
                kind="promise.at_risk",
                matter=order.ref,
                at=now,
                values={"reason": reason, "order": order.key},
            )
    return True
