"""Clocks: the time a duty runs on.

A clock says which stretches of time count. A duty's deadline is found by laying its length into the open stretches
after its start, leaving out every pause. On every clock one day is 24 open hours, so "5 days" on a clock that is open
Monday to Friday around the clock is five working days, and the parser asks for hours where a day has fewer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import holidays

from comity.lib.moments import UTC

#: A deadline further away than this is a mistake in the rulebook, not a deadline.
MAX_SEARCH_DAYS = 3660
MIDNIGHT = time(0)
FULL_DAY = ((MIDNIGHT, MIDNIGHT),)

#: (from, until), until excluded.
Interval = tuple[datetime, datetime]
#: A pause: from, until, cause.
Stretch = tuple[datetime, datetime, str]


class NeverDue(ValueError):
    """The clock is not open often enough for the deadline to fall within MAX_SEARCH_DAYS."""


@dataclass(frozen=True, slots=True)
class Deferral:
    """What begins on one of `days` (0 is Monday) is due on the next `weekday` after them, at `at`."""

    days: frozenset[int]
    weekday: int
    at: time


@dataclass(frozen=True)
class Clock:
    """Which stretches of time count.

    week     for each weekday, Monday first, the open stretches as (from, until) in local wall time; (00:00, 00:00)
             is the whole day, and an empty tuple is a closed day
    zone     an IANA name
    country  whose public holidays are closed (ISO 3166, with a subdivision as BR-SP), or ""
    closed   further closed dates
    quiet    a daily stretch that does not count, from and until in local wall time; may cross midnight
    cutoff   asked before the first, answered by the second, on the same open day; asked later: on the next open day
    defer    what begins at the weekend, and when it is due
    """

    name: str
    week: tuple[tuple[tuple[time, time], ...], ...] = (FULL_DAY,) * 7
    zone: str = "UTC"
    country: str = ""
    closed: frozenset[date] = frozenset()
    quiet: tuple[time, time] | None = None
    cutoff: tuple[time, time] | None = None
    defer: Deferral | None = None

    @property
    def always(self) -> bool:
        """Whether every moment counts, so that a deadline is a plain addition."""
        return self.plain and self.cutoff is None and self.defer is None

    @property
    def plain(self) -> bool:
        """Whether it is open around the clock every day."""
        return not self.country and not self.closed and self.quiet is None and self.whole_days and all(self.week)

    @property
    def whole_days(self) -> bool:
        """Whether every open day is open for all its 24 hours, so that lengths in days make sense."""
        return self.quiet is None and all(day in ((), FULL_DAY) for day in self.week)

    def due(self, start: datetime, length: timedelta, pauses: Sequence[Interval] = ()) -> datetime:
        """Return the moment at which `length` of open time has passed since `start`, pauses left out.

        A cut-off or a deferral names the moment itself; pauses between push it on by as long as they last. Raises
        NeverDue if that is not within MAX_SEARCH_DAYS.
        """
        if self.always and not pauses:
            return start + length
        named = self._named(start)
        if named is not None:
            return pushed_on(named, [(max(begin, start), end) for begin, end in pauses if end > start])
        left = length
        for begin, end in _without(self._open_after(start), merged(pauses)):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise NeverDue(f"clock {self.name!r} has less than {length} of open time in {MAX_SEARCH_DAYS} days")

    def elapsed(self, start: datetime, end: datetime, pauses: Sequence[Interval] = ()) -> timedelta:
        """Return how much open time lies between `start` and `end`, pauses left out."""
        total = timedelta()
        for begin, until in _without(self._open_after(start), merged(pauses)):
            if begin >= end:
                break
            total += min(until, end) - begin
        return total

    def _open_after(self, start: datetime) -> Iterator[Interval]:
        """Yield the open stretches from `start` on, in UTC and in order, cut off at the start."""
        if self.plain:
            yield start, start + timedelta(days=MAX_SEARCH_DAYS)
            return
        # From the day before, whose last stretch may reach over midnight.
        first = start.astimezone(ZoneInfo(self.zone)).date() - timedelta(days=1)
        for offset in range(MAX_SEARCH_DAYS):
            for begin, end in self._kept_open(first + timedelta(days=offset)):
                if end > start:
                    yield max(begin, start), end

    def _named(self, start: datetime) -> datetime | None:
        """Return the moment that the cut-off or the deferral names for what begins at `start`, or None."""
        local = start.astimezone(ZoneInfo(self.zone))
        if self.cutoff is not None:
            day = local.date() if local.time() < self.cutoff[0] else local.date() + timedelta(days=1)
            for offset in range(MAX_SEARCH_DAYS):
                if self.is_open(day + timedelta(days=offset)):
                    return self._at(day + timedelta(days=offset), self.cutoff[1])
            raise NeverDue(f"clock {self.name!r} has no open day in {MAX_SEARCH_DAYS} days")
        if self.defer is not None and local.weekday() in self.defer.days:
            # Never the same day: a week later then.
            ahead = (self.defer.weekday - local.weekday()) % 7 or 7
            return self._at(local.date() + timedelta(days=ahead), self.defer.at)
        return None

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)

    def is_open(self, day: date) -> bool:
        """Whether it is open on `day` at all."""
        if day in self.closed or (self.country and day in public_holidays(self.country, day.year)):
            return False
        return bool(self.week[day.weekday()])

    @cached_property
    def _days(self) -> dict[date, list[Interval]]:
        return {}

    def _kept_open(self, day: date) -> list[Interval]:
        """Return the open stretches of a day, kept: all duties that run on this clock ask for the same days."""
        if day not in self._days:
            if len(self._days) >= MAX_SEARCH_DAYS:
                self._days.clear()
            self._days[day] = list(self._open_on(day))
        return self._days[day]

    def _open_on(self, day: date) -> Iterator[Interval]:
        """Yield the open stretches that begin on the local `day`, in UTC."""
        if not self.is_open(day):
            return
        stretches = [self._stretch(day, begin, end) for begin, end in self.week[day.weekday()]]
        if self.quiet is None:
            # Where the clocks go forward, a stretch can be empty.
            yield from (stretch for stretch in stretches if stretch[0] < stretch[1])
            return
        quiet = [self._stretch(day + timedelta(days=offset), *self.quiet) for offset in (-1, 0, 1)]
        yield from _without(stretches, quiet)

    def _stretch(self, day: date, begin: time, end: time) -> Interval:
        zone = ZoneInfo(self.zone)
        # Each end by wall time: between them may lie an hour more or less than usual.
        last = day if end > begin else day + timedelta(days=1)
        return (
            datetime.combine(day, begin, zone).astimezone(UTC),
            datetime.combine(last, end, zone).astimezone(UTC),
        )


ALWAYS = Clock("always")


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


def pushed_on(moment: datetime, pauses: Sequence[Interval]) -> datetime:
    """Return `moment` later by all of the pauses that begin before it, those that it is pushed into included."""
    for begin, end in merged(pauses):
        if begin >= moment:
            break
        moment += end - begin
    return moment


def _without(stretches: Iterator[Interval] | list[Interval], holes: Sequence[Interval]) -> Iterator[Interval]:
    """Yield what is left of `stretches` once the `holes` (in order, apart from each other) are cut out."""
    for begin, end in stretches:
        for hole_begin, hole_end in holes:
            if hole_end <= begin or hole_begin >= end:
                continue
            if hole_begin > begin:
                yield begin, hole_begin
            begin = hole_end
            if begin >= end:
                break
        if begin < end:
            yield begin, end


@lru_cache(maxsize=512)
def public_holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays of a country, or of a subdivision of one, in a year."""
    name, _, subdivision = country.partition("-")
    return frozenset(holidays.country_holidays(name, subdiv=subdivision or None, years=year))


def country_problem(country: str) -> str | None:
    """Return what is wrong with a holiday calendar's name, or None."""
    name, _, subdivision = country.partition("-")
    known = holidays.list_supported_countries()
    if name not in known:
        return f"no holiday calendar for {country!r}; use an ISO 3166 code, such as CN or BR-SP"
    if subdivision and subdivision not in known[name]:
        return f"{name} has no subdivision {subdivision!r}; it has: {', '.join(known[name]) or 'none'}"
    return None
