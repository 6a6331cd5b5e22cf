"""The promise adviser on Olist's orders of 2017-12 to 2018-03 as they came, against the dates that Olist promised.

Fitted only on what was known at the beginning of each day. `hindsight` is a bound that no adviser can know: the mean
promise by a model of the 86.7 % quantile fitted on those very orders.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks import stage
from comity.cli.promise import LEVELS, _day, _summary
from comity.history.cards import LEAST_PARCELS
from comity.history.carriers import scorecards
from comity.history.parcels import write
from comity.history.promise import Backtest, backtest
from comity.integrations.olist.parcels import parcels, rows
from tests.data import DATA

SINCE, UNTIL, P = "2017-12-01", "2018-03-31", 0.95


def main() -> None:
    read = parcels(DATA / "olist")
    began = time.perf_counter()
    found = backtest(read, since=_day(SINCE, ""), until=_day(UNTIL, "") + 1, levels=sorted({*LEVELS, P}), wanted=P)
    took = time.perf_counter() - began
    stage.say({
        "compares": "promises made as orders came, with the dates that the shop promised",
        **_summary(found, P, SINCE), "without_watch": _unwatched(found), "hindsight": _hindsight(found),
        "lanes": _lanes(DATA / "olist"), "seconds": round(took, 1),
        "promises_a_second": round(len(found.rows) / took),
    })  # fmt: skip


def _unwatched(found: Backtest) -> dict[str, Any]:
    """Return how promises at P went in each month without the watch."""
    kept = {month: found.kept(P, rows) for month, rows in found.months().items()}
    return {
        month: {"coverage": round(each.coverage, 4), "mean_days": round(each.mean_days, 2)}
        for month, each in kept.items()
    }


def _lanes(folder: Path) -> dict[str, Any]:
    """Return Olist's lanes, by state, as carriers' scorecards have them on the last day."""
    with TemporaryDirectory() as place:
        path = Path(place) / "parcels.parquet"
        write(path, rows(folder))
        cards = scorecards([path], now=f"{UNTIL} 00:00:00")
    busiest = sorted(cards.by_lane, key=lambda card: -card.parcels)[:12]
    return {
        "lanes": len(cards.by_lane), "enough_parcels": sum(card.known >= LEAST_PARCELS for card in cards.by_lane),
        "busiest": [
            {"lane": f"{card.origin[3:]} to {card.destination[3:]}", "parcels": card.parcels,
             "on_time": round(card.share or 0.0, 4), "low": round(card.bounds[0], 4), "high": round(card.bounds[1], 4),
             "median_days": round(card.median_days or 0.0, 1), "p90_days": round(card.p90_days or 0.0, 1)}
            for card in busiest
        ],
    }  # fmt: skip


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
