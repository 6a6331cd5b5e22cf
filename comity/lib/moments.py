"""Moments are aware datetimes in UTC; nothing else is let in. Text form: 2026-01-31T23:59:59.000000Z."""

import re
from datetime import UTC, datetime, timedelta

from comity.lib import zones

__all__ = [
    "EARLIEST", "LATEST", "UTC", "ZonelessTime", "believable", "in_utc", "is_day", "local", "parse", "require",
    "seconds", "to_text",
]  # fmt: skip

#: Moments that can be believed. Windows and deadlines reach beyond them, and no calendar does.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
#: A day alone, or its midnight.
_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}(?:[T ]00:00(?::00(?:\.0+)?)?)?", re.ASCII)
_WITHOUT_ZONE = len("2026-01-31T23:59:59.000000")


class ZonelessTime(ValueError):
    """A time without a zone, or not in UTC where UTC is required."""


def require(moment: datetime) -> datetime:
    """Return `moment` if it is aware and in UTC, else raise ZonelessTime."""
    # The common case first: comparing objects is cheap, asking a zone for its offset is not.
    if moment.tzinfo is not UTC and (moment.tzinfo is None or moment.utcoffset() != timedelta(0)):
        raise ZonelessTime(f"{moment.isoformat()} is not in UTC; give the time with its zone, such as …T12:00:00Z")
    return moment


def in_utc(moment: datetime) -> datetime:
    """Return an aware moment moved to UTC; raise ZonelessTime for a naive one, ValueError beyond year 1 or 9999."""
    if moment.tzinfo is None:
        raise ZonelessTime(f"{moment.isoformat()} has no zone; add one, such as …T12:00:00Z or …T12:00:00+02:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} is beyond all calendars in UTC") from None


def believable(moment: datetime) -> datetime:
    """Return an aware moment in UTC; raise ValueError for one before 1970 or after 2999."""
    at = in_utc(moment)
    if not EARLIEST <= at <= LATEST:
        raise ValueError(f"{moment.isoformat()} must lie between {EARLIEST.year} and {LATEST.year}")
    return at


def to_text(moment: datetime) -> str:
    """Return 2026-01-31T23:59:59.000000Z: fixed width, so text order is time order."""
    return require(moment).isoformat(timespec="microseconds")[:_WITHOUT_ZONE] + "Z"


def parse(text: str) -> datetime:
    """Read an ISO 8601 time with a zone; raise ZonelessTime without one and ValueError if it is no time at all."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else in_utc(moment)


def local(text: str, zone: str) -> tuple[datetime, bool]:
    """Read a time that may lack its zone: then it is taken in `zone`, and True comes with it.

    Raises ValueError, for one that cannot be believed, too. A zone that nobody knows is UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        return believable(moment.replace(tzinfo=zones.zone(zone))), True
    return believable(moment), False


def is_day(text: str) -> bool:
    """Whether a time says the day alone: midnight without a zone is how a day looks where a time was expected."""
    return _DAY.fullmatch(text.strip()) is not None


def seconds(span: timedelta) -> int:
    """Whole seconds in `span`, rounded down."""
    return span // timedelta(seconds=1)
