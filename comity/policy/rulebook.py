"""The Rulebook value: a version of the rules, as the judge, the replay and the pages read it.

Total, loop-free and typed: whatever it does not mention has no consequence. Written as TOML (`parse.py`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from comity.policy.checks import Checklist
from comity.policy.conduct.rule import ConductRule
from comity.policy.disputes.rule import DisputeRules
from comity.policy.duties.rule import DutyRule
from comity.policy.identity.rule import EvasionRule
from comity.policy.reviews.rule import ReviewRules
from comity.policy.sanctions.measures import Origin, Rung
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rule import StandardRule
from comity.policy.time import stops
from comity.policy.time.clocks import Clock


@dataclass(frozen=True, slots=True)
class PowerRule:
    """What the rulebook lets a role do, or forbids it. Forbidding wins; once any is named, silence means no."""

    who: str
    may: tuple[str, ...]
    may_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding of the analysis that the rule-makers accept, and why."""

    finding: str
    reason: str


@dataclass(frozen=True)
class Rulebook:
    """One version of the rules. `ref`, name@version, is what everything that it opens is pinned to.

    Breaches before `charges_from` are reported and not charged.
    """

    name: str
    version: str
    title: str
    in_force_from: datetime
    announced_on: datetime
    notice: timedelta
    duties: tuple[DutyRule, ...]
    ledgers: Mapping[str, LedgerRule]
    clocks: Mapping[str, Clock]
    standards: Mapping[str, StandardRule] = field(default_factory=dict)
    conduct: Mapping[str, ConductRule] = field(default_factory=dict)
    dispute: DisputeRules | None = None
    reviews: ReviewRules | None = None
    evasion: EvasionRule | None = None
    checklists: tuple[Checklist, ...] = ()
    powers: tuple[PowerRule, ...] = ()
    accepted: tuple[Accepted, ...] = ()
    markets: tuple[str, ...] = ()
    change: str = "material"
    charges_from: datetime | None = None
    left_out: tuple[str, ...] = ()
    zone: str = "UTC"
    language: int = 1
    source: str = ""

    @cached_property
    def ref(self) -> str:
        """name@version"""
        return f"{self.name}@{self.version}"

    @cached_property
    def by_name(self) -> Mapping[str, DutyRule]:
        """The duties by their names."""
        return {rule.name: rule for rule in self.duties}

    @cached_property
    def rules(self) -> Mapping[str, DutyRule | StandardRule | ConductRule]:
        """Duties, standards and conduct rules by their names; the parser sees to it that no two share one."""
        rules: dict[str, DutyRule | StandardRule | ConductRule] = {}
        for part in (self.by_name, self.standards, self.conduct):
            rules.update(part)
        return rules

    @cached_property
    def opened_by_kind(self) -> Mapping[str, tuple[DutyRule, ...]]:
        """For each kind of fact, the duties that it may open."""
        kinds = {match.fact for rule in self.duties for match in rule.opened_by}
        return {
            kind: tuple(rule for rule in self.duties if any(match.fact == kind for match in rule.opened_by))
            for kind in kinds
        }

    @cached_property
    def looks_back(self) -> frozenset[str]:
        """Kinds of facts at which the judge must see the matter's earlier facts."""
        backward = [
            rule
            for rule in self.duties
            # What stops it by itself is read off these facts.
            if rule.counts_before or rule.not_after or rule.by_fact or rule.stopped_by
        ]
        opening = {match.fact for rule in backward for match in rule.opened_by}
        # How late it was, on a clock that was stopped.
        ending = {match.fact for rule in backward if rule.stopped_by for match in rule.met_by}
        return frozenset(opening | ending)

    @cached_property
    def counting_kinds(self) -> Mapping[str, tuple[StandardRule, ...]]:
        """For each kind of fact, the standards whose rows it may change."""
        kinds: dict[str, list[StandardRule]] = {}
        for rule in self.standards.values():
            for kind in rule.fact_kinds:
                kinds.setdefault(kind, []).append(rule)
        return {kind: tuple(rules) for kind, rules in kinds.items()}

    @cached_property
    def standards_of_duty(self) -> Mapping[str, tuple[StandardRule, ...]]:
        """For each duty, the standards that count it."""
        named = {rule.of_duty for rule in self.standards.values() if rule.of_duty}
        return {name: tuple(rule for rule in self.standards.values() if rule.of_duty == name) for name in named}

    @cached_property
    def earning_kinds(self) -> frozenset[str]:
        """Kinds of facts that take points off a ledger."""
        return frozenset(earning.by.fact for ledger in self.ledgers.values() for earning in ledger.earns)

    @cached_property
    def account_kinds(self) -> frozenset[str]:
        """Kinds of facts that ask for the party's ledgers: they earn points back, or restore."""
        return self.earning_kinds | {match.fact for rung in self.all_rungs for match in rung.restored_by}

    @cached_property
    def all_rungs(self) -> tuple[Rung, ...]:
        """Every measure that it may bring: of ledgers, of standards, of duties, of links between accounts."""
        rungs = [rung for ledger in self.ledgers.values() for rung in ledger.rungs]
        rungs += [level.measure for rule in self.standards.values() for level in rule.levels if level.measure]
        rungs += [rule.breach.measure for rule in self.duties if rule.breach.measure]
        return (*rungs, self.evasion.measure) if self.evasion else tuple(rungs)

    @cached_property
    def duty_kinds(self) -> frozenset[str]:
        """Kinds of facts that any duty looks at."""
        return frozenset(kind for rule in self.duties for kind in rule.mentioned)

    def charges(self, at: datetime) -> bool:
        """Whether a breach at `at` is charged, and not reported alone."""
        return self.charges_from is None or at >= self.charges_from

    def rung(self, origin: Origin, at: int) -> Rung:
        """Return the rung behind a measure; raise LookupError."""
        if origin.kind == "standard":
            measure = self.standards[origin.name].levels[at].measure
        elif origin.kind == "duty":
            measure = self.by_name[origin.name].breach.measure
        elif origin.kind == "evasion":
            measure = self.evasion.measure if self.evasion else None
        else:
            reached = [rung for rung in self.ledgers[origin.name].rungs if rung.falls_at(at)]
            measure = max(reached, key=lambda rung: rung.weight, default=None)
        if measure is None:
            raise LookupError(f"{self.ref} has no measure at {origin} {at}")
        return measure


