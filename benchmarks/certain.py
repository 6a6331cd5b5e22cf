"""Raw against certain: how many sellers are flagged in a year of 1,000 orders under a limit of 5 %, and how soon.

Raw is what every marketplace does: the rate of the last 100 orders is over the limit, looked at after every order.
Certain is `policy.standards.sequential` with an error of 5 %, looked at after every order, too. Sellers at or below the limit
should not be flagged; those above it should, soon. Each row simulates SELLERS sellers whose orders are faulty
independently at that true rate.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from benchmarks import stage
from comity.policy.standards import sequential

LIMIT, ERROR = Fraction(5, 100), Fraction(5, 100)
ORDERS, SELLERS, WINDOW, SEED = 1_000, 20_000, 100, 20260302
TRUE_RATES = (0.05, 0.04, 0.03, 0.02, 0.08, 0.10, 0.15)


def main() -> None:
    random = np.random.default_rng(SEED)
    enough = _enough()
    rows = []
    for rate in TRUE_RATES:
        faults = (random.random((SELLERS, ORDERS)) < rate).cumsum(axis=1, dtype=np.int32)
        rows.append({"true_rate": rate, "raw": _raw(faults), "certain": _found(faults >= enough)})
    stage.say({
        "compares": "the rate of the last 100 orders over the limit, with evidence that stays valid however often one looks",
        "limit": float(LIMIT), "error": float(ERROR), "orders": ORDERS, "sellers_a_row": SELLERS, "seed": SEED,
        "rows": rows,
    })  # fmt: skip


def _enough() -> Any:
    """For each number of orders the fewest faults that are evidence enough: the test's own answer, asked once each."""
    fewest, found = 0, []
    for counted in range(1, ORDERS + 1):
        while fewest <= counted and not sequential.is_certain(counted, fewest, LIMIT, ERROR):
            fewest += 1
        found.append(fewest)
    return np.array(found, dtype=np.int32)


def _raw(faults: Any) -> dict[str, Any]:
    before = np.concatenate([np.zeros((SELLERS, WINDOW), dtype=np.int32), faults[:, :-WINDOW]], axis=1)
    over = (faults - before) > float(LIMIT) * WINDOW
    over[:, : WINDOW - 1] = False  # not before there are so many orders
    return _found(over)


def _found(over: Any) -> dict[str, Any]:
    """Share of sellers ever flagged, and the median number of orders until then of those that are."""
    flagged = over.any(axis=1)
    first = over.argmax(axis=1)[flagged] + 1
    return {
        "flagged": round(float(flagged.mean()), 4),
        "median_orders": int(np.median(first)) if flagged.any() else None,
    }  # fmt: skip


if __name__ == "__main__":
    main()
