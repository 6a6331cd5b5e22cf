"""The dossier: all that the judge may know about a party and a matter at one moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from comity.policy.clocks import Interval
from comity.policy.facts import Fact


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


class MeasureStatus(StrEnum):
    """What became of a measure."""

    PROPOSED = "proposed"
    PLACED = "placed"
    DECLINED = "declined"
    LIFTED = "lifted"
    OVERTURNED = "overturned"


class DutyState(msgspec.Struct, frozen=True, kw_only=True):
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


class ChargeState(msgspec.Struct, frozen=True, kw_only=True):
    """One charge in force on a ledger, for the breached duty `because`."""

    key: str
    ledger: str
    points: int
    rulebook: str
    rule: str
    matter: str
    because: str
    at: datetime
    expires_at: datetime


class MeasureState(msgspec.Struct, frozen=True, kw_only=True):
    """One measure, proposed or placed. `next_at` is its end while it is placed; `issue` counts its rulings anew."""

    key: str
    ledger: str
    rung: int
    measure: str
    points: int
    rulebook: str
    status: MeasureStatus
    at: datetime
    because: tuple[str, ...]
    next_at: datetime | None = None
    issue: int = 0


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known when a fact is judged.

    duties    of the matter: the newest for each rule and subject; all of them where the fact is late, or a pause
    last_at   the latest moment of which the matter has a line, fact or ruling; a fact not after it came late
    history   the matter's facts in the order of time; None where the fact needs none
    charges   in force on the party's ledgers; read only where a breach may come or go
    measures  of the party; likewise
    pauses    closed stretches that count against nobody, of the party and of the matter
    """

    matter: str
    duties: Collection[DutyState] = ()
    last_at: datetime | None = None
    history: Sequence[Fact] | None = None
    charges: Collection[ChargeState] = ()
    measures: Collection[MeasureState] = ()
    pauses: tuple[Interval, ...] = ()

    def is_late(self, fact: Fact) -> bool:
        """Whether `fact` happened before something that was already judged."""
        return self.last_at is not None and fact.at <= self.last_at
