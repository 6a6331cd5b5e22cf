"""The smallest cases that two rulebooks treat differently, seen by running both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from comity.lib.ids import name_of
from comity.policy.disputes import table
from comity.policy.disputes.rule import DisputeRules, Row
from comity.policy.duties.rule import DutyRule
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions import points
from comity.policy.sanctions.points import ChargeState
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards import levels
from comity.policy.standards.rates import Count, percent
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.running import NO_ROWS
from comity.policy.time.clocks import Interval
from comity.rulebooks import words
from comity.rulebooks.workbench import solving
from comity.rulebooks.workbench.analysis import charges_of


@dataclass(frozen=True, slots=True)
class Witness:
    """A smallest case that is treated differently: the case, and what each of the two makes of it, seen by running."""

    rule: str
    case: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.case} was {self.before}, and would now be {self.after}"


def witnesses(old: Rulebook, new: Rulebook) -> Iterator[Witness]:
    """Yield, for each rule that both have, a smallest case that they treat differently."""
    for name, rule in new.standards.items():
        if name in old.standards and (witness := _standard(old, new, old.standards[name], rule)):
            yield witness
    for name, ledger in new.ledgers.items():
        if name in old.ledgers and (witness := _ledger(old, new, old.ledgers[name], ledger)):
            yield witness
    for name, duty in new.by_name.items():
        if name in old.by_name and (witness := _duty(old.by_name[name], duty)):
            yield witness
    if old.dispute is not None and new.dispute is not None and (witness := _table(old.dispute, new.dispute)):
        yield witness


# Standards


class _Fixed:
    """Every window of every standard holds the same counts."""

    def __init__(self, counted: int, faulty: int, buyers: int):
        self._count = Count(counted, faulty, 0, counted)
        self._buyers = {str(number): 1 for number in range(buyers)}

    def count(self, standard: str, window: Interval, at: datetime, latest: Any = None) -> Count:
        """Return the counts, whatever is asked."""
        return self._count

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return so many buyers, whatever is asked."""
        return self._buyers


def _standard(old: Rulebook, new: Rulebook, was: StandardRule, now: StandardRule) -> Witness | None:
    """The fewest that count, and of them the fewest faulty, for which another level is the gravest reached."""
    if was.certain or now.certain:
        return None
    counts = solving.Counts()
    differs = solving.any_of(
        solving.both(_gravest(counts, was, one), _gravest(counts, now, other))
        for one in range(-1, len(was.levels))
        for other in range(-1, len(now.levels))
        if _treats(was, one) != _treats(now, other)
    )
    model = solving.smallest([counts.sound, differs], counts.counted, counts.faulty, counts.buyers)
    if model is None:
        return None
    counted, faulty = solving.whole(model, counts.counted), solving.whole(model, counts.faulty)
    buyers = solving.whole(model, counts.buyers)
    said = f"a {now.who} with {faulty} of {counted} faulty ({percent(Fraction(faulty, counted))})"
    if was.asks_for_buyers or now.asks_for_buyers:
        said += f", of {buyers} {'buyer' if buyers == 1 else 'different buyers'},"
    fixed = _Fixed(counted, faulty, buyers)
    return Witness(now.name, said, _seen(old, was, fixed), _seen(new, now, fixed))


def _gravest(counts: solving.Counts, rule: StandardRule, index: int) -> Any:
    graver = [counts.breaks(level) for level in rule.levels[index + 1 :]]
    return solving.both(solving.none_of(graver), *([counts.breaks(rule.levels[index])] if index >= 0 else []))


def _treats(rule: StandardRule, index: int) -> str:
    if index < 0:
        return "fine"
    level = rule.levels[index]
    return f"{level.name}: {words.ENGLISH.follows(level) or 'shown'}"


def _seen(book: Rulebook, rule: StandardRule, fixed: _Fixed) -> str:
    at = rule.evaluated.after(book.in_force_from + timedelta(days=800))
    verdict = levels.evaluate(rule, fixed, at, since=book.in_force_from)
    return _treats(rule, -1 if verdict.level is None else verdict.level)


# Ledgers


def _ledger(old: Rulebook, new: Rulebook, was: LedgerRule, now: LedgerRule) -> Witness | None:
    """The fewest points from which one charge leads to another measure."""
    if was.is_score or now.is_score:
        return None
    charges = set(charges_of(old, was.name)) | set(charges_of(new, now.name))
    case = solving.Points(charges)
    if not charges:
        return None
    before_, after_ = ({(rung.at, words.measure(rung)) for rung in rule.rungs} for rule in (was, now))
    # Rungs that only one of the two has: a charge across one of them may be treated differently.
    rungs = before_ ^ after_
    crossed = solving.any_of(solving.both(case.before < at, case.after >= at) for at, _ in rungs)
    model = solving.smallest([case.sound, crossed], case.before, case.charge) if rungs else None
    if model is None:
        return None
    before, charge = case.read(model)
    said = f"a party with {sum(before)} points on {now.name} and {charge} more"
    results = _climbed(old, was.name, [*before, charge]), _climbed(new, now.name, [*before, charge])
    return Witness(now.name, said, *results) if results[0] != results[1] else None


def _climbed(book: Rulebook, ledger: str, charges: Sequence[int]) -> str:
    """Return the measure to which the last of these charges, one a minute, leads."""
    states = [
        ChargeState(
            key=name_of("case", str(number)),
            ledger=ledger,
            points=each,
            rulebook=book.ref,
            rule="",
            matter="",
            because=f"{number:06d}",
            at=book.in_force_from + timedelta(minutes=number),
            expires_at=book.ledgers[ledger].ends(book.in_force_from + timedelta(minutes=number)),
        )
        for number, each in enumerate(charges)
    ]
    crossed = points.crossings(Rulebooks([book]), states, NO_ROWS, last_only=True)
    return words.measure(crossed[0].rung) if crossed else "fine"


# Duties and disputes


def _duty(was: DutyRule, now: DutyRule) -> Witness | None:
    """What is done just after the shorter of two lengths: late under one, in time under the other."""
    if was.within is None or now.within is None or was.clock != now.clock:
        return None
    # 5 days and 120 hours are as long, but where clocks change.
    if not was.within < now.within and not now.within < was.within:
        return None
    shorter, longer = sorted((was.within, now.within))
    said = f"what {now.name} asks for, done {words.length(shorter)} and a minute after it began,"
    late, fine = f"late (within {words.length(shorter)})", f"in time (within {words.length(longer)})"
    return Witness(now.name, said, *((fine, late) if now.within == shorter else (late, fine)))


def _table(was: DisputeRules, now: DisputeRules) -> Witness | None:
    """The first case of the inputs that is decided differently; only where both ask the same."""
    if was.inputs != now.inputs or not now.inputs:
        return None
    for case in table.all_cases(now):
        before, after = _decided(table.decide(was, case)), _decided(table.decide(now, case))
        if before != after:
            return Witness("disputes", "a dispute with " + _answers(case), before, after)
    return None


def _decided(row: Row | None) -> str:
    return (
        "decided by no row" if row is None else f"decided for {row.outcome}" + (f", {row.offer}" if row.offer else "")
    )


def _answers(case: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())
