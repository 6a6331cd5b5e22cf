"""Olist's tables as facts: one stream for each seller, tolerant of what real data does, nothing dropped in silence.

What the data lack is said, not guessed. Times are wall clock of America/Sao_Paulo. An order counts for each seller that
has an item in it. A cancellation has no date of its own: it is dated as early as it can have been, with the payment's
approval or, where the parcel went on its way after that, just after the last event known. A parcel whose status says
that it was handed over or delivered, but not when, gives a fact with `date_known = false`.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from comity.integrations.olist.tables import Review, Sale, Tables
from comity.lib import moments
from comity.policy.facts import Fact, Scalar

ZONE = ZoneInfo("America/Sao_Paulo")
CURRENCY = "BRL"
CANCELLED = ("canceled", "unavailable")
HANDED_OVER = ("shipped", "delivered")
_JUST_AFTER = timedelta(microseconds=1)
_LAST_OF_DAY = time(23, 59, 59, 999_999)

NO_ITEMS = "order without items"
NO_APPROVAL = "order without payment approval"
NO_SHIP_BY = "order of a seller without shipping limit"
NO_PROMISE = "order without promised date"
NO_REVIEW_DATE = "review without creation date"
NO_ANSWER_DATE = "review without answer time"
REVIEW_OF_EXCLUDED = "review of an order that is excluded"


def facts(tables: Tables, excluded: Counter[str]) -> list[Fact]:
    """Return all facts in the order of time, counting in `excluded` what was left out and why."""
    told: list[Fact] = []
    for _, parts in groupby(tables.sales(), key=lambda sale: sale.order):
        order = list(parts)
        if reason := _excluded(order[0]):
            excluded[reason] += 1
        else:
            told += (fact for sale in order for fact in _of_sale(sale, excluded))
    told += [fact for review in tables.reviews() for fact in _of_review(review, excluded)]
    return sorted(told, key=lambda fact: (fact.noted_at, fact.id))


def _excluded(sale: Sale) -> str | None:
    if sale.seller is None:
        return NO_ITEMS
    return NO_APPROVAL if sale.approved is None else None


def _of_sale(sale: Sale, excluded: Counter[str]) -> Iterator[Fact]:
    assert sale.approved is not None
    approved = _utc(sale.approved)
    promise: dict[str, Scalar] = {}
    if sale.ship_by is None:
        excluded[NO_SHIP_BY] += 1
    else:
        promise["dispatch_by"] = moments.to_text(_utc(sale.ship_by))
    if sale.promised is None:
        excluded[NO_PROMISE] += 1
    else:
        promise["deliver_by"] = moments.to_text(_end_of_day(sale.promised))
    if sale.placed is not None:
        placed: dict[str, Scalar] = {"buyer": f"buyer:{sale.buyer}", "amount": sale.cents, "currency": CURRENCY}
        yield _fact(sale, "order.placed", _utc(sale.placed), placed)
    yield _fact(sale, "order.paid", approved, promise)
    if sale.handed_over is not None:
        yield _fact(sale, "shipment.handed_over", _utc(sale.handed_over), {})
    elif sale.status in HANDED_OVER:
        yield _fact(sale, "shipment.handed_over", approved, {"date_known": False})
    if sale.delivered is not None:
        yield _fact(sale, "shipment.delivered", _utc(sale.delivered), {})
    elif sale.status == "delivered":
        yield _fact(sale, "shipment.delivered", approved, {"date_known": False})
    if sale.status in CANCELLED:
        acts = [_utc(moment) for moment in (sale.handed_over, sale.delivered) if moment is not None]
        last = max((act for act in acts if act > approved), default=None)
        # The tables do not say who cancelled; "unavailable" is the seller's want of goods.
        reason = "buyer_or_seller" if sale.status == "canceled" else "no_stock"
        yield _fact(
            sale, "order.cancelled", last + _JUST_AFTER if last else approved, {"reason": reason, "date_known": False}
        )


def _of_review(review: Review, excluded: Counter[str]) -> Iterator[Fact]:
    if review.seller is None:
        excluded[REVIEW_OF_EXCLUDED] += 1
        return
    if review.written is None or review.score is None:
        excluded[NO_REVIEW_DATE] += 1
        return
    yield _review_fact(review, "review.written", review.written, {"score": review.score, "review": review.review})
    if review.answered is None:
        excluded[NO_ANSWER_DATE] += 1
    else:
        yield _review_fact(review, "review.answered", review.answered, {"review": review.review})


def _fact(sale: Sale, kind: str, at: datetime, data: dict[str, Scalar]) -> Fact:
    order = f"order:{sale.order}"
    return Fact(
        id=f"{kind}:{sale.order}:{sale.seller}",
        kind=kind,
        at=at,
        noted_at=at,
        subject=order,
        matter=order,
        party=f"seller:{sale.seller}",
        data=data,
    )


def _review_fact(review: Review, kind: str, local: datetime, data: dict[str, Scalar]) -> Fact:
    order, at = f"order:{review.order}", _utc(local)
    return Fact(
        id=f"{kind}:{review.review}:{review.order}:{review.seller}",
        kind=kind,
        at=at,
        noted_at=at,
        subject=order,
        matter=order,
        party=f"seller:{review.seller}",
        data=data,
    )


def _utc(local: datetime) -> datetime:
    return local.replace(tzinfo=ZONE).astimezone(UTC)


@lru_cache(maxsize=4096)
def _end_of_day(day: datetime) -> datetime:
    """The promised day counts to its end."""
    return datetime.combine(day.date(), _LAST_OF_DAY, ZONE).astimezone(UTC)
