"""Standards: a rate or count over a window, held against a limit.

For every party, standard and subject there is one row, a `Tally`: four moments and the basis date. Each moment is the
earliest of the facts that set it, so the order in which facts arrive cannot matter, and from the rows one can tell how
things stood at any moment, past or present: an evaluation is exact, and late news needs no repair of any counter.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from math import ceil
from typing import Protocol

import msgspec

from comity.policy import sequential
from comity.policy.calendars import Recurring, Span
from comity.policy.clocks import Interval
from comity.policy.dossier import DutyState, DutyStatus, PeerState
from comity.policy.facts import Fact, moment_of, subject_kind
from comity.policy.matching import Match, accepted
from comity.policy.measures import ChargeOf, Rung
from comity.policy.rates import Count, Limit, Reading, reading

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
    """

    name: str
    limits: tuple[Limit, ...]
    at_least: int = 1
    running: int = 1
    charge: ChargeOf | None = None
    measure: Rung | None = None
    notify: tuple[str, ...] = ()
    source: str = ""


#: Stands for the levels of a standard that is only counted: one subject is enough.
_COUNTED = Level("counted", ())


@dataclass(frozen=True)
class StandardRule:
    """A standard: which subjects count, which are faulty, over which windows, with which levels from mild to grave.

    of_duty     counts the outcomes of a duty, one row for each; else facts, one row for each subject by `each`
    basis       by which moment a subject falls into a window: of facts, the counting fact's own by default; of
                duties, "opened", "due" or "ended"
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
        matches = (*self.counted, *self.faulty, *self.cleared, *self.excluded)
        return frozenset(m.fact for m in matches) | ({self.basis.by.fact} if self.basis else frozenset())

    @cached_property
    def compares_with_peers(self) -> bool:
        """Whether some limit is a multiple of the peers' rate."""
        return any(b.of_peers for level in self.levels for limit in level.limits for b in limit.bounds)

    def subject_of(self, fact: Fact) -> str | None:
        """Return the subject of the row that `fact` bears on, or None."""
        if self.each == "fact":
            return fact.id
        if subject_kind(fact.subject) == self.each:
            return fact.subject
        return fact.matter if subject_kind(fact.matter) == self.each else None


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """One subject's row: when it came to count and to be faulty, if it did, and by which date it is looked up.

    `cleared_at` takes the fault away, `excluded_at` the subject. The earliest fact sets each.
    """

    standard: str
    subject: str
    basis: datetime | None = None
    counted_at: datetime | None = None
    faulty_at: datetime | None = None
    cleared_at: datetime | None = None
    excluded_at: datetime | None = None
    value: int | None = None

    def counts(self, at: datetime) -> bool:
        """Whether the subject counts, as things stood at `at`."""
        if self.counted_at is None or self.counted_at > at:
            return False
        return self.excluded_at is None or self.excluded_at > at

    def is_faulty(self, at: datetime) -> bool:
        """Whether it is faulty, as things stood at `at`; only where it counts does that matter."""
        if self.faulty_at is None or self.faulty_at > at:
            return False
        return self.cleared_at is None or self.cleared_at > at


def merged(old: Tally | None, new: Tally) -> Tally:
    """Return the row that both make: the earliest of each moment, the smaller value."""
    if old is None:
        return new
    return Tally(
        standard=new.standard, subject=new.subject, basis=_least(old.basis, new.basis),
        counted_at=_least(old.counted_at, new.counted_at), faulty_at=_least(old.faulty_at, new.faulty_at),
        cleared_at=_least(old.cleared_at, new.cleared_at), excluded_at=_least(old.excluded_at, new.excluded_at),
        value=new.value if old.value is None else old.value if new.value is None else min(old.value, new.value),
    )  # fmt: skip


