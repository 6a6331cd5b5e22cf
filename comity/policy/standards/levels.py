"""Levels: what is read of a party by a standard, and which limit it breaks."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from comity.policy.standards import sequential
from comity.policy.standards.rates import Count, Limit, Reading, reading
from comity.policy.standards.rule import Level, StandardRule, Window
from comity.policy.standards.tally import Counting
from comity.policy.time.clocks import Interval

#: Stands for the levels of a standard that is only counted: one subject is enough.
_COUNTED = Level("counted", ())
#: Outcomes that are kept for one standard.
MOST_KEPT = 16_384
MILLION = 1_000_000
_TICK = timedelta(microseconds=1)


class Outcome(NamedTuple):
    """What counts come to by a standard.

    readings    what is read in each window
    broken      the indices of the levels that they break
    enough      false where fewer subjects count than any level asks for
    telling     the reading to show: the first that is worst
    millionths  its rate
    """

    readings: tuple[Reading, ...]
    broken: tuple[int, ...]
    enough: bool
    telling: Reading
    millionths: int | None


class Verdict(NamedTuple):
    """How a party does by a standard: what was read, and the gravest level reached, if any."""

    outcome: Outcome
    level: int | None


def stretches(rule: StandardRule, at: datetime, since: datetime) -> tuple[tuple[Window, Interval], ...]:
    """Return the windows, each with the stretch that it covers when looked at from `at`, as `stretch` says.

    All parties are looked at from the same moments: they are kept with the rule.
    """
    known: dict[tuple[object, ...], tuple[tuple[Window, Interval], ...]] = rule.stretches
    found = known.get((at, since))
    if found is None:
        if len(known) >= MOST_KEPT:
            known.clear()
        found = known[at, since] = tuple((window, stretch(rule, window, at, since)) for window in rule.windows)
    return found


def stretch(rule: StandardRule, window: Window, at: datetime, since: datetime) -> Interval:
    """Return the stretch that a window covers when looked at from `at`, under a version in force from `since`."""
    begin, end = window.span.stretch(at, rule.zone, rule.lag)
    if not rule.certain:
        return begin, end
    # Seasons that do not overlap: a test that may be looked at often is not valid for a window that slides (decision
    # 6).
    # What ends with a season is all of it: its last day is looked at, too.
    length = end - begin
    seasons = (end - since - _TICK) // length if end > since else 0
    return since + seasons * length, end


def outcome(
    rule: StandardRule, counting: Counting, at: datetime, since: datetime, peers: Fraction | None = None
) -> Outcome:
    """Return what the rows come to at `at`, one evaluation by itself.

    It depends on nothing but the rule, the counts and the peers, and the same small counts come again and again, from
    night to night and from party to party: it is kept with the rule.
    """
    counts = _counts(rule, counting, at, since)
    known: dict[tuple[object, ...], Outcome] = rule.outcomes
    found = known.get((counts, peers))
    if found is None:
        if len(known) >= MOST_KEPT:
            known.clear()
        found = known[counts, peers] = _outcome(rule, counts, peers)
    return found


def count(
    rule: StandardRule, counting: Counting, window: Interval, at: datetime, latest: Fraction | None = None
) -> Count:
    """Return all that `rule` asks of the rows in one stretch, as things stood at `at`."""
    found = counting.count(rule.name, window, at, latest)
    return found._replace(buyers=len(counting.buyers(rule.name, window, at))) if rule.asks_for_buyers else found


def _counts(rule: StandardRule, counting: Counting, at: datetime, since: datetime) -> tuple[Count, ...]:
    """Return what counts in each window that matters."""
    covered = stretches(rule, at, since)
    if rule.mode != "choose":
        return tuple([count(rule, counting, begin_end, at, window.latest) for window, begin_end in covered])
    for window, begin_end in covered:
        found = count(rule, counting, begin_end, at, window.latest)
        if found.counted >= window.from_volume:
            break
    return (found,)


def read(rule: StandardRule, counting: Counting, at: datetime, since: datetime) -> list[tuple[int, Interval, Count]]:
    """Return the windows that matter at `at`, each with its place in the rule, its stretch and what counts in it."""
    covered = stretches(rule, at, since)
    counts = _counts(rule, counting, at, since)
    if rule.mode != "choose":
        return [(place, begin_end, counts[place]) for place, (_, begin_end) in enumerate(covered)]
    # The first with enough volume was chosen; without any, the last.
    chosen = next(
        (
            place
            for place, (window, begin_end) in enumerate(covered)
            if counting.count(rule.name, begin_end, at, window.latest).counted >= window.from_volume
        ),
        len(covered) - 1,
    )
    return [(chosen, covered[chosen][1], counts[0])]


def _outcome(rule: StandardRule, counts: tuple[Count, ...], peers: Fraction | None) -> Outcome:
    seen = tuple(reading(count) for count in counts)
    if rule.mode == "weighted":
        seen = (_weighted(rule.windows, seen),)
    enough = any(part.counted >= level.at_least for part in seen for level in rule.levels or (_COUNTED,))
    telling = max(seen, key=lambda part: (part.rate or 0, part.counted))
    millionths = None if telling.rate is None else round(telling.rate * MILLION)
    return Outcome(seen, tuple(_broken(rule, seen, peers)), enough, telling, millionths)


def _weighted(windows: tuple[Window, ...], seen: tuple[Reading, ...]) -> Reading:
    """Return the first window's counts with the weighted rate of all; unknown where any is."""
    rate: Fraction | None = Fraction(0)
    for window, part in zip(windows, seen, strict=True):
        rate = None if rate is None or part.rate is None else rate + part.rate * (window.weight or 0)
    return Reading(seen[0].counted, seen[0].faulty, rate, seen[0].mean, seen[0].total, seen[0].buyers)


def evaluate(
    rule: StandardRule, counting: Counting, at: datetime, *, since: datetime, peers: Fraction | None = None
) -> Verdict:
    """Evaluate `rule` as things stood at `at`, under a version in force from `since`."""
    here = outcome(rule, counting, at, since, peers)
    # The gravest first: only one level is reached.
    for index in reversed(here.broken):
        earlier = _earlier(rule, at, rule.levels[index].running - 1)
        if all(index in outcome(rule, counting, moment, since, peers).broken for moment in earlier):
            return Verdict(here, index)
    return Verdict(here, None)


def _earlier(rule: StandardRule, at: datetime, count: int) -> Iterator[datetime]:
    for _ in range(count):
        at = rule.evaluated.before(at)
        yield at


def _broken(rule: StandardRule, seen: tuple[Reading, ...], peers: Fraction | None) -> list[int]:
    return [index for index, level in enumerate(rule.levels) if any(breaks(rule, level, part, peers) for part in seen)]


def breaks(rule: StandardRule, level: Level, seen: Reading, peers: Fraction | None) -> bool:
    """Whether what is read in one window breaks a level, and is enough to tell."""
    return seen.counted >= level.at_least and _breaks(rule, level, seen, peers)


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
