"""What if: what would stand without some charges, or with subjects or a stretch of time excused. Nothing is written.

Which measures there ought to be follows from charges in force and ratings alone, as in the ladder: they are compared
with what there is. What people decided stays decided; a measure that an agent asked for rests on no points, and stands.
An evaluation at which no level was reached is not held again: what is taken away makes nothing worse.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from comity.policy.health import ledgers as by_points
from comity.policy.health import standards as by_counts
from comity.policy.health.known import Known
from comity.policy.health.standards import At
from comity.policy.health.supposed import Supposed, can_suppose
from comity.policy.sanctions import accounts, points
from comity.policy.sanctions.ladder import key_of_brought
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.sanctions.outcome import term
from comity.policy.sanctions.points import ChargeState
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards import rating
from comity.policy.standards.rating import RatingState
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.rulings import Rate
from comity.policy.standards.tally import Tally
from comity.policy.time.clocks import Interval

#: Most evaluations that are held again, the newest first.
MOST_RATINGS = 100
_STAND = (MeasureStatus.PROPOSED, MeasureStatus.PLACED)
_COUNT = (*_STAND, MeasureStatus.LIFTED)


class What(NamedTuple):
    """What is taken away: charges by key, subjects as their rows, and a stretch that counts against nobody."""

    charges: frozenset[str] = frozenset()
    subjects: Sequence[Tally] = ()
    excused: Interval | None = None


class LedgerThen(NamedTuple):
    """A ledger as it is, and as it would be."""

    rule: LedgerRule
    points: int
    then: int
    rung: Rung | None
    rung_then: Rung | None


class StandardThen(NamedTuple):
    """A standard as it is now, and as it would be; `can_tell`: not where only the newest share of subjects counts."""

    rule: StandardRule
    now: At
    then: At
    can_tell: bool


class Fate(NamedTuple):
    """What would become of a measure that is proposed or placed. `stands` as it is, or for less (`less`)."""

    measure: MeasureState
    stands: bool
    less: bool = False


class Comes(NamedTuple):
    """A measure that would come in place of others, as of `at`; `is_over`: its length would be over by now."""

    measure: str
    at: datetime
    is_over: bool


class Then(NamedTuple):
    """What would stand.

    gone      the charges that would go, those that hang on what is taken away too
    measures  those that are proposed or placed; and of those that are over, which would fall with what they rest on
    comes     measures that would come in place of others
    """

    ledgers: list[LedgerThen]
    standards: list[StandardThen]
    gone: list[ChargeState]
    measures: list[Fate]
    comes: list[Comes]


def what_if(known: Known, what: What) -> Then:
    """Return what would stand if `what` were taken away, found by judging again."""
    counting = Supposed(known.counting, gone=what.subjects, excused=what.excused)
    rated = _held_again(known, what, counting)
    charges, gone = _charges(known, what, rated)
    wanted = _wanted(known, charges, rated, counting)
    there = {measure.key for measure in known.measures}
    past_and_present = sorted((m for m in known.measures if m.status in _COUNT), key=lambda m: (m.at, m.key))
    fates = [_fate(measure, wanted, what) for measure in past_and_present]
    return Then(
        ledgers=[_ledger(known, rule, charges, counting) for rule in known.book.ledgers.values()],
        standards=[_standard(known, rule, counting) for rule in known.standards],
        gone=gone,
        measures=[fate for fate in fates if fate.measure.status in _STAND or not fate.stands],
        comes=[_comes(known, each) for key, each in sorted(wanted.items()) if key not in there],
    )


def _ledger(known: Known, rule: LedgerRule, charges: Collection[ChargeState], counting: Supposed) -> LedgerThen:
    now = by_points.standing(known, rule, known.charges, known.at)
    then = by_points.standing(known, rule, charges, known.at, counting)
    return LedgerThen(rule, now, then, by_points.rung_at(rule, now), by_points.rung_at(rule, then))


def _standard(known: Known, rule: StandardRule, counting: Supposed) -> StandardThen:
    now = by_counts.look(known, rule, known.at)
    told = can_suppose(rule)
    return StandardThen(rule, now, by_counts.look(known, rule, known.at, counting) if told else now, told)


# Evaluations, and what hangs on them


def _held_again(known: Known, what: What, counting: Supposed) -> dict[str, Rate | None]:
    """Return the ratings in force that would be others, by key: what they would be, None for nothing."""
    touched = {row.standard for row in what.subjects}
    changed: dict[str, Rate | None] = {}
    for rated in sorted(known.ratings, key=lambda rated: rated.at, reverse=True)[:MOST_RATINGS]:
        if what.excused is None and rated.standard not in touched:
            continue
        if not _can_hold(known, rated):
            continue
        now = rating.rate(known.books, rated.standard, rated.at, counting, known.peers)
        if now is None or now.level != rated.level:
            changed[rated.key] = now
    return changed


def _can_hold(known: Known, rated: RatingState) -> bool:
    book = known.books.in_force(rated.at)
    rule = book.standards.get(rated.standard) if book is not None else None
    return rule is not None and can_suppose(rule)


def _charges(known: Known, what: What, rated: dict[str, Rate | None]) -> tuple[list[ChargeState], list[ChargeState]]:
    """Return the charges that would be in force, and those that would be no more.

    Within an excused stretch what was not done in time is excused; what somebody did is not.
    """
    subjects = {row.subject.removeprefix("duty:") for row in what.subjects}
    rest: list[ChargeState] = []
    gone: list[ChargeState] = []
    for charge in known.charges:
        hangs = charge.because in rated or charge.because in subjects
        excused = _is_excused(what, charge.at) and charge.rule in known.books.version(charge.rulebook).by_name
        (gone if charge.key in what.charges or hangs or excused else rest).append(charge)
    for now in rated.values():
        if now is not None and (charged := accounts.charge_for(known.books, now)) is not None:
            rest.append(accounts.apply(None, charged))
    return rest, gone


def _is_excused(what: What, at: datetime) -> bool:
    return what.excused is not None and what.excused[0] <= at < what.excused[1]


# Measures


class _Wanted(NamedTuple):
    rung: Rung | None
    measure: str
    at: datetime
    because: tuple[str, ...]
    points: int


def _wanted(
    known: Known, charges: Sequence[ChargeState], rated: dict[str, Rate | None], counting: Supposed
) -> dict[str, _Wanted]:
    """Return the measures that ought to be: those of the ladders, and those that changed evaluations bring."""
    wanted = {}
    for name in dict.fromkeys(charge.ledger for charge in charges):
        on_ledger = [charge for charge in charges if charge.ledger == name]
        for crossing in points.crossings(known.books, on_ledger, counting):
            wanted[crossing.key] = _Wanted(
                crossing.rung, crossing.rung.measure, crossing.charge.at, crossing.because, crossing.points
            )
    brought = [now for now in rated.values() if now is not None]
    for now in brought:
        if (rung := accounts.brought(known.books.version(now.rulebook), now).rung) is not None:
            wanted[key_of_brought(now.key)] = _Wanted(rung, rung.measure, now.at, (now.key,), 0)
    changed = set(rated)
    for measure in known.measures:
        if measure.origin.kind in ("standard", "duty", "agent", "evasion") and not changed & set(measure.because):
            wanted.setdefault(measure.key, _Wanted(None, measure.measure, measure.at, measure.because, measure.points))
    return wanted


def _comes(known: Known, wanted: _Wanted) -> Comes:
    until = None
    if wanted.rung is not None and wanted.rung.automatic:
        # As the judge would place it: told, and placed, when what it rests on happened.
        _, until = term(wanted.rung, told_at=wanted.at, placed_at=wanted.at)
    return Comes(wanted.measure, wanted.at, until is not None and until <= known.at)


def _fate(measure: MeasureState, wanted: dict[str, _Wanted], what: What) -> Fate:
    now = wanted.get(measure.key)
    subjects = {row.subject.removeprefix("duty:") for row in what.subjects}
    if measure.origin.kind == "duty" and (_is_excused(what, measure.at) or subjects & set(measure.because)):
        return Fate(measure, stands=False)
    if now is None or now.measure != measure.measure:
        return Fate(measure, stands=False)
    return Fate(measure, stands=True, less=(now.because, now.points) != (measure.because, measure.points))
