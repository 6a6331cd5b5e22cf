"""Rows held in memory, with running counts: a window that moves on by a night is counted from the night before."""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from math import ceil

from comity.lib.moments import UTC
from comity.policy.standards.rates import Count
from comity.policy.standards.tally import Tally, differs_from, merged
from comity.policy.time.clocks import Interval

#: How many windows of a standard are kept counted: several at once, and the evaluation before each.
MOST = 8
#: After every subject of a moment.
_LAST = "\U0010ffff"
_BEFORE_ALL, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Ordered:
    """One standard's rows by subject, in the order of their basis dates and of the moments at which they change."""

    __slots__ = ("_bases", "_moments", "_windows", "rows")

    def __init__(self) -> None:
        self.rows: dict[str, Tally] = {}
        self._bases: list[tuple[datetime, str]] = []
        self._moments: list[tuple[datetime, str]] = []
        self._windows: list[_Window] = []

    def put(self, old: Tally | None, new: Tally) -> None:
        """Hold `new` in place of `old`."""
        self.rows[new.subject] = new
        if old is not None and old.basis is not None and old.basis != new.basis:
            del self._bases[bisect_left(self._bases, (old.basis, old.subject))]
        if new.basis is not None and (old is None or old.basis != new.basis):
            insort(self._bases, (new.basis, new.subject))
        for moment in new.moments():
            if old is None or moment not in old.moments():
                insort(self._moments, (moment, new.subject))
        for window in self._windows:
            window.swap(old, new)

    def newest(self) -> datetime | None:
        """Return the latest basis date of any row."""
        return self._bases[-1][0] if self._bases else None

    def within(self, begin: datetime, end: datetime) -> Iterator[Tally]:
        """Yield the rows whose basis lies from `begin` on and before `end`, in its order."""
        first = bisect_left(self._bases, (begin, ""))
        for _, subject in self._bases[first : bisect_left(self._bases, (end, ""), lo=first)]:
            yield self.rows[subject]

    def count(self, interval: Interval, at: datetime) -> Count:
        """Count the rows whose basis lies in `interval`, as things stood at `at`."""
        return self._window(*interval, at).count

    def buyers(self, interval: Interval, at: datetime) -> Mapping[str, int]:
        """Return who bought the faulty ones among them, and how many of each."""
        return dict(self._window(*interval, at).buyers)

    def _window(self, begin: datetime, end: datetime, at: datetime) -> "_Window":
        """Return the counted window, moved on from the nearest behind, or counted anew."""
        window = None
        for each in self._windows:  # the nearest behind, from which to move on
            if each.begin <= begin and each.end <= end and each.at <= at:
                if window is None or (each.begin, each.at) > (window.begin, window.at):
                    window = each
        if window is None:
            window = _Window(begin, end, at)
            for row in self.within(begin, end):
                window.add(row, 1)
            self._windows = [window, *self._windows[: MOST - 1]]
        elif begin <= window.leaves and end <= window.enters and at < window.changes:
            window.begin, window.end, window.at = begin, end, at
            return window
        else:
            self._move(window, begin, end, at)
        self._look_ahead(window)
        return window

    def _move(self, window: "_Window", begin: datetime, end: datetime, at: datetime) -> None:
        if begin > window.leaves:
            for row in self.within(window.begin, min(begin, window.end)):
                window.add(row, -1)
        window.begin, stays = begin, max(window.end, begin)
        if at >= window.changes:
            since = bisect_right(self._moments, (window.at, _LAST))
            until = bisect_right(self._moments, (at, _LAST), lo=since)
            changed = [self.rows[key] for key in {key for _, key in self._moments[since:until]}]
            inside = [row for row in changed if row.basis is not None and begin <= row.basis < window.end]
            for row in inside:
                window.add(row, -1)
            window.at = at
            for row in inside:
                window.add(row, 1)
        window.at = at
        if end > window.enters:
            for row in self.within(stays, end):
                window.add(row, 1)
        window.end = end

    def _look_ahead(self, window: "_Window") -> None:
        """Note what the window came to, and up to where it may move on without coming to anything else."""
        bases, moments = self._bases, self._moments
        leaves, enters = bisect_left(bases, (window.begin, "")), bisect_left(bases, (window.end, ""))
        changes = bisect_right(moments, (window.at, _LAST))
        window.leaves = bases[leaves][0] if leaves < len(bases) else _NEVER
        window.enters = bases[enters][0] if enters < len(bases) else _NEVER
        window.changes = moments[changes][0] if changes < len(moments) else _NEVER
        window.count = Count(window.counted, window.faulty, window.total, window.valued)


