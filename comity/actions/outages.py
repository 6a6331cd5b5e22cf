"""Outages of carriers: a time in which a carrier, or its feed, was blind. Their parcels' duties stop for so long.

An outage is recorded once, as a row; errands note it in the matter of each order concerned (`spread`), and an order
that is given to the carrier while it lasts gets it at once (`excuse`).
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.lib import moments
from comity.lib.ids import uuid7
from comity.policy.facts import PAUSE
from comity.policy.tracking_numbers import plain
from comity.records.models import CarrierOutage, Order

CAUSE = "carrier_outage"
MAX_EVIDENCE_CHARS = 300


def record(
    actor: Actor, *, carrier: str, begins: datetime, ends: datetime, evidence: str = "", at: datetime
) -> CarrierOutage:
    """Record that a carrier was blind from `begins` to `ends`; the latter may lie ahead. Raises Refused, Forbidden."""
    require(actor, "outage.record")
    wrong = []
    if not plain(carrier) or len(carrier) > 50:
        wrong.append(_("The carrier must have 1 to %(most)s characters.") % {"most": 50})
    if ends <= begins:
        wrong.append(_("An outage must end after it begins."))
    if begins > at:
        wrong.append(_("An outage that has not begun cannot be recorded yet."))
    if len(evidence) > MAX_EVIDENCE_CHARS:
        wrong.append(_("What shows it has at most %(most)s characters.") % {"most": MAX_EVIDENCE_CHARS})
    if wrong:
        raise Refused(wrong)
    return CarrierOutage.objects.create(
        uuid=uuid7(at),
        carrier=carrier.strip(),
        begins=begins,
        ends=ends,
        evidence=evidence.strip(),
        recorded_by=actor.party,
        recorded_at=at,
    )


def spread(now: datetime) -> int:
    """Note the outages that were recorded since in every order concerned; return how many orders. Called by errands.

    Each order by itself: what was noted stays, should it be interrupted.
    """
    count = 0
    for outage in CarrierOutage.objects.filter(spread_at=None).order_by("pk"):
        for order in _concerned(outage).iterator(500):
            count += _note(outage, order, now)
        # Last: an outage that was noted in part is gone through again, and what was noted changes nothing.
        CarrierOutage.objects.filter(pk=outage.pk).update(spread_at=now)
    return count


def excuse(order: Order, carrier: str, now: datetime) -> None:
    """Note in an order that is given to `carrier` now the outages of that carrier that last."""
    if carrier:
        for outage in CarrierOutage.objects.filter(carrier__iexact=carrier, begins__lte=now, ends__gt=now):
            _note(outage, order, now)


def _concerned(outage: CarrierOutage) -> QuerySet[Order]:
    """Return the orders of which the carrier had a parcel in that time."""
    # In one filter, which speaks of one and the same parcel; two filters would each find a parcel of their own.
    had = Q(shipments__carrier__iexact=outage.carrier, shipments__dispatched_at__lt=outage.ends) & (
        Q(shipments__delivered_at=None) | Q(shipments__delivered_at__gt=outage.begins)
    )
    return Order.objects.filter(had, cancelled_at=None).select_related("seller").distinct().order_by("pk")


def _note(outage: CarrierOutage, order: Order, now: datetime) -> int:
    data = {
        "from": moments.to_text(outage.begins),
        "until": moments.to_text(outage.ends),
        "cause": CAUSE,
        "by": outage.recorded_by.role,
        "evidence": f"outage:{outage.uuid}",
    }
    fact = fact_about(order, PAUSE, at=now, data=data, identity=f"outage:{outage.uuid}:{order.uuid}")
    with transaction.atomic():
        return enact(order.seller, fact, about=(order,), once=True) is not None
