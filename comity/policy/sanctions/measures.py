"""What may follow for a party: points, a measure, and what else a breach can bring."""

from dataclasses import dataclass
from datetime import timedelta

from comity.policy.matching import Match

#: From mild to grave.
MEASURES = ("warning", "restriction", "freeze", "closure")
DECIDERS = ("automatic", "reviewer", "two reviewers")


@dataclass(frozen=True, slots=True)
class ChargeOf:
    """Points on a ledger."""

    ledger: str
    points: int


@dataclass(frozen=True, slots=True)
class Rung:
    """A measure and how it comes about: at a ledger's threshold, at a standard's level or at a duty's breach.

    at           points at which it is reached; on a score, the score it is reached at from above
    every        reached again at each further multiple of so many points; 0: once
    length       None means without end
    decided_by   automatic, reviewer, or two reviewers who must both approve
    restored_by  facts of which one must have happened before the measure ends, its length being over
    appeals      the time there is for each appeal, in their order
    """

    at: int
    measure: str
    length: timedelta | None
    notice: timedelta
    decided_by: str
    every: int = 0
    restored_by: tuple[Match, ...] = ()
    appeals: tuple[timedelta, ...] = ()
    source: str = ""

    def following(self, points: int) -> int | None:
        """Return the first threshold of this rung above `points`; None where it lies behind and does not repeat."""
        if self.at > points:
            return self.at
        return self.at + ((points - self.at) // self.every + 1) * self.every if self.every else None

    def falls_at(self, points: int) -> bool:
        """Whether `points` is one of its thresholds."""
        return points == self.at or (self.every > 0 and points > self.at and (points - self.at) % self.every == 0)

    @property
    def weight(self) -> tuple[int, timedelta]:
        """How heavy it is: by its measure, then its length."""
        return (MEASURES.index(self.measure), self.length or timedelta.max)

    @property
    def automatic(self) -> bool:
        """Whether the measure is placed without a person's approval."""
        return self.decided_by == "automatic"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a breached duty brings.

    decide    the dispute is decided for this side
    opens     the duty that begins
    assign    the course that must be taken
    notify    roles that are told
    """

    charge: ChargeOf | None = None
    decide: str = ""
    escalate: bool = False
    cancel: bool = False
    opens: str = ""
    assign: str = ""
    measure: Rung | None = None
    notify: tuple[str, ...] = ()

    @property
    def settles(self) -> bool:
        """Whether a dispute goes on after the breach: it is decided, escalated, or somebody else must act."""
        return bool(self.decide or self.escalate or self.cancel or self.opens)


NOTHING = Consequences()
