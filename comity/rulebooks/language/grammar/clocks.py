"""[[clock]]: which stretches of time count."""

import re
from collections.abc import Sequence
from datetime import time
from difflib import get_close_matches
from functools import cache
from zoneinfo import available_timezones

from comity.policy.time.calendars import WEEKDAYS
from comity.policy.time.clocks import FULL_DAY, MIDNIGHT, Clock, Deferral, country_problem
from comity.rulebooks.language.reading import Table

#: mon to sun
DAYS = tuple(day[:3] for day in WEEKDAYS)
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)\Z")
_HOUR = re.compile(r"(\d\d):(\d\d)\Z")
_WEEKDAY_HOUR = re.compile(rf"({'|'.join(DAYS)}) (\d\d:\d\d)\Z")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone(table: Table, key: str) -> str | None:
    """Read the name of a time zone."""
    name = table.text(key)
    if name and name not in _zones():
        close = get_close_matches(name, _zones(), n=1)
        table.wrong(key, f"unknown time zone {name!r}", f"did you mean {close[0]}?" if close else "")
        return None
    return name or None


def clock(table: Table, default_zone: str) -> Clock:
    """Read a clock."""
    table.known("clock")
    name = table.name("name") or "?"
    if name == "always":
        table.wrong("name", '"always" is built in', "choose another name")
    days = table.texts("days", default=list(DAYS), choices=DAYS)
    hours = tuple(_stretch(table, "hours", text) for text in table.texts("hours", default=[]))
    week = tuple((hours or FULL_DAY) if day in days else () for day in DAYS)
    if not any(week):
        table.fail("days", "the clock is never open", "name at least one day")
    _check_apart(table, hours)
    country = table.text("holidays") or ""
    if country and (problem := country_problem(country)):
        table.wrong("holidays", problem)
        country = ""
    quiet_text = table.text("quiet")
    quiet = _stretch(table, "quiet", quiet_text) if quiet_text else None
    if quiet is not None and quiet[0] == quiet[1]:
        table.fail("quiet", "the whole day is quiet", "leave some of it")
    if quiet is not None and Clock(name, week=week, quiet=quiet).never_open:
        table.fail("quiet", "the clock is never open: all of its hours are quiet", "leave some of them")
    return Clock(
        name=name,
        week=week,
        zone=zone(table, "zone") or default_zone,
        country=country,
        closed=frozenset(table.dates("closed")),
        quiet=quiet,
        cutoff=_cutoff(table),
        defer=_deferral(table),
    )


def _cutoff(table: Table) -> tuple[time, time] | None:
    if ("cutoff" in table.values) != ("answer_by" in table.values):
        table.wrong("cutoff", "cutoff and answer_by go together", 'cutoff = "18:00" and answer_by = "19:00"')
        return None
    if "cutoff" not in table.values:
        return None
    asked, answered = _hour(table, "cutoff", table.text("cutoff")), _hour(table, "answer_by", table.text("answer_by"))
    if asked > answered:
        table.wrong("answer_by", "the answer is due before the cut-off", 'cutoff = "18:00" and answer_by = "19:00"')
    return asked, answered


def _deferral(table: Table) -> Deferral | None:
    inner = table.table("defer")
    if inner is None:
        return None
    inner.known("defer")
    days = inner.texts("days", default=[], choices=DAYS)
    parts = _WEEKDAY_HOUR.match(inner.text("to", required=True))
    if parts is None or not days:
        inner.wrong("to", "a deferral names days and when it is due", '{ days = ["sat", "sun"], to = "mon 12:00" }')
        return None
    if parts.group(1) in days:
        inner.wrong("to", f"{parts.group(1)} is one of the days that wait", "defer to another day")
    numbers = frozenset(DAYS.index(day) for day in days if day in DAYS)
    return Deferral(numbers, DAYS.index(parts.group(1)), _hour(inner, "to", parts.group(2)))


def _hour(table: Table, key: str, text: str) -> time:
    parts = _HOUR.match(text)
    try:
        if parts is None:
            raise ValueError
        return time(int(parts.group(1)), int(parts.group(2)))
    except ValueError:
        table.fail(key, f"{text!r} is not a time of day", 'write it as "18:00"')


def _stretch(table: Table, key: str, text: str) -> tuple[time, time]:
    parts = _HOURS.match(text)
    if not parts:
        table.fail(key, f"{text!r} is not a stretch of the day", 'write it as "09:00-18:00"')
    numbers = [int(part) for part in parts.groups()]
    try:
        # 24:00 ends a day (ISO 8601); Python's times know 00:00 alone.
        begin, end = time(numbers[0], numbers[1]), time(numbers[2] % 24, numbers[3])
    except ValueError:
        table.fail(key, f"{text!r} has an hour or minute that does not exist")
    if numbers[2] > 24 or (numbers[2] == 24 and numbers[3]):
        table.fail(key, f"{text!r} ends after midnight", 'end at "24:00" and begin again the next day')
    return begin, end


def _check_apart(table: Table, hours: Sequence[tuple[time, time]]) -> None:
    latest = MIDNIGHT
    for position, (begin, end) in enumerate(hours):
        # A stretch that ends at midnight is the last of its day.
        if (end <= begin and end != MIDNIGHT) or begin < latest or (position and latest == MIDNIGHT):
            table.wrong("hours", "stretches must be in order, apart, and within one day")
            return
        latest = end
