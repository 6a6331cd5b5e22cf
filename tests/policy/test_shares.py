"""Shares add up: pieces, tax, parts of a bundle, payments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy import shares

MONEY = st.integers(0, 10**12)


@pytest.mark.parametrize(
    ("total", "part", "whole", "worth"),
    [(1000, 1, 3, 333), (1000, 2, 3, 667), (1000, 3, 3, 1000), (958, 2000, 6000, 319), (1, 1, 2, 1), (0, 0, 0, 0)],
)
def test_a_share_is_rounded_once(total: int, part: int, whole: int, worth: int) -> None:
    assert shares.share(total, part, whole) == worth


def test_no_part_of_the_whole_has_no_share() -> None:
    for part, whole in ((4, 3), (-1, 3), (1, 0)):
        with pytest.raises(ValueError, match="no part"):
            shares.share(10, part, whole)


@given(paid=MONEY, counts=st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_pieces_taken_one_after_the_other_are_worth_the_line(paid: int, counts: list[int]) -> None:
    quantity, taken, gone = sum(counts), 0, 0
    for count in counts:
        worth = shares.of_pieces(paid, quantity, taken, count)
        assert abs(worth * quantity - paid * count) <= quantity
        assert shares.left_of_pieces(paid, quantity, gone, count) <= paid - gone
        taken, gone = taken + count, gone + worth
    assert gone == paid
    assert shares.left_of_pieces(paid, quantity, gone, 1) == 0


def test_three_pieces_for_ten_refunded_one_after_the_other() -> None:
    gone = 0
    seen = []
    for _ in range(4):
        seen.append(shares.left_of_pieces(1000, 3, gone, 1))
        gone += seen[-1]
    assert seen == [333, 334, 333, 0]


def test_a_discount_lowers_what_is_left_of_the_line() -> None:
    assert shares.left_of_pieces(6000, 1, 2000, 1) == 4000
    assert shares.left_of_pieces(9000, 3, 1000, 1) == 3000
    assert shares.left_of_pieces(9000, 3, 1000, 3) == 8000
    assert shares.left_of_pieces(9000, 3, 9500, 1) == 0


def test_tax_goes_back_in_proportion_to_all_that_went_back() -> None:
    before = [(0, 0), (2000, 319), (4000, 639)]
    assert [shares.tax_of(958, 6000, amount, tax, 2000) for amount, tax in before] == [319, 320, 319]


@given(tax=MONEY, more=MONEY, amounts=st.lists(st.integers(0, 10**6), max_size=8))
def test_tax_and_net_both_end_where_they_began(tax: int, more: int, amounts: list[int]) -> None:
    paid, gone, back = tax + more, 0, 0
    for amount in [*amounts, paid]:
        part = shares.tax_of(tax, paid, gone, back, min(amount, paid - gone))
        assert part >= 0
        gone, back = gone + min(amount, paid - gone), back + part
    assert (gone, back) == (paid, tax)


def test_parts_of_a_bundle_add_up_to_it() -> None:
    assert shares.of_parts(960, [8679, 7320]) == [521, 439]
    assert shares.of_parts(10, [0, 0]) == [0, 10]


def test_a_refund_goes_back_the_ways_it_came() -> None:
    assert shares.across([3000, 6000], [0, 0], 7500) == [2500, 5000]
    assert shares.across([3000, 6000], [2500, 5000], 1500) == [500, 1000]
    assert shares.across([3000, 6000], [0, 0], 4000, shares.IN_ORDER) == [3000, 1000]
    with pytest.raises(ValueError, match="more than the 1500"):
        shares.across([3000, 6000], [2500, 5000], 1501)


@given(
    payments=st.lists(st.integers(0, 1000), min_size=1, max_size=5),
    amounts=st.lists(st.integers(0, 700), max_size=6),
    order=st.sampled_from(shares.ORDERS),
)
def test_no_payment_gives_back_more_than_it_gave(payments: list[int], amounts: list[int], order: str) -> None:
    back = [0] * len(payments)
    for amount in [*amounts, 10**6]:
        amount = min(amount, sum(payments) - sum(back))
        ways = shares.across(payments, back, amount, order)
        assert sum(ways) == amount
        back = [before + way for before, way in zip(back, ways, strict=True)]
        assert all(way >= 0 for way in ways)
        assert all(gave >= given for gave, given in zip(payments, back, strict=True))
    assert back == payments
