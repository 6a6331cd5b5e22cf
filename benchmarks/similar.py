"""Similar cases among 100,000 closed disputes: by words and facets, and the range of what they ended with.

Compares each question with the bare statement that fetches twenty cases by their id.
"""

import random
import sys
import time
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

from benchmarks import stage

CASES, ASKED = 100_000, 60
#: So many words, the commonest in every other case, as in any language (Zipf).
WORDS = [f"w{number:04}" for number in range(8_000)]
CUMULATED = list(accumulate(1 / (number + 1) for number in range(len(WORDS))))
START = datetime(2024, 1, 1, tzinfo=UTC)


def main(engine: str) -> None:
    stage.set_up(engine)
    chance = random.Random(5)
    _fill(chance)
    from django.db import connection

    from comity.records import similar

    def took(ask: Any) -> dict[str, float]:
        times = []
        for _ in range(ASKED):
            began = time.perf_counter()
            ask()
            times.append(time.perf_counter() - began)
        return {
            "p50_ms": round(1000 * stage.percentile(times, 0.5), 1),
            "p95_ms": round(1000 * stage.percentile(times, 0.95), 1),
        }

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM records_closedcase ORDER BY id LIMIT 20")
            cursor.fetchall()

    def text() -> str:
        return " ".join(chance.choices(WORDS, cum_weights=CUMULATED, k=60))

    facets = similar.Facets(reason="damaged", currency="EUR", size=similar.size_of(4000))
    stage.say({
        "compares": "questions for similar cases with a bare statement for twenty rows", "engine": engine, "cases": CASES,
        "by_words": took(lambda: similar.by_words(text())),
        "by_words_and_reason": took(lambda: similar.by_words(text(), similar.Facets(reason="damaged"))),
        "range": took(lambda: similar.shares(facets)), "bare": took(bare),
    })  # fmt: skip


def _fill(chance: random.Random) -> None:
    from django.db import connection, transaction

    from comity.actions import orders, parties
    from comity.actions.guard import Actor
    from comity.lib.money import Money
    from comity.records import similar
    from comity.records.models import ClosedCase, Dispute

    platform = Actor(parties.platform(START))
    seller = parties.add(platform, parties.NewParty(role="seller", name="S", external_id="s"), at=START)
    buyer = parties.add(platform, parties.NewParty(role="buyer", name="B", external_id="b"), at=START)
    new = orders.NewOrder(buyer=buyer, seller=seller, title="Goods", price=Money(4000, "EUR"), handling_hours=72,
                          deliver_by=START + timedelta(days=20))  # fmt: skip
    order = orders.place(platform, new, at=START)
    reasons = ("damaged", "not received", "not as described", "incomplete")
    with transaction.atomic():
        for first in range(0, CASES, 5_000):
            rows = [
                Dispute(
                    uuid=f"00000000-0000-7000-8000-{number:012}", key=f"D-{number:07}", order=order, stage="closed",
                    since=START, opened_at=START, ended_at=START + timedelta(minutes=number), ended_how="settled",
                )
                for number in range(first, first + 5_000)
            ]  # fmt: skip
            Dispute.objects.bulk_create(rows)
            cases = [
                ClosedCase(
                    dispute=row, ended_at=row.ended_at, reason=chance.choice(reasons), how="settled", currency="EUR",
                    size=similar.size_of(chance.choice((900, 4000, 15000))), share=chance.randint(0, 1000),
                    proven=chance.choice(("buyer", "both", "nobody")), words=" ".join(chance.choices(WORDS, cum_weights=CUMULATED, k=60)),
                )
                for row in rows
            ]  # fmt: skip
            similar.index(ClosedCase.objects.bulk_create(cases))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main(sys.argv[1])
