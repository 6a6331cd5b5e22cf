"""Olist's tables as they were published, from Parquet (orders.parquet) or CSV (olist_orders_dataset.csv)."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from comity.history.errors import BadFile

_COLUMNS = {
    "orders": ("order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
               "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"),
    "order_items": ("order_id", "seller_id", "shipping_limit_date", "price"),
    "order_reviews": ("review_id", "order_id", "review_score", "review_creation_date", "review_answer_timestamp"),
}  # fmt: skip
_MOMENTS = ("_timestamp", "_approved_at", "_date")


class Sale(NamedTuple):
    """One seller's part of an order. Moments are local wall clock without a zone, as published."""

    order: str
    buyer: str
    status: str
    placed: datetime | None
    approved: datetime | None
    handed_over: datetime | None
    delivered: datetime | None
    promised: datetime | None
    seller: str | None
    ship_by: datetime | None
    cents: int | None


class Review(NamedTuple):
    """One review of one seller's part of an order. `seller` is None where no such part is judged."""

    review: str
    order: str
    score: int | None
    written: datetime | None
    answered: datetime | None
    seller: str | None


class Tables:
    """The three tables that hold promises and what became of them. Raises BadFile where one cannot be used."""

    def __init__(self, folder: Path):
        self._database = duckdb.connect()
        self._database.execute("SET threads = 2; SET enable_progress_bar = false")
        for name, columns in _COLUMNS.items():
            self._read(folder, name, columns)

    def sales(self) -> Iterator[Sale]:
        """Yield each seller's part of each order, by order; orders without items come once, with no seller."""
        yield from map(
            Sale._make,
            self._rows("""
            SELECT o.order_id, o.customer_id, o.order_status, o.order_purchase_timestamp, o.order_approved_at,
                   o.order_delivered_carrier_date, o.order_delivered_customer_date, o.order_estimated_delivery_date,
                   i.seller_id, max(i.shipping_limit_date), CAST(round(sum(i.price) * 100) AS BIGINT)
            FROM orders o LEFT JOIN order_items i USING (order_id)
            GROUP BY ALL ORDER BY o.order_id, i.seller_id
        """),
        )

    def reviews(self) -> Iterator[Review]:
        """Yield each review for each seller of its order."""
        # Of an order that is not judged (no approval, no items), a review has no seller to count for.
        yield from map(
            Review._make,
            self._rows("""
            SELECT DISTINCT r.review_id, r.order_id, CAST(r.review_score AS BIGINT), r.review_creation_date,
                   r.review_answer_timestamp, CASE WHEN o.order_approved_at IS NOT NULL THEN i.seller_id END
            FROM order_reviews r LEFT JOIN orders o USING (order_id) LEFT JOIN order_items i USING (order_id)
            ORDER BY ALL
        """),
        )

    def _read(self, folder: Path, name: str, columns: tuple[str, ...]) -> None:
        parquet, csv = folder / f"{name}.parquet", folder / f"olist_{name}_dataset.csv"
        if parquet.is_file():
            reader, path = "read_parquet(?)", parquet
        elif csv.is_file():
            reader, path = "read_csv(?, header = true, all_varchar = true)", csv
        else:
            raise BadFile(f"{folder} has neither {parquet.name} nor {csv.name}; give the folder of Olist's tables")
        try:
            described = self._database.execute(f"DESCRIBE SELECT * FROM {reader}", [str(path)]).fetchall()
            missing = sorted(set(columns) - {row[0] for row in described})
            if missing:
                raise BadFile(
                    f"{path} has no column {', '.join(missing)}; it has {', '.join(row[0] for row in described)}"
                )
            wanted = ", ".join(f"CAST({c} AS TIMESTAMP) AS {c}" if _is_moment(c) else _plain(c) for c in columns)
            self._database.execute(f"CREATE TABLE {name} AS SELECT {wanted} FROM {reader}", [str(path)])
        except duckdb.Error as error:
            raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from None

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._database.execute(query)
        while rows := cursor.fetchmany(10_000):
            yield from rows


def _is_moment(column: str) -> bool:
    return column.endswith(_MOMENTS) or column == "order_estimated_delivery_date"


def _plain(column: str) -> str:
    return f"CAST({column} AS DOUBLE) AS {column}" if column == "price" else column
