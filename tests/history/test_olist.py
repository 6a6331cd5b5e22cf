"""The main job on real input: Olist's orders, judged, against an independent count in SQL on the source files."""

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from comity.history import replay, source
from comity.history.errors import BadFile
from comity.integrations.olist import facts
from comity.integrations.olist.tables import Tables
from comity.rulebooks.shelf import text_of
from tests.data import real

# One row for each order and seller with its two promises and what became of them; nothing of Comity's is used.
COUNT = """
WITH sales AS (
    SELECT o.order_id, i.seller_id, o.order_status AS status, o.order_approved_at AS opened, max(i.shipping_limit_date) AS ship_by,
           o.order_delivered_carrier_date AS handed, o.order_delivered_customer_date AS delivered,
           o.order_estimated_delivery_date AS promised
    FROM read_parquet('{folder}/orders.parquet') o JOIN read_parquet('{folder}/order_items.parquet') i USING (order_id)
    WHERE o.order_approved_at IS NOT NULL
    GROUP BY ALL
), last AS (
    SELECT greatest(
        (SELECT max(greatest(order_purchase_timestamp, order_approved_at,
                             coalesce(order_delivered_carrier_date, order_approved_at),
                             coalesce(order_delivered_customer_date, order_approved_at)))
         FROM read_parquet('{folder}/orders.parquet') WHERE order_approved_at IS NOT NULL
         AND order_id IN (SELECT order_id FROM read_parquet('{folder}/order_items.parquet'))),
        (SELECT max(greatest(review_creation_date, coalesce(review_answer_timestamp, review_creation_date)))
         FROM read_parquet('{folder}/order_reviews.parquet')
         WHERE order_id IN (SELECT order_id FROM sales))) AS moment
), duties AS (
    SELECT 'dispatch' AS rule, status, ship_by AS due, handed AS done, status IN ('shipped', 'delivered') AS known FROM sales
    UNION ALL
    SELECT 'deliver', status, promised + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND, delivered, status = 'delivered' FROM sales
), judged AS (
    SELECT rule, CASE
        WHEN done <= due THEN 'met'
        WHEN done > due THEN 'cured_late'
        WHEN known THEN 'unknown'
        WHEN status IN ('canceled', 'unavailable') THEN 'voided'
        WHEN due < (SELECT moment FROM last) THEN 'never'
        ELSE 'open' END AS outcome
    FROM duties
)
SELECT rule, outcome, count(*) FROM judged GROUP BY ALL
"""


