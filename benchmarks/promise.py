"""The promise adviser on Olist's orders of 2017-12 to 2018-03 as they came, against the dates that Olist promised.

Fitted only on what was known at the beginning of each day. `hindsight` is a bound that no adviser can know: the mean
promise by a model of the 86.7 % quantile fitted on those very orders.
"""

import time
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks import stage
from comity.cli.promise import LEVELS, _day, _summary
from comity.history.promise import Backtest, backtest
from comity.integrations.olist.parcels import parcels
from tests.data import DATA

SINCE, UNTIL, P = "2017-12-01", "2018-03-31", 0.95


def main() -> None:
    read = parcels(DATA / "olist")
    began = time.perf_counter()
    found = backtest(read, since=_day(SINCE, ""), until=_day(UNTIL, "") + 1, levels=sorted({*LEVELS, P}))
    took = time.perf_counter() - began
    stage.say({
        "compares": "promises made as orders came, with the dates that the shop promised",
        **_summary(found, P, SINCE), "hindsight": _hindsight(found), "seconds": round(took, 1),
        "promises_a_second": round(len(found.rows) / took),
    })  # fmt: skip


def _hindsight(found: Backtest) -> dict[str, Any]:
    """Return how short promises could be at the shop's coverage, had one known these orders' own quantiles."""
    arrived = found.rows[~np.isnan(found.parcels.delivered[found.rows])]
    took = found.parcels.delivered[arrived] - found.parcels.placed[arrived]
    shop = found.shop()
    model = HistGradientBoostingRegressor(
        loss="quantile", quantile=shop.coverage, max_iter=200, learning_rate=0.06, min_samples_leaf=60, random_state=0,
        categorical_features=list(found.parcels.categories),
    )  # fmt: skip
    days = model.fit(found.parcels.features[arrived], took).predict(found.parcels.features[arrived])
    return {
        "coverage": round(float((took <= days).mean()), 4), "mean_days": round(float(days.mean()), 2),
        "shorter": round(1 - float(days.mean()) / shop.mean_days, 4),
    }  # fmt: skip


if __name__ == "__main__":
    main()
