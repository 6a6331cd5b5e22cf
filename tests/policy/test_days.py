"""Dates and hours of a zone, where its wall skips an hour, shows one twice, or leaves out a day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.time import days
from comity.policy.time.calendars import Days, later, recurring, span
from comity.policy.time.clocks import FULL_DAY, Clock

ZONES = ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia",
         "Asia/Kolkata", "Atlantic/Azores", "America/St_Johns")  # fmt: skip
MINUTE = timedelta(minutes=1)


def wall(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@given(
    st.sampled_from(ZONES),
    st.dates(date(2009, 1, 1), date(2027, 12, 31)) | st.sampled_from([date(2011, 12, 30), date(2025, 3, 30), date(2025, 10, 26)]),
    st.integers(0, 95),
    st.integers(0, 95),
)  # fmt: skip
def test_a_stretch_of_the_wall_is_when_the_wall_shows_it(zone: str, day: date, one: int, other: int) -> None:
    """Walked by quarters of an hour, asking the wall alone."""
    begin, end = (time(quarter // 4, quarter % 4 * 15) for quarter in sorted((one, other)))
    at = datetime.combine(day, time(0), UTC) - timedelta(hours=30)
    quarters = [at + n * timedelta(minutes=15) for n in range(4 * 84)]
    walls = [(quarter, quarter.astimezone(ZoneInfo(zone))) for quarter in quarters]
    seen = [
        q for q, here in walls if here.date() == day and begin <= here.time() and (end == time(0) or here.time() < end)
    ]
    found = days.shown(day, begin, end, zone) if one != other or end == time(0) else []
    assert seen == [q for q in quarters if any(a <= q < b for a, b in found)]
    assert days.exists(day, zone) == any(here.date() == day for _, here in walls)


@pytest.mark.parametrize(
    ("hours", "quiet", "start", "length", "due"),
    [
        # on the day of 23 hours the break that was skipped takes nothing away twice
        ((time(0), time(2, 30)), None, "2025-03-30T00:00", 2, "2025-03-30T03:00"),
        ((time(2, 30), time(6)), None, "2025-03-30T00:00", 2, "2025-03-30T05:00"),
        (None, (time(21), time(2, 30)), "2025-03-29T20:30", 4, "2025-03-30T06:30"),
        (None, (time(2), time(3)), "2025-03-30T01:00", 2, "2025-03-30T04:00"),
        # on the day of 25 hours what lies in the hour that comes twice counts twice
        ((time(2), time(2, 30)), None, "2025-10-26T00:00", 1, "2025-10-26T02:30"),
        (None, (time(21), time(2, 30)), "2025-10-25T20:30", 1, "2025-10-26T02:00"),
    ],
)
def test_clocks_count_what_the_wall_shows(
    hours: tuple[time, time] | None, quiet: tuple[time, time] | None, start: str, length: int, due: str
) -> None:
    clock = Clock("desk", week=((hours,) if hours else FULL_DAY,) * 7, zone="Europe/Berlin", quiet=quiet)
    found = clock.due(wall(start, "Europe/Berlin"), timedelta(hours=length))
    assert found == wall(due, "Europe/Berlin", fold=1), f"{found.astimezone(ZoneInfo('Europe/Berlin'))}"


def test_a_day_that_never_was_has_no_hours_and_no_cut_off() -> None:
    office = Clock("office", week=(((time(9), time(17)),),) * 7, zone="Pacific/Apia")
    assert office.due(wall("2011-12-29T16:00", "Pacific/Apia"), timedelta(hours=2)) == wall(
        "2011-12-31T10:00", "Pacific/Apia"
    )
    cut = Clock("cut", zone="Pacific/Apia", cutoff=(time(18), time(19)))
    assert cut.due(wall("2011-12-29T18:30", "Pacific/Apia"), timedelta()) == wall("2011-12-31T19:00", "Pacific/Apia")
    assert not office.is_open(date(2011, 12, 30))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Manila", "America/Sao_Paulo"])
@pytest.mark.parametrize(
    ("text", "at", "begin", "end"),
    [
        ("last month", "2025-03-01T00:00", "2025-02-01", "2025-03-01"),
        ("last month", "2025-02-28T23:59", "2025-01-01", "2025-02-01"),
        ("last month", "2025-03-31T12:00", "2025-02-01", "2025-03-01"),
        ("last 3 months", "2025-05-01T00:00", "2025-02-01", "2025-05-01"),
        ("last quarter", "2025-04-01T00:00", "2025-01-01", "2025-04-01"),
        ("last 2 quarters", "2025-03-31T23:59", "2024-07-01", "2025-01-01"),
        ("last year", "2026-01-01T00:00", "2025-01-01", "2026-01-01"),
        # what runs has not begun yet at its first moment, and is that day alone at the end of the first
        ("last month and current", "2025-03-01T00:00", "2025-02-01", "2025-03-01"),
        ("last month and current", "2025-03-02T00:00", "2025-02-01", "2025-03-02"),
        # days roll: the last one is over
        ("30 days", "2025-03-31T00:00", "2025-03-01", "2025-03-31"),
    ],
)
def test_the_period_is_that_of_the_moment_of_the_evaluation(
    zone: str, text: str, at: str, begin: str, end: str
) -> None:
    found = span(text).stretch(wall(at, zone), zone)
    assert found == tuple(days.begin_of(date.fromisoformat(day), zone) for day in (begin, end))


def test_a_lag_takes_the_moment_back() -> None:
    seen = span("last month").stretch(wall("2025-03-08T00:00", "UTC"), "UTC", timedelta(days=7))
    assert seen == (wall("2025-02-01", "UTC"), wall("2025-03-01", "UTC"))
    early = span("last month").stretch(wall("2025-03-07T00:00", "UTC"), "UTC", timedelta(days=7))
    assert early == (wall("2025-01-01", "UTC"), wall("2025-02-01", "UTC"))


@given(st.sampled_from(ZONES), st.integers(0, 365 * 24 * 3), st.integers(0, 90), st.integers(1, 40))
def test_days_later_comes_later_for_who_begins_later(zone: str, hour: int, minutes: int, count: int) -> None:
    at = datetime(2024, 12, 20, tzinfo=UTC) + timedelta(hours=hour)
    first, then = (later(each, Days(count), zone) for each in (at, at + timedelta(minutes=minutes)))
    # In an hour that comes twice, what begins in its second half is of the first again.
    if (
        zone == "UTC"
        or (at + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).utcoffset()
        == at.astimezone(ZoneInfo(zone)).utcoffset()
    ):
        assert first <= then
    assert later(wall("2025-03-29T02:30", "Europe/Berlin"), Days(1), "Europe/Berlin") == wall(
        "2025-03-30T03:00", "Europe/Berlin"
    )


@given(st.sampled_from(ZONES), st.integers(0, 365 * 3), st.sampled_from(["daily", "weekly on friday", "monthly on 30"]))
def test_recurring_days_come_one_after_another(zone: str, day: int, text: str) -> None:
    again, at = recurring(text, zone), datetime(2010, 6, 1, 5, tzinfo=UTC) + timedelta(days=day)
    following = again.after(at)
    assert at < following
    assert again.until(following) == following
    assert again.before(following) <= at
