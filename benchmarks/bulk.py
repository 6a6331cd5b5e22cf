"""A shop's history told by facts in bulk, judged and journaled: in sittings, fact by fact, and its bare rows.

    python -m benchmarks.bulk sqlite|postgresql

Orders that were paid, sent, scanned and delivered in time, told months later, four facts each, by requests of 4,000.
Bare: the journal's lines of the same facts, rulings among them, inserted again in transactions of as many rows, by
multi-row statements, into a table of the same columns, keys and indexes. All in one process, one after another in one
run; "one by one" is a transaction for the lines of each fact. "Earlier" is what the same seller had told before.
"""

import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import stage

ORDERS, REQUEST, ONE_BY_ONE = 5_000, 4_000, 400
EARLIER = 25_000


def main(engine: str) -> None:
    """Measure and print."""
    stage.set_up(engine)
    tell, one_by_one = _prepare()
    tell(0, 200, 8)  # the first request reads the rulebook
    eight = tell(1, ORDERS, 8)
    one = tell(2, ORDERS, 1)
    alone = one_by_one(3, ONE_BY_ONE)
    bare = bare_rows()
    bare_alone = bare_rows(size=round(_lines_a_fact()), most=5 * ONE_BY_ONE) / _lines_a_fact()
    tell(4, EARLIER, 1)
    later = tell(5, ORDERS, 1)
    stage.say({
        "compares": "facts in bulk through actions.facts.record_all, with the same told one a request, and with bare rows",
        "engine": engine,
        "facts_a_second_8_sellers": round(eight),
        "facts_a_second_1_seller": round(one),
        "one_a_request_a_second": round(alone),
        "ratio_to_one_a_request": round(one / alone, 1),
        "bare_facts_one_by_one_a_second": round(bare_alone),
        "ratio_to_bare_facts_one_by_one": round(one / bare_alone, 2),
        "bare_lines_a_second": round(bare),
        "ratio_to_bare_lines": round(one * _lines_a_fact() / bare, 3),
        "facts_a_second_with_100000_earlier": round(later),
        "slower_with_100000_earlier": round(one / later, 2),
    })  # fmt: skip


def _prepare() -> tuple[Callable[[int, int, int], float], Callable[[int, int], float]]:
    from datetime import UTC, datetime, timedelta

    from comity.actions import facts, parties, rulebooks
    from comity.actions.guard import Actor
    from comity.lib.moments import to_text
    from comity.rulebooks.shelf import text_of

    began = datetime(2026, 1, 1, tzinfo=UTC)
    platform = Actor(parties.platform(began))
    rulebooks.publish(platform, text_of("aliexpress"), at=began)
    for number in range(9):
        parties.add(platform, parties.NewParty(role="seller", name=f"S{number}", external_id=f"s{number}"), at=began)
    now = began + timedelta(days=700)

    def events(batch: int, orders: int, sellers: int) -> list[dict[str, Any]]:
        told = []
        for number in range(orders):
            name, paid = f"{batch}-{number}", began + timedelta(days=30, minutes=7 * number)
            seller = f"seller:s{number % sellers if sellers > 1 else 8}"
            for kind, hours, data in (
                ("order.paid", 0, {"dispatch_by": to_text(paid + timedelta(hours=72))}),
                ("shipment.dispatched", 40, {"tracked": True}),
                ("shipment.scanned", 50, {"source": "carrier"}),
                ("shipment.delivered", 200, {}),
            ):
                about = "order" if kind == "order.paid" else "shipment"
                told.append({
                    "specversion": "1.0", "id": f"{kind} {name}", "source": "shop", "type": kind,
                    "time": to_text(paid + timedelta(hours=hours)), "subject": f"{about}:{name}",
                    "data": {"party": seller, "matter": f"order:{name}", **data},
                })  # fmt: skip
        return told

    def tell(batch: int, orders: int, sellers: int) -> float:
        told = events(batch, orders, sellers)
        start = time.perf_counter()
        for first in range(0, len(told), REQUEST):
            answers = facts.record_all(platform, told[first : first + REQUEST], now=now)
            assert all(answer.status == "recorded" for answer in answers)
        return len(told) / (time.perf_counter() - start)

    def one_by_one(batch: int, orders: int) -> float:
        told = events(batch, orders, 1)
        start = time.perf_counter()
        for event in told:
            assert facts.record(platform, event, now=now).status == "recorded"
        return len(told) / (time.perf_counter() - start)

    return tell, one_by_one


def bare_rows(size: int = 2_000, most: int | None = None) -> float:
    """Insert lines again into a copy of the journal, `size` in a transaction; return lines a second."""
    from django.db import connection, transaction

    names = "party_id, seq, kind, matter, fact_id, at, noted_at, body, hash"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        if connection.vendor == "postgresql":
            cursor.execute("CREATE TABLE bare (LIKE records_journalline INCLUDING ALL)")
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'records_journalline' AND type IN ('table', 'index')")  # fmt: skip
            for (sql,) in cursor.fetchall():
                if sql:
                    made = sql.replace("records_journalline", "bare").replace('INDEX "', 'INDEX "bare_')
                    cursor.execute(made)
        cursor.execute(f"SELECT {names} FROM records_journalline ORDER BY party_id, seq")
        rows = cursor.fetchall()[:most]
    start = time.perf_counter()
    for first in range(0, len(rows), size):
        some = rows[first : first + size]
        marks = ", ".join(["(" + ", ".join(["%s"] * 9) + ")"] * len(some))
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO bare ({names}) VALUES {marks}", [value for row in some for value in row])
    return len(rows) / (time.perf_counter() - start)


def _lines_a_fact() -> float:
    from comity.records.models import JournalLine

    lines = JournalLine.objects.filter(party__external_id="s8")
    return lines.count() / lines.exclude(fact_id=None).count()


if __name__ == "__main__":
    main(sys.argv[1])
