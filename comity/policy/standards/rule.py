"""Standards: a rate or count over a window, held against a limit.

For every party, standard and subject there is one row, a `Tally`: four moments, its faults that are cleared by
themselves, and the basis date. Each moment is the earliest of the facts that set it, so the order in which facts arrive
cannot matter, and from the rows one can tell how things stood at any moment, past or present: an evaluation is exact,
and late news needs no repair of any counter.
"""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from comity.policy.facts import PLACED, Fact, subject_kind
from comity.policy.matching import Match
from comity.policy.plans.rule import PlanRule
from comity.policy.reviews.counting import asks_whose
from comity.policy.sanctions.measures import ChargeOf, Rung
from comity.policy.standards.rates import Limit
from comity.policy.time.calendars import Recurring, Span

#: What a standard may count by: one row for each of these.
EACH = ("order", "conversation", "shipment", "dispute", "listing", "fact")
MODES = ("all", "choose", "weighted")
#: What became of a duty, as a standard may count it.
OUTCOMES = ("met", "breached", "waived", "voided", "unknown")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time that is looked at.

    from_volume  where windows are chosen by volume: this one if so many subjects count in it
    weight       where windows are weighted: this one's weight
    latest       only the latest share of the window's subjects
    """

    span: Span
    from_volume: int = 0
    weight: Fraction | None = None
    latest: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Basis:
    """By which moment a subject falls into a window: that of a fact, or one in its data."""

    by: Match
    field: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """A limit, and what follows when it is broken. A level without consequences is a target.

    at_least  so many subjects must count, else there is not enough data
    running   it must be broken at so many evaluations one after another
    plan      the improvement plan that it asks for
    """

    name: str
    limits: tuple[Limit, ...]
    at_least: int = 1
    running: int = 1
    charge: ChargeOf | None = None
    measure: Rung | None = None
    plan: PlanRule | None = None
    notify: tuple[str, ...] = ()
    source: str = ""

    @property
    def bites(self) -> bool:
        """Whether anything follows; else it is a target."""
        return bool(self.charge or self.measure or self.notify)


@dataclass(frozen=True)
class StandardRule:
    """A standard: which subjects count, which are faulty, over which windows, with which levels from mild to grave.

    of_duty     counts the outcomes of a duty, one row for each; else facts, one row for each subject by `each`
    basis       by which moment a subject falls into a window: of facts, the counting fact's own by default; of
                duties, "opened", "due" or "ended"
    faulty      facts by which a subject is faulty; each may name facts that clear this fault alone (`Match.unless`)
    cleared     facts that clear every fault of a subject
    value       for a mean or a sum: the field of the counting fact
    mode        several windows: all must keep the limit, the first with enough volume is chosen, or they are weighted
    lag         the window ends so long before the evaluation
    continuous  evaluated every midnight; consequences follow only when the level rises
    certain     a level is reached only on evidence with at most the chance `error` of being wrong (`sequential`), in
                seasons as long as the window, counted from when the version came into force
    """

    name: str
    title: str
    who: str
    each: str
    windows: tuple[Window, ...]
    levels: tuple[Level, ...]
    evaluated: Recurring
    counted: tuple[Match, ...] = ()
    faulty: tuple[Match, ...] = ()
    cleared: tuple[Match, ...] = ()
    excluded: tuple[Match, ...] = ()
    basis: Basis | None = None
    value: str = ""
    of_duty: str = ""
    counted_outcomes: tuple[str, ...] = ("met", "breached")
    faulty_outcomes: tuple[str, ...] = ("breached",)
    duty_basis: str = "ended"
    mode: str = "all"
    lag: timedelta = timedelta(0)
    continuous: bool = False
    certain: bool = False
    error: Fraction = Fraction(1, 20)
    zone: str = "UTC"
    source: str = ""

    @cached_property
    def fact_kinds(self) -> frozenset[str]:
        """Kinds of facts that may change a row."""
        own = (each for match in self.faulty for each in match.unless)
        matches = (*self.counted, *self.faulty, *own, *self.cleared, *self.excluded)
        also = ({self.basis.by.fact} if self.basis else set()) | ({PLACED} if self.asks_for_buyers else set())
        return frozenset(m.fact for m in matches) | also

    @cached_property
    def asks_whose_review(self) -> bool:
        """Whether some facts are meant by whose review they are about."""
        own = (each for match in self.faulty for each in match.unless)
        return asks_whose((*self.counted, *self.faulty, *own, *self.cleared, *self.excluded))

    @cached_property
    def compares_with_peers(self) -> bool:
        """Whether some limit is a multiple of the peers' rate."""
        return any(b.of_peers for level in self.levels for limit in level.limits for b in limit.bounds)

    @cached_property
    def asks_for_buyers(self) -> bool:
        """Whether some limit is about how many different buyers the faulty subjects have."""
        return any(b.what == "buyers" for level in self.levels for limit in level.limits for b in limit.bounds)

    @cached_property
    def outcomes(self) -> dict[tuple[object, ...], Any]:
        """What counts come to by this standard (`levels.outcome`), kept."""
        return {}

    @cached_property
    def stretches(self) -> dict[tuple[object, ...], Any]:
        """The stretches that its windows cover (`levels.stretches`), kept."""
        return {}

    def subject_of(self, fact: Fact) -> str | None:
        """Return the subject of the row that `fact` bears on, or None."""
        if self.each == "fact":
            return fact.id
        if subject_kind(fact.subject) == self.each:
            return fact.subject
        return fact.matter if subject_kind(fact.matter) == self.each else None
