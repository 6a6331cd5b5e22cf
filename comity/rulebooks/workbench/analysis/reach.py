"""Which rungs of a ledger nothing can reach, however often rules are broken, for caps, merges, expiry and volume."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from math import ceil

from comity.policy.conduct.rule import ConductRule
from comity.policy.duties.rule import DutyRule
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards.rule import StandardRule
from comity.rulebooks.workbench.analysis.findings import Finding, case

#: What brings points, by the range of points that one charge of it may bring.
Charges = dict[tuple[int, int], list[DutyRule | StandardRule | ConductRule]]

_DAY = timedelta(days=1)
#: Days from one moment that comes again to the next: the fewest and the most.
_PERIODS: Mapping[str, tuple[int, int]] = {
    "day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (84, 98), "year": (365, 366),
}  # fmt: skip
#: So many charges are still shown.
_MOST_SHOWN = 60


def findings(ledger: LedgerRule, charges: Charges) -> Iterator[Finding]:
    """Yield the rungs that lie above all the points that can live at once; on a score, below."""
    life = _life(ledger)
    bounds = {why: most for why, most in _bounds(ledger, charges, life) if most is not None}
    if not bounds:
        return
    why, most = min(bounds.items(), key=lambda each: each[1])
    for rung in ledger.rungs:
        needed = ledger.start - rung.at if ledger.start is not None else rung.at
        if needed > most:
            says = f"{rung.at} on {ledger.name} is out of reach: {why}, no more than {most} points live at once"
            yield Finding(f"unreachable:{ledger.name}:{rung.at}", says, _daily(ledger, charges, life))


def _life(ledger: LedgerRule) -> timedelta:
    """Return how long a charge lives at the most."""
    lives = [ledger.expires_after] if ledger.expires_after is not None else []
    lives += [_PERIODS[ledger.resets.every][1] * _DAY] if ledger.resets is not None else []
    shortest = min(lives)
    return timedelta(days=shortest.days, seconds=shortest.seconds)


def _bounds(ledger: LedgerRule, charges: Charges, life: timedelta) -> Iterator[tuple[str, int | None]]:
    """Yield what limits the points, and how many live at once by that limit."""
    biggest = max(most for _, most in charges)
    if ledger.cap is not None:
        # So many days lie, in whole or in part, within the life of a charge.
        yield f"with at most {ledger.cap} a day", ledger.cap * (ceil(life / _DAY) + 1)
    if ledger.merges is not None:
        yield "with those merged that lie close together", biggest * ceil(life / ledger.merges)
    rules = [(most, rule) for (_, most), by in charges.items() for rule in by]
    if all(isinstance(rule, StandardRule) for _, rule in rules):
        each: dict[str, int] = {}
        for most, rule in rules:
            assert isinstance(rule, StandardRule)
            each[rule.name] = max(each.get(rule.name, 0), most * _times(rule, life))
        yield "with nothing but standards that bring any, as often as they are evaluated", sum(each.values())


def _times(rule: StandardRule, life: timedelta) -> int:
    """Return how often a standard can bring points within the life of a charge."""
    times = ceil(life / (_PERIODS[rule.evaluated.every][0] * _DAY))
    # Looked at every night, its one level has to be kept in between to be reached again.
    return ceil(times / 2) if rule.continuous and len(rule.levels) == 1 else times


def _daily(ledger: LedgerRule, charges: Charges, life: timedelta) -> str:
    """Return a case: the biggest charge every day, and what that comes to; none where that is too long to read."""
    days = life // _DAY
    if ledger.cap is None or ledger.merges is not None or ledger.start is not None or not 0 < days <= _MOST_SHOWN:
        return ""
    worth = max(most for _, most in charges)
    return case(
        charges=[f"day {day} {worth} points on {ledger.name}" for day in range(days)],
        at=f"day {days - 1}",
        expect={"points": f'{{ "{ledger.name}" = {min(worth, ledger.cap) * days} }}'},
    )
