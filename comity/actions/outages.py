"""Outages of carriers: a time in which a carrier, or its feed, was blind. Their parcels' duties stop for so long.

An outage is recorded once, as a row; errands note it in the matter of each order concerned (`spread`), and an order
that is given to the carrier while it lasts gets it at once (`excuse`).
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.pauses import ended, ended_name
from comity.actions.telling import fact_about
from comity.lib import moments, texts
from comity.lib.ids import uuid7
from comity.policy.facts import PAUSE, Fact, moment_of, read_fact
from comity.policy.tracking_numbers import plain
from comity.records.engines import AWAY
from comity.records.models import CarrierOutage, JournalLine, Order

logger = logging.getLogger(__name__)

CAUSE = "carrier_outage"
MAX_EVIDENCE_CHARS = 300
#: What is said to last longer is no outage; it would excuse everything for ever.
LONGEST = timedelta(days=90)
#: In so many orders, and for so many seconds, outages are noted in one round.
MOST_IN_A_ROUND, ROUND_SECONDS = 500, 20.0
#: An outage that cannot be noted in so many orders is given up.
MOST_FAILURES = 20
_CHUNK = 500


def record(
    actor: Actor, *, carrier: str, begins: datetime, ends: datetime, evidence: str = "", at: datetime
) -> CarrierOutage:
    """Record that a carrier was blind from `begins` to `ends`; the latter may lie ahead. Raises Refused, Forbidden."""
    require(actor, "outage.record")
    wrong = []
    carrier, evidence = texts.clean(carrier).strip(), texts.clean(evidence).strip()
    if not plain(carrier) or len(carrier) > 50:
        wrong.append(_("The carrier must have 1 to %(most)s characters.") % {"most": 50})
    if ends <= begins:
        wrong.append(_("An outage must end after it begins."))
    elif ends - begins > LONGEST:
        wrong.append(_("An outage lasts %(most)s days at most; record a longer one in parts.") % {"most": LONGEST.days})
    if begins > at:
        wrong.append(_("An outage that has not begun cannot be recorded yet."))
    if len(evidence) > MAX_EVIDENCE_CHARS:
        wrong.append(_("What shows it has at most %(most)s characters.") % {"most": MAX_EVIDENCE_CHARS})
    if wrong:
        raise Refused(wrong)
    return CarrierOutage.objects.create(
        uuid=uuid7(at),
        carrier=carrier,
        begins=begins,
        ends=ends,
        evidence=evidence,
        recorded_by=actor.party,
        recorded_at=at,
    )


def end(actor: Actor, outage: CarrierOutage, *, at: datetime) -> CarrierOutage:
    """End an outage early, or take it back: from now on time counts again. Raises Refused where it is over, Forbidden.

    What it excused until now stays excused. Orders are told within moments, as of the outage itself (`spread`).
    """
    require(actor, "outage.record")
    with transaction.atomic():
        # Of two at once, the second finds it over.
        changed = CarrierOutage.objects.filter(pk=outage.pk, ends__gt=at).update(ends=at, spread_at=None)
    if not changed:
        raise Refused([_("The outage is over already.")])
    outage.refresh_from_db()
    return outage


def spread(now: datetime) -> int:
    """Note the outages that were recorded since in every order concerned; return how many orders. Called by errands.

    Each order by itself: what was noted stays, should it be interrupted. What is more than a round's work is noted in
    the next ones. An order in which it cannot be noted stops neither the others nor another outage.
    """
    count, began = 0, time.monotonic()
    for outage in CarrierOutage.objects.filter(spread_at=None).order_by("pk"):
        failures = 0
        for order, known in _unnoted(outage):
            if count >= MOST_IN_A_ROUND or time.monotonic() - began > ROUND_SECONDS:
                return count
            noted = _tried(outage, order, known, now)
            count, failures = count + noted, failures + (not noted)
            if failures == MOST_FAILURES:
                logger.error("outage %s cannot be noted; it is given up", outage.pk)
                break
        CarrierOutage.objects.filter(pk=outage.pk).update(spread_at=now)
    return count


def _unnoted(outage: CarrierOutage) -> Iterator[tuple[Order, Fact | None]]:
    """Yield the orders concerned in which an outage is not noted yet, or its end; with the fact that noted it, if any.

    A statement for many of them.
    """
    last = 0
    while orders := list(_concerned(outage).filter(pk__gt=last)[:_CHUNK]):
        last = orders[-1].pk
        names = [_identity(outage, order) for order in orders]
        sellers = {order.seller_id for order in orders}
        lines = JournalLine.objects.filter(party__in=sellers, fact_id__in=[*names, *map(ended_name, names)])
        noted = {fact.id: fact for fact in map(read_fact, lines.values_list("body", flat=True))}
        for order, name in zip(orders, names, strict=True):
            known = noted.get(name)
            if known is None:
                if outage.begins < outage.ends:
                    yield order, None
            # One that ended early is noted again where it had been noted with its end of before.
            elif moment_of(str(known.data["until"])) > _until(outage) and ended_name(name) not in noted:
                yield order, known


def _tried(outage: CarrierOutage, order: Order, known: Fact | None, now: datetime) -> int:
    """Note an outage in an order, or that what was noted of it has ended; return whether that could be done."""
    try:
        return _note(outage, order, now) if known is None else _note_end(outage, order, known, now)
    except AWAY:  # the database is away for a while: it is tried again
        raise
    except Exception as error:
        logger.error("outage %s could not be noted in order %s: %s", outage.pk, order.key, type(error).__name__)
        return 0


def _identity(outage: CarrierOutage, order: Order) -> str:
    return f"outage:{outage.uuid}:{order.uuid}"


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


def _until(outage: CarrierOutage) -> datetime:
    return min(outage.ends, outage.begins + LONGEST)


def _note_end(outage: CarrierOutage, order: Order, known: Fact, now: datetime) -> int:
    fact = ended(order, known, by=outage.recorded_by.role, at=now)
    with transaction.atomic():
        return enact(order.seller, fact, about=(order,), once=True) is not None


def _note(outage: CarrierOutage, order: Order, now: datetime) -> int:
    data = {
        "from": moments.to_text(outage.begins),
        "until": moments.to_text(_until(outage)),
        "cause": CAUSE,
        "by": outage.recorded_by.role,
        "evidence": f"outage:{outage.uuid}",
    }
    fact = fact_about(order, PAUSE, at=now, data=data, identity=_identity(outage, order))
    with transaction.atomic():
        return enact(order.seller, fact, about=(order,), once=True) is not None
