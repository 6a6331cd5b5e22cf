"""comity promise backtest"""

from datetime import date
from pathlib import Path
from typing import Any

import click

from comity.cli import show
from comity.cli.show import FINE, Failure

#: Levels at which promises are tried, to find the one that keeps as many as the shop did.
LEVELS = tuple(round(0.5 + 0.005 * step, 3) for step in range(100))


@click.group()
def promise() -> None:
    """What to promise, tried on the past."""


@promise.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--from", "since", required=True, metavar="DATE", help="The first day on which promises are made.")
@click.option("--until", metavar="DATE", help="The last one (default: that of the last order).")
@click.option("--p", type=float, default=0.95, help="The probability with which a promise is kept.")
@show.json_option
def backtest(folder: Path, since: str, until: str | None, p: float, in_json: bool) -> int:
    """Make promises for Olist's past as it came, and judge them."""
    from comity.history import promise as advising
    from comity.integrations.olist.parcels import parcels

    if not 0.5 <= p < 1:
        raise Failure("--p must be at least 0.5 and below 1")
    first = _day(since, "--from")
    read = parcels(folder)
    if not len(read):
        raise Failure(f"{folder} holds no parcel")
    last = _day(until, "--until") + 1 if until else float(read.placed.max()) + 1
    try:
        with show.progress("Promising, day by day"):
            tried = advising.backtest(read, since=first, until=last, levels=sorted({*LEVELS, p}), wanted=p)
    except advising.TooFewParcels as error:
        raise Failure(str(error)) from None
    summary = _summary(tried, p, since)
    if in_json:
        show.as_json(summary)
        return FINE
    _say(summary)
    return FINE


def _summary(tried: Any, p: float, since: str) -> dict[str, Any]:
    equal = tried.level_like_the_shop()
    shop, alike = tried.shop(), tried.kept(equal)
    return {
        "from": since,
        "p": p,
        "never_arrived": tried.never_arrived(),
        "advised": _plain(tried.kept_watched(p)),
        "shop": _plain(shop),
        "equal_coverage": {"p": equal, **_plain(alike), "shorter": round(1 - alike.mean_days / shop.mean_days, 4)},
        "months": [
            {
                "month": month,
                "advised": _plain(tried.kept_watched(p, rows)),
                "shop": _plain(tried.shop(rows)),
                "within_2_points": abs(tried.kept_watched(p, rows).coverage - p) <= 0.02,
            }
            for month, rows in tried.months().items()
        ],
    }


def _plain(kept: Any) -> dict[str, Any]:
    return {"parcels": kept.parcels, "coverage": round(kept.coverage, 4), "mean_days": round(kept.mean_days, 2)}


def _say(summary: dict[str, Any]) -> None:
    print(f"{'':10}{'parcels':>9}{'kept':>9}{'days':>8}   the shop: {'kept':>7}{'days':>8}")
    for row in [*summary["months"], {"month": "all", **summary}]:
        mine, shop = row["advised"], row["shop"]
        print(
            f"{row['month']:10}{mine['parcels']:9,}{mine['coverage']:9.1%}{mine['mean_days']:8.1f}"
            f"   {'':10}{shop['coverage']:7.1%}{shop['mean_days']:8.1f}"
        )
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
