"""Measuring how long all sellers take to answer, once in an hour."""

from datetime import datetime, timedelta

from comity.records import answer_times
from comity.records.models import MarketAnswerTimes

EVERY = timedelta(hours=1)
KEPT = timedelta(days=30)


def is_due(now: datetime) -> bool:
    """Whether it was measured an hour ago, or never."""
    return not MarketAnswerTimes.objects.filter(at__gt=now - EVERY).exists()


def measure(now: datetime) -> int:
    """Measure the marketplace if that is an hour ago; return 1 if it was done. Called by errands."""
    if not is_due(now):
        return 0
    MarketAnswerTimes.objects.filter(at__lt=now - KEPT).delete()
    answer_times.measure(now)
    return 1
