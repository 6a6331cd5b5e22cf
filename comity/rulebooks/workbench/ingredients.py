"""What stands in a rule, whatever its kind: the facts, lengths, dates, hours and numbers that histories are made of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from comity.policy.matching import Match
from comity.policy.sanctions.rule import Accrual, LedgerRule
from comity.policy.standards import sequential
from comity.policy.standards.levels import rate_limit
from comity.policy.standards.rates import Bound, Limit
from comity.policy.standards.rule import Level, StandardRule, Window
from comity.policy.time.calendars import Span
from comity.policy.time.clocks import Clock, public_holidays

#: How many days after the beginning a history begins at the latest, and how many subjects it may have.
FIRST_DAYS = 400
MOST_SUBJECTS = 500
#: Numbers of which a fact may speak, whatever the rule says.
_NUMBERS = (0, 1, 2, 3, 10, 900, 1000)
_NOTHING, _DAY = timedelta(0), timedelta(days=1)


@dataclass(frozen=True)
class Ingredients:
    """What stands in rules.

    opening  facts with which something begins; `others` may follow
    """

    opening: tuple[Match, ...]
    others: tuple[Match, ...]
    values: tuple[Any, ...]
    zone: str
    begins: datetime

    @cached_property
    def parts(self) -> tuple[Any, ...]:
        """Everything inside the values, containers and their contents."""
        return tuple(_inside(self.values))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every text, with the fields that are tested: what facts should say is among them."""
        tested = {test.field for match in (*self.opening, *self.others) for test in match.tests}
        return frozenset(each for each in self.parts if isinstance(each, str)) | tested

    @cached_property
    def subjects(self) -> frozenset[str]:
        """What the rules count by."""
        return frozenset(each.each for each in self.values if hasattr(each, "each"))

    @cached_property
    def lengths(self) -> tuple[timedelta, ...]:
        """Every length, those of windows too, shortest first."""
        found = {timedelta(days=each.days, seconds=each.seconds) for each in self._of(timedelta)}
        found |= {timedelta(days=each.most_days) for each in self._of(Span)}
        return tuple(sorted(found - {_NOTHING})) or (timedelta(hours=1),)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Dates that matter: those that are named, public holidays, and days on which clocks are changed."""
        first = self.begins.astimezone(ZoneInfo(self.zone)).date()
        years = {first.year, (first + FIRST_DAYS * _DAY).year}
        found = {_in_year(each, year) for each in self._of(date) if not isinstance(each, datetime) for year in years}
        found |= {each for each in self._of(date) if not isinstance(each, datetime)}
        clocks = self._of(Clock)
        found |= {
            day for each in clocks if each.country for year in years for day in public_holidays(each.country, year)
        }
        for zone in {each.zone for each in clocks} | {self.zone}:
            found |= set(_changes(zone, first))
        return tuple(sorted(day for day in found if day >= first))

    @cached_property
    def hours(self) -> tuple[time, ...]:
        """Times of the day that are named."""
        return tuple(sorted(set(self._of(time))))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Whole numbers that are named, with their neighbours."""
        found = {each for each in self._of(int) if not isinstance(each, bool)}
        tests = [test for match in (*self.opening, *self.others) for test in match.tests]
        found |= {each for test in tests for each in (test.least, test.most) if each is not None}
        return tuple(sorted({max(0, each + by) for each in found for by in (-1, 0, 1)} | set(_NUMBERS)))

    @cached_property
    def volumes(self) -> tuple[tuple[int, int], ...]:
        """How many subjects there are, and with how many of them something more happens, where it may matter."""
        found = {(1, 0), (1, 1), (2, 1)}
        limits: list[Limit] = self._of(Limit)
        bounds: list[Bound] = [bound for limit in limits for bound in limit.bounds]
        least = {level.at_least for level in self._of(Level)} | {each.from_volume for each in self._of(Window)}
        least |= {each for limit in limits for each in (limit.from_volume, limit.below or 0)}
        for bound in bounds:
            # So many that one more of them passes the bound; of a count, the count itself.
            least.add(int(bound.value) if bound.what in ("counted", "faulty", "good") else bound.value.denominator)
        for counted in {min(max(1, each + by), MOST_SUBJECTS) for each in least for by in (-1, 0, 1)} if limits else ():
            some = {min(max(0, _faulty(bound, counted) + by), counted) for bound in bounds for by in (0, 1)}
            found |= {(counted, each) for each in some | {0, counted}}
        for rule in self._of(StandardRule):
            found |= {each for level in rule.levels if rule.certain for each in _certain(rule, level)}
        # Points add up.
        found |= {(counted, 0) for counted in (3, 5, 8, 13) if self._of(LedgerRule)}
        found |= {(each.every, 0) for each in self._of(Accrual) if each.every <= MOST_SUBJECTS}
        return tuple(sorted(found | {(counted, counted - faulty) for counted, faulty in found}))

    def _of(self, kind: type) -> list[Any]:
        return [each for each in self.parts if isinstance(each, kind)]


def matches_in(values: Iterable[Any]) -> tuple[Match, ...]:
    """Return every match inside values, each once."""
    found: list[Match] = []
    for each in _inside(tuple(values)):
        if isinstance(each, Match) and each not in found:
            found.append(each)
    return tuple(found)


def _inside(value: Any) -> Iterator[Any]:
    yield value
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in ("title", "source"):
                yield from _inside(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _inside(each)
    elif isinstance(value, tuple | frozenset):
        for each in sorted(value, key=str) if isinstance(value, frozenset) else value:
            yield from _inside(each)


def _in_year(day: date, year: int) -> date:
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _changes(zone: str, first: date) -> Iterator[date]:
    """Yield the days on which the clocks of a zone are changed."""
    there = ZoneInfo(zone)
    for day in (first + number * _DAY for number in range(FIRST_DAYS)):
        midnights = [datetime.combine(each, time(0), there) for each in (day, day + _DAY)]
        if midnights[0].utcoffset() != midnights[1].utcoffset():
            yield day


def _faulty(bound: Bound, counted: int) -> int:
    if bound.what == "rate":
        return int(bound.value * counted)
    if bound.what == "kept":
        return counted - int(bound.value * counted) - 1
    return int(bound.value) if bound.what == "faulty" else counted - int(bound.value)


def _certain(rule: StandardRule, level: Level) -> Iterator[tuple[int, int]]:
    """Yield the fewest faulty that are evidence enough, of some sizes."""
    for limit in map(rate_limit, level.limits):
        for counted in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233):
            enough = (n for n in range(counted + 1) if sequential.is_certain(counted, n, limit, rule.error))
            if (fewest := next(enough, None)) is not None:
                yield from ((counted, fewest), (counted, fewest - 1))
