"""Which parcels news are about. A number alone does not say: numbers are given again, shared, mistyped and copied."""

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from comity.actions.scans import AT_THE_END, Event
from comity.actions.shipments import NOTED
from comity.policy.tracking_numbers import plain
from comity.records.models import Shipment

MOST = 100
#: News of a parcel end so long after it was sent, or after it arrived: later ones are of the number's next parcel.
LONGEST_WAY, LONGEST_ECHO = timedelta(days=120), timedelta(days=14)


def parcels_of(number: str) -> list[Shipment]:
    """Return the parcels that were declared under a number, the first declared first."""
    rows = Shipment.objects.filter(tracking_number=number).select_related("order__seller", "order__buyer")
    return list(rows.order_by("pk")[:MOST])


def about(parcels: Sequence[Shipment], events: Sequence[Event]) -> list[Shipment]:
    """Return those of the parcels of one number that events are about; none where they fit none of several.

    Those of one buyer and one seller may share a number, and have the events whatever these say. Between others it
    counts whose order they fit; then whose carrier tells them, then whose destination is told; else who declared the
    number first, for who copies one comes later. A parcel of another carrier has them only where its destination is
    told, if there is one of the carrier's.
    """
    carriers = {plain(event.carrier) for event in events}
    pairs = [list(group) for _, group in groupby(sorted(parcels, key=_pair), key=_pair)]
    if len(pairs) == 1:
        named = _named(pairs[0], carriers) or pairs[0]
        return [parcel for parcel in named if _fits(parcel, events)] or named
    is_known = bool(_named(parcels, carriers))
    ranked = []
    for pair in pairs:
        named = _named(pair, carriers)
        fitting = [parcel for parcel in named or pair if _fits(parcel, events)]
        arrives = any(any(True for _ in _ends(parcel, events)) for parcel in fitting)
        if fitting and (named or arrives or not is_known):
            ranked.append(((not named, not arrives, fitting[0].pk), fitting))
    return min(ranked, key=itemgetter(0))[1] if ranked else []


def _named(parcels: Sequence[Shipment], carriers: Set[str]) -> list[Shipment]:
    return [parcel for parcel in parcels if plain(parcel.carrier) in carriers]


def _pair(parcel: Shipment) -> tuple[int, int]:
    return parcel.order.seller_id, parcel.order.buyer_id


def _fits(parcel: Shipment, events: Sequence[Event]) -> bool:
    """Whether nothing in events is against their being this parcel's."""
    since, until = parcel.order.placed_at, parcel.dispatched_at + LONGEST_WAY
    if parcel.delivered_at is not None:
        until = min(until, parcel.delivered_at + LONGEST_ECHO)
    return all(
        since < _latest(event) and event.at < until for event in events if event.status not in NOTED
    ) and not any(country != parcel.order.destination[:2] for country in _ends(parcel, events))


def _latest(event: Event) -> datetime:
    """Return the end of the time in which an event may have been, where its clock is not known."""
    return event.at + timedelta(days=1) if event.is_day or event.zone_assumed else event.at + timedelta(microseconds=1)


def _ends(parcel: Shipment, events: Sequence[Event]) -> Iterator[str]:
    """Yield the countries in which events say that it arrives, where it is known to which it goes."""
    if parcel.order.destination and not parcel.returns:
        yield from (event.country for event in events if event.status in AT_THE_END and event.country)
