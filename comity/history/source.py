"""Facts in columns: written and read as Parquet, party by party, by Ibis expressions (DuckDB in the process).

One row a fact: id, kind, at, noted_at (UTC, microseconds), subject, matter, party, data (canonical JSON), seq (the
order in which facts of one moment were noted). What was left out, and why, travels in the file's metadata.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import ibis
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from comity.policy.facts import Fact

_MOMENT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema([
    ("id", pa.string()), ("kind", pa.string()), ("at", _MOMENT), ("noted_at", _MOMENT), ("subject", pa.string()),
    ("matter", pa.string()), ("party", pa.string()), ("data", pa.string()), ("seq", pa.int64()),
])  # fmt: skip
CHUNK = 50_000
#: What sorting may keep in memory before it goes to disk.
MEMORY = "512MB"
_EXCLUDED = b"comity.excluded"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadFile(ValueError):
    """A file cannot be used; the message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class FactsFile:
    """A facts file at a glance: how many facts and parties, the first and last moment, what was excluded and why."""

    path: Path
    facts: int
    parties: int
    first_at: datetime | None
    last_at: datetime | None
    excluded: Mapping[str, int]


def write(path: Path, facts: Iterable[Fact], *, excluded: Mapping[str, int] | None = None) -> int:
    """Write facts in the order given and return how many; all or nothing: `path` appears once it is complete.

    Raises BadFile where the place cannot be written.
    """
    schema = SCHEMA.with_metadata({_EXCLUDED: json.dumps(dict(excluded or {})).encode()})
    partial = path.with_name(f".{path.name}.partial")
    count = 0
    stream = iter(facts)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            while chunk := list(islice(stream, CHUNK)):
                writer.write_table(_table(chunk, count, schema))
                count += len(chunk)
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BadFile(f"cannot write {path}: {error.strerror or error}; choose another place or make room") from None
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return count


def _table(facts: list[Fact], first_seq: int, schema: pa.Schema) -> pa.Table:
    columns: dict[str, list[Any]] = {
        name: [getattr(fact, name) for fact in facts]
        for name in ("id", "kind", "at", "noted_at", "subject", "matter", "party")
    }
    columns["data"] = [_encode(fact.data).decode() for fact in facts]
    columns["seq"] = list(range(first_seq, first_seq + len(facts)))
    return pa.table(columns, schema=schema)


def look(path: Path) -> FactsFile:
    """Return what a facts file holds; raise BadFile if it is none."""
    try:
        parquet = pq.ParquetFile(path)
        metadata = parquet.schema_arrow.metadata or {}
        missing = [name for name in SCHEMA.names if name not in parquet.schema_arrow.names]
        if missing:
            raise BadFile(
                f"{path} has no column {', '.join(missing)}; write it with comity export facts or comity import"
            )
        table = _open(path)
        counts = table.aggregate(
            facts=table.count(), parties=table.party.nunique(), first=table["at"].min(), last=table["at"].max()
        )
        (counted,) = next(iter(_batches(counts))).to_pylist()
    except FileNotFoundError:
        raise BadFile(f"there is no file {path}") from None
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} is not a Parquet file that can be read: {str(error).splitlines()[0]}") from None
    except BadFile:
        raise
    except Exception as error:  # DuckDB's errors share no base class that is part of its interface
        raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    return FactsFile(
        path, counted["facts"], counted["parties"], _utc(counted["first"]), _utc(counted["last"]),
        json.loads(metadata.get(_EXCLUDED, b"{}")),
    )  # fmt: skip


def by_party(path: Path, *, part: int = 0, parts: int = 1) -> Iterator[tuple[str, list[Fact]]]:
    """Yield each party with its facts in the order in which they were noted.

    With `parts`, only the parties of the `part`-th share, so that processes can divide a file among themselves.
    Memory is bounded by the largest party: sorting spills to disk beyond MEMORY.
    """
    for party, rows in groupby(_rows(path, part, parts), key=lambda row: row[6]):
        yield party, [_fact(row) for row in rows]


def _rows(path: Path, part: int, parts: int) -> Iterator[tuple[Any, ...]]:
    table = _open(path)
    if parts > 1:
        table = table.filter(((table.party.hash() % parts) + parts) % parts == part)
    micros = {
        name: (table[name].epoch_seconds() * 1_000_000 + table[name].microsecond()) for name in ("at", "noted_at")
    }
    table = table.select("id", "kind", *[micros[n].name(n) for n in ("at", "noted_at")], "subject", "matter", "party",
                         "data", "seq").order_by(["party", "noted_at", "seq"])  # fmt: skip
    for batch in _batches(table):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _batches(table: Any) -> Iterator[pa.RecordBatch]:
    """Yield the rows of an Ibis expression in batches of CHUNK.

    Ibis 12 asks DuckDB 2 for them by names that it gave up, so the compiled statement is read directly.
    """
    yield from table.get_backend().con.sql(ibis.to_sql(table)).to_arrow_reader(CHUNK)


def _open(path: Path) -> Any:
    connection = ibis.duckdb.connect()
    connection.raw_sql(
        f"SET memory_limit = '{MEMORY}'; SET threads = 1; SET TimeZone = 'UTC'; SET enable_progress_bar = false"
    )
    return connection.read_parquet(str(path))


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(dict[str, str | int | bool | None]).decode


def _fact(row: tuple[Any, ...]) -> Fact:
    identity, kind, at, noted_at, subject, matter, party, data, _ = row
    happened = _EPOCH + timedelta(microseconds=at)
    return Fact(
        id=identity, kind=kind, at=happened,
        noted_at=happened if noted_at == at else _EPOCH + timedelta(microseconds=noted_at),
        subject=subject, matter=matter, party=party, data=_decode(data),
    )  # fmt: skip


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)
