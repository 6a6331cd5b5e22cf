from datetime import datetime, timedelta
from fractions import Fraction
from math import log

import pytest

from comity.lib.moments import UTC
from comity.policy.facts import Fact
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Overturn
from comity.policy.sanctions.rulings import Charge
from comity.policy.standards import levels, rates, sequential
from comity.policy.standards.counting import next_evaluation, night
from comity.policy.standards.rating import evaluations
from comity.policy.standards.rulings import Rate
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Tally, merged
from comity.policy.time import calendars
from comity.policy.time.clocks import MIDNIGHT
from comity.rulebooks.language.parse import parse

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.combine(datetime.fromisoformat(text).date(), MIDNIGHT, UTC)


@pytest.mark.parametrize(
    ("text", "first", "end"),
    [
        ("30 days", "2026-03-02", "2026-04-01"),
        ("1 week", "2026-03-25", "2026-04-01"),
        ("1 month", "2026-03-01", "2026-04-01"),
        ("12 months", "2025-04-01", "2026-04-01"),
        ("last month", "2026-02-01", "2026-03-01"),
        ("last 3 months", "2025-12-01", "2026-03-01"),
        ("last 3 months and current", "2025-12-01", "2026-04-01"),
        ("last quarter", "2025-10-01", "2026-01-01"),
        ("last year", "2025-01-01", "2026-01-01"),
        ("ever", "1970-01-01", "2026-04-01"),
    ],
)
def test_windows_are_whole_days(text: str, first: str, end: str) -> None:
    assert calendars.span(text).stretch(AT, "UTC") == (day(first), day(end))


def test_at_midnight_the_last_day_is_the_one_just_over() -> None:
    assert calendars.span("1 day").stretch(day("2026-04-01"), "UTC") == (day("2026-03-31"), day("2026-04-01"))
    assert calendars.span("1 day").stretch(AT, "UTC", timedelta(days=7)) == (day("2026-03-24"), day("2026-03-25"))


@pytest.mark.parametrize(
    ("text", "following", "before"),
    [
        ("daily", "2026-04-01", "2026-03-31"),
        ("weekly on monday", "2026-04-06", "2026-03-30"),
        ("monthly on 20", "2026-04-20", "2026-03-20"),
        ("monthly on 31", "2026-04-30", "2026-03-31"),
        ("quarterly on first monday", "2026-04-06", "2026-01-05"),
        ("quarterly on last monday", "2026-06-29", "2026-03-30"),
        ("yearly on 01-01", "2027-01-01", "2026-01-01"),
    ],
)
def test_moments_that_come_again(text: str, following: str, before: str) -> None:
    found = calendars.recurring(text, "UTC")
    assert (found.after(AT), found.until(AT)) == (day(following), day(before))


@pytest.mark.parametrize("text", ["weekly", "monthly on 32", "monthly on 0", "yearly on 13-01", "hourly", ""])
def test_what_is_no_recurring_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"recurring|from 1 to|names no month"):
        calendars.recurring(text, "UTC")


@pytest.mark.parametrize("text", ["0 days", "99999 days", "last 0 months", "a while", "-3 days"])
def test_what_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"window|at most"):
        calendars.span(text)


def test_days_after_a_change_of_clocks_end_at_the_same_hour() -> None:
    begin = datetime(2026, 3, 28, 9, tzinfo=UTC)  # Berlin's clocks go forward on the 29th
    assert calendars.later(begin, calendars.Days(2), "Europe/Berlin") == datetime(2026, 3, 30, 8, tzinfo=UTC)
    assert calendars.later(begin, timedelta(hours=48), "Europe/Berlin") == datetime(2026, 3, 30, 9, tzinfo=UTC)
    assert calendars.later(begin, timedelta(hours=47), "Europe/Berlin") == begin + timedelta(hours=47)


