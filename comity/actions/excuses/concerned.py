"""Whom a pause for many concerns: orders, or everybody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from comity.policy.facts import PARTIES
from comity.policy.facts.standing import EVERYBODY, PLACES
from comity.records import refs
from comity.records.models import Excuse, Order, Party, Pause

#: Orders placed longer before it are over, whatever is known of them.
OLDEST_ORDER = timedelta(days=366)


def rows(excuse: Excuse) -> QuerySet[Any]:
    """Return the parties, or the orders, that a pause for many concerns."""
    if excuse.cause == EVERYBODY:
        return Party.objects.filter(role__in=PARTIES)
    concerned = Order.objects.filter(cancelled_at=None).select_related("seller")
    if excuse.carrier:
        # In one filter, which speaks of one and the same parcel; two filters would each find a parcel of their own.
        concerned = concerned.filter(
            Q(shipments__carrier__iexact=excuse.carrier, shipments__dispatched_at__lt=excuse.ends)
            & (Q(shipments__delivered_at=None) | Q(shipments__delivered_at__gt=excuse.begins))
        ).distinct()
    if excuse.cause == PLACES:
        concerned = concerned.filter(
            Q(delivered_at=None) | Q(delivered_at__gt=excuse.begins),
            _between(excuse.where),
            placed_at__lt=excuse.ends,
            placed_at__gt=excuse.begins - OLDEST_ORDER,
        )
    return concerned


def in_parts(excuse: Excuse, size: int) -> Iterator[list[Any]]:
    """Yield what is concerned, so many at a time, in the order of their keys."""
    return _parts(rows(excuse), size)


def perhaps_noted(excuse: Excuse, size: int) -> Iterator[list[Any]]:
    """Yield the matters that have a pause of its cause and beginning, so many at a time, concerned or not any more.

    An order that was cancelled since, sent elsewhere or given to another carrier still has the pause.
    """
    for part in _parts(Pause.objects.filter(cause=excuse.cause, begins=excuse.begins).exclude(matter=""), size):
        yield list(refs.things({(row.party_id, row.matter) for row in part}).values())


def _parts(found: QuerySet[Any], size: int) -> Iterator[list[Any]]:
    last, of = 0, found.order_by("pk")
    while part := list(of.filter(pk__gt=last)[:size]):
        last = part[-1].pk
        yield part


def _between(places: list[str]) -> Q:
    found = Q()
    for place in places:
        for end in ("origin", "destination"):
            found |= Q(**{f"{end}__iexact": place}) | Q(**{f"{end}__istartswith": f"{place}-"})
    return found
