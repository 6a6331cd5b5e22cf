"""Taking in what aggregators tell: the raw body first, in one insert; read afterwards, by errands.

A body that is told again is known by its digest, an event within another body by its own key. Events may come in any
order and late: they count from when they happened. A body about a parcel that is not declared yet is read again once
it is. Whatever a body holds, it has its own outcome, and the next one is read.
"""

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet

from comity.actions import parties, scans
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor
from comity.actions.scans import Event
from comity.integrations.tracking import matching
from comity.integrations.tracking.reading import News, read
from comity.lib import moments, texts
from comity.policy.tracking_numbers import MAX_CHARS, kept
from comity.records import statements
from comity.records.engines import AWAY
from comity.records.models import Shipment, TrackingBody

logger = logging.getLogger(__name__)

#: So many new bodies are read in a round, and so many that waited for their parcel; each kind for so long at the most.
_MOST_NEW, _MOST_WAITING, _SECONDS = 400, 100, 20.0
#: So many events of one body are entered in a round; what is more, in the next ones.
_MOST_EVENTS = 50
_MOST_CHARS = 300


def take_in(provider: str, body: bytes, *, at: datetime) -> bool:
    """Keep a body as it came; return whether it is new. One statement."""
    return statements.keep_body(provider, hashlib.sha256(body).hexdigest(), body, at)


def read_all(now: datetime) -> int:
    """Read the bodies that nobody read, then those whose parcel was declared since; return how many."""
    declared = Shipment.objects.filter(tracking_number=OuterRef("number"))
    new = TrackingBody.objects.filter(outcome="")
    # Where there is a parcel, a body is not left unmatched: so this one's was declared after it was read.
    # What fits none of several parcels has no number: it waits for a person.
    waiting = TrackingBody.objects.filter(Exists(declared), outcome="unmatched").exclude(number="")
    return _read_some(new, _MOST_NEW, now) + _read_some(waiting, _MOST_WAITING, now)


def _read_some(rows: QuerySet[TrackingBody], most: int, now: datetime) -> int:
    """Read the oldest of some bodies, one after the other; return how many."""
    count, began = 0, time.monotonic()
    for key in list(rows.order_by("pk").values_list("pk", flat=True)[:most]):
        if time.monotonic() - began > _SECONDS:
            break
        row = TrackingBody.objects.get(pk=key)
        reading = _Reading(now)
        row.outcome = _read(row, reading)
        row.number, row.why, row.read_at = reading.unmatched, texts.clean("; ".join(reading.why))[:_MOST_CHARS], now
        row.save(update_fields=["outcome", "why", "number", "read_at"])
        count += 1
    return count


@dataclass(slots=True)
class _Reading:
    """What comes of reading a body.

    taken, new  how many events were entered, and how many of them nobody had told before
    is_cut      whether there are more than are entered in one round
    unmatched   the first number of no parcel
    is_torn     whether it fits none of several parcels of one number
    why         what was not taken, each once
    """

    now: datetime
    taken: int = 0
    new: int = 0
    is_cut: bool = False
    unmatched: str = ""
    is_torn: bool = False
    why: dict[str, None] = field(default_factory=dict)

    def say(self, why: str) -> None:
        """Note why something was not taken."""
        self.why[why] = None


def _read(row: TrackingBody, reading: _Reading) -> str:
    """Read one body and carry out what it tells; return its outcome, an empty one where there is more to be read."""
    try:
        told = read(row.provider, bytes(row.body))
    except ValueError as error:
        reading.say(str(error))
        return "unreadable"
    failed = False
    for number, news in groupby(sorted(told, key=_number), key=_number):
        try:
            _take(reading, number, list(news))
        except AWAY:  # the database is away for a while: the body is tried again
            raise
        except Exception as error:
            # The message may hold what was told, which belongs in no log; the row has it.
            logger.error("tracking body %s: a parcel's news could not be taken: %s", row.pk, type(error).__name__)
            failed = True
            reading.say(f"{type(error).__name__}: {error}")
    if failed or reading.is_cut:
        return "failed" if failed else ""
    return "unmatched" if reading.unmatched or reading.is_torn else "taken" if reading.taken else "nothing"


def _number(news: News) -> str:
    return kept(news.number)[:MAX_CHARS]


def _take(reading: _Reading, number: str, news: Sequence[News]) -> None:
    """Enter what is told of one number."""
    if not number:
        return
    parcels = matching.parcels_of(number)
    if not parcels:
        reading.unmatched = reading.unmatched or number
        reading.say(f"no parcel has the number {number}")
        return
    events, odd = _dated(news, "UTC", reading.now)
    for why in odd:
        reading.say(why)
    chosen = matching.about(parcels, events) if events else []
    if events and not chosen:
        reading.is_torn = True
        reading.say(f"{len(parcels)} parcels have the number {number}, and it fits none of them")
    for parcel in chosen:
        _enter(reading, parcel, news)


def _enter(reading: _Reading, parcel: Shipment, news: Sequence[News]) -> None:
    """Enter the events of a parcel, the earliest first."""
    # The seller's zone is a guess where the place's is not known.
    events, _ = _dated(news, parcel.order.seller.time_zone, reading.now)
    for event in sorted(events, key=_place):
        if reading.new == _MOST_EVENTS:
            reading.is_cut = True
            return
        try:
            reading.new += scans.scan(Actor(parties.platform(reading.now)), parcel, event, noted_at=reading.now)
            reading.taken += 1
        except Refused as error:
            reading.say(f"{event.said[:60]}: {error}")


def _place(event: Event) -> datetime:
    """Return when an event is entered: of which only the day is known, after what is known of that day."""
    return event.at + timedelta(days=1) if event.is_day else event.at


def _dated(news: Sequence[News], zone: str, now: datetime) -> tuple[list[Event], list[str]]:
    """Return events with their moments, and why others have none. `zone`: of times that do not say theirs."""
    events, odd = [], []
    for each in news:
        try:
            at, assumed = moments.local(each.at, each.zone or zone)
            at = happened(at, now)
        except (ValueError, Refused) as error:
            odd.append(f"{each.said[:60]}: {error}")
            continue
        is_day = moments.is_day(each.at)
        about = (each.status, at, each.place, each.country, each.carrier, each.said)
        event = Event(*about, zone_assumed=assumed, is_day=is_day, external_id=each.key)
        events.append(replace(event, postcode=each.postcode, signed=each.signed))
    return events, odd
