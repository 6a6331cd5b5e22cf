"""The numbers of a standard and its limits, one by one: what each bound looks at, and what it says."""

from fractions import Fraction

import pytest

from comity.policy.standards import rates
from comity.policy.standards.rates import Bound, Count, Limit, bound

#: Ten count, of which four are faulty, of three buyers; five have a value, 22 together.
SEEN = rates.reading(Count(10, 4, 22, 5, 3))
NOTHING = rates.reading(Count())


@pytest.mark.parametrize(
    ("what", "value", "of_nothing"),
    [
        ("rate", Fraction(2, 5), None),
        ("kept", Fraction(3, 5), None),
        ("faulty", 4, 0),
        ("good", 6, 0),
        ("buyers", 3, 0),
        ("counted", 10, 0),
        ("mean", Fraction(22, 5), None),
        ("sum", 22, 0),
    ],
)
def test_what_a_bound_looks_at(what: str, value: Fraction, of_nothing: Fraction | None) -> None:
    assert SEEN.value(what) == value
    assert NOTHING.value(what) == of_nothing
    assert Bound(what, "<", Fraction(0)).holds(NOTHING) is (of_nothing is None), "what is not known breaks no bound"


def test_what_is_left_out_is_nothing() -> None:
    assert Count() == (0, 0, 0, 0, 0)
    assert rates.Reading(0, 0, None) == NOTHING
    assert (NOTHING.mean, NOTHING.total, NOTHING.buyers) == (None, 0, 0)


@pytest.mark.parametrize(("op", "holds"), [("<", "T--"), ("<=", "TT-"), (">", "--T"), (">=", "-TT")])
def test_a_bound_is_exact_at_its_number(op: str, holds: str) -> None:
    for number, expected in zip((5, 4, 3), holds, strict=True):
        assert Bound("faulty", op, Fraction(number)).holds(SEEN) is (expected == "T")


def test_peers_make_the_number_and_unknown_ones_make_none() -> None:
    mine = bound("rate", "<= 150% of peers")
    assert mine == Bound("rate", "<=", Fraction(3, 2), of_peers=True)
    assert mine.holds(SEEN, Fraction(4, 15))
    assert not mine.holds(SEEN, Fraction(4, 15) - Fraction(1, 10**9))
    assert mine.holds(SEEN, None) is True
    plain = bound("rate", "<= 40%")
    assert plain.holds(SEEN, Fraction(1, 100)), "a plain bound does not look at them"


@pytest.mark.parametrize(
    ("from_volume", "below", "speaks"), [(0, None, [0, 9, 10, 11]), (10, None, [10, 11]), (0, 10, [0, 9]), (10, 11, [10])]
)  # fmt: skip
def test_a_limit_speaks_of_a_size(from_volume: int, below: int | None, speaks: list[int]) -> None:
    limit = Limit((bound("counted", "< 1"),), from_volume=from_volume, below=below)
    assert [counted for counted in (0, 9, 10, 11) if limit.applies(counted)] == speaks
    assert limit.kept(SEEN) is (10 not in speaks), "one that does not apply is kept"
    assert Limit(limit.bounds).applies(0)


@pytest.mark.parametrize(
    ("either", "first", "second", "kept"),
    [(False, 4, 4, True), (False, 4, 3, False), (True, 3, 4, True), (True, 3, 3, False)],
)
def test_all_bounds_hold_or_one(either: bool, first: int, second: int, kept: bool) -> None:
    bounds = (bound("faulty", f"<= {first}"), bound("faulty", f"<= {second}"))
    assert Limit(bounds, either=either).kept(SEEN) is kept
    assert Limit(bounds).kept(SEEN) is (first == second == 4), "all, where nothing is said"
    assert Limit((bound("rate", "<= 100% of peers"),)).kept(SEEN, Fraction(1, 5)) is False


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (Limit((bound("rate", "<= 2.5%"),)), "rate <= 2.5%"),
        (Limit((bound("rate", "<= 2.5%"), bound("faulty", "<= 3"))), "rate <= 2.5% and faulty <= 3"),
        (Limit((bound("kept", "> 85%"), bound("mean", ">= 4.75")), either=True), "kept > 85% or mean >= 4.75"),
        (Limit((bound("kept", ">= 90% of peers"),), from_volume=1000), "kept >= 90% of peers, from 1,000 on"),
        (Limit((bound("sum", "< 1000000"),), below=40), "sum < 1,000,000, below 40"),
        (Limit((bound("good", ">= 1"),), from_volume=5, below=2000), "good >= 1, below 2,000, from 5 on"),
    ],
)  # fmt: skip
def test_a_limit_says_itself(limit: Limit, says: str) -> None:
    assert str(limit) == says


