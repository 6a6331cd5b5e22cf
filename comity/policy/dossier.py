"""The dossier: all that the judge may know about a party and a matter at one moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from comity.policy.facts import Fact

if TYPE_CHECKING:
    from comity.policy.standards.tally import Counting

#: A pause: from, until, cause.
Stretch = tuple[datetime, datetime, str]


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
    """One charge in force on a ledger, for `because`: a breached duty, a finding, a rating. A credit is below zero."""

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
    """One measure, proposed or placed. `next_at` is its end while it is placed; `issue` counts its rulings anew.

    `seconded_by` is the first of two reviewers; `restored_at` when what it asks of the party was done.
    """

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
    seconded_by: str = ""
    restored_at: datetime | None = None


class RatingState(msgspec.Struct, frozen=True, kw_only=True):
    """A level of a standard that was reached at the evaluation of `at`."""

    key: str
    standard: str
    rulebook: str
    at: datetime
    level: int
    counted: int
    faulty: int


class PeerState(msgspec.Struct, frozen=True, kw_only=True):
    """How the party's peers did by a standard, measured at `at`."""

    id: str
    standard: str
    at: datetime
    counted: int
    faulty: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is known when a fact is judged.

    duties    of the matter: the newest for each rule and subject; all of them where the fact is late, or a pause
    last_at   the latest moment of which the matter has a line, fact or ruling; a fact not after it came late
    history   the matter's facts in the order of time; None where the fact needs none
    charges   in force on the party's ledgers; read only where a breach may come or go
    measures  of the party; likewise
    pauses    closed stretches that count against nobody, of the party and of the matter
    counting  the party's rows by standard, as they stand
    ratings   of the party in force; read only where an evaluation comes or goes
    peers     what was measured of the party's peers
    """

    matter: str
    duties: Collection[DutyState] = ()
    last_at: datetime | None = None
    history: Sequence[Fact] | None = None
    charges: Collection[ChargeState] = ()
    measures: Collection[MeasureState] = ()
    pauses: tuple[Stretch, ...] = ()
    counting: "Counting | None" = None
    ratings: Collection[RatingState] = ()
    peers: Collection[PeerState] = ()

    def is_late(self, fact: Fact) -> bool:
        """Whether `fact` happened before something that was already judged."""
        return self.last_at is not None and fact.at <= self.last_at
