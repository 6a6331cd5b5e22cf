"""Moments are aware datetimes in UTC; nothing else is let in. Text form: 2026-01-31T23:59:59.000000Z."""

from datetime import UTC, datetime, timedelta

__all__ = ["UTC", "ZonelessTime", "in_utc", "parse", "require", "seconds", "to_text"]


class ZonelessTime(ValueError):
    """A time without a zone, or not in UTC where UTC is required."""


def require(moment: datetime) -> datetime:
    """Return `moment` if it is aware and in UTC, else raise ZonelessTime."""
    if moment.tzinfo is not UTC and (moment.tzinfo is None or moment.utcoffset() != timedelta(0)):
        raise ZonelessTime(f"{moment.isoformat()} is not in UTC; give the time with its zone, such as …T12:00:00Z")
    return moment


def in_utc(moment: datetime) -> datetime:
    """Return an aware moment moved to UTC; raise ZonelessTime for a naive one."""
    if moment.tzinfo is None:
        raise ZonelessTime(f"{moment.isoformat()} has no zone; add one, such as …T12:00:00Z or …T12:00:00+02:00")
    return moment.astimezone(UTC)


def to_text(moment: datetime) -> str:
    """Return 2026-01-31T23:59:59.000000Z: fixed width, so text order is time order."""
    return require(moment).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else _early(moment)


def parse(text: str) -> datetime:
    """Read an ISO 8601 time with a zone; raise ZonelessTime without one and ValueError if it is no time at all."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else in_utc(moment)


def seconds(span: timedelta) -> int:
    """Whole seconds in `span`, rounded down."""
    return span // timedelta(seconds=1)


def _early(moment: datetime) -> str:
    return f"{moment.year:04d}" + require(moment).strftime("-%m-%dT%H:%M:%S.%fZ")
