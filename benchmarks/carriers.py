"""Carriers' scorecards of a million parcels on 216 lanes of five carriers, from Parquet, against reading the columns.

`compares`: the whole answer with the time to read the same columns and count the rows; and the agents' page, signed in,
through the server's own code, with the columns counted anew for each look.
"""

import os
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import stage
from comity.history.cards import recommended
from comity.history.carriers import scorecards

PARCELS, STATES, CARRIERS, ROUNDS = 1_000_000, 27, 5, 5


def main() -> None:
    stage.set_up("sqlite")
    path = Path(os.environ["COMITY_DATA"]) / "history" / "parcels.parquet"
    path.parent.mkdir()
    pq.write_table(_parcels(), path)
    times, bare = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        cards = scorecards([path], now="2018-06-01 00:00:00").by_lane
        times.append(time.perf_counter() - began)
        began = time.perf_counter()
        duckdb.execute("SELECT count(*), max(carrier), max(origin), max(destination), max(service), max(sent), "
                       "max(promised), max(delivered), max(scans), max(failed), max(gap) FROM read_parquet(?)", [str(path)]).fetchall()  # fmt: skip
        bare.append(time.perf_counter() - began)
    began = time.perf_counter()
    best = recommended(cards, "state 1", "state 2")
    took = time.perf_counter() - began
    stage.say({
        "compares": "scorecards of a million parcels with reading their columns", "parcels": PARCELS, "cards": len(cards),
        "ms": round(1000 * float(np.median(times))), "reading_ms": round(1000 * float(np.median(bare))),
        "ratio": round(float(np.median(times) / np.median(bare)), 2), "recommending_ms": round(1000 * took, 2),
        "recommended": len(best), "page": _page(),
    })  # fmt: skip


def _page() -> dict[str, Any]:
    """Look at the agents' page, with nothing kept from the look before, and once more with it kept."""
    from datetime import UTC, datetime

    from django.test import Client

    from comity.actions import parties
    from comity.actions.guard import Actor
    from comity.web.agent import carriers

    now = datetime.now(UTC)
    agent = parties.add(Actor(parties.platform(now)), parties.NewParty(role="agent", name="Agent"), at=now)
    parties.give_login(agent, email="agent@example.org", password="only for this measuring")
    client = Client()
    client.force_login(agent.user)
    anew = []
    for _ in range(ROUNDS):
        carriers._counted.cache_clear()
        began = time.perf_counter()
        answer = client.get("/desk/carriers/", SERVER_NAME="localhost")
        anew.append(time.perf_counter() - began)
        assert b"1000000 parcels" in answer.content, answer.content[:500]
    began = time.perf_counter()
    client.get("/desk/carriers/", SERVER_NAME="localhost")
    return {
        "ms": round(1000 * float(np.median(anew))), "slowest_ms": round(1000 * max(anew)),
        "again_ms": round(1000 * (time.perf_counter() - began)),
    }  # fmt: skip


def _parcels() -> pa.Table:
    random = np.random.default_rng(1)
    sent = np.datetime64("2018-01-01") + random.integers(0, 100 * 86_400, PARCELS).astype("timedelta64[s]")
    days = random.lognormal(2, 0.5, PARCELS)
    arrived = sent + (days * 86_400).astype("timedelta64[s]")
    return pa.table({
        "carrier": pa.array([f"carrier {n}" for n in range(CARRIERS)]).take(random.integers(0, CARRIERS, PARCELS)),
        "origin": pa.array([f"state {n}" for n in range(STATES)]).take(random.integers(0, 4, PARCELS)),
        "destination": pa.array([f"state {n}" for n in range(STATES)]).take(random.integers(0, STATES, PARCELS)),
        "service": pa.array(["usual", "express"]).take(random.integers(0, 2, PARCELS)),
        "sent": sent.astype("datetime64[us]"), "promised": (sent + np.timedelta64(14, "D")).astype("datetime64[us]"),
        "delivered": pa.array(arrived.astype("datetime64[us]"), mask=random.uniform(size=PARCELS) < 0.01),
        "scans": random.integers(0, 9, PARCELS), "failed": random.uniform(size=PARCELS) < 0.02,
        "gap": random.lognormal(0, 0.5, PARCELS),
    })  # fmt: skip


if __name__ == "__main__":
    main()
