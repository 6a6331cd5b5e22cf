"""Olist's parcels in columns, for the promise adviser: what was known when each was ordered, and when it arrived.

The promised day counts to its end, as everywhere in Comity: for the shop's promises and for those advised.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from comity.history.errors import BadFile
from comity.history.parcels import codes, days_of
from comity.history.promise import Floats, Parcels

#: What is known at the order: distance, both states, freight, weight, price, parts, weekday, hour, where the buyer is.
#: Not the shipping limit: it is set when the payment is approved.
_CATEGORIES = (1, 2)
_NEEDED = {"orders": "orders", "order_items": "order_items", "customers": "customers", "sellers": "sellers"}
_OPTIONAL = {
    "products": ("products", "CREATE VIEW products AS SELECT '' AS product_id, NULL::DOUBLE AS product_weight_g"),
    "geolocation_by_zip": (
        "geolocation", "CREATE VIEW geolocation_by_zip AS SELECT '' AS geolocation_zip_code_prefix, "
        "NULL::DOUBLE AS lat, NULL::DOUBLE AS lng",
    ),
}  # fmt: skip
_QUERY = """
WITH items AS (
    SELECT order_id, arg_min(seller_id, order_item_id) AS seller_id, arg_min(product_id, order_item_id) AS product_id,
           count(*) AS parts, sum(freight_value::DOUBLE) AS freight, sum(price::DOUBLE) AS price
    FROM order_items GROUP BY order_id
)
SELECT o.order_purchase_timestamp::TIMESTAMP AS placed, o.order_delivered_customer_date::TIMESTAMP AS delivered,
       date_trunc('day', o.order_estimated_delivery_date::TIMESTAMP) + INTERVAL 1 DAY AS promised,
       c.customer_state AS there, s.seller_state AS here,
       i.parts, i.freight, i.price, p.product_weight_g::DOUBLE AS weight, b.lat AS lat, b.lng AS lng, a.lat AS from_lat,
       a.lng AS from_lng
FROM orders o JOIN customers c USING (customer_id) JOIN items i USING (order_id) JOIN sellers s USING (seller_id)
LEFT JOIN products p USING (product_id)
LEFT JOIN geolocation_by_zip b ON b.geolocation_zip_code_prefix = c.customer_zip_code_prefix
LEFT JOIN geolocation_by_zip a ON a.geolocation_zip_code_prefix = s.seller_zip_code_prefix
WHERE o.order_purchase_timestamp IS NOT NULL AND (
    o.order_delivered_customer_date IS NOT NULL
    OR (o.order_status = 'shipped' AND o.order_delivered_carrier_date IS NOT NULL)
)
ORDER BY placed, o.order_id
"""
_EARTH_KM = 6_371.0
_CARRIED_NAMES = ("seller", "carrier", "origin", "destination", "service", "placed", "sent", "promised", "delivered",
                  "scans", "failed", "gap")  # fmt: skip
_CARRIED = """
SELECT i.seller_id, 'olist', 'BR-' || any_value(s.seller_state), 'BR-' || any_value(c.customer_state), '',
       any_value(o.order_purchase_timestamp)::TIMESTAMP, any_value(o.order_delivered_carrier_date)::TIMESTAMP,
       date_trunc('day', any_value(o.order_estimated_delivery_date)::TIMESTAMP) + INTERVAL 86399 SECOND,
       any_value(o.order_delivered_customer_date)::TIMESTAMP, NULL, false, NULL
FROM orders o JOIN order_items i USING (order_id) JOIN customers c USING (customer_id) JOIN sellers s USING (seller_id)
WHERE o.order_delivered_carrier_date IS NOT NULL AND o.order_status IN ('shipped', 'delivered')
GROUP BY o.order_id, i.seller_id ORDER BY any_value(o.order_purchase_timestamp), o.order_id, i.seller_id
"""


def parcels(folder: Path) -> Parcels:
    """Read the parcels of a folder of Olist's tables. Raises BadFile where one is missing or cannot be used."""
    database = duckdb.connect()
    database.execute("SET threads = 2; SET enable_progress_bar = false")
    for name in _NEEDED:
        _view(database, folder, name, None)
    for name, (_, empty) in _OPTIONAL.items():
        _view(database, folder, name, empty)
    try:
        columns = database.execute(_QUERY).fetchnumpy()
    except duckdb.Error as error:
        raise BadFile(f"the tables of {folder} cannot be joined: {str(error).splitlines()[0]}") from None
    placed = days_of(columns["placed"])
    features = np.column_stack(
        [
            _distance(columns),
            codes(columns["there"]),
            codes(columns["here"]),
            *(_floats(columns[n]) for n in ("freight", "weight", "price", "parts")),
            (np.floor(placed) + 3) % 7,
            placed % 1,
            _floats(columns["lat"]),
            _floats(columns["lng"]),
        ]
    )
    return Parcels(placed, days_of(columns["delivered"]), days_of(columns["promised"]), features, _CATEGORIES)


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the parcels of a folder of Olist's tables as `history.parcels` keeps them; lanes are states.

    One for each seller of an order. The tables name no carrier: all stand under "olist". Raises BadFile.
    """
    database = duckdb.connect()
    database.execute("SET threads = 2; SET enable_progress_bar = false")
    for name in _NEEDED:
        _view(database, folder, name, None)
    try:
        cursor = database.execute(_CARRIED)
        while chunk := cursor.fetchmany(10_000):
            yield from (dict(zip(_CARRIED_NAMES, row, strict=True)) for row in chunk)
    except duckdb.Error as error:
        raise BadFile(f"the tables of {folder} cannot be joined: {str(error).splitlines()[0]}") from None


def _view(database: "duckdb.DuckDBPyConnection", folder: Path, name: str, empty: str | None) -> None:
    parquet, csv = folder / f"{name}.parquet", folder / f"olist_{name}_dataset.csv"
    try:
        if parquet.is_file():
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{_quoted(parquet)}')")
        elif csv.is_file():
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_csv('{_quoted(csv)}', all_varchar = true)")
        elif empty:
            database.execute(empty)
        else:
            raise BadFile(f"{folder} has neither {parquet.name} nor {csv.name}; give the folder of Olist's tables")
    except duckdb.Error as error:
        raise BadFile(f"{name} in {folder} cannot be read: {str(error).splitlines()[0]}") from None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _floats(column: Any) -> Floats:
    return np.asarray(np.ma.filled(np.ma.asarray(column, dtype=np.float64), np.nan))


def _distance(columns: Any) -> Floats:
    """Return great-circle distances in kilometres (haversine)."""
    lat, lng, from_lat, from_lng = (
        np.radians(_floats(columns[name])) for name in ("lat", "lng", "from_lat", "from_lng")
    )
    half = np.sin((lat - from_lat) / 2) ** 2 + np.cos(lat) * np.cos(from_lat) * np.sin((lng - from_lng) / 2) ** 2
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(half)))
