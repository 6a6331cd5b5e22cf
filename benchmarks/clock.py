"""Moments ruled on a second, with ten thousand, a hundred thousand and a million duties open.

    python -m benchmarks.clock sqlite|postgresql OPEN

Each of 1,000 sellers has ten questions whose time is over, all at the same moment, as after a night's sleep of the
clock. One that falls is the fact, the breach, the charge, sometimes a measure that ends again, the notices of both
sides, whose turn it is and the chain. `per_second` are duties that fell; `moments_per_second` are all that fell, with
evaluations and ends of measures. Each part is one transaction of the clock: so long others wait at the most, on SQLite
everybody, on PostgreSQL the parties concerned. `lateness_p99` is after how long 99 of 100 were ruled on. Bare: the
same lines inserted again, as in `benchmarks.bulk`, in the same run.
"""

import sys
import time
from datetime import UTC, datetime
from uuid import UUID

from benchmarks import stage
from benchmarks.bulk import bare_rows

SELLERS, DUE_EACH = 1_000, 10

_NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT {columns} FROM n",
    "postgresql": "SELECT {columns} FROM generate_series(0, {count} - 1) AS n(i)",
}


def main(engine: str, open_duties: int) -> None:
    """Measure and print."""
    stage.set_up(engine)
    _prepare(engine, open_duties)
    from comity.actions import clock
    from comity.records.models import Charge, Conversation, Duty, JournalLine

    now, parts, late = datetime(2026, 6, 1, tzinfo=UTC), [], []
    began = time.perf_counter()
    while True:
        start = time.perf_counter()
        turned = clock.turn(now, batches=1)
        if not turned.rulings:
            break
        parts.append(time.perf_counter() - start)
        late += [time.perf_counter() - began] * turned.rulings
    seconds = sum(parts)
    fired = Duty.objects.filter(status="breached").count()
    assert fired == Charge.objects.count() == SELLERS * DUE_EACH, fired
    assert Conversation.objects.filter(turn="seller").count() == fired
    lines = JournalLine.objects.count()
    moments = JournalLine.objects.filter(kind="deadline.fell").count()
    stage.say({
        "compares": "moments ruled on a second, with bare lines in the same run", "engine": engine, "open": open_duties,
        "fired": fired, "per_second": round(fired / seconds), "moments_per_second": round(moments / seconds),
        "parts": len(parts), "longest_part_ms": round(max(parts) * 1000), "part_p50_ms": round(stage.percentile(parts, 0.5) * 1000),
        "lateness_p99": round(stage.percentile(late, 0.99), 2),
        "lines_a_second": round(lines / seconds), "ratio_to_bare_lines": round(lines / seconds / bare_rows(), 3),
    })  # fmt: skip


def _prepare(engine: str, open_duties: int) -> None:
    from django.db import connection

    from comity.actions import parties, rulebooks
    from comity.actions.guard import Actor
    from comity.records.models import Standing
    from comity.rulebooks.shelf import text_of

    at = datetime(2026, 3, 2, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    rulebooks.publish(platform, text_of("aliexpress"), at=at)
    first = min(parties.add(platform, parties.NewParty(role="seller", name=f"S{n}"), at=at).pk for n in range(SELLERS))
    _ask(parties.add(platform, parties.NewParty(role="buyer", name="B"), at=at).pk, first, at)
    stamp = "'2026-03-02 00:00:00'" + ("::timestamptz" if engine == "postgresql" else "")
    due = stamp.replace("2026-03-02", "2027-05-01")
    columns = (
        f"'later' || i, {first} + (i % {SELLERS}), 'reply', 'aliexpress@2026-01', 'conversation:' || i, 'conversation:' || i, "
        f"{stamp}, 'f' || i, {due}, 'open', 2, {due}, {_true(engine)}, ''"
    )
    select = _NUMBERS[engine].format(count=open_duties - SELLERS * DUE_EACH, columns=columns)
    with connection.cursor() as cursor:
        if open_duties > SELLERS * DUE_EACH:
            cursor.execute(
                "INSERT INTO records_duty (key, party_id, rule, rulebook, matter, subject, opened_at, opened_by, due, status, "
                f"warned, next_at, current, stuck_why) {select}"
            )
        cursor.execute("ANALYZE")
    Standing.objects.filter(party__role="seller").update(next_due=datetime(2026, 5, 1, tzinfo=UTC))


def _ask(buyer: int, first: int, at: datetime) -> None:
    """Let a buyer have asked each seller DUE_EACH things that nobody answered in time."""
    from comity.records.models import Conversation, Duty

    due = datetime(2026, 5, 1, tzinfo=UTC)
    talks = [
        Conversation(
            uuid=UUID(int=number), key=f"C{number}", buyer_id=buyer, seller_id=first + number % SELLERS, topic="?",
            opened_at=at, last_at=at,
        )
        for number in range(SELLERS * DUE_EACH)
    ]  # fmt: skip
    Conversation.objects.bulk_create(talks, batch_size=1_000)
    Duty.objects.bulk_create(
        (
            Duty(
                key=f"now{talk.key}", party_id=talk.seller_id, rule="reply", rulebook="aliexpress@2026-01",
                matter=talk.ref, subject=talk.ref, opened_at=at, opened_by=talk.key, due=due, status="open", warned=2,
                next_at=due,
            )
            for talk in talks
        ),
        batch_size=1_000,
    )  # fmt: skip


def _true(engine: str) -> str:
    return "true" if engine == "postgresql" else "1"


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
