"""Clocks as tables: start, length, deadline. Times are local where a zone is named."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.time import clocks
from comity.policy.time.clocks import (
    ALWAYS,
    FULL_DAY,
    MIDNIGHT,
    Clock,
    Deferral,
    country_problem,
    merged,
    public_holidays,
    without,
)

BERLIN = "Europe/Berlin"
OFFICE = Clock("office", week=(((time(9), time(12)), (time(13), time(18))),) * 5 + ((), ()), zone=BERLIN)
WORKING_DAYS = Clock("working days", week=(FULL_DAY,) * 5 + ((), ()), zone="Asia/Shanghai", country="CN")
QUIET = Clock("quiet", zone="America/Argentina/Buenos_Aires", quiet=(time(21), time(8)))


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "zone", "start", "length", "due"),
    [
        (ALWAYS, "UTC", "2026-03-02T09:00", timedelta(hours=72), "2026-03-05T09:00"),
        # several intervals a day: the lunch break does not count
        (OFFICE, BERLIN, "2026-03-02T11:00", timedelta(hours=2), "2026-03-02T14:00"),
        (OFFICE, BERLIN, "2026-03-02T08:00", timedelta(hours=3), "2026-03-02T12:00"),
        (OFFICE, BERLIN, "2026-03-02T12:30", timedelta(minutes=30), "2026-03-02T13:30"),
        (OFFICE, BERLIN, "2026-03-06T17:00", timedelta(hours=2), "2026-03-09T10:00"),
        (OFFICE, BERLIN, "2026-03-07T10:00", timedelta(hours=8), "2026-03-09T18:00"),
        # across the change to summer time (2026-03-29): office hours are wall hours
        (OFFICE, BERLIN, "2026-03-27T17:00", timedelta(hours=2), "2026-03-30T10:00"),
        # Mercado Libre's published example: 20:00 and 8 hours, silent from 21:00 to 08:00 -> 15:00 the next day
        (QUIET, "America/Argentina/Buenos_Aires", "2026-03-02T20:00", timedelta(hours=8), "2026-03-03T15:00"),
        (QUIET, "America/Argentina/Buenos_Aires", "2026-03-02T23:00", timedelta(hours=1), "2026-03-03T09:00"),
        # five working days; the Chinese New Year week of 2026 does not count
        (WORKING_DAYS, "Asia/Shanghai", "2026-03-02T10:00", timedelta(days=5), "2026-03-09T10:00"),
        (WORKING_DAYS, "Asia/Shanghai", "2026-03-06T10:00", timedelta(days=5), "2026-03-13T10:00"),
    ],
)
def test_deadlines(clock: Clock, zone: str, start: str, length: timedelta, due: str) -> None:
    assert clock.due(at(start, zone), length) == at(due, zone)


#: Monday to Friday around the clock, without holidays; and open on Mondays alone, from 9 to 10.
WEEKDAYS = Clock("weekdays", week=(FULL_DAY,) * 5 + ((), ()))
MONDAYS = Clock("mondays", week=((((time(9), time(10))),), *((),) * 6))


@pytest.mark.parametrize(
    ("clock", "plain", "whole_days", "never_open"),
    [
        (ALWAYS, True, True, False),
        (WEEKDAYS, False, True, False),
        (MONDAYS, False, False, False),
        (QUIET, False, False, False),
        (Clock("holidays", country="PH"), False, True, False),
        (Clock("closed", closed=frozenset({date(2026, 3, 3)})), False, True, False),
        (Clock("shut", week=((),) * 7), False, True, True),
        (Clock("sundays", week=((),) * 6 + (FULL_DAY,)), False, True, False),
        (Clock("asleep", week=(((time(9), time(10)),),) * 7, quiet=(time(8), time(11))), False, False, True),
    ],
    ids=lambda each: each.name if isinstance(each, Clock) else "",
)  # fmt: skip
def test_what_a_clock_is(clock: Clock, plain: bool, whole_days: bool, never_open: bool) -> None:
    assert (clock.plain, clock.whole_days, clock.never_open) == (plain, whole_days, never_open)
    assert clock.always is plain
    assert not Clock("cut", cutoff=(time(18), time(19))).always
    assert not Clock("put off", defer=Deferral(frozenset({5, 6}), 0, time(12))).always


def test_closed_weekdays_do_not_count_though_open_ones_are_whole() -> None:
    friday = at("2026-03-06T12:00")
    assert WEEKDAYS.due(friday, timedelta(days=1)) == at("2026-03-09T12:00")
    assert WEEKDAYS.due(friday, timedelta(hours=12)) == at("2026-03-07T00:00"), "at the end of the day, not after"
    assert WEEKDAYS.elapsed(friday, at("2026-03-09T12:00")) == timedelta(days=1)
    assert WEEKDAYS.elapsed(at("2026-03-07T00:00"), at("2026-03-09T00:00")) == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "length", "since", "pauses", "expected"),
    [
        ("2026-03-09T12:00", timedelta(days=1), "2026-03-02T00:00", [], "2026-03-06T12:00"),
        # Back to the very beginning of an open stretch, and a second before it.
        ("2026-03-09T12:00", timedelta(hours=12), "2026-03-02T00:00", [], "2026-03-09T00:00"),
        ("2026-03-09T12:00", timedelta(hours=12, seconds=1), "2026-03-02T00:00", [], "2026-03-06T23:59:59"),
        # Less than that has passed.
        ("2026-03-09T12:00", timedelta(days=9), "2026-03-05T00:00", [], "2026-03-05T00:00"),
        ("2026-03-09T12:00", timedelta(days=1), "2026-03-02T00:00", [("2026-03-09T06:00", "2026-03-09T10:00")], "2026-03-06T08:00"),
    ],
)  # fmt: skip
def test_the_last_moment_from_which_so_much_passes(
    moment: str, length: timedelta, since: str, pauses: list[tuple[str, str]], expected: str
) -> None:
    away = [(at(begin), at(end)) for begin, end in pauses]
    assert WEEKDAYS.before(at(moment), length, at(since), away) == at(expected)


CHAT = Clock("chat", zone="Asia/Manila", week=(FULL_DAY,) * 6 + ((),), cutoff=(time(18), time(19)))
NOON = Clock("noon", zone=BERLIN, defer=Deferral(frozenset({5, 6}), 0, time(12)))


@pytest.mark.parametrize(
    ("clock", "start", "due"),
    [
        (CHAT, "2026-03-06T17:59:59", "2026-03-06T19:00"),
        (CHAT, "2026-03-06T18:00", "2026-03-07T19:00"),
        (CHAT, "2026-03-07T18:00", "2026-03-09T19:00"),  # Sunday is closed
        (CHAT, "2026-03-08T10:00", "2026-03-09T19:00"),
        (NOON, "2026-03-06T23:59", "2026-03-07T09:59"),  # begun on Friday: ten hours
        (NOON, "2026-03-07T00:00", "2026-03-09T12:00"),
        (NOON, "2026-03-08T23:59", "2026-03-09T12:00"),
        (Clock("same", zone=BERLIN, defer=Deferral(frozenset({0}), 0, time(12))), "2026-03-09T10:00", "2026-03-16T12:00"),
    ],
)  # fmt: skip
def test_a_moment_that_is_named(clock: Clock, start: str, due: str) -> None:
    assert clock.due(at(start, clock.zone), timedelta(hours=10)) == at(due, clock.zone)


@pytest.mark.parametrize(
    ("pauses", "due"),
    [
        ([], "2026-03-09T12:00"),
        ([("2026-03-08T00:00", "2026-03-08T05:00")], "2026-03-09T17:00"),
        # What was over before it began takes nothing; of what ran on, what came after.
        ([("2026-03-01T00:00", "2026-03-07T10:00")], "2026-03-09T12:00"),
        ([("2026-03-01T00:00", "2026-03-07T11:00")], "2026-03-09T13:00"),
        # Two that touch; one into which it is pushed; one at the very moment, and after it.
        ([("2026-03-08T00:00", "2026-03-08T01:00"), ("2026-03-09T12:30", "2026-03-09T14:30")], "2026-03-09T15:00"),
        ([("2026-03-09T12:00", "2026-03-09T14:00")], "2026-03-09T12:00"),
        ([("2026-03-10T00:00", "2026-03-11T00:00"), ("2026-03-12T00:00", "2026-03-13T00:00")], "2026-03-09T12:00"),
    ],
)  # fmt: skip
def test_pauses_push_a_named_moment_on(pauses: list[tuple[str, str]], due: str) -> None:
    away = [(at(begin, BERLIN), at(end, BERLIN)) for begin, end in pauses]
    assert NOON.due(at("2026-03-07T10:00", BERLIN), timedelta(hours=1), away) == at(due, BERLIN)


def test_what_is_left_of_stretches_without_holes() -> None:
    hour = [at("2026-03-02T00:00") + timedelta(hours=n) for n in range(24)]

    def left(stretches: list[tuple[int, int]], holes: list[tuple[int, int]]) -> list[tuple[int, int]]:
        found = without([(hour[a], hour[b]) for a, b in stretches], [(hour[a], hour[b]) for a, b in holes])
        return [(hour.index(a), hour.index(b)) for a, b in found]

    assert left([(2, 10)], []) == [(2, 10)]
    assert left([(2, 10)], [(0, 2), (10, 12)]) == [(2, 10)], "what touches takes nothing"
    assert left([(2, 10)], [(0, 3), (4, 5), (9, 12)]) == [(3, 4), (5, 9)]
    assert left([(2, 10)], [(2, 3), (9, 10)]) == [(3, 9)]
    assert left([(2, 10), (12, 14), (16, 18)], [(0, 11), (13, 17)]) == [(12, 13), (17, 18)]
    assert left([(2, 10)], [(2, 10)]) == []
    assert left([(2, 4), (5, 8)], [(3, 6), (7, 8)]) == [(2, 3), (6, 7)]


@pytest.mark.parametrize(
    ("quiet", "closed_hours"),
    [((time(8), time(11)), [8, 9, 10]), ((time(22), time(2)), [0, 1, 22, 23]), ((time(22), MIDNIGHT), [22, 23]), ((MIDNIGHT, time(2)), [0, 1])],
)  # fmt: skip
def test_quiet_hours(quiet: tuple[time, time], closed_hours: list[int]) -> None:
    clock = Clock("quiet", quiet=quiet)
    hour = [at("2026-03-02T00:00") + timedelta(hours=n) for n in range(25)]
    assert [n for n in range(24) if clock.elapsed(hour[n], hour[n + 1]) == timedelta(0)] == closed_hours
    assert clock.elapsed(hour[0], hour[24]) == timedelta(hours=24 - len(closed_hours))


def test_which_days_are_open() -> None:
    manila = Clock(
        "manila",
        week=(FULL_DAY,) * 5 + ((), ()),
        country="PH",
        closed=frozenset({date(2026, 6, 11)}),
        zone="Asia/Manila",
    )
    assert [day for day in range(8, 16) if manila.is_open(date(2026, 6, day))] == [8, 9, 10, 15], "12 June is a holiday"
    assert manila.is_open(date(2026, 6, 11)) is False
    assert manila.open_from(date(2026, 6, 10)) == date(2026, 6, 10)
    assert manila.open_from(date(2026, 6, 11)) == date(2026, 6, 15)
    shut = Clock("shut", week=((),) * 7)
    assert shut.open_from(date(2026, 6, 11)) == date(2026, 6, 11), "where there is none, the day itself"
    rare = Clock("rare", week=((),) * 7, country="")
    assert rare.is_open(date(2026, 6, 11)) is False


def test_subdivisions_have_holidays_of_their_own() -> None:
    assert date(2026, 7, 9) in public_holidays("BR-SP", 2026)
    assert date(2026, 7, 9) not in public_holidays("BR", 2026)
    assert all(day.year == 2026 for day in public_holidays("BR", 2026))


def test_all_that_is_kept_of_days_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "MAX_SEARCH_DAYS", 3)
    clock = Clock("few", week=(((time(9), time(10)),),) * 7)
    begins = [at(f"2026-03-0{day}T00:00") for day in range(1, 8)]
    dues = [clock.due(begin, timedelta(minutes=30)) for begin in begins]
    assert dues == [begin + timedelta(hours=9, minutes=30) for begin in begins]
    assert len(clock._days) <= 3
    # Three days are looked at, the one before the beginning first; then every hour counts.
    assert clock.due(begins[0], timedelta(hours=4)) == begins[2] + timedelta(hours=2)


def test_public_holidays_are_closed() -> None:
    berlin = Clock("b", week=(FULL_DAY,) * 5 + ((), ()), zone=BERLIN, country="DE-BE")
    # Thursday before Good Friday (2026-04-03) and Easter Monday
    assert berlin.due(at("2026-04-02T12:00", BERLIN), timedelta(days=1)) == at("2026-04-07T12:00", BERLIN)


def test_closed_dates_are_closed() -> None:
    clock = Clock("c", closed=frozenset({date(2026, 3, 3)}))
    assert clock.due(at("2026-03-02T12:00"), timedelta(days=1)) == at("2026-03-04T12:00")


def test_pauses_are_taken_out_of_the_same_clock() -> None:
    pause = (at("2026-03-02T11:00", BERLIN), at("2026-03-02T14:00", BERLIN))
    # of the three hours paused, only two were office hours
    assert OFFICE.due(at("2026-03-02T10:00", BERLIN), timedelta(hours=4), [pause]) == at("2026-03-02T17:00", BERLIN)
    assert ALWAYS.due(at("2026-03-02T10:00"), timedelta(hours=4), [(at("2026-03-02T11:00"), at("2026-03-02T12:00"))]) == at("2026-03-02T15:00")  # fmt: skip


def test_overlapping_pauses_count_once() -> None:
    hour = [at(f"2026-03-02T{n:02}:00") for n in range(24)]
    assert merged([(hour[3], hour[5]), (hour[1], hour[2]), (hour[2], hour[4]), (hour[9], hour[9])]) == [
        (hour[1], hour[5])
    ]


def test_beyond_its_horizon_every_hour_of_a_clock_counts() -> None:
    rare = Clock("rare", week=(((time(9), time(9, 1)),), (), (), (), (), (), ()))
    due = rare.due(at("2026-03-02T09:00"), timedelta(hours=100))
    # 523 Mondays of a minute in 3660 days; the other 91 hours 17 minutes run on from there
    assert due == at("2036-03-08T00:00") + timedelta(minutes=100 * 60 - 523)
    assert rare.due(at("2036-12-01T09:00"), timedelta(minutes=1), [(at("2026-01-01T00:00"), at("2999-12-31T00:00"))]) == at("2999-12-31T00:00") + timedelta(days=6, hours=9, minutes=1)  # fmt: skip


def test_unknown_countries_are_named() -> None:
    assert country_problem("CN") is None
    assert "XX" in str(country_problem("XX"))
    assert country_problem("BR-SP") is None
    assert "BR has no subdivision 'ZZ'; it has: AC, " in str(country_problem("BR-ZZ"))
    assert str(country_problem("SG-01")).endswith("it has: none")


@given(
    st.sampled_from([ALWAYS, OFFICE, QUIET, WORKING_DAYS]),
    st.integers(0, 60 * 24 * 300),
    st.integers(1, 60 * 100),
    st.lists(st.tuples(st.integers(0, 60 * 24 * 330), st.integers(1, 3000)), max_size=4),
)
def test_the_open_time_until_the_deadline_is_the_length(
    clock: Clock, start: int, minutes: int, stretches: list[tuple[int, int]]
) -> None:
    zero = at("2026-01-01T00:00")
    begin, length = zero + timedelta(minutes=start), timedelta(minutes=minutes)
    pauses = [(zero + timedelta(minutes=a), zero + timedelta(minutes=a + n)) for a, n in stretches]
    due = clock.due(begin, length, pauses)
    assert clock.elapsed(begin, due, pauses) == length
    assert clock.elapsed(begin, due - timedelta(seconds=1), pauses) < length, "the deadline is the first such moment"
    assert due >= clock.due(begin, length), "a pause never brings a deadline nearer"
