"""Chances of being flagged although the limit is kept: simulated, held against closed forms and the other test."""

from fractions import Fraction
from math import comb

import pytest

from comity.history import chances
from comity.history.chances import chance, nearest
from comity.policy.rulebook import Rulebook
from comity.rulebooks.language.parse import parse

BOOK = """
name = "chances"
version = "1"
in_force_from = 2026-01-01
[[standard]]
name = "disputes"
counted = {{ fact = "order.paid" }}
faulty = {{ fact = "dispute.opened" }}
{rest}
"""
#: Twice as far as chance brings a simulation of TRIES in 99 of 100 cases.
NEAR = 0.04


def book(rest: str) -> Rulebook:
    return parse(BOOK.format(rest=rest))


def at_least(faults: int, of: int, rate: float) -> float:
    return 1 - sum(comb(of, n) * rate**n * (1 - rate) ** (of - n) for n in range(faults))


def test_one_look_a_year_is_a_plain_sum() -> None:
    rules = book('window = "365 days"\nevaluated = "yearly on 01-01"\nlimit = { rate = "<= 10%" }')
    found = chance(rules, "disputes", 0, 10)
    assert found is not None
    assert found.rate == Fraction(1, 10)
    # Two faults of ten are over the limit.
    assert found.raw == pytest.approx(at_least(2, 10, 0.1), abs=NEAR)
    hundred = chance(rules, "disputes", 0, 100)
    assert hundred is not None
    assert hundred.raw == pytest.approx(at_least(11, 100, 0.1), abs=NEAR)


def test_twelve_looks_at_months_of_their_own() -> None:
    rules = book('window = "last month"\nevaluated = "monthly on 1"\nlimit = { rate = "<= 10%" }')
    found = chance(rules, "disputes", 0, 365)
    assert found is not None
    # An order a day, eleven months with some 30 and one with 28: twelve looks that know nothing of each other.
    days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    never = 1.0
    for number in days:
        never *= 1 - at_least(number // 10 + 1, number, 0.1)
    assert found.raw == pytest.approx(1 - never, abs=NEAR)


def test_looking_every_night_flags_nearly_everybody_and_evidence_hardly_anybody() -> None:
    nightly = book('window = "365 days"\nevaluated = "daily"\nlimit = { rate = "<= 5%" }')
    found = chance(nightly, "disputes", 0, 1_000)
    assert found is not None
    assert found.certain is not None
    assert found.raw > 0.8
    assert found.certain <= 0.05 + NEAR, "one season, an error of 5 %"
    assert chance(nightly, "disputes", 0, 1_000) == found, "the same is told each time"


def test_several_nights_running_flag_fewer() -> None:
    limit = 'window = "30 days"\nevaluated = "daily"\nlimit = { rate = "<= 10%" }\n'
    once, running = (chance(book(limit + rest), "disputes", 0, 365) for rest in ("", "running = 60"))
    assert once is not None
    assert running is not None
    assert running.raw < once.raw - NEAR


@pytest.mark.parametrize(
    ("limit", "volume", "raw"),
    [
        # "both must be passed": four faults of ten break the rate, not the number.
        ('limit = { rate = "<= 10%", faulty = "<= 30", hold = "any" }', 100, 0.0),
        ('limit = { rate = "<= 10%", at_least = 20 }', 10, None),
        ('limit = [{ faulty = "<= 4", below = 40 }, { rate = "< 10%", from = 40 }]', 10, None),
        ('limit = { rate = "<= 150% of peers" }', 100, None), ('limit = { faulty = "<= 3" }', 100, None),
    ],
)  # fmt: skip
def test_where_nothing_can_happen_or_be_told(limit: str, volume: int, raw: float | None) -> None:
    found = chance(book(f'window = "365 days"\nevaluated = "daily"\n{limit}'), "disputes", 0, volume)
    assert (found.raw if found is not None else None) == raw
    assert found is None or found.certain is None


def test_a_share_that_must_be_kept_and_windows_by_volume() -> None:
    kept = chance(
        book('window = "365 days"\nevaluated = "yearly on 01-01"\nlimit = { kept = ">= 90%" }'), "disputes", 0, 10
    )
    assert kept is not None
    assert kept.raw == pytest.approx(at_least(2, 10, 0.1), abs=NEAR)
    chosen = book(
        'window = [{ length = "30 days", from = 400 }, { length = "365 days" }]\n'
        'evaluated = "yearly on 01-01"\nlimit = { rate = "<= 10%" }'
    )
    few, many = (chance(chosen, "disputes", 0, volume) for volume in (10, 10_000))
    assert few is not None
    assert many is not None
    assert few.raw == pytest.approx(at_least(2, 10, 0.1), abs=NEAR), "the year, where a month holds too few"
    assert few.certain is None, "evidence looks at one window"
    # 30 days of 10,000 a year are 822 orders.
    assert many.raw == pytest.approx(at_least(83, 822, 0.1), abs=NEAR)


def test_the_nearest_volume_stands_for_all() -> None:
    assert [nearest(volume) for volume in (0.2, 4, 20, 999, 5e6)] == [1, 3, 30, 1_000, 100_000]
    assert min(chances.VOLUMES) == 1
