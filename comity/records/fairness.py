"""What a report on fairness is counted from: sellers by size, age, country and category, and the measures on them."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, Subquery

from comity.policy.sanctions.measures import MeasureStatus
from comity.records.models import MeasureText, Order, Party, Sanction

_NEVER_PLACED = (MeasureStatus.PROPOSED, MeasureStatus.DECLINED)


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller: how many orders were placed in the time, since when he is here, from where he sends ("": not known).

    `category`: what he mostly sold in the time, as the shop calls it: that of most orders; "" where nobody told.
    """

    key: int
    orders: int
    joined_at: datetime
    country: str
    category: str


def sellers(since: datetime, until: datetime) -> list[Seller]:
    """Return all sellers who had joined by `until`. Two statements."""
    sold = _categories(since, until)
    newest = Order.objects.filter(seller=OuterRef("pk")).exclude(origin="").order_by("-placed_at", "-pk")
    mine = Q(sold__placed_at__gte=since, sold__placed_at__lt=until)
    rows = (
        Party.objects.filter(role="seller", joined_at__lt=until)
        .annotate(n=Count("sold", filter=mine), origin=Subquery(newest.values("origin")[:1]))
        .order_by("pk")
        .values_list("pk", "n", "joined_at", "origin")
    )
    return [Seller(key, n, joined, (origin or "")[:2], sold.get(key, "")) for key, n, joined, origin in rows]


def _categories(since: datetime, until: datetime) -> dict[int, str]:
    """Return the category of most of each seller's orders of the time; of two alike the first by name.

    An order with several lines counts once for each of their categories; lines of which none is told count for none.
    """
    told = Order.objects.filter(placed_at__gte=since, placed_at__lt=until, lines__listing__category__gt="")
    rows = told.values_list("seller", "lines__listing__category").annotate(n=Count("pk", distinct=True)).order_by()
    # The most last, and of two alike the first by name.
    ordered = sorted(sorted(rows, key=lambda row: row[1], reverse=True), key=lambda row: row[2])
    return {seller: category for seller, category, _ in ordered}


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
