"""Duties as they stand: one, those of a matter, and all of a party."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec


class DutyStatus(StrEnum):
    """What became of a duty."""

    OPEN = "open"
    MET = "met"
    WAIVED = "waived"
    VOIDED = "voided"
    UNKNOWN = "unknown"
    BREACHED = "breached"
    CURED = "cured"
    OVERTURNED = "overturned"


class DutyState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One duty as it stands. `next_at` is when the clock looks at it next; None once nothing more can fall due.

    A breached duty with `ended_at` None is still asked for: it can be cured, and no new cycle opens.
    """

    key: str
    rule: str
    rulebook: str
    matter: str
    subject: str
    opened_at: datetime
    opened_by: str
    due: datetime
    status: DutyStatus = DutyStatus.OPEN
    warned: int = 0
    next_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def place(self) -> tuple[datetime, str]:
        """Where the duty stands in time: where the fact that opened it stands."""
        return (self.opened_at, self.opened_by)

    @property
    def live(self) -> bool:
        """Whether somebody is still expected to act."""
        return self.ended_at is None and self.status in (DutyStatus.OPEN, DutyStatus.BREACHED)

    @property
    def about(self) -> tuple[str, str]:
        """Its rule and subject, of which the newest duty counts."""
        return (self.rule, self.subject)

    @property
    def turn(self) -> int:
        """How many of its moments have passed."""
        return self.warned


class Matter:
    """The duties of one matter: by key all of them, and the newest for each rule and subject.

    `older` holds keys of duties that are still to be ruled on though a newer one took their place.
    """

    __slots__ = ("by_key", "current", "older")

    def __init__(self, duties: Iterable[DutyState] = ()):
        self.by_key: dict[str, DutyState] = {}
        self.current: dict[tuple[str, str], DutyState] = {}
        self.older: set[str] = set()
        for duty in sorted(duties, key=_place) if duties else ():
            self.put(duty)

    def put(self, duty: DutyState) -> None:
        """Hold `duty` in its newest state."""
        key, about = duty.key, (duty.rule, duty.subject)
        self.by_key[key] = duty
        if key in self.older:
            return
        newest = self.current.get(about)
        if duty.status is DutyStatus.OVERTURNED:
            if newest is not None and newest.key == key:
                self._step_back(about)
        # A duty that was opened late, for an earlier fact, does not take the place of a newer one.
        elif newest is None or newest.key == key or _gives_way(newest, duty):
            self.current[about] = duty

    def _step_back(self, about: tuple[str, str]) -> None:
        """Let the newest of those that are left take the place of one that was overturned."""
        duties = self.by_key.values()
        rest = [duty for duty in duties if duty.about == about and duty.status is not DutyStatus.OVERTURNED]
        if rest:
            self.current[about] = max(rest, key=lambda duty: duty.place)
        else:
            del self.current[about]

    def live(self) -> list[DutyState]:
        """The duties on which somebody is still expected to act."""
        return [duty for duty in self.current.values() if duty.live]


def _gives_way(newest: DutyState, duty: DutyState) -> bool:
    """Whether a duty is newer than the newest so far: opened later; of two of one moment the one that goes on."""
    if newest.opened_at != duty.opened_at:
        return newest.opened_at < duty.opened_at
    return duty.live if newest.live != duty.live else newest.opened_by <= duty.opened_by


def _place(duty: DutyState) -> tuple[datetime, str]:
    return duty.place


_NONE: Mapping[tuple[str, str], DutyState] = {}


class Duties:
    """All duties of a party, by key and by matter."""

    __slots__ = ("by_key", "get", "matters", "values")

    def __init__(self) -> None:
        self.by_key: dict[str, DutyState] = {}
        self.matters: dict[str, Matter] = {}
        self.get = self.by_key.get
        self.values = self.by_key.values

    def matter(self, name: str) -> Matter:
        """Return the duties of a matter, none yet or some."""
        held = self.matters.get(name)
        if held is None:
            held = self.matters[name] = Matter()
        return held

    def current(self, matter: str) -> Mapping[tuple[str, str], DutyState]:
        """Return the newest duty for each rule and subject of a matter."""
        held = self.matters.get(matter)
        return held.current if held is not None else _NONE

    def __getitem__(self, key: str) -> DutyState:
        return self.by_key[key]

    def __setitem__(self, key: str, duty: DutyState) -> None:
        self.by_key[key] = duty
        held = self.matters.get(duty.matter)
        if held is None:
            held = self.matters[duty.matter] = Matter()
        held.put(duty)

    def setdefault(self, key: str, duty: DutyState) -> DutyState:
        """Hold `duty` unless a newer state of it is here already."""
        if key not in self.by_key:
            self[key] = duty
        return self.by_key[key]
