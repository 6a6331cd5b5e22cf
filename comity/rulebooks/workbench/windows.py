"""What two standards make of the same counts, where these differ from window to window."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from fractions import Fraction

from comity.policy.rulebook import Rulebook
from comity.policy.standards import levels
from comity.policy.standards.levels import Verdict
from comity.policy.standards.rates import Count
from comity.policy.standards.rule import StandardRule, Window
from comity.policy.time.clocks import Interval
from comity.rulebooks.workbench.ingredients import Ingredients

#: How many sets of counts are tried.
MOST_TRIED = 4_000
#: The rate of the peers, where a rule asks for it.
PEERS = Fraction(1, 100)

#: By window: how many subjects count in it, and how many of them are faulty.
Counts = Mapping[str, tuple[int, int]]


def name_of(window: Window) -> str:
    """Return what a window is called, one of the latest share too."""
    return window.span.text if window.latest is None else f"{window.span.text}, the latest {window.latest}"


class Given:
    """Each window holds what is given for it."""

    def __init__(self, rule: StandardRule, counts: Counts, at: datetime, since: datetime):
        self._counts: dict[tuple[Interval, Fraction | None], tuple[int, int]] = {}
        # The same at evaluations before: a level may ask for several running.
        for _ in range(max(level.running for level in rule.levels) if rule.levels else 1):
            for window in rule.windows:
                seen = levels.stretch(rule, window, at, since), window.latest
                self._counts.setdefault(seen, counts[name_of(window)])
            at = rule.evaluated.before(at)

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Return the counts of a window."""
        counted, faulty = self._counts[window, latest]
        return Count(counted, faulty, 0, counted)

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return one buyer for each that is faulty."""
        return {str(number): 1 for number in range(self.count(standard, window, at).faulty)}


def verdict(book: Rulebook, rule: StandardRule, counts: Counts) -> Verdict:
    """Return how a party does whose windows hold these counts."""
    at = rule.evaluated.after(book.in_force_from + timedelta(days=800))
    given = Given(rule, counts, at, book.in_force_from)
    return levels.evaluate(rule, given, at, since=book.in_force_from, peers=PEERS)


def tried(was: StandardRule, now: StandardRule, of: Ingredients) -> Iterator[Counts]:
    """Yield counts for all windows of both: a longer window holds what a shorter one does; few subjects first."""
    windows = {name_of(window): window for rule in (was, now) for window in rule.windows}
    if len(windows) < 2:
        return
    order = sorted(windows, key=lambda name: (windows[name].span.most_days, windows[name].latest or 1))
    pick = random.Random(f"windows {now.name}")
    found: list[dict[str, tuple[int, int]]] = []
    for _ in range(MOST_TRIED):
        counted = faulty = 0
        counts: dict[str, tuple[int, int]] = {}
        for name in order:
            more, bad = pick.choice(((0, 0), *of.volumes))
            # Either a sum, or just so many as may matter.
            counted, faulty = (
                (counted + more, faulty + bad) if pick.random() < 0.5 else (max(counted, more), max(faulty, bad))
            )
            counts[name] = counted, min(faulty, counted)
        found.append(counts)
    yield from sorted(found, key=lambda counts: sum(counted + faulty for counted, faulty in counts.values()))
