"""Days that come again, windows and months, at their edges: what is read, what is refused, and which days are meant."""

from datetime import UTC, date, datetime, timedelta

import pytest

from comity.policy.time import calendars
from comity.policy.time.calendars import Days, Recurring, Span, recurring, span

MANILA = "Asia/Manila"


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("daily", Recurring("daily", "day", MANILA)),
        ("continuous", Recurring("continuous", "day", MANILA)),
        ("weekly on sunday", Recurring("weekly on sunday", "week", MANILA, weekday=6)),
        ("monthly on 1", Recurring("monthly on 1", "month", MANILA, day=1)),
        ("monthly on 31", Recurring("monthly on 31", "month", MANILA, day=31)),
        ("quarterly on first friday", Recurring("quarterly on first friday", "quarter", MANILA, weekday=4, nth=0)),
        ("quarterly on last monday", Recurring("quarterly on last monday", "quarter", MANILA, weekday=0, nth=-1)),
        ("quarterly on 1", Recurring("quarterly on 1", "quarter", MANILA, day=1)),
        ("quarterly on 30", Recurring("quarterly on 30", "quarter", MANILA, day=30)),
        ("yearly on 12-30", Recurring("yearly on 12-30", "year", MANILA, month=12, day=30)),
        ("yearly on 01-01", Recurring("yearly on 01-01", "year", MANILA, month=1, day=1)),
        ("yearly on 02-28", Recurring("yearly on 02-28", "year", MANILA, month=2, day=28)),
    ],
)
def test_what_is_read(text: str, expected: Recurring) -> None:
    assert recurring(text, MANILA) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("every day", "is not a recurring day; write"),
        ("monthly on 0", "from 1 to 31"),
        ("monthly on 32", "from 1 to 31"),
        ("quarterly on 0", "from 1 to 30"),
        ("quarterly on 31", "from 1 to 30"),
        ("yearly on 00-10", "names no month"),
        ("yearly on 13-10", "names no month"),
        ("yearly on 02-29", "from 1 to 28"),
        ("yearly on 01-31", "from 1 to 30"),
        ("yearly on 03-00", "from 1 to 30"),
    ],
)
def test_what_does_not_come_every_time_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        recurring(text, "UTC")


@pytest.mark.parametrize(
    ("text", "year", "days"),
    [
        ("monthly on 30", 2027, [(m, 28 if m == 2 else 30) for m in range(1, 13)]),
        ("quarterly on 15", 2026, [(1, 15), (4, 15), (7, 15), (10, 15)]),
        ("quarterly on first thursday", 2026, [(1, 1), (4, 2), (7, 2), (10, 1)]),
        ("quarterly on first wednesday", 2026, [(1, 7), (4, 1), (7, 1), (10, 7)]),
        ("quarterly on last wednesday", 2026, [(3, 25), (6, 24), (9, 30), (12, 30)]),
        ("quarterly on last tuesday", 2026, [(3, 31), (6, 30), (9, 29), (12, 29)]),
        ("yearly on 02-28", 2028, [(2, 28)]),
    ],
)
def test_the_days_of_a_year(text: str, year: int, days: list[tuple[int, int]]) -> None:
    comes = recurring(text, "UTC")
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert [(each.month, each.day) for each in every if comes.fits(each)] == days
    assert all(comes.fits(each) is (((each.month, each.day)) in days) for each in every)


@pytest.mark.parametrize(("text", "shortest"), [("monthly on 31", [31, 28, 31, 30, 31, 30]), ("monthly on 1", [1] * 6)])
def test_a_shorter_month_has_its_last_day(text: str, shortest: list[int]) -> None:
    comes = recurring(text, "UTC")
    assert [
        each for m in range(1, 7) for each in range(1, 29 if m == 2 else 31) if comes.fits(date(2026, m, each))
    ] == [each for each in shortest if each < 31]
    assert comes.fits(date(2028, 2, 29)) is (text == "monthly on 31")


def test_a_recurring_day_says_the_first_by_itself() -> None:
    comes = Recurring("a day", "year")
    assert (comes.zone, comes.weekday, comes.nth, comes.day, comes.month) == ("UTC", None, 0, 1, 1)


