"""Measures: what each kind forbids, how a rulebook asks for one, and what becomes of it.

With them what else may follow for a party: points, and what a breached duty brings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Self

import msgspec

from comity.policy.matching import Match


class Measure(NamedTuple):
    """A kind of measure. What is told of it elsewhere follows from here: the grammar, the guard, badges and words.

    forbids       states of `policy.powers` in which its party's trade is while it is in effect
    by_shop       carried out by the shop, which is told when it begins and ends: nothing here to allow or forbid
    automatic     whether a rulebook may have it placed without a person
    needs_notice  whether a rulebook must give it a notice
    least_notice  the shortest notice that it may give, by `source`
    tone          how pages show it
    """

    forbids: frozenset[str] = frozenset()
    automatic: bool = True
    needs_notice: bool = True
    least_notice: timedelta = timedelta(0)
    source: str = ""
    by_shop: bool = False
    tone: Literal["good", "warn", "bad"] = "bad"

    @property
    def is_good(self) -> bool:
        """Whether it is something to be glad of."""
        return self.tone == "good"


#: States in which a measure puts its party's trade.
FROZEN, NO_LISTINGS, CAPPED, LIMITED, OFF, HELD = (
    "seller_frozen", "no_new_listings", "orders_capped", "messages_limited", "listing_off", "payouts_held",
)  # fmt: skip
#: The state of an agent one of whose own accounts is under such a measure.
SUSPENDED = "staff_suspended"
#: Good ones first, then from mild to grave.
MEASURES: Mapping[str, Measure] = {
    "badge": Measure(needs_notice=False, by_shop=True, tone="good"),
    "lower fee": Measure(needs_notice=False, by_shop=True, tone="good"),
    "warning": Measure(needs_notice=False, tone="warn"),
    "lower ranking": Measure(by_shop=True, tone="warn"),
    "restriction": Measure(by_shop=True, tone="warn"),
    "fee": Measure(by_shop=True, tone="warn"),
    "messages limited": Measure(forbids=frozenset({LIMITED}), tone="warn"),
    "listing off": Measure(forbids=frozenset({OFF})),
    "no new listings": Measure(forbids=frozenset({NO_LISTINGS})),
    "orders capped": Measure(forbids=frozenset({CAPPED})),
    "payout held": Measure(forbids=frozenset({HELD})),
    "freeze": Measure(forbids=frozenset({FROZEN, LIMITED, SUSPENDED})),
    "closure": Measure(
        forbids=frozenset({FROZEN, LIMITED, SUSPENDED}), automatic=False, least_notice=timedelta(days=30),
        source="EU 2019/1150 art. 4",
    ),
}  # fmt: skip
#: How heavy each is, by its place in the table.
WEIGHTS: Mapping[str, int] = {name: weight for weight, name in enumerate(MEASURES)}
DECIDERS = ("automatic", "reviewer", "two reviewers")
NEEDS = ("warning", "told warning", "failed plan")


def forbidding(state: str) -> list[str]:
    """Return the kinds of measures that put a party's trade into a state."""
    return [name for name, measure in MEASURES.items() if state in measure.forbids]


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
    needs        "warning": it waits until a warning of the same ladder was told, and for a charge after that; "told
                 warning": until one was told; "failed plan": until the plan that its level asks for has failed; "": for
                 nothing
    most         how many orders a day an "orders capped" leaves
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
    needs: str = ""
    most: int = 0

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
        return (WEIGHTS[self.measure], self.length or timedelta.max)

    @property
    def automatic(self) -> bool:
        """Whether the measure is placed without a person's approval."""
        return self.decided_by == "automatic"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a breached duty brings.

    decide     the dispute is decided for this side, at the cost of `cost` ("": of who was silent), for the `amount`
               "asked" or for "nothing"
    hand_over  the case goes to another agent
    close      the dispute ends without a winner: "for good", or so that it may be opened again
    refund     what was agreed is paid
    revive     a promise was not kept: the claim lives again as it stood
    remind     who is late is told once more
    plan       what it means for an improvement plan: it "failed", it is "accepted", or it is "checked"
    opens      the duty that begins
    assign     the course that must be taken
    notify     roles that are told
    """

    charge: ChargeOf | None = None
    decide: str = ""
    cost: str = ""
    amount: str = "asked"
    escalate: bool = False
    hand_over: bool = False
    close: str = ""
    refund: bool = False
    revive: bool = False
    remind: bool = False
    plan: str = ""
    cancel: bool = False
    opens: str = ""
    assign: str = ""
    measure: Rung | None = None
    notify: tuple[str, ...] = ()

    @property
    def settles(self) -> bool:
        """Whether a dispute goes on after the breach: it is decided, escalated, or somebody else must act."""
        ends = (self.decide, self.escalate, self.cancel, self.opens, self.hand_over, self.close, self.refund)
        return any(ends) or self.revive


NOTHING = Consequences()


class Origin(NamedTuple):
    """Where a measure comes from: a ledger's rungs, a standard's level, a duty's breach, an agent, or evasion.

    Evasion: an account is linked to one under a measure. It has the name of the conduct rule that it is for, and so
    does an agent's.
    """

    kind: Literal["ledger", "standard", "duty", "agent", "evasion"]
    name: str

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the origin that a text written by `str` says."""
        kind, _, name = text.partition(":")
        return cls(kind, name)  # type: ignore[arg-type]  # what is read was written by `str`

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def label(self) -> str:
        """How it is cited: a ledger by its name alone."""
        return self.name if self.kind == "ledger" else f"{self.kind}:{self.name}"

    def rule(self, number: int) -> str:
        """Return how rulings cite its rung `number`: service:12, standard:late:0."""
        return f"{self.label}:{number}"


