"""Deadlines: seasons and years of the rulebook's zone, holidays up to a limit, warnings, how late something was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.lib import moments
from comity.policy.duties import step
from comity.policy.duties.rule import DutyRule
from comity.policy.duties.rulings import Cure, Warn
from comity.policy.facts import LATEST, NEVER, Fact, Scalar
from comity.policy.memory import Memory, Stuck
from comity.policy.rulebook import Rulebooks
from comity.policy.time import deadlines
from comity.policy.time.clocks import Interval, Stretch
from comity.rulebooks.language.parse import parse

HEAD = 'name = "p"\nversion = "1"\nin_force_from = 2000-01-01\n'
REPLY = """[[duty]]
name = "reply"
title = "Reply"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
"""
MANILA, BERLIN = "Asia/Manila", "Europe/Berlin"
LIMITED = 'within = "24 hours"\npauses = ["holiday"]\nholiday_limit = "14 days"\n'
OFFICE = (
    '[[clock]]\nname = "office"\ndays = ["mon", "tue", "wed", "thu", "fri"]\nhours = ["09:00-12:30", "13:00-17:30"]\n'
)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def rule_of(text: str, zone: str = "UTC", before: str = "") -> DutyRule:
    return parse(f'{HEAD}zone = "{zone}"\n{before}{REPLY}{text}').by_name["reply"]


def holiday(begin: str, end: str, zone: str = MANILA) -> Stretch:
    return at(begin, zone), at(end, zone), "holiday"


def taken(stops: list[Interval]) -> timedelta:
    return sum((end - begin for begin, end in stops), timedelta())


@pytest.mark.parametrize("clock", ["", 'clock = "round"\n', 'clock = "elsewhere"\n'])
def test_a_seasons_days_are_the_rulebooks_on_every_clock(clock: str) -> None:
    clocks = '[[clock]]\nname = "round"\n[[clock]]\nname = "elsewhere"\nzone = "America/New_York"\n'
    text = 'within = "24 hours"\nseason = [{ from = "11-15", until = "12-31", within = "4 hours" }]\n' + clock
    rule = rule_of(text, MANILA, clocks)
    for opened, hours in (("2025-11-14T23:59:59", 24), ("2025-11-15T00:00", 4), ("2025-12-31T23:59:59", 4), ("2026-01-01T00:00", 24)):  # fmt: skip
        assert deadlines.after(rule, at(opened, MANILA), ()) == at(opened, MANILA) + timedelta(hours=hours), opened


@pytest.mark.parametrize(
    ("holidays", "until"),
    [
        ([("2025-12-20", "2026-01-20")], "2026-01-15"),  # twelve days of the one year, fourteen of the other
        ([("2025-12-20", "2026-01-01"), ("2026-01-01", "2026-01-20")], "2026-01-15"),
        ([("2025-12-20", "2026-01-01"), ("2026-01-01T00:01", "2026-01-20")], "2026-01-15T00:01"),
        ([("2026-01-05", "2026-01-20"), ("2025-12-20", "2026-01-20")], "2026-01-01"),  # up to there, and from the 5th
        ([("2025-12-20", "2025-12-25"), ("2025-12-22", "2025-12-28")], "2025-12-28"),
        ([("2025-07-01", "2025-07-15"), ("2025-12-20", "2026-01-03")], "2025-12-20"),  # the next year's stop it later
    ],
)  # fmt: skip
def test_a_years_holidays_are_of_the_rulebooks_year(holidays: list[tuple[str, str]], until: str) -> None:
    stops = deadlines.counting(rule_of(LIMITED, MANILA), [holiday(*each) for each in holidays])
    day = at("2025-12-20", MANILA)
    going = day
    for begin, end in sorted(stops):
        going = max(going, end) if begin <= going + timedelta(minutes=1) else going
    assert going == at(until, MANILA)
    for year in (2025, 2026):
        begin, end = at(f"{year}-01-01", MANILA), at(f"{year + 1}-01-01", MANILA)
        assert taken([(max(a, begin), min(b, end)) for a, b in stops if a < end and b > begin]) <= timedelta(days=14)


@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 30)), max_size=6), st.integers(0, 700))
def test_a_holiday_that_is_noted_takes_nothing_from_those_of_before(told: list[tuple[int, int]], day: int) -> None:
    rule, zero = rule_of(LIMITED, BERLIN), at("2025-01-10", BERLIN)
    noted = [(zero + timedelta(days=a), zero + timedelta(days=a + n), "holiday") for a, n in told]
    opened = zero + timedelta(days=day, hours=7)
    dues = [deadlines.after(rule, opened, noted[:count]) for count in range(len(noted) + 1)]
    assert dues == sorted(dues)


def fact(number: int, kind: str, when: datetime, matter: str, noted: datetime | None = None, **data: Scalar) -> Fact:
    return Fact(id=f"f{number}", kind=kind, at=when, noted_at=noted or when, subject=matter, matter=matter, party="seller:1", data=data)  # fmt: skip


def said(number: int, by: str, when: datetime) -> Fact:
    return fact(number, "message.sent", when, "conversation:1", by=by, automatic=False)


def paused(
    number: int, begin: datetime, end: datetime, noted: datetime, cause: str = "holiday", of: str = "seller:1"
) -> Fact:
    data: dict[str, Scalar] = {
        "from": moments.to_text(begin),
        "until": moments.to_text(end),
        "cause": cause,
        "by": "agent",
    }
    return fact(number, "pause.recorded", noted, of, None, **data)


@pytest.mark.parametrize("later", ["seller:1", "conversation:1"])
def test_who_acted_in_time_by_what_was_known_stays_in_time(later: str) -> None:
    """August's holiday is used up first, for it was noted first; July's of the same year then stops nothing."""
    memory = Memory(Rulebooks([parse(HEAD + REPLY + LIMITED)]), "seller:1")
    memory.note(said(1, "buyer", at("2026-08-03T12:00")))
    memory.note(paused(2, at("2026-08-01"), at("2026-08-15"), at("2026-08-03T13:00")))
    memory.note(said(3, "seller", at("2026-08-10T12:00")))
    memory.note(paused(4, at("2026-07-01"), at("2026-07-15"), at("2026-08-20"), of=later))
    assert [duty.status.value for duty in memory.all_duties()] == ["met"]


@pytest.mark.parametrize(
    ("text", "opened", "pauses", "warned"),
    [
        # eight hours from Friday 10:30 are due on Monday at 10:30; two hours before is Friday afternoon
        ('within = "8 hours"\nclock = "office"\nwarn_before = ["2 hours"]', "2026-03-06T10:30", [], ["2026-03-06T17:00"]),
        ('within = "8 hours"\nclock = "office"\nwarn_before = ["1 hour", "4 hours", "9 hours"]', "2026-03-06T10:30", [],
         ["2026-03-06T15:00", "2026-03-09T09:30"]),
        # not in the lunch break, and not while the platform was away
        ('within = "8 hours"\nclock = "office"\nwarn_before = ["5 hours"]', "2026-03-06T09:00", [], ["2026-03-06T12:00"]),
        ('within = "8 hours"\nclock = "office"\nwarn_before = ["3 hours"]', "2026-03-06T10:30",
         [("2026-03-06T16:30", "2026-03-09T09:30")], ["2026-03-06T16:00"]),
        # where the clock is always open days are those of the calendar: the same time of the day before
        ('within = "3 days"\nwarn_before = ["1 day"]', "2026-03-28T02:15", [], ["2026-03-30T02:15"]),
        ('within = "2 days"\nwarn_before = ["24 hours"]', "2026-03-28T12:00", [], ["2026-03-29T12:00"]),
        # no two warnings at one moment
        ('within = "3 days"\nwarn_before = ["1 day", "24 hours"]', "2026-06-01T12:00", [], ["2026-06-03T12:00"]),
    ],
)  # fmt: skip
def test_warnings_come_so_long_before_on_the_clock_of_the_duty(
    text: str, opened: str, pauses: list[tuple[str, str]], warned: list[str]
) -> None:
    memory = Memory(Rulebooks([parse(f'{HEAD}zone = "{BERLIN}"\n{OFFICE}{REPLY}{text}\n')]), "seller:1")
    rulings = memory.note(said(1, "buyer", at(opened, BERLIN)))
    for number, (begin, end) in enumerate(pauses, 2):
        rulings += memory.note(paused(number, at(begin, BERLIN), at(end, BERLIN), at(opened, BERLIN) + timedelta(minutes=number), "platform_outage"))  # fmt: skip
    rulings += memory.turn(at("2026-07-01"))
    assert [ruling.at for ruling in rulings if isinstance(ruling, Warn)] == [at(each, BERLIN) for each in warned]


def test_how_late_is_said_by_the_wall_and_by_the_clock() -> None:
    text = f'{HEAD}zone = "{BERLIN}"\n{OFFICE}{REPLY}within = "2 hours"\nclock = "office"\n'
    memory = Memory(Rulebooks([parse(text)]), "seller:1")
    memory.note(said(1, "buyer", at("2026-03-06T14:30", BERLIN)))  # due on Friday at 16:30
    memory.note(paused(2, at("2026-03-06T17:00", BERLIN), at("2026-03-09T09:15", BERLIN), at("2026-03-06T18:00", BERLIN), "platform_outage"))  # fmt: skip
    (cure,) = [r for r in memory.note(said(3, "seller", at("2026-03-09T09:30", BERLIN))) if isinstance(r, Cure)]
    assert (cure.late_seconds, cure.late_seconds_on_clock) == (65 * 3600, 45 * 60)


def test_a_moment_that_no_calendar_reaches_steps_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(Rulebooks([parse(HEAD + REPLY + 'within = "2 hours"\n')]), "seller:1")
    memory.note(said(1, "buyer", at("2026-03-06T14:30")))

    def beyond(*given: object) -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr(step, "fall", beyond)
    with pytest.raises(Stuck, match="date value out of range"):
        memory.turn(at("2026-03-07"))


FAR = """[[duty]]
name = "deliver"
title = "Deliver"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.delivered" }
by = "deliver_by"
plus = "2 hours"
clock = "office"
warn_before = ["3 hours"]
"""


@pytest.mark.parametrize("promised", ["2036-12-01T10:00", "2500-06-01T10:00", "2999-12-31T00:00"])
@pytest.mark.parametrize("until", ["2026-08-05T00:00", "2099-12-31T00:00", "2999-12-31T00:00"])
def test_no_moment_that_a_fact_may_have_breaks_judging(promised: str, until: str) -> None:
    text = (
        HEAD
        + OFFICE
        + FAR
        + REPLY
        + 'within = "8 hours"\nclock = "office"\nwarn_before = ["2 hours"]\nholiday_limit = "14 days"\n'
    )
    memory = Memory(Rulebooks([parse(text)]), "seller:1")
    start = at("2026-08-03T12:00")
    memory.note(fact(1, "order.paid", start, "order:1", deliver_by=moments.to_text(at(promised))))
    memory.note(said(2, "buyer", start))
    for number, cause in enumerate(("platform_outage", "holiday", "force_majeure"), 3):
        memory.note(paused(number, start + timedelta(hours=number), at(until), start + timedelta(hours=number), cause))
    memory.note(said(9, "buyer", start + timedelta(days=1)))
    memory.turn(LATEST)
    assert all(start < duty.due <= NEVER for duty in memory.all_duties())


def test_of_two_pauses_with_one_end_the_one_is_ended_that_was_meant() -> None:
    early, late = ((at(f"2026-03-{day}"), at("2026-03-09"), "force_majeure") for day in ("02", "05"))

    def ended(*days: str) -> list[Stretch]:
        return [(at(f"2026-03-{day}"), at("2026-03-09"), "-force_majeure") for day in days]

    rest = (at("2026-03-02"), at("2026-03-03"), "force_majeure")
    for noted in ([late, early], [early, late]):
        assert sorted(deadlines.without_ended([*noted, *ended("03")])) == [rest, late]
        assert deadlines.without_ended([*noted, *ended("05")]) == [early], "the later one, before it began"
        assert deadlines.without_ended([*noted, *ended("05", "03")]) == [rest]
    assert deadlines.without_ended([late, *ended("03")]) == [], "told with a moment before it began"