@pytest.mark.parametrize(
    ("what", "text", "value"),
    [
        ("rate", "<= 100%", Fraction(1)),
        ("rate", "< 0.000001%", Fraction(1, 10**8)),
        ("kept", ">= 150% of peers", Fraction(3, 2)),
        ("mean", ">= 4.8", Fraction(24, 5)),
        ("sum", "> 123456789012", Fraction(123456789012)),
        ("faulty", "<= 101", Fraction(101)),
    ],
)
def test_a_bound_is_read_exactly(what: str, text: str, value: Fraction) -> None:
    read = bound(what, text)
    assert (read.what, read.op, read.value, read.of_peers) == (what, text.split()[0], value, "peers" in text)


@pytest.mark.parametrize(
    ("what", "text", "says"),
    [
        ("rate", "2.5%", "write"),
        ("rate", "== 2%", "write"),
        ("sum", "> 1234567890123", "write"),
        ("rate", "<= 2", "a bound on rate is a percentage"),
        ("faulty", "<= 2%", "a bound on faulty is a plain number"),
        ("mean", ">= 4 of peers", "a bound on mean is a percentage"),
        ("faulty", "<= 150% of peers", "only rate and kept"),
        ("kept", ">= 100.01%", "over 100 %"),
    ],
)
def test_what_is_no_bound_says_why(what: str, text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        bound(what, text)


def test_shares_are_above_nothing_and_at_most_all() -> None:
    assert [rates.share(text) for text in ("100%", "25%", "0.5%")] == [1, Fraction(1, 4), Fraction(1, 200)]
    for text in ("0%", "100.1%", "50", "1000%", "-5%", "0.1234567%"):
        with pytest.raises(ValueError, match="is no share"):
            rates.share(text)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (Fraction(0), "0"),
        (Fraction(1, 2), "0.5"),
        (Fraction(-1, 2), "-0.5"),
        (Fraction(-1, 10**6), "-0.000001"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(123456789, 100), "1,234,567.89"),
        (Fraction(1, 10**6), "0.000001"),
        (Fraction(5, 10**7), "0"),
        (Fraction(15, 10**7), "0.000002"),
        (Fraction(99999999, 10**8), "1"),
        (Fraction(20), "20"),
    ],
)
def test_decimals_are_as_many_as_are_needed(value: Fraction, says: str) -> None:
    assert rates.decimal(value) == says


def test_decimals_may_be_fewer() -> None:
    assert [rates.decimal(Fraction(5, 4), places) for places in (1, 2)] == ["1.2", "1.25"]
    assert rates.percent(Fraction(1, 40)) == "2.5%"


@pytest.mark.parametrize(
    ("faulty", "counted", "low", "high"),
    [
        (0, 10, 0.0, 0.2775328),
        (1, 10, 0.0178762, 0.4041500),
        (5, 10, 0.2365931, 0.7634069),
        (10, 10, 0.7224672, 1.0),
        (1, 1, 0.2065493, 1.0),
    ],
)
def test_intervals(faulty: int, counted: int, low: float, high: float) -> None:
    ends = rates.interval(faulty, counted)
    assert list(ends) == pytest.approx([low, high], abs=5e-7)
    assert 0.0 <= ends[0] < ends[1] <= 1.0


def test_no_interval_leaves_what_a_rate_can_be() -> None:
    """Rounding alone would: of none, or all, of some numbers it comes out a hair outside."""
    ends = [rates.interval(faulty, counted) for counted in range(1, 400) for faulty in (0, counted)]
    assert {low >= 0.0 and high <= 1.0 for low, high in ends} == {True}
