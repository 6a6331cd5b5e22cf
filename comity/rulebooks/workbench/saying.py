"""Moments as worked cases write them: "2026-01-02 10:00", with an offset where the wall shows it twice, or a day."""

import re
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from comity.lib.moments import UTC
from comity.policy.facts import EARLIEST, LATEST, Scalar
from comity.policy.time import days

#: A moment of a worked case, as a regular expression without groups.
PATTERN = r"(?:\d{4}-\d\d-\d\d|day -?\d{1,4})(?:[ T]\d\d:\d\d(?::\d\d)?(?: ?(?:Z|[+-]\d\d:\d\d))?)?"
_PARTS = re.compile(
    r"(?:(\d{4}-\d\d-\d\d)|day (-?\d{1,4}))(?:[ T](\d\d):(\d\d)(?::(\d\d))?(?: ?(Z|[+-]\d\d:\d\d))?)?\Z"
)
_TICK = timedelta(microseconds=1)


def moment(text: str, zone: str, day_zero: date, *, end: bool = False) -> datetime:
    """Read a moment in `zone`; a day alone is its beginning, or its end. Raises ValueError.

    A time that the wall skips is refused, and one that it shows twice unless it comes with its offset.
    """
    parts = _PARTS.match(text)
    if parts is None:
        raise ValueError(f'{text!r} is not a moment; write "2026-01-02 10:00", "2026-01-02" or "day 3 10:00"')
    said, number, hour, minute, second, offset = parts.groups()
    day = date.fromisoformat(said) if said else day_zero + timedelta(days=int(number))
    if not EARLIEST.date() <= day <= LATEST.date():
        raise ValueError(f"{text!r} must lie between {EARLIEST.year} and {LATEST.year}")
    if hour is None:
        if not days.exists(day, zone):
            raise ValueError(f"{day} never was in {zone}")
        return days.begin_of(day + days.DAY, zone) - _TICK if end else days.begin_of(day, zone)
    at = time(int(hour), int(minute), int(second or 0))
    return _with_offset(day, at, offset) if offset else at_wall(datetime.combine(day, at), zone)


def at_wall(local: datetime, zone: str) -> datetime:
    """Return the one moment at which the wall of `zone` shows a time without an offset; raise ValueError."""
    if not EARLIEST.date() <= local.date() <= LATEST.date():
        raise ValueError(f"{local} must lie between {EARLIEST.year} and {LATEST.year}")
    found = days.moments_of(local.date(), local.time(), zone)
    if not found:
        raise ValueError(f"{local:%Y-%m-%d %H:%M} never was in {zone}: its clocks skip that time")
    if len(found) > 1:
        forms = " or ".join(
            f"{each.astimezone(ZoneInfo(zone)).isoformat(sep=' ', timespec='minutes')}" for each in found
        )
        raise ValueError(f"{local:%Y-%m-%d %H:%M} comes twice in {zone}; write {forms}")
    return found[0]


def wall(at: datetime, zone: str) -> str:
    """Return a moment as a worked case writes it, to the second: with its offset where the wall shows it twice."""
    local = at.astimezone(ZoneInfo(zone)).replace(microsecond=0)
    twice = len(days.moments_of(local.date(), local.time(), zone)) > 1
    shown = local if twice else local.replace(tzinfo=None)
    return shown.isoformat(sep=" ", timespec="seconds" if local.second else "minutes")


def written(value: Scalar) -> str:
    """Return a value of a fact as a line of a worked case has it."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"'{text}'" if " " in text else text


def _with_offset(day: date, at: time, offset: str) -> datetime:
    distance = timedelta() if offset == "Z" else timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
    if distance >= timedelta(days=1):
        raise ValueError(f"{offset!r} is no offset from UTC")
    return datetime.combine(day, at, timezone(-distance if offset[0] == "-" else distance)).astimezone(UTC)


def is_same(wanted: str, found: datetime, zone: str) -> bool:
    """Whether an expected text means a moment: to the second or minute that it says, or the day alone.

    With an offset moments are compared; without one, what the wall of `zone` shows.
    """
    parts = _PARTS.match(wanted)
    local = found.astimezone(ZoneInfo(zone))
    if parts is None or parts[1] is None:
        return False
    day, _, hour, minute, second, offset = parts.groups()
    if hour is None:
        return day == f"{local:%Y-%m-%d}"
    seen = local if second else local.replace(second=0)
    if offset:
        at = time(int(hour), int(minute), int(second or 0))
        return _with_offset(date.fromisoformat(day), at, offset) == seen.astimezone(UTC).replace(microsecond=0)
    return f"{day} {hour}:{minute}:{second or '00'}" == f"{seen:%Y-%m-%d %H:%M:%S}"
