"""Days as people count them: recurring moments ("monthly on 20") and windows ("last 3 months"), in a time zone.

A window is made of whole local days. Its last day is the one that `at` falls in, less the lag; at midnight sharp that
is the day just over. Whole months, quarters and years that are over are those before the one in which `at` itself lies,
less the lag: at midnight sharp of the first, the one just over counts. A month back from the 31st is the last day of a
shorter month.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from comity.policy.time.days import DAY, Interval, begin_of, day_of, same_time

_TICK = timedelta(microseconds=1)


class Days(timedelta):
    """A length that is written in days. In a zone these are days of its calendar; "72 hours" are hours, not 3 days."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Whether the other is as many days, and written so: rules that differ in this alone differ."""
        return isinstance(other, Days) and super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        """Whether it is not: lengths would compare by how long they are alone."""
        return not self == other

    __hash__ = timedelta.__hash__


def later(at: datetime, span: timedelta, zone: str) -> datetime:
    """Return `at` later by `span`: days by the calendar of `zone`, whatever its clocks did; hours exactly.

    Where the wall skips that time of the day, it is the moment of the skip: who begins later is never due earlier.
    """
    if not isinstance(span, Days) or zone == "UTC":  # where no clock ever changes
        return at + span
    return same_time(at, day_of(at, zone) + span, zone)


