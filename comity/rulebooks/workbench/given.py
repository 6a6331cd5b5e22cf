"""The counts that a worked case gives in place of facts."""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction

from comity.policy.rulebook import Rulebooks
from comity.policy.standards import levels
from comity.policy.standards.rates import Count, percent
from comity.policy.standards.rule import StandardRule, Window
from comity.policy.standards.running import Tallies
from comity.policy.time.clocks import Interval
from comity.rulebooks.workbench.cases import Case, Given


class GivenRows(Tallies):
    """Rows of the facts, and where a case gives counts, those instead: by window, the latest evaluation last."""

    def __init__(self, case: Case, rulebooks: Rulebooks, at: datetime):
        super().__init__()
        self._case, self._books, self._at = case, rulebooks, at

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Return the counts that the case gives for a window; raise LookupError where it gives none for that one."""
        given = self._case.counts.get(standard)
        book = self._books.in_force(at)
        if given is None or book is None:
            return super().count(standard, window, at, latest)
        rule = book.standards[standard]
        back = self._steps_back(rule, at)
        for each in rule.windows:
            if levels.stretch(rule, each, at, book.in_force_from) == window and each.latest == latest:
                return _counted(given, each, back)
        raise LookupError(f"no window of {standard} lies at {window[0]:%Y-%m-%d}")

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return as many buyers as the case gives for a window."""
        if standard not in self._case.counts:
            return super().buyers(standard, window, at)
        return {f"buyer:{number}": 1 for number in range(self.count(standard, window, at).buyers)}

    def _steps_back(self, rule: StandardRule, at: datetime) -> int:
        """Return how many evaluations `at` lies before the moment that the counts are for."""
        moment, steps = self._at, 0
        # No level asks for more than sixty evaluations running.
        while moment > at and steps < 100:
            moment, steps = rule.evaluated.before(moment), steps + 1
        return steps


def _counted(given: Mapping[str, tuple[Given, ...]], window: Window, back: int) -> Count:
    name = f"latest {percent(window.latest)}" if window.latest is not None else window.span.text
    counts = given.get(name, given.get(""))
    if counts is None:
        raise LookupError(f"counts lack the window {name!r}; given: {', '.join(given)}")
    if back == 1 and len(counts) == 1:
        return Count()  # a level that is reached now rises from nothing
    if back >= len(counts) > 1:
        return Count()
    here = counts[-1 - back] if len(counts) > 1 else counts[0]
    return Count(here.counted, here.faulty, here.total, here.counted, here.buyers)