class NoRules(LookupError):
    """No rulebook of that reference is known, or none was in force at that moment."""


class Rulebooks:
    """All published versions: which was in force when, and each by its reference."""

    def __init__(self, versions: Iterable[Rulebook]):
        # Of two that begin at the same moment, the later name counts; published ones never do.
        self._by_date = sorted(versions, key=lambda book: (book.in_force_from, book.version))
        self._starts = [book.in_force_from for book in self._by_date]
        self._by_ref = {book.ref: book for book in self._by_date}
        #: What others derive from these versions, once.
        self.kept: dict[str, Any] = {}

    @cached_property
    def measure(self) -> bool:
        """Whether any version has standards."""
        return any(book.standards for book in self)

    @cached_property
    def accruing(self) -> frozenset[str]:
        """Standards with which a score rises."""
        return frozenset(rule.accrual.of for book in self for rule in book.ledgers.values() if rule.accrual)

    @cached_property
    def restoring(self) -> frozenset[str]:
        """Kinds of facts that may end a measure, or let it be restored."""
        return frozenset(kind for book in self for kind in book.account_kinds)

    @cached_property
    def warning_first(self) -> bool:
        """Whether a rung of any version waits for a warning."""
        return any(rung.needs in ("warning", "told warning") for book in self for rung in book.all_rungs)

    @cached_property
    def plan_first(self) -> bool:
        """Whether a rung of any version waits for an improvement plan that fails."""
        return any(rung.needs == "failed plan" for book in self for rung in book.all_rungs)

    @cached_property
    def duty_kinds(self) -> frozenset[str]:
        """Kinds of facts that any duty of any version looks at; most of a shop's are not."""
        return frozenset(kind for book in self for kind in book.duty_kinds)

    @cached_property
    def looking_back(self) -> frozenset[str]:
        """Kinds of facts at which the judge must see the matter's earlier facts, by any version."""
        return frozenset(kind for book in self for kind in book.looks_back)

    @cached_property
    def stopping_kinds(self) -> frozenset[str]:
        """Kinds of facts that begin or end a stretch which stops a duty of any version by itself."""
        causes = {cause for book in self for rule in book.duties for cause in rule.stopped_by}
        return frozenset(kind for cause in causes for kind in stops.CAUSES[cause].kinds)

    @cached_property
    def counting_kinds(self) -> frozenset[str]:
        """Kinds of facts that change rows of any standard of any version."""
        return frozenset(kind for book in self for kind in book.counting_kinds)

    @cached_property
    def earning_kinds(self) -> frozenset[str]:
        """Kinds of facts that take points off a ledger of any version."""
        return frozenset(kind for book in self for kind in book.earning_kinds)

    def in_force(self, at: datetime) -> Rulebook | None:
        """Return the version in force at `at`; None before the first: what no rule mentions has no consequence."""
        index = bisect_right(self._starts, at)
        return self._by_date[index - 1] if index else None

    def after(self, at: datetime) -> datetime | None:
        """Return when the next version after `at` comes into force; None if none is known."""
        index = bisect_right(self._starts, at)
        return self._starts[index] if index < len(self._starts) else None

    def version(self, ref: str) -> Rulebook:
        """Return the version `ref` (name@version); raise NoRules if it is not known."""
        try:
            return self._by_ref[ref]
        except KeyError:
            raise NoRules(f"no rulebook {ref!r}; known: {', '.join(self._by_ref) or 'none'}") from None

    def __iter__(self) -> Iterator[Rulebook]:
        return iter(self._by_date)

    def __len__(self) -> int:
        return len(self._by_date)
