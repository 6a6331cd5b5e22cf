"""Facts in columns: written as Parquet, and read party by party with DuckDB in the process (decision 16).

One row a fact: id, kind, at, noted_at (UTC, microseconds), subject, matter, party, seq (the order in which facts of
one moment were noted), and body, the whole fact as JSON, which alone is read to judge. What was left out, and why,
travels in the file's metadata.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from comity.history.errors import BadFile
from comity.policy.facts import Fact

_MOMENT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema([
    ("id", pa.string()), ("kind", pa.string()), ("at", _MOMENT), ("noted_at", _MOMENT), ("subject", pa.string()),
    ("matter", pa.string()), ("party", pa.string()), ("seq", pa.int64()), ("body", pa.string()),
])  # fmt: skip
CHUNK = 50_000
#: What sorting may keep in memory before it goes to disk.
MEMORY = "512MB"
_EXCLUDED = b"comity.excluded"
_GLANCE = """
SELECT count(*), count(DISTINCT party), epoch_us(min("at")), epoch_us(max("at")) FROM read_parquet($path)
"""
_ROWS = """
SELECT replace(body, chr(10), ' ') || chr(10), seq FROM read_parquet($path)
WHERE hash(party) % $parts = $part ORDER BY party, noted_at, seq
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
        # In one step: there is no moment at which half a file has this name.
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
    columns["seq"] = list(range(first_seq, first_seq + len(facts)))
    columns["body"] = [_encode(fact).decode() for fact in facts]
    return pa.table(columns, schema=schema)


def look(path: Path) -> FactsFile:
    """Return what a facts file holds; raise BadFile if it is none."""
    try:
        parquet = pq.ParquetFile(path)
        metadata = parquet.schema_arrow.metadata or {}
        missing = [name for name in SCHEMA.names if name not in parquet.schema_arrow.names]
        if missing:
            raise BadFile(
                f"{path} has no column {', '.join(missing)}; write it anew with comity export facts or comity import"
            )
        with _database() as database:
            (counted,) = database.execute(_GLANCE, {"path": str(path)}).fetchall()
    except FileNotFoundError:
        raise BadFile(f"there is no file {path}") from None
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} is not a Parquet file that can be read: {str(error).splitlines()[0]}") from None
    except duckdb.Error as error:
        raise BadFile(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    facts, parties, first, last = counted
    excluded = json.loads(metadata.get(_EXCLUDED, b"{}"))
    return FactsFile(path, facts, parties, _moment(first), _moment(last), excluded)


def by_party(path: Path, *, part: int = 0, parts: int = 1) -> Iterator[tuple[str, list[Fact]]]:
    """Yield each party with its facts in the order in which they were noted.

    With `parts`, only the parties of the `part`-th share, so that processes can divide a file among themselves.
    Memory is bounded by the largest party: sorting spills to disk beyond MEMORY.
    """
    for party, facts in groupby(_facts(path, part, parts), key=attrgetter("party")):
        yield party, list(facts)


def numbered_by_party(path: Path) -> Iterator[tuple[str, list[tuple[int, Fact]]]]:
    """Yield each party with its facts likewise, each with its place in the file as it was written, from 0."""
    numbered = (pair for facts, seqs in _batches(path, 0, 1) for pair in zip(seqs.to_pylist(), facts, strict=True))
    for party, facts in groupby(numbered, key=lambda pair: pair[1].party):
        yield party, list(facts)


def _facts(path: Path, part: int, parts: int) -> Iterator[Fact]:
    for facts, _ in _batches(path, part, parts):
        yield from facts


def _batches(path: Path, part: int, parts: int) -> Iterator[tuple[list[Fact], pa.Int64Array]]:
    with _database() as database:
        found = database.sql(_ROWS, params={"path": str(path), "part": part, "parts": parts})
        for batch in found.to_arrow_reader(CHUNK):  # decoded where they lie: no text is made of them before
            try:
                facts = _read_lines(_text(batch.column(0)))
                if len(facts) != batch.num_rows:
                    raise TypeError("an empty body")
            except (msgspec.DecodeError, TypeError) as error:
                raise BadFile(f"{path} holds what is not a fact: {error}; write it anew") from None
            yield facts, batch.column(1)


def _text(lines: pa.StringArray) -> memoryview:
    """Return the lines of a column as they lie one after another; raise TypeError where one is missing."""
    if lines.null_count:
        raise TypeError("a row without a body")
    _, ends, text = lines.cast(pa.string()).buffers()
    places = memoryview(ends).cast("i")
    return memoryview(text)[places[lines.offset] : places[lines.offset + len(lines)]]


def _database() -> duckdb.DuckDBPyConnection:
    spill = f"{tempfile.gettempdir()}/comity-{os.getpid()}"
    # One thread: a replay has a process for each core, and each reads its own share.
    database = duckdb.connect(config={"memory_limit": MEMORY, "threads": 1, "temp_directory": spill})
    database.execute("SET enable_progress_bar = false")
    return database


_encode = msgspec.json.Encoder(order="sorted").encode
_read_lines = msgspec.json.Decoder(Fact).decode_lines


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else _EPOCH + timedelta(microseconds=micros)
