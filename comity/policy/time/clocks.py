"""Clocks: the time a duty runs on.

A clock says which stretches of time count. A duty's deadline is found by laying its length into the open stretches
after its start, leaving out every pause. On every clock one day is 24 open hours, so "5 days" on a clock that is open
Monday to Friday around the clock is five working days, and the parser asks for hours where a day has fewer.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

import holidays

from comity.lib.moments import UTC
from comity.policy.time import days
from comity.policy.time.days import DAY, MIDNIGHT, Interval, day_of, merged

__all__ = [
    "ALWAYS", "FULL_DAY", "MIDNIGHT", "Clock", "Deferral", "Interval", "Stretch", "merged", "pushed_on", "without",
]  # fmt: skip

#: So many days a clock looks for open hours, pauses aside. Beyond, every hour counts.
MAX_SEARCH_DAYS = 3660
FULL_DAY = ((MIDNIGHT, MIDNIGHT),)
_AFTER_ALL = datetime.max.replace(tzinfo=UTC)
_WEEK = 7

#: A pause: from, until, cause.
Stretch = tuple[datetime, datetime, str]


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

    @cached_property
    def plain(self) -> bool:
        """Whether it is open around the clock every day."""
        return not self.country and not self.closed and self.quiet is None and self.whole_days and all(self.week)

    @property
    def whole_days(self) -> bool:
        """Whether every open day is open for all its 24 hours, so that lengths in days make sense."""
        return self.quiet is None and all(day in ((), FULL_DAY) for day in self.week)

    @property
    def never_open(self) -> bool:
        """Whether no weekday has an hour that counts, holidays and changes of the zone aside."""
        usual = Clock("usual", week=self.week, quiet=self.quiet)
        return not any(usual._open_on(date(2026, 1, 1) + number * DAY) for number in range(_WEEK))

    def due(self, start: datetime, length: timedelta, pauses: Sequence[Interval] = ()) -> datetime:
        """Return the first moment at which `length` of open time has passed since `start`, pauses left out.

        A cut-off or a deferral names the moment itself; pauses between push it on by as long as they last. Where the
        clock is not open often enough within MAX_SEARCH_DAYS, every hour beyond counts.
        """
        if not pauses and self.always:
            return start + length
        named = self._named(start) if not self.plain or self.cutoff or self.defer else start + length
        if named is not None:
            return pushed_on(named, [(max(begin, start), end) for begin, end in pauses if end > start])
        left = length
        for begin, end in self._counting(start, _AFTER_ALL, pauses):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise AssertionError("the last stretch has no end")

    def before(self, moment: datetime, length: timedelta, since: datetime, pauses: Sequence[Interval] = ()) -> datetime:
        """Return the last moment from which `length` of open time passes until `moment`, pauses left out.

        `since`, where less than that has passed since then.
        """
        left = length
        for begin, end in reversed(list(self._counting(since, moment, pauses))):
            if end - begin >= left:
                return end - left
            left -= end - begin
        return since

    def elapsed(self, start: datetime, end: datetime, pauses: Sequence[Interval] = ()) -> timedelta:
        """Return how much open time lies between `start` and `end`, pauses left out."""
        return sum((until - begin for begin, until in self._counting(start, end, pauses)), timedelta())

    def _counting(self, start: datetime, before: datetime, pauses: Sequence[Interval]) -> Iterator[Interval]:
        """Yield the stretches from `start` on and before `before` that count, in UTC and in order.

        Days within a pause are passed over, not looked at: it may last for years.
        """
        looked_at = 0
        for free, until in without([(start, before)], merged(pauses)):
            if self.plain:
                yield free, until
                continue
            here = free
            # From the day before, for walls that show a day again that was over.
            day = day_of(free, self.zone) - DAY
            while here < until and looked_at < MAX_SEARCH_DAYS:
                for begin, end in self._kept_open(day):
                    if begin >= until:
                        break
                    if end > here:
                        yield max(begin, here), min(end, until)
                day, looked_at = day + DAY, looked_at + 1
                if (begun := days.begin_of(day, self.zone)) >= until:
                    here = until
                elif looked_at == MAX_SEARCH_DAYS:
                    here = max(here, begun)
            if here < until:
                yield here, until

    def _named(self, start: datetime) -> datetime | None:
        """Return the moment that the cut-off or the deferral names for what begins at `start`, or None."""
        local = start.astimezone(ZoneInfo(self.zone))
        if self.cutoff is not None:
            day = local.date() if local.time() < self.cutoff[0] else local.date() + DAY
            return days.moment(self.open_from(day), self.cutoff[1], self.zone)
        if self.defer is not None and local.weekday() in self.defer.days:
            # Never the same day: a week later then.
            ahead = (self.defer.weekday - local.weekday()) % 7 or 7
            return days.moment(local.date() + timedelta(days=ahead), self.defer.at, self.zone)
        return None

    def open_from(self, day: date) -> date:
        """Return the first day from `day` on on which it is open; `day` where none is within MAX_SEARCH_DAYS."""
        following = (day + ahead * DAY for ahead in range(MAX_SEARCH_DAYS))
        return next((each for each in following if self.is_open(each)), day)

    def is_open(self, day: date) -> bool:
        """Whether it is open on `day` at all."""
        if day in self.closed or (self.country and day in public_holidays(self.country, day.year)):
            return False
        return bool(self.week[day.weekday()]) and days.exists(day, self.zone)

    @cached_property
    def _days(self) -> dict[date, list[Interval]]:
        return {}

    def _kept_open(self, day: date) -> list[Interval]:
        """Return the open stretches of a day, kept: all duties that run on this clock ask for the same days."""
        if day not in self._days:
            if len(self._days) >= MAX_SEARCH_DAYS:
                self._days.clear()
            self._days[day] = self._open_on(day)
        return self._days[day]

    def _open_on(self, day: date) -> list[Interval]:
        """Return the open stretches of the local `day`, in UTC, in order and apart."""
        if not self.is_open(day):
            return []
        hours = self.week[day.weekday()]
        stretches = merged([piece for begin, end in hours for piece in days.shown(day, begin, end, self.zone)])
        return list(without(stretches, self._quiet_on(day)))

    def _quiet_on(self, day: date) -> list[Interval]:
        if self.quiet is None:
            return []
        begin, end = self.quiet
        if begin < end or end == MIDNIGHT:
            return days.shown(day, begin, end, self.zone)
        morning, evening = days.shown(day, MIDNIGHT, end, self.zone), days.shown(day, begin, MIDNIGHT, self.zone)
        return merged([*morning, *evening])


#: Open around the clock, in the zone of the rulebook: a rulebook's own has that one.
ALWAYS = Clock("always")


def pushed_on(moment: datetime, pauses: Sequence[Interval]) -> datetime:
    """Return `moment` later by all of the pauses that begin before it, those that it is pushed into included."""
    for begin, end in merged(pauses):
        if begin >= moment:
            break
        moment += end - begin
    return moment


def without(stretches: Sequence[Interval], holes: Sequence[Interval]) -> Iterator[Interval]:
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
    with warnings.catch_warnings():  # of years for which some calendars are not known
        warnings.simplefilter("ignore")
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
