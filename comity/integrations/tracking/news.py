"""Taking in what aggregators tell: the raw body first, in one insert; read afterwards, by errands.

A body that is told again is known by its digest, an event within another body by its own key. Events may come in any
order and late: they count from when they happened. A body about a parcel that is not declared yet is read again once
it is.
"""

import hashlib
import json
import logging
from datetime import datetime

from django.db import OperationalError
from django.db.models import Exists, OuterRef

from comity.actions import parties, scans
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor
from comity.actions.scans import Event
from comity.integrations.tracking.reading import News, read
from comity.lib import moments
from comity.policy.tracking_numbers import MAX_CHARS, plain
from comity.records import statements
from comity.records.models import Shipment, TrackingBody

logger = logging.getLogger(__name__)

_BATCH = 500


def take_in(provider: str, body: bytes, *, at: datetime) -> bool:
    """Keep a body as it came; return whether it is new. One statement."""
    return statements.keep_body(provider, hashlib.sha256(body).hexdigest(), body, at)


def read_all(now: datetime) -> int:
    """Read the bodies that nobody read, and those whose parcel was declared since; return how many."""
    declared = Shipment.objects.filter(tracking_number=OuterRef("number"))
    new = list(TrackingBody.objects.filter(outcome="").order_by("id")[:_BATCH])
    waiting = TrackingBody.objects.filter(Exists(declared), outcome="unmatched").order_by("id")[:_BATCH]
    rows = new + list(waiting)
    for row in rows:
        _read(row, now)
        row.read_at = now
        row.save(update_fields=["outcome", "why", "number", "read_at"])
    return len(rows)


def _read(row: TrackingBody, now: datetime) -> None:
    """Read one body and carry out what it tells. An error of ours is noted with it, and stops no other."""
    row.number, row.why = "", ""
    try:
        told = read(row.provider, json.loads(bytes(row.body)))
    except ValueError as error:
        row.outcome, row.why = "unreadable", str(error)[:300]
        return
    why: list[str] = []
    taken = 0
    for news in sorted(told, key=lambda each: each.at):
        try:
            taken += _take(row, news, now, why)
        except OperationalError:  # the database is away for a while: the body stays unread, and is tried again
            raise
        except Exception as error:
            logger.exception("an event of tracking body %s could not be taken", row.pk)
            row.outcome, row.why = "failed", f"{type(error).__name__}: {error}"[:300]
            return
    row.outcome = "unmatched" if row.number else "taken" if taken else "nothing"
    row.why = "; ".join(dict.fromkeys(why))[:300]


def _take(row: TrackingBody, news: News, now: datetime, why: list[str]) -> int:
    """Enter one event of the parcel that it is about; return 1, or 0 with the reason in `why`."""
    number = plain(news.number)[:MAX_CHARS]
    shipment = _shipment(number, news.carrier)
    if shipment is None:
        row.number = number
        why.append(f"no parcel, or more than one, has the number {number}")
        return 0
    try:
        # Some carriers print times without a zone. The seller's is a guess, and is marked as one.
        at, assumed = moments.local(news.at, shipment.order.seller.time_zone)
        at = happened(at, now)
    except (ValueError, Refused) as error:
        why.append(f"{news.said[:60]}: {error}")
        return 0
    event = Event(news.status, at, news.place, news.country, news.carrier, news.said, assumed, news.key)
    scans.scan(Actor(parties.platform(now)), shipment, event, noted_at=now)
    return 1


def _shipment(number: str, carrier: str) -> Shipment | None:
    """Return the parcel of a number; where several orders have it, the one that names this carrier, if it is one."""
    rows = list(Shipment.objects.filter(tracking_number=number).select_related("order__seller", "order__buyer")[:10])
    if len(rows) > 1:
        rows = [row for row in rows if plain(row.carrier) == plain(carrier)]
    # Never a guess between two parcels: what cannot be told apart waits for a person.
    return rows[0] if len(rows) == 1 else None
