"""The settlement helper: what the rule would give now, and what similar disputes ended with. "Too few" is an answer."""

from dataclasses import dataclass
from datetime import datetime
from math import comb

from comity.actions.disputes import deciding
from comity.actions.disputes.cases import Held
from comity.policy.disputes.rule import Row
from comity.records import similar
from comity.records.models import ClosedCase

#: Fewer similar cases than that say nothing.
LEAST = 20
_CONFIDENCE = 0.95
#: What similar cases have in common, the narrowest group first.
_NARROWER = (("reason", "size", "lane", "evidence"), ("reason", "size", "evidence"), ("reason", "size"), ("reason",))


@dataclass(frozen=True, slots=True)
class Range:
    """What similar cases ended with, as sums of this claim: minor units.

    n            how many there are
    median       half of them gave no more
    low, high    where the median of all such cases lies, with 95 % confidence
    quarter, three_quarters   between them lies the middle half
    alike        what they have in common with this one: reason, size, lane, evidence
    """

    n: int
    median: int
    low: int
    high: int
    quarter: int
    three_quarters: int
    alike: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Help:
    """What helps two sides to agree.

    row, by_rule   the row of the table that would apply by the facts known now, and what it would give; None for none
    asks           what the table asks that no fact knows
    similar        what similar cases ended with; None where they are too few: `n` says how many there are
    """

    row: Row | None
    by_rule: int | None
    asks: tuple[str, ...]
    similar: Range | None
    n: int


def help_with(now: Held, *, at: datetime) -> Help:
    """Return what the rule would give on the facts known now, and the range of similar closed disputes."""
    found = deciding.considered(now, {}, at=at)
    by_rule = deciding.by_row(now, found.row) if found.row is not None else None
    found_range, n = _range(now)
    return Help(found.row, by_rule, found.asks, found_range, n)


def cases_like(now: Held, *, outcome: str = "") -> list[ClosedCase]:
    """Return past decisions most alike in words, of the same reason: for the mediator."""
    words = " ".join(now.dispute.texts.filter(sees="all").values_list("text", flat=True))
    facets = similar.Facets(reason=now.case.reason, outcome=outcome)
    return [case for case in similar.by_words(words, facets) if case.dispute_id != now.dispute.pk]


def _range(now: Held) -> tuple[Range | None, int]:
    """Return the range of the narrowest group of similar cases that is not too few, and how many the widest has."""
    order, case = now.order, now.case
    lane = f"{order.origin}-{order.destination}" if order.origin and order.destination else ""
    given = set(now.dispute.evidence.values_list("role", flat=True)) & {"buyer", "seller"}
    proven = "both" if len(given) == 2 else next(iter(given), "nobody")
    size = similar.size_of(case.amount)
    n = 0
    for alike in _NARROWER:
        facets = similar.Facets(reason=case.reason, currency=case.currency, size=size if "size" in alike else None)
        shares = similar.shares(
            facets, lane=lane if "lane" in alike else "", proven=proven if "evidence" in alike else ""
        )
        n = max(n, len(shares))
        if len(shares) >= LEAST and (lane or "lane" not in alike):
            return _of_shares(sorted(shares), case.amount, alike), n
    return None, n


def _of_shares(shares: list[int], asked: int, alike: tuple[str, ...]) -> Range:
    n = len(shares)
    low, high = _of_median(n)
    at = [shares[n // 2], shares[low], shares[high], shares[n // 4], shares[(3 * n) // 4 if 3 * n // 4 < n else n - 1]]
    median, least, most, quarter, three_quarters = (asked * share // 1000 for share in at)
    return Range(n, median, least, most, quarter, three_quarters, alike)


def _of_median(n: int) -> tuple[int, int]:
    """Return the places of the order statistics between which the median lies with 95 % confidence (binomial)."""
    out, low = 0.0, 0
    while low < n // 2:
        out += comb(n, low) / 2**n
        if 2 * out > 1 - _CONFIDENCE:
            break
        low += 1
    low = max(low - 1, 0)
    return low, n - 1 - low
