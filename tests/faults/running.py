"""Faults that happen to a marketplace one after the other, and what was lost or doubled by each."""

import time
from collections.abc import Collection
from typing import Any

from tests.faults import clients, kinds
from tests.faults.market import SECONDS, Market, running

#: In short, those of which CI asks. Clocks beside each other are tried in `tests/properties`, too.
SHORT = (
    "all but the supervisor killed", "database cut off", "disk full", "told twice and shuffled", "eight slow clients",
)  # fmt: skip


def run(engine: str, *, writers: int, lasts: float, only: Collection[str] = tuple(kinds.FAULTS)) -> dict[str, Any]:
    """Let each fault happen while clients write; return for each what was lost and doubled, and what does not hold."""
    written: dict[str, clients.Written] = {}
    with running(engine, clients=writers) as market:
        for name, (happens, engines) in kinds.FAULTS.items():
            if name in only and engine in engines:
                with clients.writing(market, name) as written[name]:
                    happens(market, lasts)
        found = market.inside("found")
        if "told twice and shuffled" in written:
            found = _read(market, found)
        facts, scans = kinds.told(market) if "told twice and shuffled" in written else ([], [])
    faults = [_counted(name, each, found["messages"]) for name, each in written.items()]
    for fault in faults:
        if fault["fault"] == "told twice and shuffled":
            for wanted, kept in ((facts, found["facts"]), (scans, found["scans"])):
                fault["acknowledged"] += len(wanted)
                fault["lost"] += sum(each not in kept for each in wanted)
                fault["doubled"] += sum(kept.get(each, 0) > 1 for each in wanted)
    return {"engine": engine, "faults": faults, "wrong": found["wrong"]}


def _read(market: Market, found: dict[str, Any]) -> dict[str, Any]:
    """Wait until errands have read what aggregators told."""
    until = time.monotonic() + SECONDS
    while set(kinds.told(market)[1]) - set(found["scans"]) and time.monotonic() < until:
        time.sleep(1)
        found = market.inside("found")
    return found


def _counted(name: str, written: clients.Written, kept: dict[str, int]) -> dict[str, Any]:
    return {
        "fault": name,
        "acknowledged": len(written.acknowledged),
        "lost": sum(text not in kept for text in written.acknowledged) + len(written.unanswered),
        "doubled": sum(count > 1 for text, count in kept.items() if text.startswith(f"{name} ")),
        "repeated": written.repeated,
        "pages": len(written.pages),
        "pages_not_answered": written.pages_without,
        "pages_over_a_second": written.slow_pages,
        "slowest_page_seconds": round(max(written.pages, default=0.0), 2),
    }