def months_later(at: datetime, months: int, zone: str) -> datetime:
    """Return `at` later by months of the calendar of `zone`: the same day and hour, or the month's last day."""
    return same_time(at, _months_back(day_of(at, zone), -months), zone)


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MAX_WINDOW_DAYS = 3660
_LONG_AGO = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A moment that comes again: midnight, in `zone`, of every day that fits.

    every    day, week, month, quarter or year
    weekday  0 is Monday; with `nth` 0 the first and -1 the last of the period (for quarter), else of every week
    day      of the month (31 means the last day of a shorter one), or of the quarter's or year's first month
    month    of the year
    """

    text: str
    every: str
    zone: str = "UTC"
    weekday: int | None = None
    nth: int = 0
    day: int = 1
    month: int = 1

    def after(self, at: datetime) -> datetime:
        """Return the first such moment strictly after `at`."""
        local = day_of(at, self.zone)
        return begin_of(_next_fitting(self, local + DAY), self.zone)

    def until(self, at: datetime) -> datetime:
        """Return the last such moment not after `at`."""
        return begin_of(_last_fitting(self, day_of(at, self.zone)), self.zone)

    def before(self, at: datetime) -> datetime:
        """Return the last such moment strictly before `at`."""
        return self.until(at - _TICK)

    def fits(self, day: date) -> bool:
        """Whether `day` is one of these days."""
        if self.every == "day":
            return True
        if self.every == "week":
            return day.weekday() == self.weekday
        if self.every == "month":
            return day.day == min(self.day, monthrange(day.year, day.month)[1])
        if self.every == "year":
            return (day.month, day.day) == (self.month, self.day)
        if self.weekday is None:
            return day.month % 3 == 1 and day.day == self.day
        if day.weekday() != self.weekday:
            return False
        if self.nth == 0:
            return day.month % 3 == 1 and day.day <= 7
        return day.month % 3 == 0 and day.day > monthrange(day.year, day.month)[1] - 7


@lru_cache(maxsize=4096)
def _next_fitting(recurring: Recurring, day: date) -> date:
    while not recurring.fits(day):
        day += DAY
    return day


@lru_cache(maxsize=4096)
def _last_fitting(recurring: Recurring, day: date) -> date:
    while not recurring.fits(day):
        day -= DAY
    return day


_RECURRING = re.compile(
    r"(?P<day>daily|continuous)\Z"
    rf"|weekly on (?P<weekday>{'|'.join(WEEKDAYS)})\Z"
    r"|monthly on (?P<month_day>\d{1,2})\Z"
    rf"|quarterly on (?P<nth>first|last) (?P<quarter_weekday>{'|'.join(WEEKDAYS)})\Z"
    r"|quarterly on (?P<quarter_day>\d{1,2})\Z"
    r"|yearly on (?P<year_month>\d\d)-(?P<year_day>\d\d)\Z"
)
RECURRING_HINT = '"daily", "weekly on monday", "monthly on 20", "quarterly on first monday" or "yearly on 01-01"'


def recurring(text: str, zone: str) -> Recurring:
    """Read such as "weekly on monday" or "monthly on 20"; raise ValueError."""
    parts = _RECURRING.match(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a recurring day; write {RECURRING_HINT}")
    if parts["day"]:
        return Recurring(text, "day", zone)
    if parts["weekday"]:
        return Recurring(text, "week", zone, weekday=WEEKDAYS.index(parts["weekday"]))
    if parts["month_day"]:
        return Recurring(text, "month", zone, day=_in_month(text, int(parts["month_day"]), 31))
    if parts["nth"]:
        nth = 0 if parts["nth"] == "first" else -1
        return Recurring(text, "quarter", zone, weekday=WEEKDAYS.index(parts["quarter_weekday"]), nth=nth)
    if parts["quarter_day"]:
        # Of the first month, which may be April.
        return Recurring(text, "quarter", zone, day=_in_month(text, int(parts["quarter_day"]), 30))
    month = int(parts["year_month"])
    if not 1 <= month <= 12:
        raise ValueError(f"{text!r} names no month")
    # Not February 29, which does not come every year.
    day = _in_month(text, int(parts["year_day"]), 28 if month == 2 else 30)
    return Recurring(text, "year", zone, month=month, day=day)


def _in_month(text: str, day: int, most: int) -> int:
    if not 1 <= day <= most:
        raise ValueError(f"{text!r}: the day must be from 1 to {most}")
    return day


@dataclass(frozen=True, slots=True)
class Span:
    """How far back a window goes.

    unit      day or month, counted back from the last day; or, with `complete`, whole months, quarters or years: the
              `count` last ones that are over; or ever
    running   the period in which the last day lies comes on top ("last 3 months and current")
    """

    text: str
    unit: str
    count: int = 1
    complete: bool = False
    running: bool = False

    def stretch(self, at: datetime, zone: str, lag: timedelta = timedelta(0)) -> Interval:
        """Return the window as seen at `at`: its beginning, and its end, which is not part of it."""
        # At midnight sharp the last day is the one that is just over.
        last = day_of(at - _TICK, zone) - lag
        if self.unit == "ever":
            return begin_of(_LONG_AGO, zone), begin_of(last + DAY, zone)
        if self.complete:
            begins = _period_begin(day_of(at, zone) - lag, self.unit)
            first = _periods_back(begins, self.unit, self.count)
            return begin_of(first, zone), begin_of(last + DAY if self.running else begins, zone)
        if self.unit == "month":
            return begin_of(_months_back(last + DAY, self.count), zone), begin_of(last + DAY, zone)
        return begin_of(last + DAY - timedelta(days=self.count), zone), begin_of(last + DAY, zone)

    @property
    def most_days(self) -> int:
        """An upper bound of its length in days."""
        if self.unit == "ever":
            return MAX_WINDOW_DAYS
        days = {"day": 1, "month": 31, "quarter": 92, "year": 366}[self.unit]
        return days * (self.count + (1 if self.complete else 0))


def _period_begin(day: date, unit: str) -> date:
    if unit == "year":
        return day.replace(month=1, day=1)
    if unit == "quarter":
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(day=1)


def _periods_back(begin: date, unit: str, count: int) -> date:
    return _months_back(begin, count * {"month": 1, "quarter": 3, "year": 12}[unit])


def _months_back(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 - count
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


_SPAN = re.compile(
    r"(?P<count>\d{1,4}) (?P<unit>day|week|month|year)s?\Z"
    r"|last (?:(?P<whole_count>\d{1,2}) )?(?P<whole>month|quarter|year)s?(?P<running> and current)?\Z"
    r"|(?P<ever>ever)\Z"
)
SPAN_HINT = '"30 days", "3 months", "last month", "last 3 months", "last 3 months and current" or "ever"'


def span(text: str) -> Span:
    """Read such as "30 days" or "last 3 months"; raise ValueError."""
    parts = _SPAN.match(text)
    if parts is None:
        raise ValueError(f"{text!r} is not a window; write {SPAN_HINT}")
    if parts["ever"]:
        return Span(text, "ever")
    if parts["whole"]:
        count = int(parts["whole_count"] or 1)
        result = Span(text, parts["whole"], count, complete=True, running=bool(parts["running"]))
    else:
        count = int(parts["count"])
        unit, factor = {"week": ("day", 7), "year": ("month", 12)}.get(parts["unit"], (parts["unit"], 1))
        result = Span(text, unit, count * factor)
    if not count or result.most_days > MAX_WINDOW_DAYS:
        raise ValueError(f"{text!r} must be more than nothing and at most {MAX_WINDOW_DAYS} days")
    return result
