"""Answers to requests that may be repeated (`api.idempotency`): for how long they are kept."""

from datetime import datetime, timedelta

from comity.records.models import IdempotentAnswer

KEPT = timedelta(hours=24)
#: How many are forgotten in one statement.
_BATCH = 1_000


def forget(now: datetime) -> int:
    """Delete the answers of more than 24 hours ago; return how many. Called by errands."""
    count = 0
    while old := list(IdempotentAnswer.objects.filter(at__lt=now - KEPT).values_list("pk", flat=True)[:_BATCH]):
        count += IdempotentAnswer.objects.filter(pk__in=old).delete()[0]
    return count