def _least(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def of_fact(rule: StandardRule, fact: Fact) -> Tally | None:
    """Return what `fact` says of a row, or None. A subject without a basis date is not looked up: no data, no count."""
    if fact.kind not in rule.fact_kinds:
        return None
    subject = rule.subject_of(fact)
    if subject is None:
        return None
    counts = accepted(rule.counted, fact)
    basis = fact.at if counts and rule.basis is None else None
    if rule.basis is not None and rule.basis.by.accepts(fact):
        basis = _moment(fact, rule.basis.field)
    value = fact.data.get(rule.value) if counts and rule.value else None
    row = Tally(
        standard=rule.name, subject=subject, basis=basis,
        counted_at=fact.at if counts else None, faulty_at=fact.at if accepted(rule.faulty, fact) else None,
        cleared_at=fact.at if accepted(rule.cleared, fact) else None,
        excluded_at=fact.at if accepted(rule.excluded, fact) else None,
        value=value if isinstance(value, int) and not isinstance(value, bool) else None,
    )  # fmt: skip
    empty = row.basis is row.counted_at is row.faulty_at is row.cleared_at is row.excluded_at is None
    return None if empty else row


def _moment(fact: Fact, field: str) -> datetime | None:
    if not field:
        return fact.at
    text = fact.data.get(field)
    return moment_of(text) if isinstance(text, str) else None


_OUTCOME = {
    DutyStatus.MET: "met", DutyStatus.BREACHED: "breached", DutyStatus.CURED: "breached",
    DutyStatus.WAIVED: "waived", DutyStatus.VOIDED: "voided", DutyStatus.UNKNOWN: "unknown",
}  # fmt: skip


def of_duty(rule: StandardRule, duty: DutyState, broke: datetime) -> Tally:
    """Return the row of a duty as it stands; `broke`: when it was breached, if it was.

    The row takes the place of the row before: a duty can be judged anew.
    """
    outcome = _OUTCOME.get(duty.status)
    ended = broke if outcome == "breached" else duty.ended_at
    basis = {"opened": duty.opened_at, "due": duty.due, "ended": ended}[rule.duty_basis]
    return Tally(
        standard=rule.name, subject=f"duty:{duty.key}", basis=basis,
        counted_at=ended if outcome in rule.counted_outcomes else None,
        faulty_at=ended if outcome in rule.faulty_outcomes else None,
    )  # fmt: skip


def of_peers(fact: Fact) -> PeerState:
    """Return what a fact (peers.measured) says of the party's peers."""
    counted, faulty = fact.data["counted"], fact.data["faulty"]
    return PeerState(
        id=fact.id, standard=str(fact.data["standard"]), at=fact.at,
        counted=counted if isinstance(counted, int) else 0, faulty=faulty if isinstance(faulty, int) else 0,
    )  # fmt: skip


class Counting(Protocol):
    """Where rows are counted: in memory, or in a database."""

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count the rows whose basis lies in `window`, as things stood at `at`; with `latest`, the newest share."""


class Rows(Counting, Protocol):
    """Where the rows of standards are kept: in memory, or in a database."""

    def put(self, row: Tally, *, instead: bool = False) -> None:
        """Take up a row: merged with the one there is, or instead of it."""

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""


class Tallies:
    """Rows held in memory."""

    def __init__(self, rows: Iterable[Tally] = ()):
        self.rows: dict[str, dict[str, Tally]] = {}
        for row in rows:
            self.put(row)

    def put(self, row: Tally, *, instead: bool = False) -> None:
        """Take up a row: merged with the one there is, or instead of it."""
        of_standard = self.rows.setdefault(row.standard, {})
        of_standard[row.subject] = row if instead else merged(of_standard.get(row.subject), row)

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count the rows whose basis lies in `window`, as things stood at `at`."""
        begin, end = window
        found = [
            row for row in self.rows.get(standard, {}).values()
            if row.basis is not None and begin <= row.basis < end and row.counts(at)
        ]  # fmt: skip
        if latest is not None:
            found.sort(key=lambda row: (row.basis or begin, row.subject))
            found = found[len(found) - ceil(len(found) * latest) :]
        values = [row.value for row in found if row.value is not None]
        return Count(len(found), sum(row.is_faulty(at) for row in found), sum(values), len(values))

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""
        return any(row.basis is not None and row.basis >= begin for row in self.rows.get(standard, {}).values())


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a party does by a standard: what was read in each window, and the gravest level reached, if any.

    `enough` is false where fewer subjects count than any level asks for.
    """

    readings: tuple[Reading, ...]
    level: int | None
    enough: bool


def stretch(rule: StandardRule, window: Window, at: datetime, since: datetime) -> Interval:
    """Return the stretch that a window covers when looked at from `at`, under a version in force from `since`."""
    begin, end = window.span.stretch(at, rule.zone, rule.lag)
    if not rule.certain:
        return begin, end
    length = end - begin
    seasons = max((end - since) // length, 0) if end > since else 0
    return since + seasons * length, end


def readings(rule: StandardRule, counting: Counting, at: datetime, since: datetime) -> tuple[Reading, ...]:
    """Return what is read in each window that matters."""

    def count(window: Window) -> Reading:
        return reading(counting.count(rule.name, stretch(rule, window, at, since), at, window.latest))

    if rule.mode == "choose":
        for window in rule.windows:
            seen = count(window)
            if seen.counted >= window.from_volume:
                break
        return (seen,)
    seen_all = tuple(count(window) for window in rule.windows)
    return (_weighted(rule.windows, seen_all),) if rule.mode == "weighted" else seen_all


def _weighted(windows: tuple[Window, ...], seen: tuple[Reading, ...]) -> Reading:
    """Return the first window's counts with the weighted rate of all; unknown where any is."""
    rate: Fraction | None = Fraction(0)
    for window, part in zip(windows, seen, strict=True):
        rate = None if rate is None or part.rate is None else rate + part.rate * (window.weight or 0)
    return Reading(seen[0].counted, seen[0].faulty, rate, seen[0].mean, seen[0].total)


def evaluate(
    rule: StandardRule, counting: Counting, at: datetime, *, since: datetime, peers: Fraction | None = None
) -> Verdict:
    """Evaluate `rule` as things stood at `at`, under a version in force from `since`."""
    seen = readings(rule, counting, at, since)
    broken = _broken(rule, seen, peers)
    enough = any(part.counted >= level.at_least for part in seen for level in rule.levels or (_COUNTED,))
    for index in reversed(broken):
        earlier = _earlier(rule, at, rule.levels[index].running - 1)
        if all(index in _broken(rule, readings(rule, counting, moment, since), peers) for moment in earlier):
            return Verdict(seen, index, enough)
    return Verdict(seen, None, enough)


def _earlier(rule: StandardRule, at: datetime, count: int) -> Iterator[datetime]:
    for _ in range(count):
        at = rule.evaluated.before(at)
        yield at


def _broken(rule: StandardRule, seen: tuple[Reading, ...], peers: Fraction | None) -> list[int]:
    return [
        index for index, level in enumerate(rule.levels)
        if any(part.counted >= level.at_least and _breaks(rule, level, part, peers) for part in seen)
    ]  # fmt: skip


def _breaks(rule: StandardRule, level: Level, seen: Reading, peers: Fraction | None) -> bool:
    if rule.certain:
        return any(
            limit.applies(seen.counted)
            and sequential.is_certain(seen.counted, seen.faulty, rate_limit(limit), rule.error)
            for limit in level.limits
        )
    return any(not limit.kept(seen, peers) for limit in level.limits)


def rate_limit(limit: Limit) -> Fraction:
    """Return the highest rate of faults that keeps the limit; the parser sees to it that there is one bound."""
    bound = limit.bounds[0]
    return 1 - bound.value if bound.what == "kept" else bound.value
