"""Clocks as tables: start, length, deadline. Times are local where a zone is named."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.time.clocks import ALWAYS, FULL_DAY, Clock, country_problem, merged

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
    assert "ZZ" in str(country_problem("BR-ZZ"))


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
