"""What a rulebook says about disputes: reasons, openings, offers, phases, the decision table, appeals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.policy.facts import Fact, moment_of
from comity.policy.matching import Match
from comity.policy.time.calendars import later
from comity.policy.time.clocks import ALWAYS, Clock

SIDES = ("buyer", "seller", "agent")


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for a dispute, and the evidence it asks of each side."""

    name: str
    title: str
    buyer_evidence: tuple[str, ...] = ()
    seller_evidence: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A moment reckoned from a fact: the fact's own, or one in its data (`field`), and `plus` a length on a clock.

    Whole days on a clock that is always open are days of the calendar of `zone`.
    """

    by: Match
    field: str = ""
    plus: timedelta = timedelta(0)
    clock: Clock = ALWAYS
    zone: str = "UTC"

    def moment(self, facts: Sequence[Fact]) -> datetime | None:
        """Return the moment by the latest fact that is meant, or None where there is none yet."""
        for fact in reversed(facts):
            if self.by.accepts(fact):
                text = fact.data.get(self.field) if self.field else None
                begin = moment_of(text) if isinstance(text, str) else fact.at if not self.field else None
                # A fact whose field holds no moment is passed over for the one before it.
                if begin is not None:
                    if self.clock.always:
                        return later(begin, self.plus, self.zone)
                    return self.clock.due(begin, self.plus) if self.plus else begin
        return None


@dataclass(frozen=True, slots=True)
class Opening:
    """When a dispute may be opened: from the latest of the edges `after`, until the latest of the edges `until`.

    Speaks of disputes with one of `reasons` (empty: any), while none of the facts `unless` has happened, and once one
    of `only_if` has.
    """

    name: str
    reasons: tuple[str, ...]
    after: tuple[Edge, ...]
    until: tuple[Edge, ...]
    unless: tuple[Match, ...] = ()
    only_if: tuple[Match, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a dispute that a fact begins, and what each side may do in it."""

    name: str
    begun_by: tuple[Match, ...]
    may: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the decision table: what must be so (an input left out may be anything), and for whom it is decided."""

    name: str
    when: Mapping[str, tuple[str, ...]]
    outcome: str
    offer: str = ""
    fault: str = ""
    source: str = ""

    def accepts(self, inputs: Mapping[str, str]) -> bool:
        """Whether the row speaks of this case."""
        return all(inputs.get(name) in values for name, values in self.when.items())


@dataclass(frozen=True, slots=True)
class DisputeRules:
    """The rules of disputes: reasons, when to open, kinds of offers, phases, the decision table, appeals."""

    reasons: Mapping[str, Reason]
    openings: tuple[Opening, ...]
    offers: tuple[str, ...]
    phases: tuple[Phase, ...]
    inputs: Mapping[str, tuple[str, ...]]
    table: tuple[Row, ...]
    appeals: tuple[timedelta, ...] = ()
    source: str = ""
