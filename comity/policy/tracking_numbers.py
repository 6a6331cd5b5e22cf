"""Tracking numbers: which carrier's a number may be, and whether its check digit is right. Pure; no carrier is asked.

Formats and check digits are facts published by the carriers and the Universal Postal Union (S10-12), gathered by
github.com/jkeen/tracking_number_data (MIT), against whose 280 examples this table is tested. Several carriers use
numbers of the same form: then all are named, and the caller says which one was meant.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from babel import Locale

MAX_CHARS = 60
Check = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Format:
    """One form of one carrier's numbers.

    pattern   of the whole number without spaces; group `n` is what the check digit covers, `c` the check digit
    check     whether the check digit is right; None where the carrier uses none
    """

    carrier: str
    name: str
    pattern: re.Pattern[str]
    check: Check | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of a number.

    number     without spaces, upper case
    carriers   whose it may be, in the order of the alphabet
    problem    a code where it is of no use: empty, too_long, unknown_form, wrong_digit, other_carrier; else empty
    """

    number: str
    carriers: tuple[str, ...]
    problem: str = ""


def plain(number: str) -> str:
    """Return a number with its letters and digits alone, upper case, digits as 0 to 9.

    Spaces, hyphens, quotes and invisible signs come with copying, and are no part of any number.
    """
    # NFKC makes plain signs of full-width ones, as Chinese and Japanese keyboards write them.
    signs = filter(str.isalnum, unicodedata.normalize("NFKC", number).upper())
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in signs)


def kept(number: str) -> str:
    """Return a number as it is kept and compared: plain, without the ZIP code that a label of USPS has before it."""
    text = plain(number)
    for length in _ROUTING if text.startswith("420") else ():
        rest = text[length:]
        if text[3:length].isdecimal() and rest.startswith("9") and "usps" in _right(rest):
            return rest
    return text


#: How table programs shorten a long number, and a formula that is more than a text.
_SPOILT = re.compile(r"[+-]?\d+(?:[.,]\d+E\+?|E\+)\d{1,3}|=.*\(.*", re.ASCII | re.IGNORECASE | re.DOTALL)


def is_spoilt(number: str) -> bool:
    """Whether it is what a table program made of a number: 1.23457E+21, whose digits are lost, or a formula."""
    return _SPOILT.fullmatch(number.strip()) is not None


def check(number: str, carrier: str = "") -> Checked:
    """Return what is known of `number`, of one carrier where `carrier` names one that has known forms ("UPS" or "ups").

    A carrier that is not in the table has no known form: nothing can be wrong with its numbers but their length.
    """
    text, carrier = plain(number), _code(carrier)
    if not text or len(text) > MAX_CHARS:
        return Checked(text[:MAX_CHARS], (), "too_long" if text else "empty")
    carriers = _right(text)
    if carrier and carrier not in CARRIERS:
        return Checked(text, tuple(sorted(carriers)))
    if carriers and (not carrier or not carriers.isdisjoint({carrier, *_CARRIES.get(carrier, ())})):
        return Checked(text, (carrier,) if carrier else tuple(sorted(carriers)))
    # The right form with a wrong digit is a slip of the finger; say so, instead of that it is unknown.
    nearly = {form.carrier for form in FORMATS if form.pattern.fullmatch(text) and carrier in ("", form.carrier)}
    # A form without a check digit shows little: it is not held against one that is nearly right.
    if _right(text, unchecked=not nearly):
        return Checked(text, tuple(sorted(carriers)), "other_carrier")
    return Checked(text, tuple(sorted(nearly)), "wrong_digit" if nearly else "unknown_form")


def _code(carrier: str) -> str:
    return "_".join(carrier.lower().replace("-", " ").split())


def _right(text: str, *, unchecked: bool = True) -> set[str]:
    """Return the carriers whose number it may be: its form and its check digit are right.

    `unchecked`: of forms without a check digit, too.
    """
    fits = [(form, match) for form in FORMATS if (match := form.pattern.fullmatch(text))]
    return {
        form.carrier
        for form, match in fits
        if (unchecked if form.check is None else form.check(match["n"], match["c"]))
    }


def _numbers(text: str) -> list[int]:
    """Return signs as numbers: digits as they are, letters by their place (A counts 2, B 3, as in 1Z numbers)."""
    return [int(sign) if sign.isdigit() else (ord(sign) - 63) % 10 for sign in text]


