"""When a duty is due: its length on its clock, the moment that a fact names, seasons and pauses taken into account."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from comity.policy.duties.rule import DutyRule
from comity.policy.facts import ANSWERED, DERIVED_CAUSES, NEVER, PAUSE, Fact, moment_of
from comity.policy.time.calendars import Days, later
from comity.policy.time.clocks import ALWAYS, Interval, Stretch, merged, pushed_on

_NONE = timedelta(0)


def due(rule: DutyRule, fact: Fact, earlier: Sequence[Fact], pauses: Sequence[Stretch]) -> datetime | None:
    """Return the deadline of a duty that `fact` opens, or None where the moment that the rule asks for is missing.

    A rule that has a length, too, asks for the moment only where the fact names one: a promise is due when the two
    agreed, and within so long where they said nothing.
    """
    if not rule.by:
        return after(rule, fact.at, pauses)
    named = fact
    if rule.by_fact:
        latest = next((each for each in reversed(earlier) if each.kind == rule.by_fact), None)
        if latest is None:
            return None
        named = latest
    promised = named.data.get(rule.by)
    if not isinstance(promised, str):
        return after(rule, fact.at, pauses) if rule.within is not None else None
    return _unless_stopped(rule, pauses, lambda stops: _after_promise(rule, moment_of(promised), fact.at, stops))


def named(rule: DutyRule, opening: Fact, name: str, pauses: Sequence[Stretch]) -> datetime | None:
    """Return the moment `name` of the fact that opened a duty, pauses taken out; None where it has none."""
    promised = opening.data.get(name)
    if not isinstance(promised, str):
        return None
    moment = moment_of(promised)
    return _unless_stopped(rule, pauses, lambda stops: _pushed(moment, opening.at, stops))


def decided_at(rule: DutyRule, opened_at: datetime, due: datetime) -> datetime:
    """Return when the clock rules on a duty: at its deadline, or so long after as the rule waits for what is known.

    A duty whose deadline had passed when it opened is ruled on at its opening, never before.
    """
    return max(due, opened_at) + (rule.decided_after or _NONE)


def _pushed(moment: datetime, since: datetime, stops: Sequence[Interval]) -> datetime:
    """Return a promised moment, later by what pauses took out of the time since it was promised."""
    return ALWAYS.due(since, moment - since, list(stops)) if stops and moment > since else moment


def after(rule: DutyRule, at: datetime, pauses: Sequence[Stretch]) -> datetime:
    """Return the deadline of a duty that begins at `at` and has a length of its own."""
    within = rule.within or _NONE
    if rule.seasons:
        day = at.astimezone(ZoneInfo(rule.clock.zone)).date()
        within = next((season.within for season in rule.seasons if season.holds(day)), within)
    return _unless_stopped(rule, pauses, lambda stops: _laid(rule, at, within, stops))


def _after_promise(rule: DutyRule, promised: datetime, since: datetime, stops: Sequence[Interval]) -> datetime:
    moment = _pushed(promised, since, stops)
    return _laid(rule, moment, rule.plus, stops) if rule.plus else moment


def _laid(rule: DutyRule, at: datetime, length: timedelta, stops: Sequence[Interval]) -> datetime:
    """Return the moment `length` after `at`: days of the rulebook's calendar where nothing else is open or closed."""
    if rule.clock.always and isinstance(length, Days):
        return pushed_on(later(at, length, rule.zone), [(max(begin, at), end) for begin, end in stops if end > at])
    return rule.clock.due(at, length, stops)


def _unless_stopped(
    rule: DutyRule, pauses: Sequence[Stretch], lay: Callable[[Sequence[Interval]], datetime]
) -> datetime:
    """Return the deadline that `lay` makes of the stretches that stop the duty; NEVER while one has no end yet."""
    stops = counting(rule, pauses)
    due = lay([(begin, end) for begin, end in stops if end < NEVER])
    return NEVER if any(end >= NEVER and begin < due for begin, end in stops) else due


def counting(rule: DutyRule, pauses: Sequence[Stretch]) -> list[Interval]:
    """Return the stretches that stop the duty: those with a cause that does, holidays up to their limit."""
    if not pauses:
        return []
    # Where only a person's answer counts, an automatic one that was rejected had stopped nothing (decision 9).
    causes = {*rule.pauses} - {*DERIVED_CAUSES} | {*rule.stopped_by}
    causes |= {ANSWERED} if rule.met_by_automatic else set()
    stops = [(begin, end) for begin, end, cause in pauses if cause in causes and cause != "holiday"]
    if "holiday" in rule.pauses:
        # Merged, so that a day that is taken twice is used up once.
        holidays = merged([(begin, end) for begin, end, cause in pauses if cause == "holiday"])
        stops += holidays if rule.holiday_limit is None else _limited(holidays, rule.holiday_limit)
    return stops


def _limited(holidays: list[Interval], limit: timedelta) -> list[Interval]:
    """Cut the holidays off where a year's limit is used up; one belongs to the year in which it begins (UTC)."""
    used: dict[int, timedelta] = {}
    kept = []
    for begin, end in holidays:
        left = limit - used.get(begin.year, _NONE)
        length = min(end - begin, left)
        if length > _NONE:
            used[begin.year] = used.get(begin.year, _NONE) + length
            kept.append((begin, begin + length))
    return kept


def pauses_of(facts: Iterable[Fact]) -> list[Stretch]:
    """Return the stretches that the pauses among `facts` take out, each with its cause."""
    return [
        (moment_of(str(fact.data["from"])), moment_of(str(fact.data["until"])), str(fact.data["cause"]))
        for fact in facts
        if fact.kind == PAUSE
    ]
