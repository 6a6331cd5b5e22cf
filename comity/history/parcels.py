"""Parcels in columns: one Parquet file for carriers' scorecards and for the promise adviser.

Moments are naive, in UTC (Olist's: as published). `placed` is when the buyer paid; `sent`, `promised`, `delivered` as
their names say, empty where that did not happen; `scans` how many events there were, `failed` whether the carrier told
of trouble, `gap` the longest silence in days.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from comity.history.errors import BadFile
from comity.history.promise import (
    KNOWN_AFTER,
    LEAST_ARRIVALS,
    Adviser,
    Floats,
    Parcels,
    TooFewParcels,
    Watch,
    backtest,
)

_MOMENT = pa.timestamp("us")
SCHEMA = pa.schema([
    ("seller", pa.string()), ("carrier", pa.string()), ("origin", pa.string()), ("destination", pa.string()),
    ("service", pa.string()), ("placed", _MOMENT), ("sent", _MOMENT), ("promised", _MOMENT), ("delivered", _MOMENT),
    ("scans", pa.int32()), ("failed", pa.bool_()), ("gap", pa.float64()),
])  # fmt: skip
CHUNK = 50_000
#: For how many days back a lane of a seller is still in use.
IN_USE_DAYS = 60.0
#: For so many days back the adviser's own promises are tried again, to see how it does.
TRIED_DAYS = 42.0
_COLUMNS = """
SELECT coalesce(seller, '') AS seller, coalesce(origin, '') AS origin, coalesce(destination, '') AS destination,
       coalesce(service, '') AS service, placed, promised, delivered
FROM read_parquet($paths) WHERE placed IS NOT NULL AND placed <= $now::TIMESTAMP ORDER BY placed, seller
"""


@dataclass(frozen=True, slots=True)
class Lane:
    """What could be promised by a seller on a lane from today on, and what was.

    days      from the payment to the end of the promised day
    promised  likewise, the mean of what was promised there lately; `kept`: the share of it that was, None for unknown
    """

    seller: str
    origin: str
    destination: str
    service: str
    days: float
    promised: float
    kept: float | None
    parcels: int


@dataclass(frozen=True, slots=True)
class Advised:
    """All lanes that sellers use, and at which level they were promised for.

    judged, kept   of the adviser's own promises that ended in the last weeks: how many, and how many were kept
    """

    lanes: list[Lane]
    level: float
    judged: int
    kept: int


def write(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """Write parcels and return how many; all or nothing: `path` appears once it is complete. Raises BadFile."""
    partial = path.with_name(f".{path.name}.partial")
    stream, count = iter(rows), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(partial, SCHEMA) as file:
            while chunk := list(islice(stream, CHUNK)):
                file.write_table(pa.Table.from_pylist(chunk, schema=SCHEMA))
                count += len(chunk)
        # In one step: whoever reads the file meanwhile has the old one or the new one, whole.
        os.replace(partial, path)
    except OSError as error:
        raise BadFile(f"{path} cannot be written: {error.strerror}") from None
    return count


def advise(paths: Sequence[Path], *, now: datetime, level: float) -> Advised:
    """Return what each seller could promise on each lane in use. Raises BadFile, TooFewParcels.

    The adviser's own promises of the last weeks are tried first; where too few of them were kept, it aims higher.
    """
    read, columns = _read(paths, now)
    if not len(read):
        raise TooFewParcels("there is no parcel")
    day = float(np.floor(now.timestamp() / 86_400))
    watch = Watch(level)
    try:
        # Promises could be made from the day on which enough parcels were old enough to learn from.
        first = float(read.placed[min(LEAST_ARRIVALS, len(read) - 1)]) + KNOWN_AFTER + 1
        tried = backtest(read, since=max(day - TRIED_DAYS, first), until=day, levels=[level], wanted=level)
        watch = tried.watch or watch
    except TooFewParcels:
        pass  # a young marketplace: there is nothing to try it on yet
    aimed = watch.level(day)
    lanes = _lanes(read, columns, day)
    rows = np.array([members[-1] for members in lanes.values()], dtype=np.intp)
    days = Adviser(read).lengths(day, rows, [aimed])[0] if len(rows) else np.array([])
    told = zip(lanes.items(), days, strict=True)
    found_lanes = [_lane(key, members, read, float(length), day) for (key, members), length in told]
    return Advised(found_lanes, aimed, *watch.over(day, TRIED_DAYS))


def _read(paths: Sequence[Path], now: datetime) -> tuple[Parcels, dict[str, Any]]:
    with duckdb.connect() as database:
        database.execute("SET threads = 2; SET enable_progress_bar = false")
        try:
            at = now.replace(tzinfo=None).isoformat(" ")
            columns = database.execute(_COLUMNS, {"paths": [str(path) for path in paths], "now": at}).fetchnumpy()
        except duckdb.Error as error:
            raise BadFile(f"the parcels cannot be read: {str(error).splitlines()[0]}") from None
    placed = days_of(columns["placed"])
    # Sellers share codes beyond 250: scikit-learn's trees take at most 255 categories. The last column is the weekday,
    # Monday 0: day 0, 1970-01-01, was a Thursday.
    features = (
        np.column_stack(
            [
                codes(columns["origin"]),
                codes(columns["destination"]),
                codes(columns["service"]),
                codes(columns["seller"]) % 250,
                (np.floor(placed) + 3) % 7,
            ]
        )
        if len(placed)
        else np.empty((0, 5))
    )
    delivered = days_of(columns["delivered"])
    delivered[delivered > now.timestamp() / 86_400] = np.nan  # what is not known yet
    parcels = Parcels(placed, delivered, days_of(columns["promised"]), features, _categories(features))
    return parcels, columns


def _categories(features: Floats) -> tuple[int, ...]:
    """Return which columns are codes that a model can take apart: no more than 250 of them."""
    return tuple(column for column in range(4) if len(features) and features[:, column].max() < 250)


def _lanes(read: Parcels, columns: dict[str, Any], day: float) -> dict[tuple[str, str, str, str], list[int]]:
    """Return the parcels of each seller's lanes in the last weeks, in their order."""
    lanes: dict[tuple[str, str, str, str], list[int]] = {}
    for row in np.flatnonzero(read.placed >= day - IN_USE_DAYS):
        key = tuple(str(columns[name][row]) for name in ("seller", "origin", "destination", "service"))
        lanes.setdefault((key[0], key[1], key[2], key[3]), []).append(int(row))
    return lanes


def _lane(key: tuple[str, str, str, str], members: list[int], read: Parcels, days: float, day: float) -> Lane:
    rows = np.array(members)
    promised = read.promised[rows] - read.placed[rows]
    over = (read.promised[rows] < day) & ~np.isnan(promised)
    kept = read.delivered[rows] <= read.promised[rows]
    return Lane(
        *key,
        days=days,
        promised=float(np.nanmean(promised)) if not np.isnan(promised).all() else float("nan"),
        kept=float(kept[over].mean()) if over.any() else None,
        parcels=len(members),
    )


def days_of(column: Any) -> Floats:
    """Return moments as days since 1970; nan for none."""
    moments = np.ma.filled(np.ma.asarray(column).astype("datetime64[us]"), np.datetime64("NaT"))
    days = moments.astype(np.int64).astype(np.float64) / 86_400e6
    days[np.isnat(moments)] = np.nan
    return days


def codes(column: Any) -> Floats:
    """Return names as numbers in the order of the alphabet, so that the same name has the same number."""
    return np.unique(np.asarray(column, dtype=str), return_inverse=True)[1].astype(np.float64)
