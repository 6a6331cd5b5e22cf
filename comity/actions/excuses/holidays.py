"""Holidays of sellers: what the rules give a year, what of it is used up, and what a wish for one would be given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.lib import zones
from comity.policy.duties.rule import DutyRule
from comity.policy.facts.standing import HOLIDAY
from comity.policy.time import days, deadlines
from comity.policy.time.clocks import Interval, Stretch
from comity.records import rulebooks
from comity.records.models import Party, Pause

#: A holiday that is said to begin now may have begun so long ago when its form arrives.
LEEWAY = timedelta(hours=1)
_DAY, _NONE = timedelta(days=1), timedelta(0)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much holiday a year the rules in force give a seller.

    limit   None for no limit; the most that any duty gives, where they differ
    used    by year of the rulebook's zone
    duties  titles of all duties that a holiday stops, the other side's too, each with its own limit
    """

    limit: timedelta | None
    used: Mapping[int, timedelta]
    duties: Sequence[tuple[str, timedelta | None]]
    rule: DutyRule

    def left(self, year: int) -> timedelta | None:
        """Return what is left of a year; None for no limit."""
        return None if self.limit is None else max(self.limit - self.used.get(year, _NONE), _NONE)


def allowance(seller: Party, at: datetime) -> Allowance | None:
    """Return what the rules in force at `at` give; None where they know no holidays."""
    book = rulebooks.current().in_force(at)
    stopped = [rule for rule in book.duties if HOLIDAY in rule.pauses] if book else []
    rules = [rule for rule in stopped if rule.who == "seller"]
    if not rules:
        return None
    most = max(rules, key=lambda rule: rule.holiday_limit or timedelta.max)
    titles = [(rule.title, rule.holiday_limit) for rule in stopped]
    return Allowance(most.holiday_limit, deadlines.used(most, _noted(seller)), titles, most)


def require_granted(seller: Party, begins: datetime, ends: datetime, *, at: datetime) -> None:
    """Return where the rules give the whole holiday; else raise Refused: why, and what is left."""
    given = allowance(seller, at)
    if given is None:
        raise Refused([_("The rules in force give no holidays.")])
    so_far = _noted(seller)
    if (other := _meets(so_far, begins, ends)) is not None:
        said = _("You have a holiday from %(from)s to %(until)s already: end or change that one.")
        raise Refused([said % {"from": _when(seller, other[0]), "until": _when(seller, other[1])}])
    stopped = deadlines.granted(given.rule, so_far, begins, ends)
    if given.limit is None or sum((end - begin for begin, end in stopped), _NONE) >= ends - begins:
        return
    raise Refused([_over(seller, given, begins, ends, stopped)])


def _over(seller: Party, given: Allowance, begins: datetime, ends: datetime, stopped: Sequence[Interval]) -> str:
    left = "; ".join(
        _("%(left)s days in %(year)s") % {"left": in_days(given.left(year) or _NONE), "year": year}
        for year in _years(given.rule, begins, ends)
    )
    values = {"limit": in_days(given.limit or _NONE), "left": left}
    if not stopped:
        return _("The rules give %(limit)s days a year; left are %(left)s. Nothing of this would count.") % values
    said = _("The rules give %(limit)s days a year; left are %(left)s. Of this, %(part)s would count: ask for that.")
    part = "; ".join(f"{_when(seller, begin)} – {_when(seller, end)}" for begin, end in stopped)
    return said % {**values, "part": part}


def _years(rule: DutyRule, begins: datetime, ends: datetime) -> Iterator[int]:
    return (year for year, _since, _until in deadlines.by_year(begins, ends, rule.zone))


def year_of(given: Allowance, at: datetime) -> int:
    """Return the year of the rulebook's zone in which a moment lies."""
    return days.day_of(at, given.rule.zone).year


def in_days(length: timedelta) -> str:
    """Return a length in days, a digit after the point where it is no whole number."""
    return f"{length / _DAY:.1f}".removesuffix(".0")


def _noted(seller: Party) -> list[Stretch]:
    rows = Pause.objects.filter(party=seller, matter="", cause__endswith=HOLIDAY).order_by("pk")
    return list(rows.values_list("begins", "ends", "cause"))


def _meets(so_far: Sequence[Stretch], begins: datetime, ends: datetime) -> Interval | None:
    going = deadlines.without_ended(so_far)
    return next(((begin, end) for begin, end, _cause in going if begin < ends and end > begins), None)


def _when(seller: Party, at: datetime) -> str:
    return f"{at.astimezone(zones.zone(seller.time_zone)):%Y-%m-%d %H:%M}"
