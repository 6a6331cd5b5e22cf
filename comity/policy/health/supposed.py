"""Rows as they would be: with some more, without others. What counts them cannot tell the difference."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from comity.policy.standards.rates import Count
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import Counting, Tally
from comity.policy.time.clocks import Interval


class Clean(NamedTuple):
    """So many more subjects without a fault by one standard, all dated `at`."""

    standard: str
    at: datetime
    number: int


def can_suppose(rule: StandardRule) -> bool:
    """Whether rows can be added to a standard and taken away: not where only the newest share of them counts."""
    return all(window.latest is None for window in rule.windows)


class Supposed:
    """Rows of a party beside which some are supposed.

    more     rows that would be there as well
    gone     rows that are there, and would not count
    clean    further subjects without a fault
    excused  a stretch of which no row would count, whatever the standard
    """

    def __init__(
        self,
        counting: Counting,
        *,
        more: Iterable[Tally] = (),
        gone: Iterable[Tally] = (),
        clean: Clean | None = None,
        excused: Interval | None = None,
    ):
        self._counting, self._clean, self._excused = counting, clean, excused
        self._changed: defaultdict[str, list[tuple[int, Tally]]] = defaultdict(list)
        for sign, rows in ((1, more), (-1, gone)):
            for row in rows:
                self._changed[row.standard].append((sign, row))

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count as the rows would. The newest share of rows (`latest`) is counted as it is (`can_suppose`)."""
        there = self._counting.count(standard, window, at, latest)
        if latest is not None:
            return there
        found = [there]
        if self._excused is not None:
            begin, end = max(window[0], self._excused[0]), min(window[1], self._excused[1])
            if begin < end:
                found.append(_times(-1, self._counting.count(standard, (begin, end), at)))
        found += [_times(sign, _count(row, at)) for sign, row in self._changed[standard] if self._inside(row, window)]
        if (clean := self._clean) is not None and clean.standard == standard and window[0] <= clean.at < window[1]:
            found.append(Count(clean.number if clean.at <= at else 0))
        return Count(*map(sum, zip(*found, strict=True)))

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return who would have bought what is faulty, and how many of each."""
        found = Counter(self._counting.buyers(standard, window, at))
        if self._excused is not None:
            begin, end = max(window[0], self._excused[0]), min(window[1], self._excused[1])
            if begin < end:
                found.subtract(self._counting.buyers(standard, (begin, end), at))
        for sign, row in self._changed[standard]:
            if row.buyer is not None and self._inside(row, window) and row.counts(at) and row.is_faulty(at):
                found[row.buyer] += sign
        return +found

    def _inside(self, row: Tally, window: Interval) -> bool:
        if row.basis is None or not window[0] <= row.basis < window[1]:
            return False
        # What the excused stretch takes away already is not taken away twice.
        return self._excused is None or not self._excused[0] <= row.basis < self._excused[1]


def _count(row: Tally, at: datetime) -> Count:
    if not row.counts(at):
        return Count()
    valued = row.value is not None
    return Count(1, int(row.is_faulty(at)), row.value or 0, int(valued))


def _times(sign: int, count: Count) -> Count:
    return Count(*(sign * number for number in count))
