"""Which parcels news are about. A number alone does not say: numbers are given again, shared, mistyped and copied."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

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

    One alone has them whatever they say. Of several, those of the carrier that tells of them; among these, of one buyer
    and one seller, whose parcels may share a number. Where that leaves several, whose destination is told; else who
    declared it first: who copies a number comes later.
    """
    carriers = {plain(event.carrier) for event in events}
    named = [parcel for parcel in parcels if plain(parcel.carrier) in carriers] or list(parcels)
    pairs = [list(group) for _, group in groupby(sorted(named, key=_pair), key=_pair)]
    if len(pairs) == 1:
        return [parcel for parcel in named if _fits(parcel, events)] or named
    fitting = [[parcel for parcel in pair if _fits(parcel, events)] for pair in pairs]
    ranked = sorted(filter(None, fitting), key=lambda pair: (not _arrives(pair, events), pair[0].pk))
    return ranked[0] if ranked else []


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


def _arrives(pair: Sequence[Shipment], events: Sequence[Event]) -> bool:
    """Whether one of fitting parcels is told to arrive where it goes."""
    return any(any(True for _ in _ends(parcel, events)) for parcel in pair)
