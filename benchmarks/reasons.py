"""A measure with its statement of reasons: the whole moment in which a charge reaches a rung, and the statement alone.

Each round is another seller with as many charges on the ledger as `CHARGES`, all of which count, and one more that
reaches the rung: the worst that a statement can be asked to explain. The aim is under 50 ms for the whole.
"""

import sys
import time
from typing import Any

from benchmarks import stage

CHARGES, ROUNDS = (12, 100, 1_000), 15
AIM_MS = 50
BOOK = """
name = "bench"
version = "1"
in_force_from = 2026-01-01
[[conduct]]
name = "spam"
title = "No spam"
severity = "high"
proved_by = ["reviewer"]
charge = { ledger = "conduct", points = [1, 48] }
[[ledger]]
name = "conduct"
expires_after = "365 days"
"""
RUNG = """
[[ledger.rung]]
at = {at}
measure = "freeze"
length = "{days} days"
notice = "48 hours"
decided_by = "automatic"
"""


def main(engine: str) -> None:
    stage.set_up(engine)
    from datetime import UTC, datetime, timedelta

    from comity.actions import enact, parties, rulebooks
    from comity.actions.guard import Actor
    from comity.policy.facts import Fact
    from comity.policy.sanctions import reasons
    from comity.records import rulebooks as published
    from comity.records.carry_out import CHARGES as KEPT
    from comity.records.carry_out import ROWS
    from comity.records.models import Charge, Sanction

    at = datetime(2026, 3, 2, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    found = []
    rungs = "".join(RUNG.format(at=size + 1, days=days) for days, size in enumerate(CHARGES, start=7))
    rulebooks.publish(platform, BOOK + rungs, at=at)
    for size in CHARGES:
        whole, alone = [], []
        for round_ in range(ROUNDS):
            seller = parties.add(platform, parties.NewParty(role="seller", name=f"S{size}.{round_}"), at=at)
            Charge.objects.bulk_create(
                Charge(
                    key=f"{n:020x}", party=seller, ledger="conduct", points=1, rule="spam", rulebook="bench@1",
                    matter=f"order:{n}", because=f"{n:020x}", at=at + timedelta(minutes=n),
                    expires_at=at + timedelta(days=365),
                )
                for n in range(size)
            )  # fmt: skip
            now = at + timedelta(days=30)
            fact = Fact(
                id=f"f{size}.{round_}", kind="violation.found", at=now, noted_at=now, subject="listing:1",
                matter="listing:1", party=seller.ref, data={"rule": "spam", "by": "reviewer", "points": 1},
            )  # fmt: skip
            began = time.perf_counter()
            enact.enact(seller, fact)
            whole.append(time.perf_counter() - began)
            row = Sanction.objects.get(party=seller)
            assert len((row.statement or {})["charges"]) == size + 1, "every infringement is named"
            kept: Any = ROWS["sanction"]
            state = kept.read(seller.pk)[0]
            charges = KEPT.read(seller.pk)
            began = time.perf_counter()
            reasons.statement(published.current(), state, charges)
            alone.append(time.perf_counter() - began)
        found.append({"charges": size, "ms": _median(whole), "statement_ms": _median(alone)})
    stage.say({
        "compares": "a charge that reaches a rung through the one door, with the making of its statement alone",
        "engine": engine, "aim_ms": AIM_MS, "rounds": ROUNDS, "found": found,
    })  # fmt: skip


def _median(times: list[float]) -> float:
    return round(sorted(times)[len(times) // 2] * 1000, 2)


if __name__ == "__main__":
    main(sys.argv[1])
