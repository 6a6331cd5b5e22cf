"""Tracking numbers: the published examples of 39 forms, and what is said of numbers that are of no use."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.tracking_numbers import CARRIERS, check, kept, may_go_to, plain
from tests.data import DATA

COURIERS = DATA / "tracking-numbers" / "couriers"


def examples() -> Iterator[tuple[str, list[str], list[str]]]:
    for path in sorted(COURIERS.glob("*.json")):
        courier: Any = json.loads(path.read_text())
        for form in courier["tracking_numbers"]:
            yield courier["courier_code"], form["test_numbers"]["valid"], form["test_numbers"]["invalid"]


@pytest.mark.skipif(not COURIERS.is_dir(), reason="the published examples are not beside the project")
def test_all_280_examples_with_the_carrier_given() -> None:
    valid = {(carrier, number) for carrier, good, _ in examples() for number in good}
    bad = [(carrier, number) for carrier, _, bad in examples() for number in bad]
    assert (sum(len(good) for _, good, _ in examples()), len(bad)) == (192, 88)
    assert {carrier for carrier, _ in valid} == CARRIERS
    assert [pair for pair in valid if check(pair[1], pair[0]).problem] == []
    # One number is given as a bad example of one form of Purolator's, and as a good one of another.
    assert [pair for pair in bad if not check(pair[1], pair[0]).problem] == [("purolator", "331426749957")]
    assert ("purolator", "331426749957") in valid


@pytest.mark.parametrize(
    ("number", "carrier", "problem", "carriers"),
    [
        ("1Z5R89390357567127", "ups", "", ("ups",)),
        (" 1z 5r8 939 0357567127 ", "UPS", "", ("ups",)),
        ("1Z5R89390357567128", "ups", "wrong_digit", ("ups",)),
        ("1Z5R89390357567127", "dhl", "other_carrier", ("ups",)),
        ("RB123456785GB", "", "", ("s10",)),
        ("RB123456784GB", "s10", "wrong_digit", ("s10",)),
        ("RB123456785ZZ", "s10", "unknown_form", ()),
        ("hello", "fedex", "unknown_form", ()),
        ("hello", "my cousin's van", "", ()),
        ("", "", "empty", ()),
        ("1" * 200, "ups", "too_long", ()),
        ("１Ｚ５Ｒ８９３９０３５７５６７１２７", "ups", "", ("ups",)),
        ("1Z5R89390357567128", "dpd", "unknown_form", ()),
        ("RA123456785DE", "DHL", "", ("dhl",)),
        ("RA123456785DE", "usps", "", ("usps",)),
        ("RA123456784DE", "usps", "unknown_form", ()),
        ("RA123456785DE", "ups", "other_carrier", ("s10",)),
        ("00340434161094042556", "dhl", "wrong_digit", ("dhl",)),
        ("JD014600003828301762", "dhl", "", ("dhl",)),
        ("05308801234567", "dpd", "", ("dpd",)),
        ("9101026837331000039521", "canada-post", "other_carrier", ("usps",)),
        ("92748999985493513564200234", "UPS", "", ("ups",)),
    ],
)
def test_what_is_said(number: str, carrier: str, problem: str, carriers: tuple[str, ...]) -> None:
    found = check(number, carrier)
    assert (found.problem, found.carriers) == (problem, carriers)


@given(st.text(max_size=80), st.sampled_from([*sorted(CARRIERS), "", "post"]))
def test_any_text_is_answered(number: str, carrier: str) -> None:
    assert check(number, carrier).problem in {"", "empty", "too_long", "wrong_digit", "unknown_form", "other_carrier"}


USPS = "9101026837331000039521"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("RB 123 456 785 GB", "RB123456785GB"),
        ("rb-123456785-gb", "RB123456785GB"),
        ("\u200fRB123456785GB\u2060", "RB123456785GB"),
        ("\ufeff\u00a0RB123456785GB\u00ad", "RB123456785GB"),
        ("`RB123456785GB'", "RB123456785GB"),
        ("#RB123456785GB.", "RB123456785GB"),
        ("RB\u0661\u0662\u0663456785GB", "RB123456785GB"),
        ("RB123456785GB\x00\ud800", "RB123456785GB"),
        (f"420-10001 {USPS}", USPS),
        (f"42010001-1234{USPS}", USPS),
        (USPS, USPS),
        # No number of theirs is behind it.
        ("4201000191010268373310000395", "4201000191010268373310000395"),
        (f"42010001{USPS[:-1]}2", f"42010001{USPS[:-1]}2"),
    ],
)
def test_a_number_is_the_same_however_it_was_written(written: str, same: str) -> None:
    assert kept(written) == kept(same) == same
    assert may_go_to(written, "usps", "US", "10001")
    assert plain(written).endswith(same)
