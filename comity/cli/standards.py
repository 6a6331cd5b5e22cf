"""comity standards backtest"""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli import show
from comity.cli.show import FINE, Failure

if TYPE_CHECKING:
    from comity.history.standards import Backtest
    from comity.policy.disputes.figures import Share

#: Widths of the table's columns.
NAME, CELL = 30, 42


@click.group()
def standards() -> None:
    """What standards would have found, tried on the past."""


@standards.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--limit", type=float, default=5.0, help="The highest share of faults that is allowed, in per cent.")
@click.option("--error", type=float, default=0.05, help="The chance at which certain may be wrong.")
@click.option("--at-least", type=click.IntRange(min=1), default=1, help="So many orders must count.")
@show.json_option
def backtest(folder: Path, limit: float, error: float, at_least: int, in_json: bool) -> int:
    """Warn Olist's sellers for late handovers and low reviews, by the raw rate and by evidence, and compare."""
    from comity.history import standards as trying
    from comity.integrations.olist import facts
    from comity.integrations.olist.tables import Tables

    if not 0 < limit < 100:
        raise Failure("--limit must be above 0 and below 100")
    if not 0 < error < 1:
        raise Failure("--error must be above 0 and below 1")
    with show.progress("Looking at every night"):
        parties = trying.by_party(facts.facts(Tables(folder), Counter()))
        since, until = trying.stretch_of(parties)
        books = trying.books(since, limit=limit, error=error, at_least=at_least)
        found = trying.backtest(parties, books, until=until)
    summary = {"limit": limit / 100, "error": error, "at_least": at_least, **plain(found)}
    if in_json:
        show.as_json(summary)
    else:
        _say(summary)
    return FINE


def plain(found: "Backtest") -> dict[str, Any]:
    """Return a backtest as JSON has it: by standard and test."""
    from comity.history.standards import PERIOD, TESTS

    standards: dict[str, Any] = {}
    for standard in found.seen:
        standards[standard] = {}
        for test in TESTS:
            tried = found.tried(standard, test)
            standards[standard][test] = {
                "flagged": _plain(tried.flagged),
                "by_size": [{"orders_from": band.least, **_plain(band.flagged)} for band in tried.bands],
                "gone": tried.gone,
                "precision": {by: _plain(share) for by, share in tried.precision.items()},
                "recall": {by: _plain(share) for by, share in tried.recall.items()},
            }
    return {
        "since": found.since.isoformat(),
        "periods": found.periods,
        "days": PERIOD.days,
        "standards": standards,
    }


def _plain(share: "Share") -> dict[str, Any]:
    low, high = share.bounds or (None, None)
    numbers = {"rate": share.rate, "low": low, "high": high}
    rounded = {name: None if number is None else round(number, 4) for name, number in numbers.items()}
    return {"part": share.part, "of": share.of, **rounded}


def _say(summary: dict[str, Any]) -> None:
    print(
        f"A limit of {summary['limit']:.1%}, looked at every night of {summary['periods']} periods of "
        f"{summary['days']} days since {summary['since'][:10]}; shares with their 95 % intervals."
    )
    print("Warned: sellers, by how many of their orders count. Again, known: from one period with orders to the next,")
    print(
        "which is judged by its own orders alone: of those warned, warned again; of those warned then, warned before."
    )
    for standard, tests in summary["standards"].items():
        rows = [
            *(
                (_size(place, bands), [test["by_size"][place] for test in tests.values()])
                for bands in [next(iter(tests.values()))["by_size"]]
                for place in range(len(bands))
            ),
            ("warned, all", [test["flagged"] for test in tests.values()]),
            *((f"again, by {by}", [test["precision"][by] for test in tests.values()]) for by in tests),
            *((f"known before, by {by}", [test["recall"][by] for test in tests.values()]) for by in tests),
        ]
        print(f"\n{standard.replace('_', ' '):{NAME}}" + "".join(f"{test:>{CELL}}" for test in tests))
        for name, shares in rows:
            print(f"{name:{NAME}}" + "".join(f"{_text(share):>{CELL}}" for share in shares))
        gone = "".join(f"{test['gone']:>{CELL},}" for test in tests.values())
        print(f"{'warned, then without orders':{NAME}}{gone}")


def _size(place: int, bands: list[dict[str, Any]]) -> str:
    least = bands[place]["orders_from"]
    if place + 1 == len(bands):
        return f"warned, {least:,} orders or more"
    return f"warned, {least:,} to {bands[place + 1]['orders_from'] - 1:,} orders"


def _text(share: dict[str, Any]) -> str:
    counted = f"{share['part']:,} of {share['of']:,}"
    if share["rate"] is None:
        return counted
    return f"{counted}: {share['rate']:.1%} ({share['low']:.1%} to {share['high']:.1%})"
