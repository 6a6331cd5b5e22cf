"""When a duty is due: its length on its clock, the moment that a fact names, seasons and pauses taken into account."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from comity.policy.duties.rule import DutyRule
from comity.policy.facts import ANSWERED, DERIVED_CAUSES, NEVER, PAUSE_ENDED, PAUSES, Fact, moment_of
from comity.policy.time import days
from comity.policy.time.calendars import Days, later
from comity.policy.time.clocks import Interval, Stretch, merged, pushed_on, without

_NONE, _YEAR = timedelta(0), timedelta(days=366)
HOLIDAY = "holiday"
#: Before the cause of a stretch that ends one that was noted before it.
ENDS = "-"


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
    return pushed_on(moment, _after(stops, since)) if stops and moment > since else moment


def after(rule: DutyRule, at: datetime, pauses: Sequence[Stretch]) -> datetime:
    """Return the deadline of a duty that begins at `at` and has a length of its own."""
    within = rule.within or _NONE
    if rule.seasons:
        day = days.day_of(at, rule.zone)
        within = next((season.within for season in rule.seasons if season.holds(day)), within)
    return _unless_stopped(rule, pauses, lambda stops: _laid(rule, at, within, stops))


def _after_promise(rule: DutyRule, promised: datetime, since: datetime, stops: Sequence[Interval]) -> datetime:
    moment = _pushed(promised, since, stops)
    return _laid(rule, moment, rule.plus, stops) if rule.plus else moment


def _laid(rule: DutyRule, at: datetime, length: timedelta, stops: Sequence[Interval]) -> datetime:
    """Return the moment `length` after `at`: days of the clock's calendar where nothing else is open or closed."""
    if rule.clock.always and isinstance(length, Days):
        return pushed_on(later(at, length, rule.clock.zone), _after(stops, at))
    return rule.clock.due(at, length, stops)


def _after(stops: Sequence[Interval], since: datetime) -> list[Interval]:
    """Return what is left of the stops after a moment."""
    return [(max(begin, since), end) for begin, end in stops if end > since]


def warnings(rule: DutyRule, opened_at: datetime, due: datetime, pauses: Sequence[Stretch]) -> list[datetime]:
    """Return when to warn of a duty, in order: so long before it is due on its own clock, pauses left out.

    Where less than that is left when it opens, that warning is left out.
    """
    if not rule.warn_before or not opened_at < due < NEVER:
        return []
    stops = [(begin, end) for begin, end in counting(rule, pauses) if begin < due]
    found = [_before(rule, due, length, opened_at, stops) for length in rule.warn_before]
    return sorted({moment for moment in found if moment > opened_at})


def _before(rule: DutyRule, due: datetime, length: timedelta, since: datetime, stops: Sequence[Interval]) -> datetime:
    if rule.clock.always and isinstance(length, Days) and not stops:
        return days.same_time(due, days.day_of(due, rule.clock.zone) - length, rule.clock.zone)
    return rule.clock.before(due, length, since, stops)


def late_on_clock(rule: DutyRule, due: datetime, at: datetime, pauses: Sequence[Stretch]) -> timedelta:
    """Return how long after its deadline a duty was done, on its own clock, pauses left out."""
    return rule.clock.elapsed(due, at, counting(rule, pauses))


def _unless_stopped(
    rule: DutyRule, pauses: Sequence[Stretch], lay: Callable[[Sequence[Interval]], datetime]
) -> datetime:
    """Return the deadline that `lay` makes of the stretches that stop the duty; NEVER while one has no end yet."""
    stops = counting(rule, pauses)
    due = lay([(begin, end) for begin, end in stops if end < NEVER])
    return NEVER if any(end >= NEVER and begin < due for begin, end in stops) else min(due, NEVER)


def counting(rule: DutyRule, pauses: Sequence[Stretch]) -> list[Interval]:
    """Return when a duty is stopped: what `stopping` returns, without the causes."""
    return [(begin, end) for begin, end, _cause in stopping(rule, pauses)]


