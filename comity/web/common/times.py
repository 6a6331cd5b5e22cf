"""Moments as pages say them, in the reader's zone and language: one way everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta

from babel.dates import format_skeleton
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

ONE_DAY = timedelta(days=1)
_PAPER = ContextVar("paper", default=False)


@contextmanager
def on_paper() -> Iterator[None]:
    """Say the year of every moment meanwhile: what is printed is read in other years. Decorates functions, too."""
    before = _PAPER.set(True)
    try:
        yield
    finally:
        _PAPER.reset(before)


def moment(at: datetime) -> str:
    """Return an exact moment with its weekday and year: Mon, Mar 9, 2026, 20:00."""
    return _at(at, "yMMMMEEEEd")


def until(at: datetime) -> str:
    """Return a moment until which something may be done: of midnight, the day that ends with it."""
    local = timezone.localtime(at)
    if (local.hour, local.minute) == (0, 0):
        return _("the end of %(day)s") % {"day": day(local.date() - ONE_DAY)}
    return moment(at)


def quiet(at: datetime) -> str:
    """Return a moment with its weekday, and the year only on paper or if it is another: Mon, Mar 9, 20:00."""
    this_year = timezone.localtime(at).year == timezone.localtime().year and not _PAPER.get()
    return _at(at, "MMMEd" if this_year else "yMMMEd")


def there(at: datetime) -> str:
    """Return a moment in the zone in which it is given, with the year only on paper: Mon, Mar 9, 20:00."""
    return _said(at, "yMMMEd" if _PAPER.get() else "MMMEd")


def _at(at: datetime, skeleton: str) -> str:
    return _said(timezone.localtime(at), skeleton)


def _said(local: datetime, skeleton: str) -> str:
    time = str(format_skeleton("Hm", local, locale=_locale()))
    return _("%(day)s, %(time)s") % {"day": day(local.date(), skeleton), "time": time}


def day(value: date, skeleton: str = "yMMMMEEEEd") -> str:
    """Return a day."""
    return str(format_skeleton(skeleton, value, locale=_locale()))


def _locale() -> str:
    return to_locale(get_language() or "en")