class MeasureStatus(StrEnum):
    """What became of a measure."""

    PROPOSED = "proposed"
    PLACED = "placed"
    DECLINED = "declined"
    LIFTED = "lifted"
    OVERTURNED = "overturned"


class MeasureState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A measure on a party, for `because`: the charges on its ledger, or the one breach or rating that brings it.

    `issue` counts how often it was issued. With `seconded_by`, one of two reviewers has approved. A placed measure
    whose length is over and that asks for something stays without a `next_at` until that was done (`restored_at`).

    told_at       when the party was told of it; None while what told it has not arrived
    placed_at     when it was placed: by a rule, or when a person approved it; None while it is proposed
    effective_at  when it takes effect; None while it is proposed, or waits until it is told or has been warned of
    quiet         proposed of an imported past, of which nobody was told
    asked_by      the agent who asked for it, for `asked_for` seconds (0: without end) after `asked_notice` seconds
    of            what it is about where that is not all of the party's trade: listings
    shortened     the seconds that it lasts, where an appeal shortened it: whenever it begins
    seen          what it rests on beside points, as things stood when it was issued (`policy.sanctions.grounds`)
    """

    key: str
    origin: Origin
    rung: int
    measure: str
    points: int
    rulebook: str
    status: MeasureStatus
    at: datetime
    because: tuple[str, ...]
    until: datetime | None = None
    next_at: datetime | None = None
    ended_at: datetime | None = None
    issue: int = 0
    decided_by: str = ""
    seconded_by: str = ""
    restored_at: datetime | None = None
    told_at: datetime | None = None
    placed_at: datetime | None = None
    effective_at: datetime | None = None
    quiet: bool = False
    asked_by: str = ""
    asked_for: int = 0
    asked_notice: int = 0
    of: tuple[str, ...] = ()
    shortened: int | None = None
    seen: tuple[str, ...] = ()

    @property
    def matter(self) -> str:
        """The matter under which it is spoken of: itself."""
        return f"sanction:{self.key}"

    @property
    def subject(self) -> str:
        """What facts about it are about: itself."""
        return self.matter

    @property
    def turn(self) -> int:
        """How often it was issued: each issue ends once."""
        return self.issue

    @property
    def about(self) -> dict[str, Any]:
        """What every ruling on it says, but for its moment."""
        return {"matter": self.matter, "rule": self.origin.rule(self.rung), "rulebook": self.rulebook, "key": self.key}
