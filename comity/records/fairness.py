"""What a report on fairness is counted from: sellers with their size, age and country, and the measures on them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import MeasureText, Order, Party, Sanction

_NEVER_PLACED = (MeasureStatus.PROPOSED, MeasureStatus.DECLINED)


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller: how many orders were placed in the time, since when he is here, from where he sends ("": not known)."""

    key: int
    orders: int
    joined_at: datetime
    country: str


def sellers(since: datetime, until: datetime) -> list[Seller]:
    """Return all sellers who had joined by `until`. One statement."""
    newest = Order.objects.filter(seller=OuterRef("pk")).exclude(origin="").order_by("-placed_at", "-pk")
    mine = Q(sold__placed_at__gte=since, sold__placed_at__lt=until)
    rows = (
        Party.objects.filter(role="seller", joined_at__lt=until)
        .annotate(n=Count("sold", filter=mine), origin=Subquery(newest.values("origin")[:1]))
        .order_by("pk")
        .values_list("pk", "n", "joined_at", "origin")
    )
    return [Seller(key, n, joined, (origin or "")[:2]) for key, n, joined, origin in rows]


def placed(since: datetime, until: datetime) -> "QuerySet[Sanction]":
    """Return the measures on sellers that were placed in the time, what was taken back since, too."""
    rows = Sanction.objects.filter(party__role="seller", placed_at__gte=since, placed_at__lt=until)
    return rows.exclude(status__in=_NEVER_PLACED)


def appealed(since: datetime, until: datetime) -> list[tuple[int, str]]:
    """Return the measures, by party and name, against which an appeal was filed in the time. One statement."""
    rows = MeasureText.objects.filter(kind="filed", at__gte=since, at__lt=until).order_by("pk")
    return list(dict.fromkeys(rows.values_list("party_id", "matter")))
