"""The numbers of a standard, and the limits they are held against. Exact: rates are fractions, never floats."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import NamedTuple

_OPERATORS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
#: What a bound may be about: its unit, and what it means.
MEASURES_OF = {
    "rate": ("%", "the share of counted subjects that are faulty"),
    "kept": ("%", "the share of counted subjects that are not faulty"),
    "faulty": ("", "how many counted subjects are faulty"),
    "good": ("", "how many counted subjects are not faulty"),
    "buyers": ("", "how many different buyers the faulty subjects have"),
    "counted": ("", "how many subjects count"),
    "mean": ("", "the mean of the values, such as stars"),
    "sum": ("", "the sum of the values, such as sales in minor units"),
}
_BOUND = re.compile(r"(<=|>=|<|>) (\d{1,12}(?:\.\d{1,6})?)(%?)( of peers)?\Z")
BOUND_HINT = '"<= 2.5%" for a share, ">= 4.8" for a mean, "<= 3" for a number, "<= 150% of peers" beside others'


class Count(NamedTuple):
    """How many subjects count in a window, how many of them are faulty, and the sum of their values.

    `buyers`: how many different buyers the faulty ones have; filled in where a limit asks (`levels.count`).
    """

    counted: int = 0
    faulty: int = 0
    total: int = 0
    valued: int = 0
    buyers: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a standard says of a party in one window. A share or mean of nothing is None: unknown."""

    counted: int
    faulty: int
    rate: Fraction | None
    mean: Fraction | None = None
    total: int = 0
    buyers: int = 0

    def value(self, what: str) -> Fraction | None:
        """Return the number that a bound on `what` looks at."""
        match what:
            case "rate":
                return self.rate
            case "kept":
                return None if self.rate is None else 1 - self.rate
            case "mean":
                return self.mean
            case "sum":
                return Fraction(self.total)
            case "good":
                return Fraction(self.counted - self.faulty)
        return Fraction(getattr(self, what))


def reading(count: Count) -> Reading:
    """Return the reading of one plain window."""
    rate = Fraction(count.faulty, count.counted) if count.counted else None
    mean = Fraction(count.total, count.valued) if count.valued else None
    return Reading(count.counted, count.faulty, rate, mean, count.total, count.buyers)


@dataclass(frozen=True, slots=True)
class Bound:
    """One condition that must hold, such as rate <= 2.5 %. With `of_peers`, `value` is a multiple of theirs."""

    what: str
    op: str
    value: Fraction
    of_peers: bool = False

    def holds(self, seen: Reading, peers: Fraction | None = None) -> bool:
        """Whether `seen` keeps it. What is not known breaks no bound."""
        value = seen.value(self.what)
        limit = self.value
        if self.of_peers:
            if peers is None:
                return True
            limit *= peers
        return value is None or _OPERATORS[self.op](value, limit)

    def __str__(self) -> str:
        if MEASURES_OF[self.what][0] == "%" or self.of_peers:
            return f"{self.what} {self.op} {percent(self.value)}" + (" of peers" if self.of_peers else "")
        return f"{self.what} {self.op} {decimal(self.value)}"


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds that all must hold, or of which one must (`either`), for volumes from `from_volume` to below `below`."""

    bounds: tuple[Bound, ...]
    either: bool = False
    from_volume: int = 0
    below: int | None = None

    def applies(self, counted: int) -> bool:
        """Whether it speaks of a party with `counted` subjects."""
        return counted >= self.from_volume and (self.below is None or counted < self.below)

    def kept(self, seen: Reading, peers: Fraction | None = None) -> bool:
        """Whether `seen` keeps the limit; one that does not apply is kept."""
        if not self.applies(seen.counted):
            return True
        held = [bound.holds(seen, peers) for bound in self.bounds]
        return any(held) if self.either else all(held)

    def __str__(self) -> str:
        text = (" or " if self.either else " and ").join(map(str, self.bounds))
        if self.below is not None:
            text += f", below {self.below:,}"
        return text + (f", from {self.from_volume:,} on" if self.from_volume else "")


def bound(what: str, text: str) -> Bound:
    """Read such as bound("rate", "<= 2.5%"); raise ValueError."""
    found = _BOUND.match(text)
    if found is None:
        raise ValueError(f"{text!r} is no bound; write {BOUND_HINT}")
    op, number, unit, peers = found.groups()
    value = Fraction(number)
    if bool(MEASURES_OF[what][0] == "%" or peers) != bool(unit):
        raise ValueError(f"{text!r}: a bound on {what} is {'a percentage' if not unit else 'a plain number'}")
    if peers:
        if what not in ("rate", "kept"):
            raise ValueError(f"{text!r}: only rate and kept are compared with peers")
        # May be above 100 %: "150% of peers".
        return Bound(what, op, value / 100, of_peers=True)
    if unit and value > 100:
        raise ValueError(f"{text!r} is over 100 %")
    return Bound(what, op, value / 100 if unit else value)


def share(text: str) -> Fraction:
    """Read a share such as "50%"; raise ValueError."""
    found = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)%", text)
    if found is None or not 0 < Fraction(found.group(1)) <= 100:
        raise ValueError(f'{text!r} is no share; write it as "50%", above 0 and at most 100')
    return Fraction(found.group(1)) / 100


def percent(value: Fraction) -> str:
    """Return 0.025 as "2.5%": exact where six decimals can say it."""
    return decimal(value * 100) + "%"


def decimal(value: Fraction, places: int = 6) -> str:
    """Return a fraction as a decimal number of at most `places` decimals, rounded half to even."""
    scaled = round(value * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    text = f"{whole:,}" + (f".{rest:0{places}d}".rstrip("0") if rest else "")
    return f"-{text}" if scaled < 0 else text


#: The quantile of the normal distribution for 95 % on two sides.
_Z = 1.959963984540054


def interval(faulty: int, counted: int) -> tuple[float, float]:
    """Return the 95 % interval of the true rate after `faulty` of `counted` (E. B. Wilson, 1927)."""
    rate, square = faulty / counted, _Z * _Z
    middle = (rate + square / (2 * counted)) / (1 + square / counted)
    half = _Z / (1 + square / counted) * sqrt(rate * (1 - rate) / counted + square / (4 * counted * counted))
    return max(middle - half, 0.0), min(middle + half, 1.0)
