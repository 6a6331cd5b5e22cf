"""Complaints: what went wrong with a seller's orders, by listing and by lane. Bounded: a few statements for a page.

An order is one fault, however much went wrong with it: a dispute that was not withdrawn, goods that came back, or a
cancellation by the seller. A dispute or a parcel that names its pieces speaks of their listings alone. Of batches
nothing is known: no line of an order tells one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Substr

from comity.policy.disputes.case import Stage
from comity.policy.standards.rates import interval
from comity.records.models import Dispute, Listing, OrderLine, Party, Review, Shipment

#: Most listings, or lanes, among which those with the most faults are ranked.
MOST = 2_000
#: A dispute that is only a question, or that was withdrawn, is no fault.
_NO_FAULT = Q(stage__in=[Stage.INQUIRY, Stage.WITHDRAWN])


class Span(NamedTuple):
    """Orders that were paid from `since` on and before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Complaints:
    """What became of the orders of one listing, or on one lane (`country` of destination and `carrier`).

    orders, faulty  how many orders there were, and with how many of them something went wrong
    returns         orders of which something came back
    disputes        how many disputes for each reason, the most frequent first
    reviews, mean   how many reviews there are, and their exact mean; None for none
    """

    listing: Listing | None
    country: str
    carrier: str
    orders: int
    faulty: int
    returns: int
    disputes: tuple[tuple[str, int], ...]
    reviews: int
    mean: Fraction | None

    @property
    def rate(self) -> Fraction:
        """The exact share of orders with which something went wrong."""
        return Fraction(self.faulty, self.orders)

    @property
    def bounds(self) -> tuple[float, float]:
        """Its 95 % interval (Wilson)."""
        return interval(self.faulty, self.orders)


class Page(NamedTuple):
    """Some of the rows, the surest of being bad first, and how many there are (at most `MOST`)."""

    rows: list[Complaints]
    total: int


def by_listing(seller: Party, span: Span, *, first: int, number: int) -> Page:
    """Return complaints by listing, ranked by the lower end of the interval of their rate. Four statements."""
    lines = OrderLine.objects.filter(listing__isnull=False, **_paid("order__", seller, span))
    mine = Q(about=None) | Q(about__line__listing=OuterRef("listing"))
    back = Q(contents=None) | Q(contents__line__listing=OuterRef("listing"))
    counted = _counted(lines.values("listing"), mine, back)
    found = _ranked(counted)
    shown = found[first : first + number]
    listings = Listing.objects.in_bulk([row["listing"] for row in shown])
    keys = list(listings)
    disputes = Dispute.objects.filter(_concerns(keys), **_paid("order__", seller, span)).exclude(_NO_FAULT)
    reasons = _reasons(disputes.values_list("order__lines__listing", "reason").annotate(n=Count("pk", distinct=True)))
    seen = Review.objects.filter(
        Review.visible_at(span.until), by="buyer", order__lines__listing__in=keys, **_paid("order__", seller, span)
    )
    stars = _stars(seen.values_list("order__lines__listing", "score").annotate(n=Count("pk", distinct=True)))
    return Page(
        [_row(row, listings[row["listing"]], reasons[row["listing"],], stars[row["listing"],]) for row in shown],
        len(found),
    )


def _concerns(listings: Sequence[int]) -> Q:
    whole = Q(about=None, order__lines__listing__in=listings)
    # The line that is joined for the listing is the one that the dispute names.
    return whole | Q(order__lines__listing__in=listings, about__line__listing=F("order__lines__listing"))


def by_lane(seller: Party, span: Span, *, first: int, number: int) -> Page:
    """Return complaints by country of destination and carrier, ranked likewise. Three statements.

    An order that went in parcels of several carriers counts on each of their lanes.
    """
    country = Substr("order__destination", 1, 2)
    parcels = Shipment.objects.filter(sent=True, returns=False, dispute_ref="", **_paid("order__", seller, span))
    counted = _counted(parcels.values("carrier", country=country), Q(), Q())
    found = _ranked(counted)
    shown = found[first : first + number]
    joined = Q(order__shipments__returns=False, order__shipments__dispute_ref="")
    disputes = Dispute.objects.filter(joined, **_paid("order__", seller, span)).exclude(_NO_FAULT)
    reasons = _reasons(
        disputes.annotate(country=country)
        .values_list("country", "order__shipments__carrier", "reason")
        .annotate(n=Count("pk", distinct=True))
    )
    seen = Review.objects.filter(Review.visible_at(span.until), joined, by="buyer", **_paid("order__", seller, span))
    stars = _stars(
        seen.annotate(country=country)
        .values_list("country", "order__shipments__carrier", "score")
        .annotate(n=Count("pk", distinct=True))
    )
    places = [(row, (row["country"], row["carrier"])) for row in shown]
    return Page([_row(row, None, reasons[where], stars[where]) for row, where in places], len(found))


def _paid(path: str, seller: Party, span: Span) -> dict[str, Any]:
    return {f"{path}seller": seller, f"{path}paid_at__gte": span.since, f"{path}paid_at__lt": span.until}


def _counted(rows: Any, mine: Q, back: Q) -> Iterable[dict[str, Any]]:
    """Return at most `MOST` groups of orders: how many, how many faulty, and of how many something came back.

    mine, back  which disputes, and which parcels that came back, speak of the group's things
    """
    disputed = Exists(Dispute.objects.filter(mine, order=OuterRef("order")).exclude(_NO_FAULT))
    returned = Exists(Shipment.objects.filter(back, order=OuterRef("order"), returns=True))
    faulty = disputed | returned | Q(order__cancelled_by="seller")
    groups: Any = rows.annotate(
        orders=Count("order", distinct=True),
        faulty=Count("order", distinct=True, filter=faulty),
        returned=Count("order", distinct=True, filter=Q(returned)),
    )
    return list(groups.order_by("-faulty", "-orders")[:MOST])


def _ranked(counted: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the groups with the surest of being bad first: a few orders are no evidence, and rank below."""
    return sorted(counted, key=lambda row: (-interval(row["faulty"], row["orders"])[0], -row["orders"]))


Reasons = defaultdict[tuple[Any, ...], list[tuple[str, int]]]
Stars = defaultdict[tuple[Any, ...], list[tuple[int, int]]]


def _reasons(counted: Iterable[tuple[Any, ...]]) -> Reasons:
    found: Reasons = defaultdict(list)
    for *where, reason, number in counted:
        found[tuple(where)].append((reason, number))
    return found


def _stars(counted: Iterable[tuple[Any, ...]]) -> Stars:
    found: Stars = defaultdict(list)
    for *where, score, number in counted:
        found[tuple(where)].append((score, number))
    return found


def _row(
    row: Mapping[str, Any], listing: Listing | None, reasons: list[tuple[str, int]], stars: list[tuple[int, int]]
) -> Complaints:
    reviews = sum(number for _, number in stars)
    total = sum(score * number for score, number in stars)
    return Complaints(
        listing=listing, country=row.get("country", ""), carrier=row.get("carrier", ""), orders=row["orders"],
        faulty=row["faulty"], returns=row["returned"],
        disputes=tuple(sorted(reasons, key=lambda each: (-each[1], each[0]))),
        reviews=reviews, mean=Fraction(total, reviews) if reviews else None,
    )  # fmt: skip