@pytest.mark.parametrize(
    ("what", "text", "counted", "faulty", "holds"),
    [
        ("rate", "<= 2.5%", 40, 1, True),
        ("rate", "< 2.5%", 40, 1, False),
        ("kept", ">= 95%", 200, 10, True),
        ("kept", "> 95%", 200, 10, False),
        ("faulty", "<= 3", 9, 4, False),
        ("good", ">= 5", 9, 4, True),
        ("counted", ">= 10", 9, 0, False),
        ("rate", "<= 0%", 0, 0, True),
    ],
)
def test_bounds_are_exact(what: str, text: str, counted: int, faulty: int, holds: bool) -> None:
    assert rates.bound(what, text).holds(rates.reading(rates.Count(counted, faulty))) is holds


@pytest.mark.parametrize(
    ("what", "text"), [("rate", "<= 101%"), ("rate", "<= 2"), ("faulty", "<= 2%"), ("rate", "2%"), ("mean", ">= 4 of peers"), ("faulty", "<= 150% of peers")]
)  # fmt: skip
def test_what_is_no_bound_is_refused(what: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"bound|over 100|peers"):
        rates.bound(what, text)


def test_the_interval_is_wilsons() -> None:
    low, high = rates.interval(2, 25)
    assert (round(low, 4), round(high, 4)) == (0.0222, 0.2497)
    assert rates.interval(0, 10)[0] == 0.0


def test_rows_merge_alike_in_any_order() -> None:
    early = Tally(standard="s", subject="order:1", counted_at=day("2026-01-02"), basis=day("2026-01-02"), value=3)
    late = Tally(standard="s", subject="order:1", counted_at=day("2026-01-05"), faulty_at=day("2026-01-06"), value=5)
    assert merged(early, late) == merged(late, early)
    assert merged(early, early) == early
    assert merged(early, late).counted_at == day("2026-01-02")


def test_a_row_is_seen_as_things_stood() -> None:
    rows = Tallies(
        [
            Tally(
                standard="s",
                subject="o",
                basis=day("2026-01-02"),
                counted_at=day("2026-01-02"),
                faulty_at=day("2026-01-10"),
                cleared_at=day("2026-01-20"),
            )
        ]
    )
    window = (day("2026-01-01"), day("2026-02-01"))
    faults = [
        rows.count("s", window, day(at)).faulty for at in ("2026-01-09", "2026-01-10", "2026-01-19", "2026-01-20")
    ]
    assert faults == [0, 1, 1, 0]
    assert rows.count("s", window, day("2026-01-01")).counted == 0


BOOK = """
name = "shop"
version = "1"
in_force_from = 2026-01-01
[[standard]]
name = "disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
window = "7 days"
evaluated = "weekly on monday"
limit = { rate = "<= 20%", at_least = 4 }
breach = { charge = { ledger = "points", points = 2 } }
[[ledger]]
name = "points"
expires_after = "90 days"
"""
MONDAY = "2026-03-09"


def fact(number: int, kind: str, at: datetime, noted: datetime | None = None, order: int = 1) -> Fact:
    return Fact(
        id=f"f{number:03d}",
        kind=kind,
        at=at,
        noted_at=noted or at,
        subject=f"order:{order}",
        matter=f"order:{order}",
        party="seller:s",
        data={},
    )


def test_a_late_withdrawal_overturns_the_rating_and_its_points() -> None:
    books = Rulebooks([parse(BOOK)])
    memory = Memory(books, "seller:s")
    paid = [fact(n, "order.paid", day("2026-03-03"), order=n) for n in range(4)]
    for each in [*paid, fact(10, "dispute.opened", day("2026-03-04"))]:
        memory.note(each)
    rulings = memory.turn(day("2026-03-10"))
    assert [type(ruling) for ruling in rulings] == [Rate, Charge]
    assert isinstance(rulings[0], Rate)
    assert (rulings[0].at, rulings[0].counted, rulings[0].faulty) == (day(MONDAY), 4, 1)
    late = memory.note(fact(11, "dispute.withdrawn", day("2026-03-05"), noted=day("2026-03-11")))
    assert [ruling.what for ruling in late if isinstance(ruling, Overturn)] == ["rating", "charge"]
    assert not memory.charges