def test_before_after_and_until_at_the_moment_itself() -> None:
    """Midnight in Manila is 16:00 of the day before in UTC."""
    comes = recurring("weekly on monday", MANILA)
    at = day("2026-03-01T16:00")
    assert comes.until(at) == at
    assert comes.after(at) == day("2026-03-08T16:00")
    assert comes.before(at) == day("2026-02-22T16:00")
    tick = timedelta(microseconds=1)
    assert comes.after(at - tick) == at
    assert comes.until(at - tick) == day("2026-02-22T16:00")
    assert comes.before(at + tick) == at


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 day", Span("1 day", "day", 1)),
        ("2 weeks", Span("2 weeks", "day", 14)),
        ("3 months", Span("3 months", "month", 3)),
        ("1 year", Span("1 year", "month", 12)),
        ("9 years", Span("9 years", "month", 108)),
        ("last month", Span("last month", "month", 1, complete=True)),
        ("last 2 quarters", Span("last 2 quarters", "quarter", 2, complete=True)),
        ("last 3 years and current", Span("last 3 years and current", "year", 3, complete=True, running=True)),
        ("ever", Span("ever", "ever", 1)),
    ],
)
def test_which_window_is_read(text: str, expected: Span) -> None:
    assert span(text) == expected


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("7 days", 7),
        ("2 weeks", 14),
        ("3 months", 93),
        ("1 year", 372),
        ("last month", 62),
        ("last 2 quarters", 276),
        ("last 3 years", 1464),
        ("ever", 3660),
    ],
)
def test_how_long_a_window_is_at_the_most(text: str, days: int) -> None:
    assert span(text).most_days == days


def test_a_window_is_at_most_ten_years() -> None:
    assert span("3660 days").count == 3660
    for text in ("3661 days", "0 months", "last 0 years", "last 10 years", "119 months and current", "523 weeks"):
        with pytest.raises(ValueError, match=r"is not a window|at most 3660 days"):
            span(text)
    assert span("522 weeks").count == 3654


@pytest.mark.parametrize(
    ("text", "at", "begin", "end"),
    [
        # The last day is the one in which one looks; at midnight sharp, the one just over.
        ("2 days", "2026-03-10T00:00", "2026-03-08", "2026-03-10"),
        ("2 days", "2026-03-10T00:01", "2026-03-09", "2026-03-11"),
        ("1 month", "2026-03-31T00:00", "2026-02-28", "2026-03-31"),
        ("1 month", "2026-04-01T00:00", "2026-03-01", "2026-04-01"),
        ("1 year", "2028-02-29T00:00", "2027-02-28", "2028-02-29"),
        # Whole ones: at midnight sharp of the first, the one just over counts.
        ("last month", "2026-03-01T00:00", "2026-02-01", "2026-03-01"),
        ("last month", "2026-02-28T23:59", "2026-01-01", "2026-02-01"),
        ("last quarter", "2026-04-01T00:00", "2026-01-01", "2026-04-01"),
        ("last quarter", "2026-12-31T12:00", "2026-07-01", "2026-10-01"),
        ("last 2 quarters", "2026-06-30T12:00", "2025-10-01", "2026-04-01"),
        ("last year", "2026-12-31T12:00", "2025-01-01", "2026-01-01"),
        ("last 2 years and current", "2026-03-10T00:00", "2024-01-01", "2026-03-10"),
        ("last month and current", "2026-03-10T12:00", "2026-02-01", "2026-03-11"),
        ("ever", "2026-03-10T12:00", "1970-01-01", "2026-03-11"),
    ],
)
def test_which_days_a_window_covers(text: str, at: str, begin: str, end: str) -> None:
    assert span(text).stretch(day(at), "UTC") == (day(begin), day(end))


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("7 days", "2026-02-23", "2026-03-02"),
        ("1 month", "2026-02-02", "2026-03-02"),
        ("last month", "2026-02-01", "2026-03-01"),
        ("ever", "1970-01-01", "2026-03-02"),
    ],
)
def test_a_lag_moves_the_last_day(text: str, begin: str, end: str) -> None:
    assert span(text).stretch(day("2026-03-09T00:00"), "UTC", timedelta(days=7)) == (day(begin), day(end))


@pytest.mark.parametrize(
    ("at", "months", "later"),
    [
        ("2026-01-31T10:00", 1, "2026-02-28T10:00"),
        ("2026-12-15T10:00", 1, "2027-01-15T10:00"),
        ("2026-03-31T10:00", -1, "2026-02-28T10:00"),
        ("2024-02-29T10:00", 12, "2025-02-28T10:00"),
        ("2026-05-10T10:00", 0, "2026-05-10T10:00"),
    ],
)
def test_months_later(at: str, months: int, later: str) -> None:
    assert calendars.months_later(day(at), months, "UTC") == day(later)


def test_days_are_not_hours_though_they_are_as_long() -> None:
    assert Days(3) == Days(3)
    assert not Days(3) == timedelta(hours=72)  # noqa: SIM201
    assert Days(3) != timedelta(hours=72)
    assert not Days(3) != Days(3)  # noqa: SIM202
    assert Days(3) != Days(4)
    assert hash(Days(3)) == hash(Days(3))


@pytest.mark.parametrize(
    ("length", "zone", "later"),
    [
        (Days(1), "UTC", "2026-03-29T09:00"),
        (Days(1), "Europe/Berlin", "2026-03-29T08:00"),
        (timedelta(days=1), "Europe/Berlin", "2026-03-29T09:00"),
    ],
)
def test_a_day_over_a_change_of_clocks(length: timedelta, zone: str, later: str) -> None:
    assert calendars.later(day("2026-03-28T09:00"), length, zone) == day(later)
