"""How often a standard would flag a seller who keeps its limit: simulated for a year, by how many orders he has.

The limit, the windows, the evaluations and what breaks a level are the product's own (`policy.standards`); simulated is
chance alone. A year begins with the version of the rulebook. Orders are spread evenly, as many a day the year before,
and each is at fault by itself with exactly the rate that the limit allows. TRIES such years are lived with a fixed
seed, so that the same is told each time; a chance is then right to about two points in 95 of 100 cases.

A sliding window that is looked at every night has no closed form. Of the years, only sums are kept, a column for each
day with orders: a chance takes 5 to 60 ms, and is kept by rule, level and volume.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from comity.policy.rulebook import Rulebook
from comity.policy.standards import levels
from comity.policy.standards.rates import Count, Limit, reading
from comity.policy.standards.rule import Level, StandardRule

TRIES, SEED = 2_000, 20260302
DAY, YEAR = timedelta(days=1), timedelta(days=365)
#: Orders a year for which chances are worked out: a seller's volume is taken as the nearest of them.
VOLUMES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 100_000)
#: Chances that are kept.
MOST_KEPT = 16_384
_KEPT: dict[tuple[object, ...], "Chance | None"] = {}
#: What a limit can be about that faults of equal orders decide; means and sums of values need more than a rate.
_SIMULATED = frozenset({"rate", "kept", "faulty", "good", "counted"})


@dataclass(frozen=True, slots=True)
class Chance:
    """The chances, 0 to 1, that a seller who keeps exactly `rate` is flagged within a year.

    raw      by the rate alone
    certain  by evidence, with the rule's error; None where the limit is no test of one rate over one window
    """

    rate: Fraction
    raw: float
    certain: float | None


class _Look(NamedTuple):
    """A window at one evaluation: its days, the end not among them, and the fewest faults that break the level."""

    first: int
    end: int
    fewest: int


class Days:
    """The days from a year before `since` on, and how many orders come on each."""

    def __init__(self, since: datetime, volume: int):
        self.since, self.first, self.number = since, since - YEAR, 2 * YEAR // DAY
        self.before = [day * volume // (YEAR // DAY) for day in range(self.number + 1)]

    def between(self, begin: datetime, end: datetime) -> tuple[int, int]:
        """Return the days that a window covers, as places; what lies outside of the two years is cut off."""
        places = [round((moment - self.first) / DAY) for moment in (begin, end)]
        first, last = (min(max(place, 0), self.number) for place in places)
        return first, max(first, last)

    def counted(self, first: int, end: int) -> int:
        """Return how many orders come on these days."""
        return self.before[end] - self.before[first]


def nearest(volume: float) -> int:
    """Return which of VOLUMES stands for so many orders a year."""
    return min(VOLUMES, key=lambda each: abs(np.log(each / max(volume, 1))))


def can_tell(rule: StandardRule, level: Level) -> bool:
    """Whether a chance can be told: a rate is limited, and nothing but faults and volume decides."""
    bounds = [bound for limit in level.limits for bound in limit.bounds]
    plain = all(bound.what in _SIMULATED and not bound.of_peers for bound in bounds)
    rated = any(_rate(limit) is not None for limit in level.limits)
    return plain and rated and rule.mode != "weighted" and all(window.latest is None for window in rule.windows)


def chance(book: Rulebook, name: str, place: int, volume: int) -> Chance | None:
    """Return the chance of the standard `name` of `book` at its level `place`, for `volume` orders a year. Kept.

    None where it cannot be told, or where no limit speaks of so few.
    """
    rule, since = book.standards[name], book.in_force_from
    level = rule.levels[place]
    # All that a chance depends on.
    asked = (
        level.limits, level.at_least, level.running, rule.windows, rule.mode, rule.lag, rule.evaluated, rule.zone,
        rule.error, since, volume,
    )  # fmt: skip
    if asked not in _KEPT:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        _KEPT[asked] = _chance(rule, level, since, volume) if can_tell(rule, level) else None
    return _KEPT[asked]


def forget() -> None:
    """Drop the chances that are kept."""
    _KEPT.clear()


def _chance(rule: StandardRule, level: Level, since: datetime, volume: int) -> Chance | None:
    raw, certain = replace(rule, certain=False), replace(rule, certain=True)
    rate = _rate_at(raw, level, since, volume)
    if rate is None:
        return None
    days = Days(since, volume)
    sums = _sums(days, float(rate))
    single = len(rule.windows) == 1 and all(len(limit.bounds) == 1 for limit in level.limits)
    return Chance(
        rate,
        _flagged(raw, level, days, sums),
        _flagged(certain, level, days, sums) if single and 0 < rate < 1 else None,
    )


def _rate(limit: Limit) -> Fraction | None:
    """Return the highest share of faults that keeps a limit; None where it limits none."""
    for bound in limit.bounds:
        if bound.what == "rate" and bound.op.startswith("<"):
            return bound.value
        if bound.what == "kept" and bound.op.startswith(">"):
            return 1 - bound.value
    return None


def _rate_at(rule: StandardRule, level: Level, since: datetime, volume: int) -> Fraction | None:
    """Return the rate that is allowed to a seller of that volume, as the last evaluation of the year sees him."""
    days = Days(since, volume)
    moments = list(_moments(rule, since))
    looks = levels.stretches(rule, moments[-1], since) if moments else ()
    seen = [days.counted(*days.between(*covered)) for _, covered in looks]
    rates = [_rate(limit) for limit in level.limits if any(limit.applies(n) and n >= level.at_least for n in seen)]
    return min((rate for rate in rates if rate is not None), default=None)


def _moments(rule: StandardRule, since: datetime) -> Sequence[datetime]:
    found, at = [], since
    while (at := rule.evaluated.after(at)) <= since + YEAR:
        found.append(at)
    return found


def _flagged(rule: StandardRule, level: Level, days: Days, sums: Any) -> float:
    """Return the share of simulated years in which the level is reached."""
    streak = np.zeros(TRIES, dtype=np.int32)
    flagged = np.zeros(TRIES, dtype=bool)
    fewest: dict[int, int] = {}
    before: tuple[_Look, ...] | None = None
    for at in _moments(rule, days.since):
        looks = tuple(_looks(rule, level, at, days, fewest))
        if looks == before and level.running == 1:
            continue
        before = looks
        broken = np.zeros(TRIES, dtype=bool)
        for look in looks:
            broken |= sums[look.end] - sums[look.first] >= look.fewest
        streak = np.where(broken, streak + 1, 0)
        flagged |= streak >= level.running
    return float(flagged.mean())


def _sums(days: Days, rate: float) -> Any:
    """Return for each day how many faults came before it, in each simulated year: days by years."""
    random = np.random.default_rng(SEED)
    faults = np.zeros((days.number + 1, TRIES), dtype=np.int32)
    for day, (before, after) in enumerate(pairwise(days.before), start=1):
        if after > before:
            faults[day] = random.binomial(after - before, rate, TRIES)
    return faults.cumsum(axis=0, dtype=np.int32)


def _looks(rule: StandardRule, level: Level, at: datetime, days: Days, fewest: dict[int, int]) -> list[_Look]:
    """Return the windows that are looked at, with the fewest faults in each that break the level."""
    looks = []
    for window, covered in levels.stretches(rule, at, days.since):
        first, end = days.between(*covered)
        counted = days.counted(first, end)
        looks.append(_Look(first, end, _fewest(rule, level, counted, fewest)))
        if rule.mode == "choose" and counted >= window.from_volume:
            return looks[-1:]
    return looks[-1:] if rule.mode == "choose" else looks


def _fewest(rule: StandardRule, level: Level, counted: int, known: dict[int, int]) -> int:
    """Return the fewest faults of so many that break the level: the rule's own answer; one more than all for never."""
    if counted not in known:
        known[counted] = bisect_left(
            range(counted + 1),
            True,
            key=lambda faulty: levels.breaks(rule, level, reading(Count(counted, faulty)), None),
        )
    return known[counted]
