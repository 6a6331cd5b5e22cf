"""A shop's history told by facts in bulk, judged and journaled: in sittings, fact by fact, and its bare rows.

    python -m benchmarks.bulk sqlite|postgresql

Orders that were paid, sent, scanned and delivered in time, told months later, four facts each, by requests of 4,000.
Bare lines: the journal's lines of the same facts, rulings among them, inserted again in transactions of as many rows,
by multi-row statements, into a table of the same columns, keys and indexes. "One by one" is a transaction for what each
fact brings: its lines, and the rows of orders, parcels and scans. All in one process, one after another in one run. "Earlier" is what the same seller had told before.
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
    bare_alone = bare_one_by_one(5 * ONE_BY_ONE)
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


def bare_rows(size: int = 2_000) -> float:
    """Insert lines again into a copy of the journal, `size` in a transaction; return lines a second."""
    rows = _copied("records_journalline", "")
    start = time.perf_counter()
    for first in range(0, len(rows), size):
        _insert([("records_journalline", rows[first : first + size])])
    return len(rows) / (time.perf_counter() - start)


def bare_one_by_one(facts: int) -> float:
    """Insert what facts bring into copies of the tables, a transaction for each fact; return facts a second.

    Lines of the journal, and rows: of each four facts, the first brings an order with its line, the second a parcel
    with what it holds, the others a scan each. Updates are left out.
    """
    mine = "WHERE {} IN (SELECT id FROM records_party WHERE external_id = 's8')"
    lines = _copied("records_journalline", mine.format("party_id"))
    orders = _copied("records_order", mine.format("seller_id"))
    beside = {table: _copied(table, "") for table in ("records_orderline", "records_shipment", "records_shipmentline", "records_scan")}  # fmt: skip
    each, took = round(_lines_a_fact()), 0.0
    for number in range(facts):
        of, turn = divmod(number, 4)
        brings: list[tuple[str, list[Any]]] = [("records_journalline", lines[number * each : (number + 1) * each])]
        if turn == 0:
            brings += [("records_order", [orders[of]]), ("records_orderline", [beside["records_orderline"][of]])]
        elif turn == 1:
            brings += [(name, [beside[name][of]]) for name in ("records_shipment", "records_shipmentline")]
        else:
            brings.append(("records_scan", [beside["records_scan"][2 * of + turn - 2]]))
        start = time.perf_counter()
        _insert(brings)
        took += time.perf_counter() - start
    return facts / took


def _copied(table: str, which: str) -> list[tuple[Any, ...]]:
    """Make an empty copy of a table with its keys and indexes; return the rows of the table, in order."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS bare_{table}")
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table} INCLUDING ALL)")
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = %s AND type IN ('table', 'index')", [table])
            for (sql,) in cursor.fetchall():
                if sql:
                    cursor.execute(sql.replace(f'"{table}"', f'"bare_{table}"').replace('INDEX "', 'INDEX "bare_'))
        cursor.execute(f"SELECT * FROM {table} {which} ORDER BY id")
        return list(cursor.fetchall())


def _insert(brings: list[tuple[str, list[Any]]]) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in brings:
            marks = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
            cursor.execute(f"INSERT INTO bare_{table} VALUES {marks}", [value for row in rows for value in row])


def _lines_a_fact() -> float:
    from comity.records.models import JournalLine

    lines = JournalLine.objects.filter(party__external_id="s8")
    return lines.count() / lines.exclude(fact_id=None).count()


if __name__ == "__main__":
    main(sys.argv[1])
