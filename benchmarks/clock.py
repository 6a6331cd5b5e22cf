"""Due deadlines fired a second, with ten thousand, a hundred thousand and a million duties open.

Each of 1,000 sellers has two questions whose time is over; firing one is the fact, the breach, the charge, sometimes a
warning, the notices and the chain. The ratio is to the rate with the fewest open: flat means the clock asks the index.
"""

import sys
import time

from benchmarks import stage

SELLERS, DUE_EACH = 1_000, 2

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT {columns} FROM n",
    "postgresql": "SELECT {columns} FROM generate_series(0, {count} - 1) AS n(i)",
}


def main(engine: str, open_duties: int) -> None:
    stage.set_up(engine)
    _prepare(engine, open_duties)
    from datetime import UTC, datetime

    from comity.actions import clock
    from comity.records.models import Charge, Duty

    began = time.perf_counter()
    clock.turn(datetime(2026, 6, 1, tzinfo=UTC))
    seconds = time.perf_counter() - began
    fired = Duty.objects.filter(status="breached").count()
    assert fired == Charge.objects.count() == SELLERS * DUE_EACH, fired
    stage.say({
        "compares": "deadlines fired a second, with the rate at the fewest open", "engine": engine, "open": open_duties,
        "fired": fired, "per_second": round(fired / seconds),
    })  # fmt: skip


def _prepare(engine: str, open_duties: int) -> None:
    from datetime import UTC, datetime

    from django.db import connection

    from comity.actions import parties, rulebooks
    from comity.actions.guard import Actor
    from comity.records.models import Standing
    from comity.rulebooks.shelf import text_of

    at = datetime(2026, 3, 2, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    rulebooks.publish(platform, text_of("aliexpress"), at=at)
    first = min(parties.add(platform, parties.NewParty(role="seller", name=f"S{n}"), at=at).pk for n in range(SELLERS))
    due = f"CASE WHEN i < {SELLERS * DUE_EACH} THEN '2026-05-01 00:00:00' ELSE '2027-05-01 00:00:00' END"
    if engine == "postgresql":
        due = f"({due})::timestamptz"
    stamp = "'2026-03-02 00:00:00'" + ("::timestamptz" if engine == "postgresql" else "")
    columns = (
        f"'k' || i, {first} + (i % {SELLERS}), 'reply', 'aliexpress@2026-01', 'conversation:' || i, 'conversation:' || i, "
        f"{stamp}, 'f' || i, {due}, 'open', 2, {due}, {_true(engine)}, ''"
    )
    select = _NUMBERS[engine].format(count=open_duties, columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO records_duty (key, party_id, rule, rulebook, matter, subject, opened_at, opened_by, due, status, "
            f"warned, next_at, current, stuck_why) {select}"
        )
        cursor.execute("ANALYZE")
    Standing.objects.filter(party__role="seller").update(next_due=datetime(2026, 5, 1, tzinfo=UTC))


def _true(engine: str) -> str:
    return "true" if engine == "postgresql" else "1"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
