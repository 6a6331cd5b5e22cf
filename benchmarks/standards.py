"""An evaluation over 100,000 orders of one seller: the whole moment through the one door, with its bare counting.

The moment is what the clock does: lock, count, judge, append, save. Bare is the counting statement alone. The aim is
under 100 ms for the whole on PostgreSQL.
"""

import sys
import time
from typing import Any

from benchmarks import stage
from comity.lib.ids import name_of

ORDERS, ROUNDS = 100_000, 15

_ROWS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT {columns} FROM n",
    "postgresql": "SELECT {columns} FROM generate_series(0, {count} - 1) AS n(i)",
}
BOOK = """
name = "bench"
version = "1"
in_force_from = 2026-01-01
[[standard]]
name = "disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
window = "30 days"
evaluated = "daily"
limit = { rate = "<= 2.5%", at_least = 20 }
"""


def main(engine: str) -> None:
    stage.set_up(engine)
    from datetime import UTC, datetime, timedelta

    from django.db import connection

    from comity.actions import clock, parties, rulebooks
    from comity.actions.guard import Actor
    from comity.records.models import Rating, Standing
    from comity.records.tallies import Tallies

    at = datetime(2026, 3, 2, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    rulebooks.publish(platform, BOOK, at=at)
    seller = parties.add(platform, parties.NewParty(role="seller", name="S"), at=at)
    _fill(connection, engine, seller.pk)
    last = datetime(2026, 3, 31, tzinfo=UTC)
    standing = Standing.objects.get(party=seller)
    standing.set_evaluations({"disputes": last})
    standing.next_due = last
    standing.save()
    whole, bare = [], []
    for number in range(ROUNDS):
        now = last + timedelta(days=number, hours=1)
        began = time.perf_counter()
        clock.turn(now)
        whole.append(time.perf_counter() - began)
        window = (now.replace(hour=0) - timedelta(days=30), now.replace(hour=0))
        began = time.perf_counter()
        Tallies(seller.pk).count("disputes", window, now.replace(hour=0))
        bare.append(time.perf_counter() - began)
    assert Rating.objects.exists(), "the limit is broken"
    first = Rating.objects.order_by("at")[0]
    stage.say({
        "compares": "an evaluation through the one door, with its counting statement alone", "engine": engine,
        "orders": ORDERS, "counted": first.counted, "ms": _median(whole), "bare_ms": _median(bare),
        "ratio": round(_median(bare) / _median(whole), 3),
    })  # fmt: skip


def _median(seconds: list[float]) -> float:
    return round(sorted(seconds)[len(seconds) // 2] * 1000, 1)


def _fill(connection: Any, engine: str, party: int) -> None:
    """A month of orders, one in twenty disputed, half of those for nothing."""
    minute = {
        "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '2026-03-01', '+' || (i * 43 / 100) || ' minutes')",
        "postgresql": "'2026-03-01 00:00:00+00'::timestamptz + (i * 43 / 100) * interval '1 minute'",
    }[engine]
    names = "party_id, standard, subject, basis, counted_at, first_fault_at, fault, faulty_at, cleared_at"
    disputed, withdrawn = (f"CASE WHEN i % {every} = 0 THEN {minute} END" for every in (20, 40))
    subject, fault = f"{party}, 'disputes', 'order:' || i", f"'{name_of('fault', 'dispute.opened')}:dispute:' || i"
    orders = f"{subject}, {minute}, {minute}, {disputed}, '', NULL, NULL"
    faults = f"{subject}, NULL, NULL, NULL, {fault}, {disputed}, {withdrawn}"
    with connection.cursor() as cursor:
        for columns, which in ((orders, ""), (faults, " WHERE i % 20 = 0")):
            rows = _ROWS[engine].format(count=ORDERS, columns=columns)
            cursor.execute(f"INSERT INTO records_tally ({names}) {rows}{which}")
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main(sys.argv[1])
