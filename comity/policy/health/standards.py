"""Standards: what is read now, what was at the last evaluation, what will be at the next, and why a rate moves."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

import msgspec

from comity.policy.duties.matter import DutyState, DutyStatus
from comity.policy.health.known import Known, rule_of
from comity.policy.health.supposed import Supposed, can_suppose
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.reasons import most_faulty
from comity.policy.standards import levels, rates, tally
from comity.policy.standards.counting import next_evaluation
from comity.policy.standards.rates import Count, Limit, Reading
from comity.policy.standards.rating import peers_at
from comity.policy.standards.rule import Level, StandardRule
from comity.policy.standards.tally import Counting, Tally
from comity.policy.time import deadlines
from comity.policy.time.clocks import Interval


class WindowHealth(NamedTuple):
    """One window at one moment.

    limits    those that speak of so many subjects, of all levels
    broken    the levels that it breaks by itself
    interval  95 % interval of the true rate (Wilson); None where nothing counts
    most      the most faulty subjects, of as many as count, with which no level would be broken; None where it is the
              number of faults that decides nothing
    """

    begin: datetime
    end: datetime
    seen: Reading
    interval: tuple[float, float] | None
    limits: tuple[Limit, ...]
    broken: tuple[str, ...]
    most: int | None


class At(NamedTuple):
    """A standard at one moment. `level`: the gravest that is reached, None for none; `enough`: whether it can be."""

    at: datetime
    windows: tuple[WindowHealth, ...]
    level: Level | None
    enough: bool
    telling: Reading

    @property
    def state(self) -> str:
        """fine, broken or not_enough."""
        if not self.enough:
            return "not_enough"
        return "broken" if self.level is not None else "fine"


class Left(NamedTuple):
    """What leaves the window by the next evaluation, and the rate if it had stayed."""

    counted: int
    faulty: int
    kept_in: Fraction | None


class StandardHealth(NamedTuple):
    """A standard of a party.

    official   at the last evaluation under this version
    now        as an evaluation would find it this minute
    projected  at the next evaluation, if nothing new comes; None where none comes
    missed     the same, if all of `open` duties that are due by then are not done; None where it counts no open one
    left       what leaves the window by the next evaluation
    rises      the rate rises by then because what leaves was better than what stays
    """

    rule: StandardRule
    official: At
    now: At
    projected: At | None
    missed: At | None
    open: int
    left: Left | None
    rises: bool


def standards(known: Known) -> list[StandardHealth]:
    """Return how each standard that the party is held to stands, in the rulebook's order."""
    return [standard(known, rule) for rule in known.standards]


def standard(known: Known, rule: StandardRule) -> StandardHealth:
    """Return how one standard stands."""
    # Never before this version: an evaluation under another one says nothing of these limits.
    last = max(rule.evaluated.until(known.at), known.book.in_force_from)
    now, official = look(known, rule, known.at), look(known, rule, last)
    following = next_evaluation(known.books, rule.name, known.at)
    if following is None:
        return StandardHealth(rule, official, now, None, None, 0, None, rises=False)
    projected = look(known, rule, following)
    owed = due_by(known, rule, following)
    missed = None
    if owed and can_suppose(rule):
        missed = look(known, rule, following, Supposed(known.counting, more=rows_if(known.books, rule, owed, "missed")))
    left = _left(known, rule, now, projected)
    rises = left is not None and _rises(now.telling.rate, projected.telling.rate, left.kept_in)
    return StandardHealth(rule, official, now, projected, missed, len(owed), left, rises)


def _rises(now: Fraction | None, then: Fraction | None, kept_in: Fraction | None) -> bool:
    return None not in (now, then, kept_in) and then > now and then > kept_in  # type: ignore[operator]


def look(known: Known, rule: StandardRule, at: datetime, counting: Counting | None = None) -> At:
    """Return a standard as an evaluation at `at` would find it, over `counting` where other rows are supposed."""
    rows, since = known.counting if counting is None else counting, known.book.in_force_from
    peers = peers_at(rule, known.peers, at)
    verdict = levels.evaluate(rule, rows, at, since=since, peers=peers)
    windows = tuple(_window(rule, span, count, peers) for _, span, count in levels.read(rule, rows, at, since))
    level = None if verdict.level is None else rule.levels[verdict.level]
    return At(at, windows, level, verdict.outcome.enough, verdict.outcome.telling)


def _window(rule: StandardRule, span: Interval, count: Count, peers: Fraction | None) -> WindowHealth:
    seen = rates.reading(count)
    # Windows that are weighed together are not held against a limit one by one.
    alone = rule.mode != "weighted"
    broken = [level for level in rule.levels if alone and levels.breaks(rule, level, seen, peers)]
    room = [_room(rule, level, seen, peers) for level in rule.levels if alone]
    return WindowHealth(
        begin=span[0], end=span[1], seen=seen,
        interval=rates.interval(seen.faulty, seen.counted) if seen.counted else None,
        limits=tuple(limit for level in rule.levels for limit in level.limits if limit.applies(seen.counted)),
        broken=tuple(level.name for level in broken),
        most=min((number for number in room if number is not None), default=None),
    )  # fmt: skip


def _room(rule: StandardRule, level: Level, seen: Reading, peers: Fraction | None) -> int | None:
    """Return the most faults, of as many subjects, that would not break a level; None where no number would."""
    # At worst each is another buyer's.
    worst = replace(seen, faulty=seen.counted, rate=Fraction(1) if seen.counted else None, buyers=seen.counted)
    return most_faulty(rule, level, worst, peers) if levels.breaks(rule, level, worst, peers) else None


def _left(known: Known, rule: StandardRule, now: At, then: At) -> Left | None:
    """Return what leaves the telling window; None where nothing does, or another window is looked at then."""
    if rule.mode != "all" or rule.certain or not can_suppose(rule):
        return None
    before, after = now.windows[0], then.windows[0]
    if before.begin >= after.begin:
        return None
    gone = known.counting.count(rule.name, (before.begin, min(after.begin, before.end)), then.at)
    if not gone.counted:
        return None
    whole = known.counting.count(rule.name, (before.begin, after.end), then.at)
    return Left(gone.counted, gone.faulty, rates.reading(whole).rate)


def due_by(known: Known, rule: StandardRule, by: datetime) -> list[DutyState]:
    """Return the open duties that a standard counts and that will be decided by `by`."""
    if not rule.of_duty:
        return []
    return [duty for duty in known.duties if duty.rule == rule.of_duty and _decided(known.books, duty) <= by]


def _decided(books: Rulebooks, duty: DutyState) -> datetime:
    asked = rule_of(books, duty)
    return duty.due if asked is None else deadlines.decided_at(asked, duty.opened_at, duty.due)


def rows_if(books: Rulebooks, rule: StandardRule, duties: Iterable[DutyState], how: str) -> Iterator[Tally]:
    """Yield the rows of open duties as they would be, "missed" or "met": each by its deadline."""
    for duty in duties:
        broke = _decided(books, duty)
        status = DutyStatus.BREACHED if how == "missed" else DutyStatus.MET
        ended = None if how == "missed" else min(duty.due, broke)
        yield tally.of_duty(rule, msgspec.structs.replace(duty, status=status, ended_at=ended), broke)
