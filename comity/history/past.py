"""A marketplace's past as somebody hands it over: facts in columns, or line by line.

Columns are those of `history.source`. A line is a fact as Comity writes it, or a CloudEvent as POST /api/v1/facts
takes it. A row from which no fact can be taken harms no other: it says its number and what is wrong.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from comity.history import source
from comity.history.errors import BadFile
from comity.lib import moments
from comity.policy.facts import CLOCK_SKEW_SECONDS, KINDS, PAUSES, Fact, Scalar, problems, read_fact

MOST_LINE_BYTES = 1_000_000
RULING = "ruling"
_PARQUET, _GZIP = b"PAR1", b"\x1f\x8b"
_SKEW = timedelta(seconds=CLOCK_SKEW_SECONDS)
#: The databases' integers have 64 bits.
_LARGEST = 2**62
_EVENT = ("id", "source", "type", "subject", "time")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file by its number, from 1: the fact that it tells, or why it tells none.

    left_out  what it is, where Comity comes to it by itself: a ruling, or the kind of a fact that follows from others
    """

    number: int
    fact: Fact | None = None
    wrong: str = ""
    left_out: str = ""


def amount(path: Path) -> int:
    """Return how much there is to read: rows of columns, else bytes. Raises BadFile for what cannot hold facts."""
    try:
        with path.open("rb") as file:
            begin = file.read(4096)
    except FileNotFoundError:
        raise BadFile(f"there is no file {path}") from None
    except OSError as error:
        raise BadFile(f"cannot read {path}: {error.strerror or error}") from None
    if begin.startswith(_PARQUET):
        return source.look(path).facts
    if begin.startswith(_GZIP):
        raise BadFile(f"{path} is compressed; unpack it first, with gunzip")
    first = begin.lstrip()
    if not begin:
        raise BadFile(f"{path} is empty")
    if first.startswith(b"["):
        raise BadFile(f"{path} is one JSON list; write an object a line, such as with: jq -c '.[]' {path}")
    if first and not first.startswith(b"{"):
        raise BadFile(f"{path} is neither Parquet nor JSON, one object a line; comity export facts writes such a file")
    return path.stat().st_size


def rows(path: Path, now: datetime, *, told: Callable[[int], None] = lambda done: None) -> Iterator[Row]:
    """Yield the rows of a file, the facts as noted at `now`; `told` hears how much of `amount` was read.

    Raises BadFile.
    """
    with path.open("rb") as file:
        in_columns = file.read(4) == _PARQUET
    yield from _of_columns(path, now, told) if in_columns else _of_lines(path, now, told)


def _of_columns(path: Path, now: datetime, told: Callable[[int], None]) -> Iterator[Row]:
    number = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches(10_000, columns=["body"]):
            for body in batch.column(0).to_pylist():
                number += 1
                yield _row(number, (body or "").encode(), now)
            told(number)
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{path} cannot be read on from row {number}: {str(error).splitlines()[0]}") from None


def _of_lines(path: Path, now: datetime, told: Callable[[int], None]) -> Iterator[Row]:
    done = number = 0
    with path.open("rb") as file:
        while line := file.readline(MOST_LINE_BYTES):
            number += 1
            if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
                while more := file.readline(MOST_LINE_BYTES):
                    done += len(more)
                    if more.endswith(b"\n"):
                        break
                yield Row(number, wrong=f"the line is longer than {MOST_LINE_BYTES:,} bytes")
            elif not line.isspace():
                yield _row(number, line, now)
            done += len(line)
            if number % 1_000 == 0:
                told(done)
    told(done)


def _row(number: int, text: bytes, now: datetime) -> Row:
    try:
        fact = _read(text)
        if fact is None:
            return Row(number, left_out=RULING)
        kind = KINDS.get(fact.kind)
        # A pause excuses, and nothing else in a history says so.
        if kind is not None and not kind.from_outside and kind.name not in PAUSES:
            return Row(number, left_out=kind.name)
        return Row(number, _noted(fact, now))
    except (ValueError, OverflowError) as error:
        return Row(number, wrong=str(error))


def _read(text: bytes) -> Fact | None:
    """Return the fact of a line, as it says; None for a ruling. Raises ValueError."""
    try:
        return read_fact(text)
    except msgspec.MsgspecError as error:
        why = error
    try:
        plain = msgspec.json.decode(text)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(plain, dict):
        raise ValueError("each line must be a JSON object")
    if "ruling" in plain:
        return None
    if "specversion" not in plain:
        raise ValueError(f"neither a fact ({why}) nor a CloudEvent (no specversion)")
    return _of_event(plain)


def _of_event(event: dict[str, Any]) -> Fact:
    wrong = [f"{name} must be a text" for name in _EVENT if not isinstance(event.get(name), str) or not event[name]]
    if event["specversion"] != "1.0":
        wrong.append('specversion must be "1.0"')
    data = event.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("party"), str):
        wrong.append("data.party is missing: whose matter it is, such as seller:0191…")
    if wrong:
        raise ValueError("; ".join(wrong))
    assert isinstance(data, dict)
    fields: dict[str, Scalar] = {name: value for name, value in data.items() if name not in ("party", "matter")}
    at = moments.parse(event["time"])
    said = {
        # CloudEvents 1.0: an event is known by its source and id together.
        "id": f"{event['source']}|{event['id']}",
        "kind": event["type"],
        "at": at,
        "noted_at": at,
        "subject": event["subject"],
        "matter": data.get("matter", event["subject"]),
        "party": data["party"],
        "data": fields,
    }
    return msgspec.convert(said, Fact)


def _noted(fact: Fact, now: datetime) -> Fact:
    """Return a fact as it is noted now, by itself; raise ValueError where it is not sound."""
    at = moments.in_utc(fact.at)
    if at - now > _SKEW:
        raise ValueError(f"at ({at.isoformat()}) is in the future; here it is {now.isoformat()}")
    fact = msgspec.structs.replace(fact, at=min(at, now), noted_at=now, sitting=0)
    wrong = [
        *problems(fact),
        *(
            f"data.{name} is too large a number"
            for name, value in fact.data.items()
            if isinstance(value, int) and abs(value) > _LARGEST
        ),
    ]
    if wrong:
        raise ValueError("; ".join(wrong))
    return fact
