"""Run all benchmarks, print their JSON, and keep it with plots in benchmarks/results/."""

import json
from typing import Any

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

from benchmarks import stage
from comity.classify import risk

ENGINES = ("sqlite", "postgresql")
OPEN = (10_000, 100_000, 1_000_000)


def main() -> None:
    found: dict[str, Any] = {"machine": stage.machine()}
    found["live"] = [stage.run("live", engine) for engine in ENGINES]
    found["http"] = [stage.run("http", engine) for engine in ENGINES]
    found["memory"] = [stage.run("memory", engine) for engine in ENGINES]
    found["replay"] = stage.run("replay")
    clock = [stage.run("clock", engine, str(number)) for engine in ENGINES for number in OPEN]
    for engine in ENGINES:
        mine = [result for result in clock if result["engine"] == engine]
        for result in mine:
            result["ratio"] = round(result["per_second"] / mine[0]["per_second"], 3)
    found["clock"] = clock
    found["bulk"] = [stage.run("bulk", engine) for engine in ENGINES]
    found["standards"] = [stage.run("standards", engine) for engine in ENGINES]
    found["reasons"] = [stage.run("reasons", engine) for engine in ENGINES]
    found["fairness"] = [stage.run("fairness", engine) for engine in ENGINES]
    found["seal"] = [stage.run("seal", engine) for engine in ENGINES]
    found["tamper"] = stage.run("tamper")
    found["crowd"] = stage.run("crowd")
    found["certain"] = stage.run("certain")
    found["rulebooks"] = stage.run("rulebooks")
    found["inbox"] = [stage.run("inbox", engine) for engine in ENGINES]
    found["classify"] = stage.run("classify")
    found["evidence"] = stage.run("evidence")
    found["promise"] = stage.run("promise")
    found["carriers"] = stage.run("carriers")
    found["tracking"] = [stage.run("tracking", engine) for engine in ENGINES]
    stage.RESULTS.mkdir(parents=True, exist_ok=True)
    (stage.RESULTS / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    _plot(found)
    _plot_certain(found["certain"])
    _plot_routine(found["classify"]["clinc150"])
    _plot_promise(found["promise"])
    _plot_lanes(found["promise"]["lanes"])
    stage.say(found)


def _plot_routine(found: dict[str, Any]) -> None:
    """Share of wrong answers by the share answered, on CLINC150's validation part."""
    points = [risk.Point(**point) for point in found["curve"]]
    (stage.RESULTS / "routine.svg").write_text(risk.as_svg(points, marked=found["auto_at"]) + "\n")


def _plot_certain(found: dict[str, Any]) -> None:
    """Who is flagged in a year, by the true rate: raw against certain."""
    figure, axis = plt.subplots(figsize=(7, 3.2), layout="constrained")
    rows = sorted(found["rows"], key=lambda row: row["true_rate"])
    rates = [100 * row["true_rate"] for row in rows]
    for test, colour, mark in (("raw", "#8a5200", "o"), ("certain", "#0b6b60", "s")):
        shares = [100 * row[test]["flagged"] for row in rows]
        axis.plot(rates, shares, marker=mark, color=colour, label=test)
        for rate, share, row in zip(rates, shares, rows, strict=True):
            if rate > 5 and test == "certain":
                median = f"{row[test]['median_orders']} orders"
                axis.annotate(median, (rate, share), (0, -14), textcoords="offset points", ha="center", fontsize=8)
    axis.axvline(100 * found["limit"], color="#b9c4c0", linewidth=1, linestyle="--")
    axis.annotate("limit", (100 * found["limit"], 50), (4, 0), textcoords="offset points", fontsize=8)
    axis.set_xlabel("true rate of faults, %")
    axis.set_ylabel("sellers flagged in a year, %")
    axis.legend(frameon=False)
    figure.savefig(stage.RESULTS / "certain.svg", metadata={"Date": None})
    plt.close(figure)


def _plot(found: dict[str, Any]) -> None:
    plt.rcParams.update(
        {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "comity"}
    )
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    names = [f"{result['engine']}\n{result['ratio']:.2f} of bare" for result in found["live"]]
    places = range(len(names))
    left.bar(
        [p - 0.2 for p in places],
        [r["bare_per_second"] for r in found["live"]],
        0.4,
        label="the same SQL, bare",
        color="#b9c4c0",
    )
    left.bar(
        [p + 0.2 for p in places],
        [r["per_second"] for r in found["live"]],
        0.4,
        label="through actions",
        color="#0b6b60",
    )
    left.set_xticks(list(places), names)
    left.set_title("A buyer's message, a second")
    left.legend(frameon=False)
    for engine, colour in zip(ENGINES, ("#0b6b60", "#8a5200"), strict=True):
        mine = [result for result in found["clock"] if result["engine"] == engine]
        right.plot([r["open"] for r in mine], [r["per_second"] for r in mine], marker="o", color=colour, label=engine)
    right.set_xscale("log")
    right.set_ylim(bottom=0)
    right.set_xlabel("duties open")
    right.set_title("Deadlines fired, a second")
    right.legend(frameon=False)
    figure.savefig(stage.RESULTS / "results.svg", metadata={"Date": None})


def _plot_promise(found: dict[str, Any]) -> None:
    """Share kept and days promised by month, beside the shop's."""
    months = [row["month"] for row in found["months"]]
    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 5.2), sharex=True, layout="constrained")
    for who, colour, label in (
        ("advised", "#0b6b60", "advised, 95 of 100"),
        ("shop", "#8a5200", "promised by the shop"),
    ):
        above.plot(months, [100 * row[who]["coverage"] for row in found["months"]], "o-", color=colour, label=label)
        below.plot(months, [row[who]["mean_days"] for row in found["months"]], "o-", color=colour)
    above.axhspan(93, 97, color="#0b6b60", alpha=0.12)
    above.set_ylabel("kept, %")
    above.legend(frameon=False)
    below.set_ylabel("days promised")
    below.set_ylim(bottom=0)
    figure.savefig(stage.RESULTS / "promise.svg", metadata={"Date": None})
    plt.close(figure)


def _plot_lanes(found: dict[str, Any]) -> None:
    """The share on time of Olist's busiest lanes, with its interval; and their days, median to nine in ten."""
    rows = list(reversed(found["busiest"]))
    names, places = [f"{row['lane']} ({row['parcels']:,})" for row in rows], range(len(rows))
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.2), sharey=True, layout="constrained")
    left.hlines(
        places,
        [100 * row["low"] for row in rows],
        [100 * row["high"] for row in rows],
        color="#0b6b60",
        lw=3,
        alpha=0.4,
    )
    left.plot([100 * row["on_time"] for row in rows], places, "o", color="#0b6b60")
    right.hlines(
        places,
        [row["median_days"] for row in rows],
        [row["p90_days"] for row in rows],
        color="#8a5200",
        lw=3,
        alpha=0.4,
    )
    right.plot([row["median_days"] for row in rows], places, "o", color="#8a5200")
    left.set_yticks(places, names)
    left.set_xlabel("on time, %, with its 95 % interval")
    right.set_xlabel("days on the way: median, and nine in ten")
    right.set_xlim(left=0)
    figure.savefig(stage.RESULTS / "lanes.svg", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
