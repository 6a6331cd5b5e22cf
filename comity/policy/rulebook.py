"""The Rulebook value: a version of the rules, as the judge, the replay and the pages read it.

Total, loop-free and typed: whatever it does not mention has no consequence. Written as TOML (`parse.py`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from comity.policy.calendars import Recurring, later
from comity.policy.clocks import ALWAYS, Clock
from comity.policy.disputes import DisputeRules
from comity.policy.facts import PAUSE_CAUSES
from comity.policy.matching import Match
from comity.policy.measures import NOTHING, ChargeOf, Consequences, Rung
from comity.policy.standards import StandardRule

ROLES = ("buyer", "seller", "agent", "platform")
#: What a duty may be counted by: one for each of these.
EACH = ("conversation", "order", "shipment", "dispute", "listing", "seller")


@dataclass(frozen=True, slots=True)
class Season:
    """Dates, both included, between which a duty has another length; `yearly` ones come again every year."""

    first: date
    last: date
    within: timedelta
    yearly: bool = False

    def holds(self, day: date) -> bool:
        """Whether `day` falls into it."""
        if not self.yearly:
            return self.first <= day <= self.last
        first, last, here = ((each.month, each.day) for each in (self.first, self.last, day))
        return first <= here <= last if first <= last else here >= first or here <= last


@dataclass(frozen=True)
class DutyRule:
    """Who must do what within how long after which fact, on which clock, and what follows if not.

    Due `within` a length of time on `clock` (another one in its `seasons`), or `by` a moment in the opening fact's
    data, or in the latest earlier fact of kind `by_fact`, and `plus` a length on the clock; or when the clock's
    cut-off says. `latest`: a further opening fact moves the deadline of the open duty, else the first unanswered one
    counts. `pauses`: the causes that stop it; a seller's holidays up to `holiday_limit` a year. `repeats`: opens again
    after it has ended (each unanswered message), else once for each subject. `counts_before`: an act dated before the
    duty opened meets it. `not_after`: after such a fact it opens no more. `decided_after`: so long after the deadline
    it is decided by what is known then, once: in time, broken by `broken_by`, or not counted (`policy.verdicts`).
    """

    name: str
    title: str
    who: str
    each: str
    opened_by: tuple[Match, ...]
    met_by: tuple[Match, ...]
    within: timedelta | None = None
    by: str = ""
    by_fact: str = ""
    plus: timedelta = timedelta(0)
    seasons: tuple[Season, ...] = ()
    latest: bool = False
    pauses: tuple[str, ...] = PAUSE_CAUSES
    holiday_limit: timedelta | None = None
    clock: Clock = ALWAYS
    waived_by: tuple[Match, ...] = ()
    voided_by: tuple[Match, ...] = ()
    unknown_by: tuple[Match, ...] = ()
    not_after: tuple[Match, ...] = ()
    warn_before: tuple[timedelta, ...] = ()
    repeats: bool = False
    counts_before: bool = False
    decided_after: timedelta | None = None
    broken_by: tuple[Match, ...] = ()
    breach: Consequences = NOTHING
    source: str = ""
    within_text: str = ""

    @property
    def charge(self) -> ChargeOf | None:
        """The points that a breach brings."""
        return self.breach.charge

    @cached_property
    def met_by_automatic(self) -> bool:
        """Whether an answer that no person wrote meets the duty."""
        return any(match.fact == "message.sent" and match.where.get("automatic") is not False for match in self.met_by)

    @cached_property
    def ended_by(self) -> frozenset[str]:
        """Kinds of facts that may end the duty; most facts may not, and are passed over by a look at this."""
        ways = (*self.met_by, *self.waived_by, *self.voided_by, *self.unknown_by)
        return frozenset(match.fact for match in ways)


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


@dataclass(frozen=True, slots=True)
class ConductRule:
    """Behaviour that is not allowed, and what proves it.

    proved_by  reviewer, report or classifier; a classifier's word proves from `above` thousandths on
    points     from and to: what a finding may ask for; a finding that names none brings the fewest
    """

    name: str
    title: str
    who: str
    severity: str
    examples: tuple[str, ...]
    proved_by: tuple[str, ...]
    above: int
    ledger: str
    points: tuple[int, int]
    source: str = ""


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
        found: dict[str, DutyRule | StandardRule | ConductRule] = {}
        for part in (self.by_name, self.standards, self.conduct):
            found.update(part)
        return found

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
        backward = [rule for rule in self.duties if rule.counts_before or rule.not_after or rule.by_fact]
        return frozenset(match.fact for rule in backward for match in rule.opened_by)

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
        rungs = [rung for ledger in self.ledgers.values() for rung in ledger.rungs]
        rungs += [level.measure for rule in self.standards.values() for level in rule.levels if level.measure]
        rungs += [rule.breach.measure for rule in self.duties if rule.breach.measure]
        return self.earning_kinds | {match.fact for rung in rungs for match in rung.restored_by}

    def charges(self, at: datetime) -> bool:
        """Whether a breach at `at` is charged, and not reported alone."""
        return self.charges_from is None or at >= self.charges_from

    def rung(self, origin: str, at: int) -> Rung:
        """Return the rung behind a measure: of a ledger, or of "standard:name" or "duty:name"; raise LookupError."""
        kind, _, name = origin.partition(":")
        if name and kind == "standard":
            measure = self.standards[name].levels[at].measure
        elif name and kind == "duty":
            measure = self.by_name[name].breach.measure
        else:
            reached = [rung for rung in self.ledgers[origin].rungs if rung.falls_at(at)]
            measure = max(reached, key=lambda rung: rung.weight, default=None)
        if measure is None:
            raise LookupError(f"{self.ref} has no measure at {origin} {at}")
        return measure


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
