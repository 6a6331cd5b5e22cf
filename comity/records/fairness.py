"""What a report on fairness is counted from: sellers with their size, age and country, and the measures on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, Subquery

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


class Counted(NamedTuple):
    """How many measures on a party are alike: their kind, whether they still stand, and whether no person decided."""

    party: int
    measure: str
    stands: bool
    automatic: bool
    n: int


def counted(since: datetime, until: datetime) -> list[Counted]:
    """Return the measures that were placed in the time, what was taken back since, too, counted where they lie.

    On everybody: to ask of each row whose it is would cost more than to pass over buyers afterwards. One statement.
    """
    rows = Sanction.objects.filter(placed_at__gte=since, placed_at__lt=until).exclude(status__in=_NEVER_PLACED)
    alike = rows.annotate(
        stands=_whether(~Q(status=MeasureStatus.OVERTURNED)),
        automatic=_whether(Q(decided_by__startswith="platform:")),
    ).values_list("party_id", "measure", "stands", "automatic")
    return [Counted(*row) for row in alike.annotate(n=Count("pk")).order_by()]


def _whether(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


def appealed(since: datetime, until: datetime) -> list[tuple[int, str]]:
    """Return the measures, by party and name, against which an appeal was filed in the time. One statement."""
    rows = MeasureText.objects.filter(kind="filed", at__gte=since, at__lt=until).order_by("pk")
    return list(dict.fromkeys(rows.values_list("party_id", "matter")))
