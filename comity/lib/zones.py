"""Time zones by name. A name that nobody knows, such as one that was dropped from the tables since, stops nothing."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

UTC = "UTC"


@cache
def names() -> frozenset[str]:
    """Return the names of all zones there are. Read once: the tables are files."""
    return frozenset(available_timezones())


def is_known(name: str) -> bool:
    """Whether there is a zone of that name."""
    return name in names()


def zone(name: str) -> ZoneInfo:
    """Return the zone of that name; UTC where there is none."""
    return ZoneInfo(name if is_known(name) else UTC)
