"""The reference's own time: walls walked in steps of ten minutes, asking the zone alone; periods by counting days.

No code of Comity is used, only the values of its rulebooks. All that is drawn lies on steps of ten minutes.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

import holidays

Stretch = tuple[datetime, datetime]
STEP = timedelta(minutes=10)
DAY = timedelta(days=1)
#: So many days are walked from a Monday on; so many before it.
DAYS, BEFORE = 70, 5
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def monday(at: datetime) -> datetime:
    """The beginning of the table in which `at` lies: one for every few weeks, so that it can be kept."""
    weeks = (at - datetime(2026, 1, 5, tzinfo=UTC)) // timedelta(weeks=5)
    return datetime(2026, 1, 5, tzinfo=UTC) + weeks * timedelta(weeks=5) - BEFORE * DAY


@cache
def walls(zone: str, begin: datetime) -> list[datetime]:
    """What the wall of a zone shows, step by step."""
    clock = ZoneInfo(zone)
    steps = (DAYS + BEFORE) * DAY // STEP
    return [(begin + n * STEP).astimezone(clock).replace(tzinfo=None) for n in range(steps)]


@cache
def closed_days(country: str) -> frozenset[date]:
    name, _, part = country.partition("-")
    return frozenset(holidays.country_holidays(name, subdiv=part or None, years=[2025, 2026, 2027]))


def within(at: time, begin: time, end: time) -> bool:
    """Whether a time of day lies in a stretch that may cross midnight; from 00:00 to 00:00 is the whole day."""
    if begin < end:
        return begin <= at < end
    return at >= begin or at < end


def open_at(clock: Any, wall: datetime) -> bool:
    day, at = wall.date(), wall.time()
    if day in clock.closed or (clock.country and day in closed_days(clock.country)):
        return False
    if not any(begin <= at and (end == time(0) or at < end) for begin, end in clock.week[day.weekday()]):
        return False
    return clock.quiet is None or not within(at, *clock.quiet)


_OPEN: dict[Any, tuple[list[bool], list[int]]] = {}


def opened(clock: Any, begin: datetime) -> tuple[list[bool], list[int]]:
    """Step by step whether a clock is open, and in how many steps before each it was."""
    key = (clock.week, clock.zone, clock.country, clock.closed, clock.quiet, begin)
    if key not in _OPEN:
        flags = [open_at(clock, wall) for wall in walls(clock.zone, begin)]
        _OPEN[key] = (flags, [0, *accumulate(flags)])
    return _OPEN[key]


def counts(stops: Sequence[Stretch], at: datetime) -> bool:
    return not any(begin <= at < end for begin, end in stops)


def due(clock: Any, start: datetime, length: timedelta, stops: Sequence[Stretch] = ()) -> datetime:
    """The first step at which so much open time has passed, stops left out; or what a cut-off or a deferral names."""
    named = said(clock, start)
    if named is not None:
        return pushed(start, named, stops)
    if type(length).__name__ == "Days" and all(week == ((time(0), time(0)),) for week in clock.week) and not (
        clock.quiet or clock.closed or clock.country
    ):  # fmt: skip
        return pushed(start, days_later(start, length.days, clock.zone), stops)
    begin = monday(start)
    flags, before = opened(clock, begin)
    at, left = (start - begin) // STEP, length // STEP
    if not stops:
        found = bisect_left(before, before[at] + left)
        return max(begin + found * STEP, start)
    while left:
        left -= flags[at] and counts(stops, begin + at * STEP)
        at += 1
    return begin + at * STEP


def passed(clock: Any, start: datetime, end: datetime, stops: Sequence[Stretch]) -> timedelta:
    """How much open time lies between two moments, stops left out."""
    begin = monday(start)
    flags, _ = opened(clock, begin)
    steps = range((start - begin) // STEP, (end - begin) // STEP)
    return sum(flags[n] and counts(stops, begin + n * STEP) for n in steps) * STEP


def said(clock: Any, start: datetime) -> datetime | None:
    wall = start.astimezone(ZoneInfo(clock.zone)).replace(tzinfo=None)
    if clock.cutoff is not None:
        day = wall.date() if wall.time() < clock.cutoff[0] else wall.date() + DAY
        while not any(open_day(clock, day)):
            day += DAY
        return first_shown(datetime.combine(day, clock.cutoff[1]), clock.zone, start)
    if clock.defer is not None and wall.weekday() in clock.defer.days:
        day = wall.date() + DAY
        while day.weekday() != clock.defer.weekday:
            day += DAY
        return first_shown(datetime.combine(day, clock.defer.at), clock.zone, start)
    return None


def open_day(clock: Any, day: date) -> Iterator[bool]:
    """Whether a day has any hours, quiet ones too."""
    if day in clock.closed or (clock.country and day in closed_days(clock.country)):
        return
    yield from (True for _ in clock.week[day.weekday()])


def first_shown(wall: datetime, zone: str, since: datetime) -> datetime:
    """The first step at which a wall shows a time, or once it has skipped it."""
    begin = monday(since)
    shown = walls(zone, begin)
    return begin + next(n for n, each in enumerate(shown) if each >= wall) * STEP


def days_later(start: datetime, days: int, zone: str) -> datetime:
    wall = start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + days * DAY
    begin = monday(start)
    shown = walls(zone, begin)
    same = next((n for n, each in enumerate(shown) if each == wall), None)
    if same is not None:
        return begin + same * STEP
    return begin + next(n for n, each in enumerate(shown) if each > wall) * STEP


def pushed(start: datetime, moment: datetime, stops: Sequence[Stretch]) -> datetime:
    """Lay the time from `start` to `moment` into what the stops leave, step by step."""
    at, left = start, (moment - start) // STEP
    if not stops or left <= 0:
        return moment
    while left:
        left -= counts(stops, at)
        at += STEP
    return at


def midnight(day: date, zone: str) -> datetime:
    """The first step of a day: walked by the hour, then by ten minutes."""
    at, clock = datetime.combine(day, time(0), UTC) - timedelta(hours=26), ZoneInfo(zone)
    while (at + timedelta(hours=1)).astimezone(clock).date() < day:
        at += timedelta(hours=1)
    while at.astimezone(clock).date() < day:
        at += STEP
    return at


midnight = cache(midnight)


def wall_day(at: datetime, zone: str) -> date:
    return at.astimezone(ZoneInfo(zone)).date()


# Periods


def falls_on(text: str, day: date) -> bool:
    """Whether something that comes "monthly on 4", "quarterly on first monday" … comes on that day."""
    words = text.split()
    following = day + DAY
    if words[0] in ("daily", "continuous"):
        return True
    if words[0] == "weekly":
        return WEEKDAYS[day.weekday()] == words[2]
    if words[0] == "yearly":
        return f"{day:%m-%d}" == words[2]
    if words[0] == "monthly":
        return day.day == int(words[2]) or (day.day < int(words[2]) and following.day == 1)
    if words[2] in ("first", "last"):
        if WEEKDAYS[day.weekday()] != words[3]:
            return False
        week = day - 7 * DAY if words[2] == "first" else day + 7 * DAY
        return quarter(week) != quarter(day)
    return day.month in (1, 4, 7, 10) and day.day == int(words[2])


def quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def before(text: str, at: datetime, zone: str) -> datetime:
    """The last such midnight before a moment."""
    day = wall_day(at, zone)
    while midnight(day, zone) >= at or not falls_on(text, day):
        day -= DAY
    return midnight(day, zone)


def is_one(text: str, at: datetime, zone: str) -> bool:
    day = wall_day(at, zone)
    return midnight(day, zone) == at and falls_on(text, day)


def window(text: str, at: datetime, zone: str, lag: int) -> Stretch:
    """What a window looks at from a moment: whole days, the last one over."""
    today = wall_day(at, zone)
    over = today if midnight(today, zone) == at else today + DAY  # the first day that is not looked at
    over -= lag * DAY
    words = text.split()
    if text == "ever":
        return midnight(date(1970, 1, 1), zone), midnight(over, zone)
    if words[0] != "last":
        count, unit = int(words[0]), words[1].rstrip("s")
        if unit in ("day", "week"):
            return midnight(over - count * (7 if unit == "week" else 1) * DAY, zone), midnight(over, zone)
        months = count * (12 if unit == "year" else 1)
        return midnight(minus_months(over, months), zone), midnight(over, zone)
    count = int(words[1]) if words[1].isdigit() else 1
    unit = words[2 if words[1].isdigit() else 1].rstrip("s")
    here = today - lag * DAY
    begins = here.replace(day=1)
    while unit == "quarter" and begins.month not in (1, 4, 7, 10):
        begins = minus_months(begins, 1)
    if unit == "year":
        begins = begins.replace(month=1)
    first = minus_months(begins, count * {"month": 1, "quarter": 3, "year": 12}[unit])
    return midnight(first, zone), midnight(over if words[-1] == "current" else begins, zone)


def minus_months(day: date, months: int) -> date:
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    last = next(n for n in (31, 30, 29, 28) if is_day(year, month, n))
    return date(year, month, min(day.day, last))


def is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def limited(told: Sequence[Stretch], limit: timedelta, zone: str) -> list[Stretch]:
    """Walk holidays in the order in which they were noted, and keep what each year of the zone has left."""
    kept: list[datetime] = []
    seen: set[datetime] = set()
    used: dict[int, timedelta] = {}
    for begin, end in told:
        at = begin
        while at < end:
            year = wall_day(at, zone).year
            if at not in seen and used.get(year, timedelta()) < limit:
                used[year] = used.get(year, timedelta()) + STEP
                seen.add(at)
                kept.append(at)
            at += STEP
    stretches: list[Stretch] = []
    for at in sorted(kept):
        if stretches and stretches[-1][1] == at:
            stretches[-1] = (stretches[-1][0], at + STEP)
        else:
            stretches.append((at, at + STEP))
    return stretches
