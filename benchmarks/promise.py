"""The promise adviser on Olist's orders of 2017-12 to 2018-03 as they came, against the dates that Olist promised.

Fitted only on what was known at the beginning of each day. The adviser was made with these months in view; `before` are
the half year before them. Months that nobody had seen then are in the whole of the published tables: with a folder of
these and two days as arguments, those days alone are tried (2018-04-01 2018-08-31). `hindsight` is a bound that no adviser can know: the mean
promise by a model of the 86.7 % quantile fitted on those very orders.
"""

import sys
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
from comity.history.promise import Backtest, Parcels, backtest
from comity.integrations.olist.parcels import parcels, rows
from tests.data import DATA

SINCE, UNTIL, P = "2017-12-01", "2018-03-31", 0.95
BEFORE = ("2017-06-01", "2017-11-30")


def main(folder: str = "", since: str = SINCE, until: str = UNTIL) -> None:
    if folder:
        stage.say(_summary(_tried(parcels(Path(folder)), since, until), P, since))
        return
    read = parcels(DATA / "olist")
    began = time.perf_counter()
    found = _tried(read, SINCE, UNTIL)
    took = time.perf_counter() - began
    stage.say({
        "compares": "promises made as orders came, with the dates that the shop promised",
        **_summary(found, P, SINCE), "before": _summary(_tried(read, *BEFORE), P, BEFORE[0]), "without_watch": _unwatched(found), "hindsight": _hindsight(found),
        "lanes": _lanes(DATA / "olist"), "seconds": round(took, 1),
        "promises_a_second": round(len(found.rows) / took),
    })  # fmt: skip


def _tried(read: Parcels, since: str, until: str) -> Backtest:
    levels = sorted({*LEVELS, P})
    return backtest(read, since=_day(since, ""), until=_day(until, "") + 1, levels=levels, wanted=P)


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
    main(*sys.argv[1:4])