@pytest.mark.parametrize("second", ["weekly on monday", "weekly on friday", "daily", "monthly on 1"])
def test_between_an_evaluation_and_the_last_that_the_calendar_names_there_is_none(second: str) -> None:
    later = BOOK.replace('version = "1"', 'version = "2"').replace("2026-01-01", "2026-03-11")
    books = Rulebooks([parse(BOOK), parse(later.replace('"weekly on monday"', f'"{second}"'))])
    at = next_evaluation(books, "disputes", day("2026-02-01"))
    while at is not None and at < day("2026-05-01"):
        here = night(books, "disputes", at)
        assert here.last is not None
        assert here.last < at
        assert not list(evaluations(books, "disputes", here.last + timedelta(microseconds=1), at))
        assert here.comes_after(here.last)
        assert not here.comes_after(at)
        assert here.following == next_evaluation(books, "disputes", at)
        at = here.following


def test_too_few_is_not_enough_data() -> None:
    facts = [fact(n, "order.paid", day("2026-03-03"), order=n) for n in range(3)]
    facts += [fact(10 + n, "dispute.opened", day("2026-03-04"), order=n) for n in range(3)]
    memory = fold(Rulebooks([parse(BOOK)]), "seller:s", facts, until=day("2026-03-20"))
    assert not memory.ratings


def test_a_later_version_with_another_day_is_evaluated_on_it() -> None:
    second = (
        BOOK.replace('version = "1"', 'version = "2"')
        .replace("2026-01-01", "2026-03-12")
        .replace("on monday", "on friday")
    )
    facts = [fact(n, "order.paid", day("2026-03-10"), order=n) for n in range(4)]
    facts += [fact(10, "dispute.opened", day("2026-03-11"), order=1)]
    memory = fold(Rulebooks([parse(BOOK), parse(second)]), "seller:s", facts, until=day("2026-03-30"))
    assert [rated.at for rated in memory.ratings.values()] == [day("2026-03-13")]


def test_evidence_needs_more_than_a_bad_start() -> None:
    limit, error = Fraction(5, 100), Fraction(5, 100)
    assert not sequential.is_certain(5, 2, limit, error), "40% of five orders is chance"
    assert sequential.is_certain(100, 20, limit, error)
    assert not sequential.is_certain(100_000, 5_000, limit, error), "exactly at the limit"
    assert sequential.log_evidence(0, 0, limit) == pytest.approx(0)


def test_the_last_day_of_a_season_is_looked_at_and_no_day_twice() -> None:
    text = BOOK.replace("7 days", "10 days").replace("weekly on monday", "daily")
    rule = parse(text.replace("window", 'decides = "certain"\nwindow')).standards["disputes"]
    since = day("2026-01-01")
    seen = [levels.stretch(rule, rule.windows[0], since + timedelta(days=n), since) for n in range(1, 31)]
    assert [(begin - since).days for begin, _ in seen] == [0] * 10 + [10] * 10 + [20] * 10
    assert [(end - since).days for _, end in seen] == list(range(1, 31))


@pytest.mark.parametrize("rate", [0.05, 0.03, 0.01])
def test_the_expected_evidence_never_grows_for_who_keeps_the_limit(rate: float) -> None:
    """The supermartingale itself, exactly: given any past, the next subject does not raise the expected evidence."""
    from math import exp

    limit = Fraction(5, 100)
    for counted, faulty in ((0, 0), (10, 3), (100, 8), (1_000, 40)):
        now = exp(sequential.log_evidence(counted, faulty, limit))
        bad, good = (exp(sequential.log_evidence(counted + 1, faulty + step, limit)) for step in (1, 0))
        assert rate * bad + (1 - rate) * good <= now * (1 + 1e-12)


def test_who_is_never_faulty_is_never_flagged_and_no_limit_at_all_is() -> None:
    assert sequential.log_evidence(10_000, 0, Fraction(1, 20)) < 0
    assert sequential.is_certain(1, 1, Fraction(0), Fraction(1, 20)), "a limit of nothing is broken by one"
    with pytest.raises(ValueError, match="no count"):
        sequential.log_evidence(3, 4, Fraction(1, 20))
    assert log(20) > sequential.log_evidence(2, 2, Fraction(1, 4))
