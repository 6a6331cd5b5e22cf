"""Tallies: the rows of standards, one for each party, standard and subject.

A row holds four moments and the basis date, the faults that are cleared by themselves, and who bought, where a limit
asks for that. Each moment is the earliest of
the facts that set it, so the order in which facts arrive cannot matter, and from the rows one can tell how things stood
at any moment, past or present: an evaluation is exact, and late news needs no repair of any counter.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Protocol

import msgspec

from comity.lib.ids import name_of
from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.facts import KINDS, PLACED, Fact, moment_of, subject_kind
from comity.policy.matching import Match, accepted
from comity.policy.standards.rates import Count
from comity.policy.standards.rule import StandardRule
from comity.policy.time.clocks import Interval


class PeerState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How the party's peers did by a standard, measured at `at`. Its key is the id of the fact."""

    key: str
    standard: str
    at: datetime
    counted: int
    faulty: int


class Fault(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fault of a subject that is cleared by facts of its own: when it came, and when it was cleared.

    kind    which fault it is: the name of what the rule means by it (`name_of`)
    thing   what it is about, as kind:id, where that is not the subject of the row: one of several disputes of an order
    """

    kind: str
    thing: str = ""
    faulty_at: datetime | None = None
    cleared_at: datetime | None = None

    def cleared_by(self, other: "Fault", at: datetime) -> bool:
        """Whether what cleared `other` by `at` clears this one: the same thing, where both say which."""
        if other.cleared_at is None or other.cleared_at > at or other.kind != self.kind:
            return False
        return self.thing == other.thing or not self.thing or not other.thing


class Tally(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One subject's row: when it came to count and to be faulty, if it did, and by which date it is looked up.

    `cleared_at` takes every fault away, `excluded_at` the subject. The earliest fact sets each. `faults` are cleared
    each by itself, in the order of their kinds and things; the subject is faulty while any fault is left. `buyer` is
    who bought, as role:id, known only by a standard that asks for it (`StandardRule.asks_for_buyers`).
    """

    standard: str
    subject: str
    basis: datetime | None = None
    counted_at: datetime | None = None
    faulty_at: datetime | None = None
    cleared_at: datetime | None = None
    excluded_at: datetime | None = None
    value: int | None = None
    buyer: str | None = None
    faults: tuple[Fault, ...] = ()

    def counts(self, at: datetime) -> bool:
        """Whether the subject counts, as things stood at `at`."""
        if self.counted_at is None or self.counted_at > at:
            return False
        return self.excluded_at is None or self.excluded_at > at

    def is_faulty(self, at: datetime) -> bool:
        """Whether it is faulty, as things stood at `at`; only where it counts does that matter."""
        if self.cleared_at is not None and self.cleared_at <= at:
            return False
        if self.faulty_at is not None and self.faulty_at <= at:
            return True
        return bool(self.faults) and any(
            each.faulty_at is not None
            and each.faulty_at <= at
            and not any(each.cleared_by(other, at) for other in self.faults)
            for each in self.faults
        )

    def moments(self) -> list[datetime]:
        """Return the moments at which it may be seen otherwise."""
        dated = [self.counted_at, self.faulty_at, self.cleared_at, self.excluded_at]
        for each in self.faults:
            dated += (each.faulty_at, each.cleared_at)
        return [moment for moment in dated if moment is not None]

    def faulty_since(self, at: datetime) -> datetime | None:
        """Return when the earliest fault came that is left at `at`; None where it is not faulty."""
        left = [self.faulty_at] if self.faulty_at is not None and self.faulty_at <= at else []
        for each in self.faults:
            if each.faulty_at is not None and each.faulty_at <= at:
                if not any(each.cleared_by(other, at) for other in self.faults):
                    left.append(each.faulty_at)
        return min(left, default=None) if self.is_faulty(at) else None


def merged(old: Tally | None, new: Tally) -> Tally:
    """Return the row that both make: the earliest of each moment, the smaller value, the first of two buyers."""
    if old is None:
        return new
    return Tally(
        standard=new.standard, subject=new.subject, basis=_least(old.basis, new.basis),
        counted_at=_least(old.counted_at, new.counted_at), faulty_at=_least(old.faulty_at, new.faulty_at),
        cleared_at=_least(old.cleared_at, new.cleared_at), excluded_at=_least(old.excluded_at, new.excluded_at),
        value=new.value if old.value is None else old.value if new.value is None else min(old.value, new.value),
        buyer=new.buyer if old.buyer is None else old.buyer if new.buyer is None else min(old.buyer, new.buyer),
        faults=faults_of((*old.faults, *new.faults)) if old.faults or new.faults else (),
    )  # fmt: skip


def faults_of(told: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults in their order, each once: the earliest of its moments."""
    found: dict[tuple[str, str], Fault] = {}
    for new in told:
        if (old := found.get(place := (new.kind, new.thing))) is not None:
            faulty, cleared = _least(old.faulty_at, new.faulty_at), _least(old.cleared_at, new.cleared_at)
            new = Fault(kind=new.kind, thing=new.thing, faulty_at=faulty, cleared_at=cleared)
        found[place] = new
    return tuple(found[place] for place in sorted(found))


def differs_from(old: Tally | None, new: Tally) -> datetime | None:
    """Return the first moment as of which a subject is seen otherwise by `new`; None where nothing changed."""
    if old is None:
        return min(new.moments(), default=None)
    if old == new:
        return None
    changed = [name for name in _DATED if getattr(old, name) != getattr(new, name)]
    moments = [getattr(row, name) for name in changed for row in (old, new)]
    for each in {*old.faults} ^ {*new.faults}:
        moments += (each.faulty_at, each.cleared_at)
    if (old.basis, old.value, old.buyer) != (new.basis, new.value, new.buyer):
        # Another date, value or buyer makes a difference from when the subject counts, not before.
        moments += [old.counted_at, new.counted_at]
    return min((moment for moment in moments if moment is not None), default=None)


#: What a row says as of moments.
_DATED = ("counted_at", "faulty_at", "cleared_at", "excluded_at")


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
    buyer = fact.data.get("buyer") if fact.kind == PLACED and rule.asks_for_buyers else None
    row = Tally(
        standard=rule.name, subject=subject, basis=basis,
        counted_at=fact.at if counts else None,
        faulty_at=fact.at if any(match.accepts(fact) for match in rule.faulty if not match.unless) else None,
        cleared_at=fact.at if accepted(rule.cleared, fact) else None,
        excluded_at=fact.at if accepted(rule.excluded, fact) else None,
        value=value if isinstance(value, int) and not isinstance(value, bool) else None,
        buyer=buyer if isinstance(buyer, str) else None, faults=faults_of(_faults(rule, subject, fact)),
    )  # fmt: skip
    return row if row.basis is not None or row.buyer is not None or row.moments() else None


def _faults(rule: StandardRule, subject: str, fact: Fact) -> Iterator[Fault]:
    """Yield what `fact` says of the faults of a subject that are cleared each by itself."""
    thing = fact.subject if fact.subject != subject and rule.each != "fact" else ""
    for match in rule.faulty:
        if not match.unless:
            continue
        if match.accepts(fact):
            yield Fault(kind=_named(match), thing=thing, faulty_at=fact.at)
        if accepted(match.unless, fact):
            # What is never at fault itself, such as the parcel that came, clears the fault of whatever thing.
            is_one = subject_kind(thing) in KINDS[match.fact].subjects
            yield Fault(kind=_named(match), thing=thing if is_one else "", cleared_at=fact.at)


@lru_cache(maxsize=4096)
def _name(said: str) -> str:
    return name_of("fault", said)


def _named(match: Match) -> str:
    """Return the name of a fault: what is meant by it, whatever clears it by one version or another."""
    return _name(match.meaning)


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
    # An open duty has none, nor one that was overturned: its row counts nowhere.
    outcome = _OUTCOME.get(duty.status)
    # Broken when it was due, however late it was done after all.
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
        key=fact.id, standard=str(fact.data["standard"]), at=fact.at,
        counted=counted if isinstance(counted, int) else 0, faulty=faulty if isinstance(faulty, int) else 0,
    )  # fmt: skip


class Counting(Protocol):
    """Where rows are counted: in memory, or in a database."""

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count the rows whose basis lies in `window`, as things stood at `at`; with `latest`, the newest share."""

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return who bought what is faulty among them, as far as that is known, and how many of each."""


class Rows(Counting, Protocol):
    """Where the rows of standards are kept: in memory, or in a database."""

    def put(self, row: Tally, *, instead: bool = False, fresh: bool = False) -> datetime | None:
        """Take up a row: merged with the one there is, or instead of it; `fresh`: the caller knows that there is none.

        Return a moment since when its subject may be seen otherwise, as late as can be told; None for never.
        """

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""
