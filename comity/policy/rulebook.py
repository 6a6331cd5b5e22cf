"""The Rulebook value: a version of the rules, as the judge, the replay and the pages read it.

Total, loop-free and typed: whatever it does not mention has no consequence. Written as TOML (`parse.py`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from comity.policy.clocks import ALWAYS, Clock
from comity.policy.facts import Fact, Scalar

ROLES = ("buyer", "seller", "agent", "platform")
#: What a duty may be counted by: one for each of these.
EACH = ("conversation", "order", "shipment")
MEASURES = ("warning", "restriction", "freeze", "closure")


@dataclass(frozen=True, slots=True)
class Match:
    """Which facts are meant: their kind and, where given, values that their data must have."""

    fact: str
    where: Mapping[str, Scalar] = field(default_factory=dict)

    def accepts(self, fact: Fact) -> bool:
        """Whether `fact` is meant. A field that the fact does not have equals no value."""
        if fact.kind != self.fact:
            return False
        return not self.where or all(name in fact.data and fact.data[name] == v for name, v in self.where.items())


@dataclass(frozen=True, slots=True)
class ChargeOf:
    """Points on a ledger that a breach brings."""

    ledger: str
    points: int


@dataclass(frozen=True)
class DutyRule:
    """Who must do what within how long after which fact, on which clock, and what follows if not.

    Exactly one of `within` and `by` is set: a length of time on `clock`, or the name of a moment in the opening
    fact's data. `repeats`: opens again after it has ended (each unanswered message), else once for each subject.
    `counts_before`: an act dated before the duty opened meets it. `not_after`: after such a fact it opens no more.
    """

    name: str
    title: str
    who: str
    each: str
    opened_by: tuple[Match, ...]
    met_by: tuple[Match, ...]
    within: timedelta | None = None
    by: str = ""
    clock: Clock = ALWAYS
    waived_by: tuple[Match, ...] = ()
    voided_by: tuple[Match, ...] = ()
    unknown_by: tuple[Match, ...] = ()
    not_after: tuple[Match, ...] = ()
    warn_before: tuple[timedelta, ...] = ()
    repeats: bool = False
    counts_before: bool = False
    charge: ChargeOf | None = None
    source: str = ""
    within_text: str = ""

    @cached_property
    def ended_by(self) -> frozenset[str]:
        """Kinds of facts that may end the duty; most facts may not, and are passed over by a look at this."""
        ways = (*self.met_by, *self.waived_by, *self.voided_by, *self.unknown_by)
        return frozenset(match.fact for match in ways)


@dataclass(frozen=True, slots=True)
class Rung:
    """A threshold of a ledger and the measure at it. `length` None means without end."""

    at: int
    measure: str
    length: timedelta | None
    notice: timedelta
    decided_by: str
    source: str = ""

    @property
    def automatic(self) -> bool:
        """Whether the measure is placed without a person's approval."""
        return self.decided_by == "automatic"


@dataclass(frozen=True, slots=True)
class LedgerRule:
    """An account of penalty points of one kind; each charge lives for `expires_after`. Rungs from low to high."""

    name: str
    title: str
    expires_after: timedelta
    rungs: tuple[Rung, ...]
    source: str = ""


@dataclass(frozen=True)
class Rulebook:
    """One version of the rules. `ref`, name@version, is what everything that it opens is pinned to."""

    name: str
    version: str
    title: str
    in_force_from: datetime
    announced_on: datetime
    notice: timedelta
    duties: tuple[DutyRule, ...]
    ledgers: Mapping[str, LedgerRule]
    clocks: Mapping[str, Clock]
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
        backward = [rule for rule in self.duties if rule.counts_before or rule.not_after]
        return frozenset(match.fact for rule in backward for match in rule.opened_by)


class NoRules(LookupError):
    """No rulebook of that reference is known, or none was in force at that moment."""


class Rulebooks:
    """All published versions: which was in force when, and each by its reference."""

    def __init__(self, versions: Iterable[Rulebook]):
        self._by_date = sorted(versions, key=lambda book: (book.in_force_from, book.version))
        self._starts = [book.in_force_from for book in self._by_date]
        self._by_ref = {book.ref: book for book in self._by_date}

    def in_force(self, at: datetime) -> Rulebook | None:
        """Return the version in force at `at`; None before the first: what no rule mentions has no consequence."""
        index = bisect_right(self._starts, at)
        return self._by_date[index - 1] if index else None

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