def _mod10(evens: int, odds: int, *, backwards: bool = False, before: str = "") -> Check:
    """Weights alternate from the first sign on; what the sum lacks to a multiple of ten."""

    def right(number: str, digit: str) -> bool:
        text = number if number.startswith(before) else before + number
        signs = _numbers(text)[:: -1 if backwards else 1]
        total = sum(sign * (odds if place % 2 else evens) for place, sign in enumerate(signs))
        return int(digit) == -total % 10

    return right


def _mod7(number: str, digit: str) -> bool:
    return int(number) % 7 == int(digit)


def _weighted(weights: Sequence[int]) -> Check:
    """A sum of products, modulo 11, then modulo 10."""
    return lambda number, digit: (
        sum(weight * int(sign) for weight, sign in zip(weights, number, strict=True)) % 11 % 10 == int(digit)
    )


def _luhn(number: str, digit: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(number)):
        doubled = int(sign) * (1 if place % 2 else 2)
        total += doubled - 9 if doubled > 9 else doubled
    return int(digit) == -total % 10


def _mod37_36(number: str, sign: str) -> bool:
    """ISO/IEC 7064, MOD 37,36."""
    carried = 36
    for each in number:
        carried = (carried + int(each, 36)) % 36 or 36
        carried = carried * 2 % 37
    return (37 - carried) % 36 == int(sign, 36)


def _s10(number: str, digit: str) -> bool:
    """UPU S10-12: eight weights, modulo 11; 10 is written 0, and 11 is written 5."""
    rest = 11 - sum(weight * int(sign) for weight, sign in zip((8, 6, 4, 2, 3, 5, 9, 7), number, strict=True)) % 11
    return int(digit) == {10: 0, 11: 5}.get(rest, rest)