def stopping(rule: DutyRule, pauses: Sequence[Stretch]) -> list[Stretch]:
    """Return the stretches that stop the duty: those with a cause that does, holidays up to their limit.

    `pauses` are in the order in which they were noted: what a limit gave once is not taken back by what is noted later.
    """
    if not pauses:
        return []
    pauses = without_ended(pauses)
    # Where only a person's answer counts, an automatic one that was rejected had stopped nothing (decision 9).
    causes = {*rule.pauses} - {*DERIVED_CAUSES} | {*rule.stopped_by}
    causes |= {ANSWERED} if rule.met_by_automatic else set()
    stops = [stretch for stretch in pauses if stretch[2] in causes and stretch[2] != HOLIDAY]
    if HOLIDAY in rule.pauses:
        holidays = [(begin, end) for begin, end, cause in pauses if cause == HOLIDAY]
        given = holidays if rule.holiday_limit is None else _limited(holidays, rule.holiday_limit, rule.zone)
        stops += [(begin, end, HOLIDAY) for begin, end in given]
    return stops


def _limited(holidays: Sequence[Interval], limit: timedelta, zone: str) -> list[Interval]:
    """Return what holidays, in the order in which they were noted, take out: so much at most of each year of `zone`.

    One over the turn of the year is of both its years, and time that is taken twice is used up once.
    """
    left: dict[int, timedelta] = {}
    kept: list[Interval] = []
    for holiday in holidays:
        for begin, end in without([holiday], merged(kept)):
            for year, since, until in by_year(begin, end, zone):
                length = min(until - since, left.get(year, limit))
                left[year] = left.get(year, limit) - length
                if length > _NONE:
                    kept.append((since, since + length))
    return kept


def by_year(begin: datetime, end: datetime, zone: str) -> Iterator[tuple[int, datetime, datetime]]:
    """Yield the parts of a stretch that lie in one year of `zone` each, with the year."""
    while begin < end:
        year = days.day_of(begin, zone).year
        until = min(end, days.begin_of(date(year + 1, 1, 1), zone))
        yield year, begin, until
        begin = until


def granted(rule: DutyRule, pauses: Sequence[Stretch], begin: datetime, end: datetime) -> list[Interval]:
    """Return what a holiday that is noted after `pauses` would stop of a duty: less where its limit is used up."""
    so_far = [stretch for stretch in pauses if stretch[2].removeprefix(ENDS) == HOLIDAY]
    return counting(rule, [*so_far, (begin, end, HOLIDAY)])[len(counting(rule, so_far)) :]


def used(rule: DutyRule, pauses: Sequence[Stretch]) -> dict[int, timedelta]:
    """Return how much of each year of the rule's zone was used up by holidays."""
    so_far = [stretch for stretch in pauses if stretch[2].removeprefix(ENDS) == HOLIDAY]
    found: dict[int, timedelta] = {}
    for begin, end in counting(rule, so_far):
        for year, since, until in by_year(begin, end, rule.zone):
            found[year] = found.get(year, _NONE) + (until - since)
    return found


def pauses_of(facts: Iterable[Fact]) -> list[Stretch]:
    """Return the stretches that the pauses among `facts` take out, each with its cause, and those that end one early.

    The latter have the sign of that before their cause (`without_ended`).
    """
    return [
        (
            moment_of(str(fact.data["from"])),
            moment_of(str(fact.data["until"])),
            (ENDS if fact.kind == PAUSE_ENDED else "") + str(fact.data["cause"]),
        )
        for fact in facts
        if fact.kind in PAUSES
    ]


def without_ended(pauses: Sequence[Stretch]) -> Sequence[Stretch]:
    """Return pauses, in the order in which they were noted, without what others of them have ended.

    What ends one is noted after it, and says since when time counts again, and until when it would have been.
    """
    if not any(cause.startswith(ENDS) for _, _, cause in pauses):
        return pauses
    kept: list[Stretch] = []
    for begin, end, cause in pauses:
        if not cause.startswith(ENDS):
            kept.append((begin, end, cause))
            continue
        of = cause.removeprefix(ENDS)
        going = [place for place, (_, *rest) in enumerate(kept) if rest == [end, of]]
        if going:
            # Of several with one end, one that has not begun goes on.
            place = max(going, key=lambda place: (kept[place][0] <= begin, kept[place][0]))
            kept[place] = (kept[place][0], max(kept[place][0], begin), of)
    return [stretch for stretch in kept if stretch[0] < stretch[1]]


def reach(fact: Fact) -> Interval:
    """Return the stretch in which a pause, or the end of one, may move deadlines.

    The end of a holiday leaves more of its years' limits to others.
    """
    ((begin, end, cause),) = pauses_of([fact])
    return (begin - _YEAR, end + _YEAR) if cause == f"{ENDS}holiday" else (begin, end)
