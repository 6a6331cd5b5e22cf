"""What reviews come to: number and mean of those that everybody sees. Pages, lists and the API all ask here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count, QuerySet, Sum

from comity.policy.facts.reviews import BEST, REVISED, WORST, WRITTEN
from comity.records import refs
from comity.records.models import Listing, Order, Party, Review

_CENT = Decimal("0.01")
#: What tells how somebody rated: it hides with the review.
_TELLING = ("score", "digest")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many reviews there are, their exact mean (None for none), and how many have each number of stars."""

    number: int
    mean: Fraction | None
    stars: Mapping[int, int]

    @property
    def shown(self) -> str:
        """The mean to two places, halves up: "4.60"; "" for none. Nothing is compared by it."""
        if self.mean is None:
            return ""
        exact = Decimal(self.mean.numerator) / Decimal(self.mean.denominator)
        return str(exact.quantize(_CENT, ROUND_HALF_UP))


def visible_of(about: Party | Listing, at: datetime) -> QuerySet[Review]:
    """Return the reviews of a seller or of what a seller offers, or of a buyer, that everybody sees at `at`."""
    rows = Review.objects.filter(Review.visible_at(at))
    if isinstance(about, Listing):
        # By a subquery: an order may have several lines of one listing, and counts once.
        return rows.filter(by="buyer", order__in=Order.objects.filter(lines__listing=about))
    if about.role == "buyer":
        return rows.filter(by="seller", order__buyer=about)
    return rows.filter(by="buyer", order__seller=about)


def summary_of(about: Party | Listing, at: datetime) -> Summary:
    """Return what the visible reviews come to. One statement."""
    counted = visible_of(about, at).order_by().values("score").annotate(number=Count("pk"), total=Sum("score"))
    stars = {row["score"]: row["number"] for row in counted}
    number = sum(stars.values())
    total = sum(score * count for score, count in stars.items())
    every = {score: stars.get(score, 0) for score in range(BEST, WORST - 1, -1)}
    return Summary(number, Fraction(total, number) if number else None, every)


def masked(body: Mapping[str, Any], whose: Party, reader: Party | None, at: datetime) -> dict[str, Any]:
    """Return a line of a seller's journal as `reader` may read it at `at`; None: whoever may read all of it.

    How a side rated hides from the other one as long as the review does: there is no score in it, and no digest.
    """
    plain, data = dict(body), body.get("data")
    if body.get("kind") not in (WRITTEN, REVISED) or not isinstance(data, dict):
        return plain
    by = data.get("by") or "buyer"
    if reader is None or reader.role not in ("buyer", "seller") or reader.role == by:
        return plain
    order = refs.thing(whose, str(body["matter"]))
    if isinstance(order, Order) and Review.objects.filter(order=order, by=by, shown_from__gt=at).exists():
        plain["data"] = {name: value for name, value in data.items() if name not in _TELLING}
    return plain
