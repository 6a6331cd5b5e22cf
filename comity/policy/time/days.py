"""Dates and times of day as moments: the one place where a zone's wall is turned into UTC, and back.

A wall may skip an hour, show one twice, or leave out a whole day (Samoa, at the end of 2011). A stretch of wall time
is therefore the moments at which the wall shows it: what was skipped is no time at all, what came twice counts twice.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from comity.lib.moments import UTC

MIDNIGHT = time(0)
DAY = timedelta(days=1)
#: (from, until), until excluded.
Interval = tuple[datetime, datetime]
#: No two changes of a zone are closer together.
_CLOSEST = timedelta(hours=6)
_SECOND = timedelta(seconds=1)


def day_of(at: datetime, zone: str) -> date:
    """Return the day of `zone` in which `at` lies."""
    return at.date() if zone == "UTC" else at.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=65_536)
def begin_of(day: date, zone: str) -> datetime:
    """Return when a day begins in `zone`: at the end of the day before. Kept: all parties ask for the same days."""
    return moment(day, MIDNIGHT, zone)


def exists(day: date, zone: str) -> bool:
    """Whether the wall of `zone` ever showed that day."""
    return bool(shown(day, MIDNIGHT, MIDNIGHT, zone))


def moment(day: date, at: time, zone: str) -> datetime:
    """Return when the wall of `zone` shows a time: of two such moments the first; where it is skipped, the skip."""
    here = datetime.combine(day, at, UTC)
    if zone == "UTC":
        return here
    regimes = _regimes(zone, day.year)
    found = [here - offset for since, until, offset in regimes if since <= here - offset < until]
    if found:
        return min(found)
    # Skipped: by the wall of before it has not come when that ends, by the wall of after it is past.
    return next(since for since, _, offset in regimes if here - offset < since)


def moments_of(day: date, at: time, zone: str) -> list[datetime]:
    """Return every moment at which the wall of `zone` shows a time: mostly one, two, or none."""
    here = datetime.combine(day, at, UTC)
    regimes = _regimes(zone, day.year)
    return sorted(here - offset for since, until, offset in regimes if since <= here - offset < until)


def shown(day: date, begin: time, end: time, zone: str) -> list[Interval]:
    """Return the stretches in which the wall of `zone` shows, on `day`, a time from `begin` on and before `end`.

    In order and apart. An end of 00:00 is the end of the day.
    """
    first, last = datetime.combine(day, begin, UTC), datetime.combine(day, end, UTC)
    if end == MIDNIGHT:
        last += DAY
    if zone == "UTC":
        return [(first, last)]
    pieces = [(max(first - off, since), min(last - off, until)) for since, until, off in _regimes(zone, day.year)]
    return merged([piece for piece in pieces if piece[0] < piece[1]])


def same_time(at: datetime, day: date, zone: str) -> datetime:
    """Return when the wall of `zone` shows on another day the time that it shows at `at`."""
    return moment(day, at.astimezone(ZoneInfo(zone)).time(), zone)


def merged(intervals: Sequence[Interval]) -> list[Interval]:
    """Return the intervals in order, overlapping and touching ones as one."""
    result: list[Interval] = []
    for begin, end in sorted(intervals):
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        # Pauses come from outside: one without length takes nothing out.
        elif begin < end:
            result.append((begin, end))
    return result


@lru_cache(maxsize=4096)
def _regimes(zone: str, year: int) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """Return the stretches of a year, and of some hours around it, in which `zone` keeps its distance from UTC."""
    clock = ZoneInfo(zone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(clock).utcoffset() or timedelta()

    begin, last = datetime(year, 1, 1, tzinfo=UTC) - 2 * DAY, datetime(year, 12, 31, tzinfo=UTC) + 3 * DAY
    regimes, at = [], begin
    while at < last:
        following = at + _CLOSEST
        if offset(following) != offset(at):
            before, after = at, following
            while after - before > _SECOND:
                middle = before + (after - before) // (2 * _SECOND) * _SECOND
                before, after = (middle, after) if offset(middle) == offset(at) else (before, middle)
            regimes.append((begin, after, offset(at)))
            begin = after
        at = following
    return (*regimes, (begin, last, offset(last)))