@pytest.mark.long
def test_totals_equal_an_independent_count(tmp_path: Path) -> None:
    folder = real("olist")
    excluded: Counter[str] = Counter()
    path = tmp_path / "facts.parquet"
    source.write(path, facts.facts(Tables(folder), excluded), excluded=excluded)
    summary: Any = replay.replay(path, [text_of("olist")], tmp_path / "out", processes=2).plain()

    expected: dict[str, Counter[str]] = {"dispatch": Counter(), "deliver": Counter()}
    for rule, outcome, count in duckdb.execute(COUNT.format(folder=folder)).fetchall():
        expected[rule][outcome] = count
    for counts in expected.values():
        counts["opened"] = counts.total()
        counts["breached"] = counts["cured_late"] + counts["never"]
    found = summary["rules"]
    assert {rule: {name: counts[name] for name in replay.COUNTS} for rule, counts in expected.items()} == found

    orders = f"read_parquet('{folder}/orders.parquet')"
    items = f"(SELECT order_id FROM read_parquet('{folder}/order_items.parquet'))"
    (without_items,) = duckdb.execute(f"SELECT count(*) FROM {orders} WHERE order_id NOT IN {items}").fetchone() or (0,)
    (unpaid,) = duckdb.execute(
        f"SELECT count(*) FROM {orders} WHERE order_approved_at IS NULL AND order_id IN {items}"
    ).fetchone() or (0,)
    assert summary["excluded"][facts.NO_ITEMS] == without_items
    assert summary["excluded"][facts.NO_APPROVAL] == unpaid


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The published CSV names, with one order of each kind of trouble."""
    folder = tmp_path / "olist"
    folder.mkdir()
    (folder / "olist_orders_dataset.csv").write_text(
        "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
        "order_delivered_customer_date,order_estimated_delivery_date\n"
        "fine,c,delivered,2018-01-02 10:00:00,2018-01-02 11:00:00,2018-01-03 10:00:00,2018-01-08 10:00:00,2018-01-09 00:00:00\n"
        "lastday,c,delivered,2018-01-02 10:00:00,2018-01-02 11:00:00,2018-01-03 10:00:00,2018-01-09 23:59:59,2018-01-09 00:00:00\n"
        "late,c,delivered,2018-01-02 10:00:00,2018-01-02 11:00:00,2018-01-07 10:00:00,2018-01-12 10:00:00,2018-01-09 00:00:00\n"
        "early,c,delivered,2018-01-02 10:00:00,2018-01-02 11:00:00,2018-01-02 10:30:00,2018-01-04 10:00:00,2018-01-09 00:00:00\n"
        "nodate,c,delivered,2018-01-02 10:00:00,2018-01-02 11:00:00,,,2018-01-09 00:00:00\n"
        "gone,c,canceled,2018-01-02 10:00:00,2018-01-02 11:00:00,,,2018-01-09 00:00:00\n"
        "gonelate,c,canceled,2018-01-02 10:00:00,2018-01-02 11:00:00,2018-01-06 10:00:00,2018-01-08 10:00:00,2018-01-09 00:00:00\n"
        "never,c,processing,2018-01-02 10:00:00,2018-01-02 11:00:00,,,2018-01-09 00:00:00\n"
        "open,c,processing,2018-01-11 10:00:00,2018-01-11 11:00:00,,,2018-03-09 00:00:00\n"
        "unpaid,c,created,2018-01-02 10:00:00,,,,2018-01-09 00:00:00\n"
        "empty,c,unavailable,2018-01-02 10:00:00,2018-01-02 11:00:00,,,2018-01-09 00:00:00\n"
    )
    orders = ("fine", "lastday", "late", "early", "nodate", "gone", "gonelate", "never", "unpaid")
    (folder / "olist_order_items_dataset.csv").write_text(
        "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
        + "".join(f"{order},1,p,s1,2018-01-05 10:00:00,10.50,1.0\n" for order in orders)
        + "fine,2,p,s2,2018-01-03 09:00:00,10.50,1.0\nopen,1,p,s1,2018-02-01 10:00:00,10.50,1.0\n"
    )
    (folder / "olist_order_reviews_dataset.csv").write_text(
        "review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,"
        "review_answer_timestamp\nr1,fine,5,,,2018-01-09 00:00:00,\nr2,unpaid,1,,,2018-01-09 00:00:00,\n"
    )
    return folder


def test_the_quirks_of_real_data_are_judged_as_documented(small: Path, tmp_path: Path) -> None:
    excluded: Counter[str] = Counter()
    path = tmp_path / "facts.parquet"
    count = source.write(path, facts.facts(Tables(small), excluded), excluded=excluded)
    summary = replay.replay(path, [text_of("olist")], tmp_path / "out", processes=1).plain()
    assert summary["facts"] == count
    assert summary["excluded"] == {
        facts.NO_APPROVAL: 1, facts.NO_ITEMS: 1, facts.NO_ANSWER_DATE: 2, facts.REVIEW_OF_EXCLUDED: 1,
    }  # fmt: skip
    zero = dict.fromkeys(replay.COUNTS, 0)
    assert summary["rules"] == {
        # met: fine/s1, lastday, early; late: fine/s2 (handed over after its own limit), late, gonelate
        "dispatch": zero | {"opened": 10, "met": 3, "breached": 4, "cured_late": 3, "never": 1, "voided": 1,
                            "unknown": 1, "open": 1},
        # met: fine twice, lastday (the promised day counts to its end), early, gonelate (cancelled, yet delivered)
        "deliver": zero | {"opened": 10, "met": 5, "breached": 2, "cured_late": 1, "never": 1, "voided": 1,
                           "unknown": 1, "open": 1},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: (f / "olist_orders_dataset.csv").unlink(), "has neither orders.parquet nor olist_orders_dataset.csv"),
        (lambda f: (f / "orders.parquet").write_bytes(b"PAR1 this is no table"), "cannot be read"),
        (lambda f: (f / "olist_orders_dataset.csv").write_text("order_id,customer_id\na,b\n"), "has no column"),
        (lambda f: (f / "olist_order_items_dataset.csv").write_text(
            "order_id,seller_id,shipping_limit_date,price\nfine,s,yesterday,1\n"), "cannot be read"),
    ],
)  # fmt: skip
def test_unusable_tables_are_named(small: Path, spoil: object, says: str) -> None:
    assert callable(spoil)
    spoil(small)
    with pytest.raises(BadFile, match=says):
        Tables(small)
