"""Disputes: when one may be opened, what each side may do in which phase, and the mediator's decision table.

The times of a dispute are duties like any other (a seller's silence is a breached duty whose consequence decides or
escalates); here is the rest. Pure functions of the matter's facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

from comity.policy.facts import Fact, moment_of
from comity.policy.matching import Match, accepted
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


def window(rules: DisputeRules, reason: str, facts: Sequence[Fact]) -> tuple[datetime | None, datetime | None]:
    """Return from when until when a dispute for `reason` may be opened, by the facts so far; None: never, or no end.

    Of several openings that speak of the case, the one that opens first counts.
    """
    stretches = []
    for opening in rules.openings:
        if opening.reasons and reason not in opening.reasons:
            continue
        if any(accepted(opening.unless, fact) for fact in facts):
            continue
        if opening.only_if and not any(accepted(opening.only_if, fact) for fact in facts):
            continue
        begins = [edge.moment(facts) for edge in opening.after]
        # One of its facts has not happened yet: the opening lies ahead.
        if any(begin is None for begin in begins):
            continue
        ends = [end for edge in opening.until if (end := edge.moment(facts)) is not None]
        stretches.append((max(begin for begin in begins if begin is not None), max(ends, default=None)))
    return min(stretches, key=lambda stretch: stretch[0], default=(None, None))


def may_open(rules: DisputeRules, reason: str, facts: Sequence[Fact], at: datetime) -> bool:
    """Whether a dispute for `reason` may be opened at `at`."""
    begin, end = window(rules, reason, [fact for fact in facts if fact.at <= at])
    return begin is not None and begin <= at and (end is None or at <= end)


def appeal_until(rules: DisputeRules, facts: Sequence[Fact], zone: str) -> datetime | None:
    """Return until when the latest decision may be appealed against; None where there is none, or no appeal is left."""
    decided = [fact for fact in facts if fact.kind == "dispute.decided"]
    appealed = sum(fact.kind == "dispute.appealed" for fact in facts)
    if not decided or appealed >= len(rules.appeals):
        return None
    return later(decided[-1].at, rules.appeals[appealed], zone)


def phase(rules: DisputeRules, facts: Sequence[Fact]) -> Phase | None:
    """Return the phase that the latest of the facts began, or None."""
    for fact in reversed(facts):
        for each in rules.phases:
            if accepted(each.begun_by, fact):
                return each
    return None


def decide(rules: DisputeRules, inputs: Mapping[str, str]) -> Row | None:
    """Return the first row of the decision table that speaks of the case, or None."""
    return next((row for row in rules.table if row.accepts(inputs)), None)


def all_cases(rules: DisputeRules) -> Iterator[dict[str, str]]:
    """Yield every case that the inputs allow."""
    for values in product(*rules.inputs.values()):
        yield dict(zip(rules.inputs, values, strict=True))
