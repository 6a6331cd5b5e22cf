"""Money is an integer number of minor units (cents) and its currency (ISO 4217). Never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from babel.numbers import format_currency
from iso4217 import Currency

_FORM = re.compile(r"[A-Z]{3}\Z")
_DIGITS = {each.code: each.exponent for each in Currency}


def is_currency(code: str) -> bool:
    """Whether ISO 4217 lists the code."""
    return code in _DIGITS


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`. Sums of different currencies are refused with ValueError."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not _FORM.match(self.currency):
            raise ValueError(f"{self.currency!r} is not a currency code of three capital letters, such as EUR")

    def __add__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same(other)
        return type(self)(self.minor - other.minor, self.currency)

    @property
    def exponent(self) -> int:
        """Decimal digits of the minor unit: 2 for EUR, 0 for JPY; 2 where ISO 4217 names none."""
        digits = _DIGITS.get(self.currency)
        return 2 if digits is None else digits

    @property
    def major(self) -> Decimal:
        """The amount in whole units, exact: Money(1999, "EUR").major == Decimal("19.99")."""
        return Decimal(self.minor).scaleb(-self.exponent)

    def said(self, locale: str) -> str:
        """Return it as people of a locale, such as zh_Hans, write it: never rounded to what is customary to show."""
        return str(format_currency(self.major, self.currency, locale=locale, decimal_quantization=False))

    @classmethod
    def of(cls, amount: Decimal | str, currency: str) -> Self:
        """Read an amount in whole units; raise ValueError where it has more digits than the currency."""
        money = cls(0, currency)
        minor = Decimal(amount).scaleb(money.exponent)
        if minor != minor.to_integral_value():
            raise ValueError(f"{amount} {currency} has more than {money.exponent} decimal digits")
        return cls(int(minor), currency)

    def _same(self, other: Self) -> None:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {self.currency} and {other.currency}")
