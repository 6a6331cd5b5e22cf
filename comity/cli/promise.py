"""comity promise backtest"""

import argparse
from datetime import date
from typing import Any

import numpy as np

from comity.cli import show
from comity.cli.main import FINE, Failure

#: Levels at which promises are tried, to find the one that keeps as many as the shop did.
LEVELS = tuple(round(float(level), 3) for level in np.arange(0.5, 0.996, 0.005))


def backtest(options: argparse.Namespace) -> int:
    """Try promises on the past, as it came, and compare with what was promised."""
    from comity.history.promise import TooFewParcels, backtest
    from comity.integrations.olist.parcels import parcels

    if not 0.5 <= options.p < 1:
        raise Failure("--p must be at least 0.5 and below 1")
    since = _day(options.since, "--from")
    read = parcels(options.folder)
    if not len(read):
        raise Failure(f"{options.folder} holds no parcel")
    until = _day(options.until, "--until") + 1 if options.until else float(read.placed.max()) + 1
    try:
        with show.progress("Promising, day by day"):
            found = backtest(read, since=since, until=until, levels=sorted({*LEVELS, options.p}), wanted=options.p)
    except TooFewParcels as error:
        raise Failure(str(error)) from None
    summary = _summary(found, options.p, options.since)
    if options.json:
        show.as_json(summary)
        return FINE
    _say(summary)
    return FINE


def _summary(found: Any, p: float, since: str) -> dict[str, Any]:
    equal = found.level_like_the_shop()
    shop, alike = found.shop(), found.kept(equal)
    return {
        "from": since, "p": p, "never_arrived": found.never_arrived(), "advised": _plain(found.kept_watched(p)),
        "shop": _plain(shop), "equal_coverage": {"p": equal, **_plain(alike),
                                                 "shorter": round(1 - alike.mean_days / shop.mean_days, 4)},
        "months": [
            {"month": month, "advised": _plain(found.kept_watched(p, rows)), "shop": _plain(found.shop(rows)),
             "within_2_points": abs(found.kept_watched(p, rows).coverage - p) <= 0.02}
            for month, rows in found.months().items()
        ],
    }  # fmt: skip


def _plain(kept: Any) -> dict[str, Any]:
    return {"parcels": kept.parcels, "coverage": round(kept.coverage, 4), "mean_days": round(kept.mean_days, 2)}


def _say(summary: dict[str, Any]) -> None:
    print(f"{'':10}{'parcels':>9}{'kept':>9}{'days':>8}   the shop: {'kept':>7}{'days':>8}")
    for row in [*summary["months"], {"month": "all", **summary}]:
        mine, shop = row["advised"], row["shop"]
        print(f"{row['month']:10}{mine['parcels']:9,}{mine['coverage']:9.1%}{mine['mean_days']:8.1f}"
              f"   {'':10}{shop['coverage']:7.1%}{shop['mean_days']:8.1f}")  # fmt: skip
    equal = summary["equal_coverage"]
    print(
        f"As often kept as the shop's ({equal['coverage']:.1%}), promises would be {equal['mean_days']:.1f} days: "
        f"{equal['shorter']:.1%} shorter. Never arrived, not judged: {summary['never_arrived']:,}"
    )


def _day(text: str, name: str) -> float:
    try:
        return float((date.fromisoformat(text) - date(1970, 1, 1)).days)
    except ValueError:
        raise Failure(f"{name} must be a day such as 2017-12-01, not {text!r}") from None