#: ISO 3166 codes: those of CLDR without groups of countries and codes for tests.
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_TERRITORIES = map(str, Locale("en").territories)
_COUNTRIES = "|".join(sorted(code for code in _TERRITORIES if len(code) == 2 and code not in _NO_COUNTRIES))
_THIRTEEN = (1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
_ELEVEN = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
#: Behind 420, the ZIP code of the destination, with or without its four further digits.
_ROUTED = r"(?:420\d{5}(?:\d{4})?)?"
_IMPB = r"(?:9\d{8}(?:\d{11}|\d{7})|[0-8]\d{5}(?:\d{14}|\d{10}))"

_TABLE: tuple[tuple[str, str, str, Check | None], ...] = (
    ("amazon", "logistics", r"TB[ACM]\d{12}", None),
    ("amazon", "international", r"[ACF]\d{10}", None),
    ("canada_post", "16 digits", r"(?P<n>\d{15})(?P<c>\d)", _mod10(3, 1)),
    ("canpar", "22 signs", r"[CDKLSUXZ]\d{21}", None),
    ("dhl", "express", r"(?P<n>\d{9,10})(?P<c>\d)", _mod7),
    ("dhl", "piece", r"J[A-Z]{2,3}\d{9,10}", None),
    ("dhl", "parcel", r"JJ?D\d{16,20}", None),
    ("dhl", "parcel, SSCC", r"00(?P<n>\d{17})(?P<c>\d)", _mod10(3, 1)),
    ("dhl", "e-commerce", r"(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)(?=[A-Z]*\d)[0-9A-Z]{10,39}", None),
    ("dhl", "e-commerce, 14 digits", r"\d{14}", None),
    ("dpd", "28 signs", r"(?P<n>\d{27})(?P<c>[0-9A-Z])", _mod37_36),
    ("dpd", "14 digits", r"\d{14}", None),
    ("dpd", "15 signs", r"(?P<n>\d{14})(?P<c>[0-9A-Z])", _mod37_36),
    ("fedex", "express", r"(?P<n>\d{11})(?P<c>\d)", _weighted(_ELEVEN)),
    ("fedex", "express, 34 digits", r"[0-8]\d{19}(?P<n>\d{13})(?P<c>\d)", _weighted(_THIRTEEN)),
    ("fedex", "ASTRA", r"3\d{15}(?P<n>\d{11})(?P<c>\d)\d{4}", _weighted(_ELEVEN)),
    ("fedex", "ground", r"(?P<n>\d{14})(?P<c>\d)", _mod10(1, 3)),
    ("fedex", "ground, SSCC-18", r"(?:\d{2})(?P<n>\d{15})(?P<c>\d)", _mod10(3, 1)),
    ("fedex", "ground 96", r"96\d{5}(?P<n>\d{14})(?P<c>\d)", _mod10(1, 3)),
    ("fedex", "ground 96, long", r"96\d{7}\d{10}\d(?P<n>\d{13})(?P<c>\d)", _weighted(_THIRTEEN)),
    ("gofo", "US", r"GFUS\d{14}", None),
    ("landmark", "LTN", r"LTN\d{8}N1", None),
    ("lasership", "LX", r"L[AEHINX][1-3]\d{7}", None),
    ("lasership", "1LS7", r"1LS7[12](?:\d{10}|\d{2}01[1-4]\d{6}1)", None),
    ("lasership", "1LSCX", r"1LSCX[0-9A-Z]{10}", None),
    ("old_dominion", "freight", r"(?P<n>(?:77[78]|072|780)\d{7})(?P<c>\d)", _luhn),
    ("old_dominion", "guaranteed", r"(?P<n>80\d{8})(?P<c>\d)", _luhn),
    ("ontrac", "C", r"C(?P<n>\d{13})(?P<c>\d)", _mod10(1, 2, before="4")),
    ("ontrac", "D", r"D(?P<n>\d{13})(?P<c>\d)", _mod10(1, 2, before="5")),
    ("purolator", "12 digits", r"(?P<n>[0-5]\d{10})(?P<c>\d)", _luhn),
    ("purolator", "letters", r"[A-Z]{3}\d{9}", None),
    ("s10", "international post", rf"[A-Z]{{2}}(?P<n>\d{{8}})(?P<c>\d)(?:{_COUNTRIES})", _s10),
    ("speedee", "20 signs", r"SP\d{18}", None),
    ("ups", "1Z", r"1Z(?P<n>[0-9A-Z]{15})(?P<c>\d)", _mod10(1, 2)),
    ("ups", "waybill", r"[AHJKTV](?P<n>\d{9})(?P<c>\d)", _mod10(1, 2)),
    ("ups", "mail innovations", rf"{_ROUTED}92\d{{20}}(?:\d{{4}})?", None),
    ("usps", "20 digits", r"(?P<n>\d{19})(?P<c>\d)", _mod10(3, 1)),
    ("usps", "IMpb, 94", rf"{_ROUTED}(?P<n>94\d{{3}}(?:{_IMPB}|9\d{{23}}))(?P<c>\d)", _mod10(3, 1, backwards=True)),
    ("usps", "legacy", rf"{_ROUTED}(?P<n>(?:91)?\d{{19}})(?P<c>\d)", _mod10(3, 1, before="91")),
    ("usps", "IMpb, 92, 93, 95", rf"{_ROUTED}(?P<n>(?:92(?=\d{{3}}9)|93(?=\d{{3}}[0-8])|95)\d{{3}}{_IMPB})(?P<c>\d)",
     _mod10(3, 1)),
    ("yodel", "JD", r"JJ?D\d{16}", None),
    ("yunexpress", "YT", r"YT\d{16}", None),
)  # fmt: skip
FORMATS = tuple(
    # ASCII: `\d` would take the digits of every script, which no carrier prints.
    Format(carrier, name, re.compile(pattern, re.ASCII), check)
    for carrier, name, pattern, check in _TABLE
)
CARRIERS = frozenset(form.carrier for form in FORMATS)
#: Whose numbers a carrier's parcels may have besides its own: posts take international post, and others leave the last
#: mile to USPS.
_CARRIES = {
    "amazon": ("usps",), "canada_post": ("s10",), "dhl": ("s10", "usps"), "fedex": ("usps",), "ups": ("usps",),
    "usps": ("s10",),
}  # fmt: skip
#: How long 420 and a ZIP code are, with and without its four further digits.
_ROUTING = (8, 12)

#: Carriers, and forms of their numbers, that go to one country alone.
_WITHIN = {
    ("canpar", ""): "CA", ("gofo", "US"): "US", ("lasership", ""): "US", ("ontrac", ""): "US", ("speedee", ""): "US",
    ("yodel", ""): "GB",
}  # fmt: skip
_ZIP = re.compile(r"420(\d{5})(?:\d{4})?9\d{15,}")


def may_go_to(number: str, carrier: str, country: str, postcode: str = "") -> bool:
    """Whether a parcel with this number can be on its way to a place; true where the number does not say.

    country    ISO 3166, two letters; empty for unknown
    postcode   where it is known; numbers of USPS may begin with 420 and the ZIP code they go to
    """
    text, carrier = plain(number), _code(carrier)
    names = {form.name for form in FORMATS if form.carrier == carrier and form.pattern.fullmatch(text)}
    only = {_WITHIN.get((carrier, name)) or _WITHIN.get((carrier, "")) for name in names}
    if country and only and None not in only and country not in only:
        return False
    routed = _ZIP.fullmatch(text) if carrier == "usps" else None
    if routed is None:
        return True
    return country in ("", "US") and (not postcode or country != "US" or postcode.strip()[:5] == routed.group(1))
