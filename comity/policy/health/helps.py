"""What helps most now: each number before and after, found by judging again, the most helpful first.

The work is bounded: each kind of duty is tried once, each ledger at its next `ledgers.MOST_AHEAD` moments, each
standard at `MOST_LOOKS` moments ahead and with about fifteen numbers of further orders; of many open duties the first
`MOST_DUTIES` of a kind are looked at. No trial looks at pairs of charges: many cost in proportion to their number.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from comity.policy.duties.matter import DutyState
from comity.policy.duties.rulings import Breach
from comity.policy.health import ledgers as by_points
from comity.policy.health import standards as by_counts
from comity.policy.health.known import Known, rule_of
from comity.policy.health.ledgers import LedgerHealth
from comity.policy.health.standards import At, StandardHealth
from comity.policy.health.supposed import Clean, Supposed, can_suppose
from comity.policy.sanctions import accounts, points
from comity.policy.sanctions.measures import MEASURES, WEIGHTS
from comity.policy.sanctions.points import ChargeState
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.counting import next_evaluation
from comity.policy.standards.rule import StandardRule

#: Most open duties of one kind that are looked at, the first due first.
MOST_DUTIES = 50
#: Most further orders without a fault that are advised.
MOST_CLEAN = 10_000
#: So many moments ahead a standard is looked at, evenly over its longest window.
MOST_LOOKS = 24
#: How far ahead at the most.
FURTHEST = timedelta(days=400)
_TICK = timedelta(microseconds=1)
#: Most ways to help that are told.
MOST_TOLD = 12


class Help(NamedTuple):
    """One thing that helps: what to do, and which number moves from where to where.

    what      "answer": do `number` open duties of the kind `duty` in time, the first by `by`; "clean": `number` further
              subjects without a fault; "wait": nothing but until `by`
    on        "ledger" or "standard"; `name`: which
    before    points, or a rate, without it; `after`: with it. Both at one moment, or now and then where one waits
    leaves    the measure that is avoided or whose rung is left, or the level that is kept or left; "" for none
    """

    what: str
    on: str
    name: str
    number: int
    by: datetime | None
    before: Fraction | None
    after: Fraction | None
    leaves: str
    duty: str = ""

    @property
    def effect(self) -> tuple[bool, bool, int, Fraction]:
        """How much it helps: first what one can do, whatever waiting leaves; then as it says whether something is left
        or avoided, how grave that is, and how much of the number goes.
        """
        before, after = self.before or Fraction(0), self.after or Fraction(0)
        part = abs(before - after) / max(before, after) if max(before, after) > 0 else Fraction(0)
        return (self.what != "wait", bool(self.leaves), WEIGHTS.get(self.leaves, 0), part)


def helps(known: Known, on: Sequence[LedgerHealth], by: Sequence[StandardHealth]) -> list[Help]:
    """Return what helps, the most helpful first, of two alike what is due sooner; what moves nothing is left out.

    on, by  the party's ledgers and standards, as `ledgers.ledgers` and `standards.standards` found them
    """
    found = [*_answers(known), *_waits(on), *_rises(known, on)]
    for health in by:
        found += _on_standard(known, health)
    moving = [help_ for help_ in found if help_.before != help_.after or help_.leaves]
    return in_order(known, moving)[:MOST_TOLD]


def in_order(known: Known, found: Sequence[Help]) -> list[Help]:
    """Return ways to help, the most helpful first; of two alike, what is due sooner."""
    soonest = sorted(found, key=lambda help_: help_.by or known.at)
    return sorted(soonest, key=lambda help_: help_.effect, reverse=True)


# Duties done in time


def _answers(known: Known) -> Iterator[Help]:
    for name in dict.fromkeys(duty.rule for duty in known.duties):
        open_ = [duty for duty in known.duties if duty.rule == name and duty.due > known.at]
        first = sorted(open_, key=lambda duty: (duty.due, duty.key))[:MOST_DUTIES]
        if first:
            yield from _of_kind(known, name, first)


def _of_kind(known: Known, name: str, duties: Sequence[DutyState]) -> Iterator[Help]:
    charged = [charge for duty in duties if (charge := _if_missed(known, duty)) is not None]
    for ledger in dict.fromkeys(charge.ledger for charge in charged):
        rule = known.book.ledgers.get(ledger)
        if rule is not None:
            new = sorted((charge for charge in charged if charge.ledger == ledger), key=points.order)
            yield _avoided(known, rule, name, new, duties[0].due)
    for standard in known.standards:
        if standard.of_duty != name or not can_suppose(standard):
            continue
        # At the first evaluation that finds all of them decided.
        at = next_evaluation(known.books, standard.name, max(duty.due for duty in duties))
        if at is None:
            continue
        missed, met = (_all(known, standard, duties, how, at) for how in ("missed", "met"))
        yield Help(
            "answer", "standard", standard.name, len(duties), duties[0].due, missed.telling.rate, met.telling.rate,
            _better(missed, met), name,
        )  # fmt: skip


def _all(known: Known, rule: StandardRule, duties: Sequence[DutyState], how: str, at: datetime) -> At:
    """Return a standard at `at` if all of these duties were "missed" or "met"."""
    more = by_counts.rows_if(known.books, rule, duties, how)
    return by_counts.look(known, rule, at, Supposed(known.counting, more=more))


def _if_missed(known: Known, duty: DutyState) -> ChargeState | None:
    """Return the charge that a duty brings if it is not done in time: the judge's own, of a breach that is supposed."""
    rule = rule_of(known.books, duty)
    if rule is None or rule.charge is None:
        return None
    breach = Breach(
        at=duty.due, matter=duty.matter, rule=duty.rule, rulebook=duty.rulebook, key=duty.key, due=duty.due
    )  # fmt: skip
    charge = accounts.charge_for(known.books, breach)
    return None if charge is None else accounts.apply(None, charge)


