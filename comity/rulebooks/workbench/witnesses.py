"""Small cases that two rulebooks treat differently, seen by running both.

Where a solver can name the smallest case it does; else histories are searched for one (`contrasts`).
"""

from bisect import bisect_left
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
from comity.rulebooks.workbench import permissions, solving, windows
from comity.rulebooks.workbench.analysis.ladders import charges_of
from comity.rulebooks.workbench.contrasts import contrast
from comity.rulebooks.workbench.pairs import Pair, pairs

#: So many subjects are enough evidence for every difference that matters.
MOST_EVIDENCE = 250


@dataclass(frozen=True, slots=True)
class Witness:
    """A small case that is treated differently: the case, and what each of the two makes of it, seen by running.

    facts  what happens in it, as lines of a worked case; none where the case says it all
    """

    rule: str
    case: str
    before: str
    after: str
    facts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.case} was {self.before}, and would now be {self.after}"


def witnesses(old: Rulebook, new: Rulebook) -> Iterator[Witness]:
    """Yield, for each rule that differs, a small case that the two treat differently, where one was found."""
    yield from (Witness(*answer) for answer in permissions.permitted(old, new))
    for pair in pairs(old, new):
        if witness := _solved(old, new, pair) or _counted(old, new, pair) or _searched(pair):
            yield witness


def _solved(old: Rulebook, new: Rulebook, pair: Pair) -> Witness | None:
    """Return the smallest case, for what a solver can tell."""
    name, dispute = pair.name, (old.dispute, new.dispute)
    if pair.kind == "standard" and name in old.standards and name in new.standards:
        return _standard(old, new, old.standards[name], new.standards[name])
    if pair.kind == "ledger" and name in old.ledgers and name in new.ledgers:
        return _ledger(old, new, old.ledgers[name], new.ledgers[name])
    if pair.kind == "duty" and name in old.by_name and name in new.by_name:
        return _duty(old.by_name[name], new.by_name[name])
    if pair.kind == "disputes" and dispute[0] is not None and dispute[1] is not None:
        return _table(dispute[0], dispute[1])
    return None


def _counted(old: Rulebook, new: Rulebook, pair: Pair) -> Witness | None:
    """Return counts, other ones in each window, of which two standards make something different."""
    was, now = old.standards.get(pair.name), new.standards.get(pair.name)
    if pair.kind != "standard" or was is None or now is None or was.certain or now.certain:
        return None
    for counts in windows.tried(was, now, pair.of):
        seen = [windows.verdict(book, rule, counts).level for book, rule in ((old, was), (new, now))]
        said = [_treats(rule, -1 if level is None else level) for rule, level in zip((was, now), seen, strict=True)]
        if said[0] != said[1]:
            each = ", ".join(f"{faulty} of {counted} faulty in {name}" for name, (counted, faulty) in counts.items())
            peers = f", of peers {percent(windows.PEERS)}" if was.compares_with_peers or now.compares_with_peers else ""
            return Witness(now.name, f"a {now.who} with {each}{peers}", said[0], said[1])
    return None


def _searched(pair: Pair) -> Witness | None:
    found = contrast(pair)
    if found is None:
        return None
    return Witness(pair.name, "; ".join(found.lines), f'"{found.before}"', f'"{found.after}"', found.lines)


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
        return _certain(old, new, was, now)
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


def _certain(old: Rulebook, new: Rulebook, was: StandardRule, now: StandardRule) -> Witness | None:
    """The fewest that count of which a number of faulty ones is evidence enough for one alone."""
    for counted in range(1, MOST_EVIDENCE):
        # More faulty are never less evidence: each has a fewest from which on it reaches a level.
        fewest = [
            bisect_left(range(counted + 1), 1, key=lambda n: _seen(book, rule, _Fixed(counted, n, n)) != "fine")
            for book, rule in ((old, was), (new, now))
        ]
        for faulty in {min(each, counted) for each in fewest}:
            fixed = _Fixed(counted, faulty, faulty)
            said = _seen(old, was, fixed), _seen(new, now, fixed)
            if said[0] != said[1]:
                return Witness(now.name, f"a {now.who} with {faulty} of {counted} faulty in a season", *said)
    return None


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
    return words.measure(crossed[0].rung) if crossed else "left as it is"


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
    if row is None:
        return "decided by no row"
    said = [f"decided for {row.outcome}", row.offer, f"at the {row.fault}'s fault" if row.fault else ""]
    said += [f"{percent(row.share)} of it" if row.share is not None else "", "the goods go back" if row.returns else ""]
    return ", ".join(each for each in (*said, row.code) if each)


def _answers(case: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in case.items())
