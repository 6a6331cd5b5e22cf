"""A ledger as the rulebook keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.policy.matching import Match
from comity.policy.sanctions.measures import Rung
from comity.policy.time.calendars import Recurring, later


@dataclass(frozen=True, slots=True)
class Accrual:
    """A score rises by `points` for every `every` subjects that count by the standard `of`."""

    points: int
    every: int
    of: str


@dataclass(frozen=True, slots=True)
class Earning:
    """Points that a fact takes off a ledger."""

    by: Match
    points: int


@dataclass(frozen=True)
class LedgerRule:
    """An account of penalty points of one kind, its rungs from mild to grave.

    expires_after  how long each charge lives; with `resets` it ends at the next reset if that is sooner
    cap            most points that the charges of one day (in `zone`) add
    merges         charges within so long of the first of them count as that one
    strikes        every charge counts one
    start          for a positive score: where it begins; charges lower it, never below 0 or above `most`
    """

    name: str
    title: str
    expires_after: timedelta | None
    rungs: tuple[Rung, ...]
    resets: Recurring | None = None
    cap: int | None = None
    merges: timedelta | None = None
    strikes: bool = False
    earns: tuple[Earning, ...] = ()
    start: int | None = None
    most: int = 0
    accrual: Accrual | None = None
    zone: str = "UTC"
    source: str = ""

    @property
    def is_score(self) -> bool:
        """Whether it is a positive score, whose rungs are reached from above."""
        return self.start is not None

    def ends(self, at: datetime) -> datetime:
        """Return when a charge of `at` ends: it is alive before, and not from then on."""
        ends = [later(at, self.expires_after, self.zone)] if self.expires_after is not None else []
        if self.resets is not None:
            ends.append(self.resets.after(at))
        return min(ends)


def reminds(rungs: Sequence[Rung], rung: Rung) -> bool:
    """Whether a rung is a warning between graver ones: it reminds, and makes nothing milder."""
    place = rungs.index(rung)
    before = max((each.weight for each in rungs[:place]), default=rung.weight)
    after = max((each.weight for each in rungs[place + 1 :]), default=rung.weight)
    return rung.measure == "warning" and rung.weight < before <= after