def _avoided(known: Known, rule: LedgerRule, duty: str, new: Sequence[ChargeState], by: datetime) -> Help:
    there = known.on_ledger(rule.name)
    at = new[-1].at
    before, after = (by_points.standing(known, rule, charges, at) for charges in ([*there, *new], there))
    reached = _reached(known, rule, there, new)
    return Help("answer", "ledger", rule.name, len(new), by, Fraction(before), Fraction(after), reached, duty)


def _reached(known: Known, rule: LedgerRule, there: Sequence[ChargeState], new: Sequence[ChargeState]) -> str:
    """Return the gravest measure that new charges would reach, one after the other; "" for none."""
    reached: list[str] = []
    for number in range(1, len(new) + 1):
        ordered = sorted([*there, *new[:number]], key=points.order)
        up_to = ordered[: ordered.index(new[number - 1]) + 1]
        crossed = points.crossings(known.books, up_to, known.counting, last_only=True, in_order=True)
        reached += [crossing.rung.measure for crossing in crossed if not MEASURES[crossing.rung.measure].is_good]
    return max(reached, key=lambda measure: WEIGHTS[measure], default="")


# Time


def _waits(on: Sequence[LedgerHealth]) -> Iterator[Help]:
    """Yield the next moment at which each ledger's sum changes, and the first at which its rung is left."""
    for health in on:
        better = [ahead for ahead in health.ahead if _is_better(health.rule, health.points, ahead.points)]
        leaving = [ahead for ahead in better if health.rung is not None and ahead.rung != health.rung]
        for ahead in dict.fromkeys((*better[:1], *leaving[:1])):
            left = health.rung.measure if health.rung is not None and ahead.rung != health.rung else ""
            before, after = Fraction(health.points), Fraction(ahead.points)
            yield Help("wait", "ledger", health.rule.name, len(ahead.ending), ahead.at, before, after, left)


def _is_better(rule: LedgerRule, now: int, then: int) -> bool:
    return then > now if rule.is_score else then < now


def _rises(known: Known, on: Sequence[LedgerHealth]) -> Iterator[Help]:
    """Yield how many more good subjects let a score rise by its next step."""
    for health in on:
        accrual = health.rule.accrual
        of = None if accrual is None else known.book.standards.get(accrual.of)
        if accrual is None or of is None or not can_suppose(of):
            continue
        good = by_counts.look(known, of, known.at).windows[0].seen.value("good") or Fraction(0)
        more = accrual.every - int(good) % accrual.every
        # A moment earlier: at midnight the day that is counted last is the one just over.
        rows = Supposed(known.counting, clean=Clean(of.name, known.at - _TICK, more))
        then = by_points.standing(known, health.rule, known.on_ledger(health.rule.name), known.at, rows)
        rung = by_points.rung_at(health.rule, then)
        left = health.rung.measure if health.rung is not None and rung != health.rung else ""
        yield Help("clean", "ledger", health.rule.name, more, None, Fraction(health.points), Fraction(then), left)


# Counts


def _on_standard(known: Known, health: StandardHealth) -> Iterator[Help]:
    worst = health.projected or health.now
    if worst.level is None or not can_suppose(health.rule):
        return
    if (orders := _clean(known, health, worst)) is not None:
        yield orders
    if (wait := _wait(known, health, worst)) is not None:
        yield wait


def _clean(known: Known, health: StandardHealth, worst: At) -> Help | None:
    """Return the fewest further subjects without a fault with which no level is reached; None for too many."""
    rule = health.rule
    at = next_evaluation(known.books, rule.name, known.at + rule.lag)
    if at is None:
        return None
    moment = at

    def tried(number: int) -> At:
        clean = Clean(rule.name, known.at, number)
        return by_counts.look(known, rule, moment, Supposed(known.counting, clean=clean))

    if tried(0).level is None or tried(MOST_CLEAN).level is not None:
        return None
    broken, kept = 0, MOST_CLEAN
    while kept - broken > 1:
        middle = (broken + kept) // 2
        broken, kept = (broken, middle) if tried(middle).level is None else (middle, kept)
    before, after = tried(0), tried(kept)
    return Help(
        "clean", "standard", rule.name, kept, moment, before.telling.rate, after.telling.rate, _better(before, after)
    )  # fmt: skip


def _wait(known: Known, health: StandardHealth, worst: At) -> Help | None:
    """Return the first moment looked at from which the standard is kept, though nothing new comes."""
    rule = health.rule
    length = max((window.end - window.begin for window in worst.windows), default=timedelta())
    step = min(length, FURTHEST) / MOST_LOOKS
    at: datetime | None = worst.at
    for _ in range(MOST_LOOKS + 2):
        at = None if at is None else next_evaluation(known.books, rule.name, at + step)
        if at is None:
            return None
        then = by_counts.look(known, rule, at)
        if then.level is None:
            return Help(
                "wait", "standard", rule.name, 0, at, worst.telling.rate, then.telling.rate, _better(worst, then)
            )  # fmt: skip
    return None


def _better(before: At, after: At) -> str:
    """Return the level that is left or avoided; "" for none."""
    if before.level is None:
        return ""
    return before.level.name if after.level is None or after.level != before.level else ""
