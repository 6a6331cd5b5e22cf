"""How long answers took: a seller's own, one by one, and all sellers' together.

Counted are the duties to answer that were met, met late or not met; those waived, voided or overturned are not. A
time is from the oldest unanswered question to the answer, as the clock on the wall went: what the buyer waited.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
from django.db.models import QuerySet

from comity.lib import zones
from comity.policy.duties.matter import DutyStatus
from comity.records import rulebooks
from comity.records.models import Duty, MarketAnswerTimes, Party

DAYS = 90
#: Fewer answers than this have no 95th percentile worth showing.
LEAST_FOR_P95 = 20
#: With fewer sellers than this, one could tell from the whole what another did.
LEAST_SELLERS = 5
MOST = 20_000
_COUNTED = (DutyStatus.MET, DutyStatus.BREACHED, DutyStatus.CURED)


@dataclass(frozen=True, slots=True)
class Answered:
    """One question: when it was asked in the seller's own zone, how long the answer took (None: none yet), in time?"""

    asked_at: datetime
    took: timedelta | None
    in_time: bool


@dataclass(frozen=True, slots=True)
class Times:
    """Several questions together. median, p95: seconds, None where too few were answered."""

    counted: int
    in_time: int
    median: float | None
    p95: float | None

    @property
    def share(self) -> float | None:
        """The share in time, None where nothing counts."""
        return self.in_time / self.counted if self.counted else None


def of_seller(seller: Party, now: datetime) -> list[Answered]:
    """Return a seller's questions of the last DAYS days, the newest MOST at most, newest first."""
    rows = _duties(now).filter(party=seller).order_by("-opened_at")[:MOST]
    return list(_answered(rows.values_list("opened_at", "ended_at", "status"), zones.zone(seller.time_zone)))


def together(answered: Iterable[Answered]) -> Times:
    """Return the figures of several questions."""
    rows = list(answered)
    took = [row.took.total_seconds() for row in rows if row.took is not None]
    return Times(
        counted=len(rows),
        in_time=sum(row.in_time for row in rows),
        median=float(np.median(took)) if took else None,
        p95=float(np.quantile(took, 0.95)) if len(took) >= LEAST_FOR_P95 else None,
    )


def by_weekday(answered: Sequence[Answered]) -> list[Times]:
    """Return the figures for each day of the week on which was asked, Monday first."""
    return [together(row for row in answered if row.asked_at.weekday() == day) for day in range(7)]


def of_marketplace() -> MarketAnswerTimes | None:
    """Return the last measuring of all sellers; None where there is none, or they are too few to be shown."""
    return MarketAnswerTimes.objects.filter(counted__gt=0).order_by("-at").first()


def measure(now: datetime) -> MarketAnswerTimes:
    """Measure all sellers of the marketplace and keep it; of fewer than LEAST_SELLERS, only how many they are."""
    sellers = Party.objects.filter(role="seller").values_list("pk", "time_zone")
    zone_of = {key: zones.zone(name) for key, name in sellers}
    rows: list[Answered] = []
    seen = set()
    duties = _duties(now).values_list("party_id", "opened_at", "ended_at", "status")
    for party, opened_at, ended_at, status in duties.iterator(10_000):
        if party in zone_of:
            rows += _answered([(opened_at, ended_at, status)], zone_of[party])
            seen.add(party)
    if len(seen) < LEAST_SELLERS:
        rows = []
    whole, days = together(rows), by_weekday(rows)
    return MarketAnswerTimes.objects.create(
        at=now,
        days=DAYS,
        sellers=len(seen),
        counted=whole.counted,
        in_time=whole.in_time,
        median=whole.median,
        p95=whole.p95,
        days_of_week=[{"median": day.median, "share": day.share} for day in days],
    )


def _duties(now: datetime) -> QuerySet[Duty]:
    names = {
        rule.name
        for book in rulebooks.current()
        for rule in book.duties
        if rule.who == "seller" and any(match.fact == "message.sent" for match in rule.met_by)
    }
    since = now - timedelta(days=DAYS)
    return Duty.objects.filter(rule__in=names, opened_at__gte=since, status__in=_COUNTED)


def _answered(rows: Iterable[tuple[datetime, datetime | None, str]], zone: tzinfo) -> Iterator[Answered]:
    for opened_at, ended_at, status in rows:
        took = ended_at - opened_at if ended_at else None
        yield Answered(opened_at.astimezone(zone), took, status == DutyStatus.MET)
