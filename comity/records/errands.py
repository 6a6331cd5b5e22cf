"""The one way in which anything is tried outside: taken by one process, tried, and tried again ever later.

What is taken is counted and lent for a while before it is tried. Who dies with it leaves it to be taken again, and
what kills its process each time is given up like what fails each time.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from comity.records.models.errands import Errand

E = TypeVar("E", bound=Errand)
MAX_WHY_CHARS = 300


def take(rows: QuerySet[E], now: datetime, *, most: int, lease: timedelta, waits: Sequence[timedelta]) -> list[E]:
    """Take what is due among `rows` for this process alone, the longest due first; what is to be tried now.

    lease   for how long nobody else takes it; longer than a try may last
    waits   how long to wait after the first failure, after the second …: there is one try more than waits
    """
    with transaction.atomic():
        due = rows.filter(due_at__lte=now).select_for_update(skip_locked=True, of=("self",))
        taken = list(due.order_by("due_at", "pk")[:most])
        for row in taken:
            row.attempts += 1
            row.due_at = now + lease
            if row.attempts > len(waits) + 1:  # tried as often as may be, and the last try never ended
                row.due_at = None
                row.failed_why = row.failed_why or f"begun {row.attempts - 1} times and never ended"
        rows.model._default_manager.bulk_update(taken, ["attempts", "due_at", "failed_why"])
    return [row for row in taken if row.due_at is not None]


def succeeded(rows: Collection[Errand], *, due_at: datetime | None = None, **also: Any) -> None:
    """Note that what was tried is done; `due_at`: when it is to be done again, where it is done again and again."""
    _note(rows, {"attempts": 0, "due_at": due_at, "failed_why": "", **also})


def failed(
    rows: Collection[Errand], why: str, now: datetime, waits: Sequence[timedelta], *, gone: bool = False
) -> None:
    """Note why a try failed, and when the next one is; `gone`: there is no use in another."""
    attempts = max(row.attempts for row in rows)
    again = None if gone or attempts > len(waits) else now + waits[attempts - 1]
    _note(rows, {"due_at": again, "failed_why": why.replace("\x00", "")[:MAX_WHY_CHARS]})


def anew(now: datetime) -> dict[str, Any]:
    """Return the values of what was never tried, and is due now."""
    return {"attempts": 0, "failed_why": "", "due_at": now}


def again(row: Errand, now: datetime) -> None:
    """Try anew what failed or was given up, as if it had never been tried."""
    _note([row], anew(now))


def _note(rows: Collection[Errand], values: dict[str, Any]) -> None:
    first = next(iter(rows))
    type(first)._default_manager.filter(pk__in=[row.pk for row in rows]).update(**values)
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