class _Window:
    """What counts in one window, as things stood at one moment.

    leaves, enters  the basis of the first row that goes once the window begins after it, and of the first that comes
                    once it ends after it
    changes         when the first row after `at` stands otherwise
    count           what the window comes to; it is true as long as none of these is reached
    buyers          of how many faulty subjects each buyer is known; one of none is not in it
    """

    __slots__ = (
        "at", "begin", "buyers", "changes", "count", "counted", "end", "enters", "faulty", "leaves", "total", "valued",
    )  # fmt: skip

    def __init__(self, begin: datetime, end: datetime, at: datetime):
        self.begin, self.end, self.at = begin, end, at
        self.counted = self.faulty = self.total = self.valued = 0
        self.leaves = self.enters = self.changes = _BEFORE_ALL
        self.count = Count()
        self.buyers: Counter[str] = Counter()

    def add(self, row: Tally, sign: int) -> None:
        if row.counts(self.at):
            self.counted += sign
            if row.is_faulty(self.at):
                self.faulty += sign
                if row.buyer is not None:
                    self._add_buyer(row.buyer, sign)
            if row.value is not None:
                self.total += sign * row.value
                self.valued += sign

    def _add_buyer(self, buyer: str, sign: int) -> None:
        self.buyers[buyer] += sign
        if not self.buyers[buyer]:
            del self.buyers[buyer]

    def swap(self, old: Tally | None, new: Tally) -> None:
        for row, sign in ((old, -1), (new, 1)):
            if row is not None and row.basis is not None and self.begin <= row.basis < self.end:
                self.add(row, sign)
        self.leaves = self.enters = self.changes = _BEFORE_ALL  # what lies ahead is looked for again


class Tallies:
    """Rows held in memory."""

    def __init__(self, rows: Iterable[Tally] = ()):
        self._standards: dict[str, Ordered] = {}
        for row in rows:
            self.put(row)

    @property
    def rows(self) -> dict[str, dict[str, Tally]]:
        """All rows, by standard and subject."""
        return {name: ordered.rows for name, ordered in self._standards.items()}

    def put(self, row: Tally, *, instead: bool = False, fresh: bool = False) -> datetime | None:
        """Take up a row: merged with the one there is, or instead of it. Return since when it is seen otherwise."""
        ordered = self._standards.get(row.standard)
        if ordered is None:
            ordered = self._standards[row.standard] = Ordered()
        old = ordered.rows.get(row.subject)
        new = row if instead else merged(old, row)
        if new != old:
            ordered.put(old, new)
        return differs_from(old, new)

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count the rows whose basis lies in `window`, as things stood at `at`; with `latest`, the newest share."""
        ordered = self._standards.get(standard)
        if ordered is None:
            return Count()
        if latest is None:
            return ordered.count(window, at)
        found = [row for row in ordered.within(*window) if row.counts(at)]
        found = found[len(found) - ceil(len(found) * latest) :]
        values = [row.value for row in found if row.value is not None]
        return Count(len(found), sum(row.is_faulty(at) for row in found), sum(values), len(values))

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return who bought what is faulty among them, as far as that is known, and how many of each."""
        ordered = self._standards.get(standard)
        return {} if ordered is None else ordered.buyers(window, at)

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""
        ordered = self._standards.get(standard)
        newest = ordered.newest() if ordered is not None else None
        return newest is not None and newest >= begin


#: Of a party of whom nothing was counted.
NO_ROWS = Tallies()
