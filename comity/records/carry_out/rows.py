"""Rows of a life: a state and its row have the same columns, so one function reads them and one writes them.

What a row has beside its state is written by that life's own file, in the same statement.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from operator import attrgetter
from types import UnionType
from typing import Any, ClassVar, NamedTuple, Protocol, get_args, get_origin, get_type_hints

from django.db.models import Model

from comity.policy.life import Life
from comity.policy.memory import Memory
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import Origin
from comity.records import statements
from comity.records.models import Standing


@dataclass(frozen=True, slots=True)
class Sitting:
    """What is judged and written down together: one party's memory and its locked standing."""

    memory: Memory
    standing: Standing
    noted_at: datetime


class Change(NamedTuple):
    """What changed in a sitting of one life's states: the rulings, by the key of the state that they changed."""

    sitting: Sitting
    rulings: Mapping[str, Sequence[Ruling]]


class ReadTogether:
    """States of several parties, read for all of them when something first asks for those of one."""

    def __init__(self, party_ids: Sequence[int], read: Callable[[Sequence[int]], Iterable[tuple[int, Any]]]):
        self._party_ids, self._read = party_ids, read
        self._states: dict[int, list[Any]] | None = None

    def of(self, party_id: int) -> Sequence[Any]:
        """Return the states of a party."""
        if self._states is None:
            self._states = {}
            for owner, state in self._read(self._party_ids):
                self._states.setdefault(owner, []).append(state)
        return self._states.get(party_id, ())


class Kept(Protocol):
    """Where the states of one life are kept. `carry_out.ROWS` has one for each life that keeps any."""

    life: Life

    def leave_word(self, sittings: Sequence[Sitting]) -> None:
        """Let the memories read the states when something asks for them."""

    def write(self, changes: Sequence[Change]) -> None:
        """Write the states that changed."""

    def falling(self, party_ids: Sequence[int], before: datetime) -> Iterable[tuple[int, Any]]:
        """Return the states of parties with a moment before `before`, each with its party."""

    def next_moments(self, standings: Sequence[Standing]) -> Mapping[int, datetime | None]:
        """Return the earliest moment that a state of each party waits for, by party."""

    def step_aside(self, standing: Standing, key: str, *, at: datetime, why: str) -> None:
        """Set a state aside whose moment could not be ruled on."""

    def stuck(self) -> Iterator[Any]:
        """Yield the rows that stepped aside."""

    def take_back(self, row: Any) -> None:
        """Let a row wait for its moment again."""


class Rows:
    """States in a table of their own, by key.

    extra  columns beside the state's, filled by `more`; where it has none for a row, what was there stays
    """

    extra: ClassVar[tuple[str, ...]] = ()

    def __init__(self, life: Life, model: type[Model]):
        if life.state is None:
            raise TypeError(f"the life {life.name} keeps no states")
        self.life, self.model, self.state = life, model, life.state
        known = {field.name for field in model._meta.concrete_fields}
        # Annotations are texts where a module postpones them; here they are types again.
        hints = get_type_hints(life.state)
        self.columns = tuple(name for name in getattr(life.state, "__struct_fields__") if name in known)  # noqa: B009
        self.waits = "stuck_at" in known
        self._readers = tuple(_reader(hints[name]) for name in self.columns)
        kinds = [_kind(hints[name]) for name in self.columns]
        self._values = attrgetter(*self.columns)
        self._moments = tuple(at for at, kind in enumerate(kinds) if kind is datetime)
        self._writers = tuple((at, write) for at, kind in enumerate(kinds) if (write := _writer(kind)) is not None)
        self.table = model._meta.db_table
        self._select = f"SELECT {', '.join(self.columns)} FROM {self.table} WHERE party_id = %s"
        self._of_parties = f"SELECT party_id, {', '.join(self.columns)} FROM {self.table} WHERE party_id IN ({{marks}})"
        # One look into the index for each party: a party may have very many that wait.
        self._next_moments = f"""
SELECT s.party_id, (
    SELECT MIN(w.next_at) FROM {self.table} w
    WHERE w.party_id = s.party_id AND w.next_at IS NOT NULL{" AND w.stuck_at IS NULL" if self.waits else ""}
)
FROM records_standing s WHERE s.party_id IN ({{marks}})
"""
        self._upsert = self._upserting()

    def _upserting(self) -> str:
        # Written as empty each time: a state that was ruled on steps aside no more.
        stuck = ("stuck_at", "stuck_why") if self.waits else ()
        names = self._names = ("party_id", *stuck, *self.columns, *self.extra)
        updates = [f"{name} = excluded.{name}" for name in (*stuck, *self.columns) if name != "key"]
        updates += [f"{name} = COALESCE(excluded.{name}, {self.table}.{name})" for name in self.extra]
        return (
            f"INSERT INTO {self.table} ({', '.join(names)}) {{rows}} "
            f"ON CONFLICT (party_id, key) DO UPDATE SET {', '.join(updates)}"
        )

    # Reading

    def leave_word(self, sittings: Sequence[Sitting]) -> None:
        """Let the memories read the states when something asks for them; most facts and moments never do."""
        together = ReadTogether([sitting.standing.party_id for sitting in sittings], self.read_of)
        for sitting in sittings:
            sitting.memory.fetch[self.life.name] = partial(together.of, sitting.standing.party_id)

    def read(self, party_id: int, condition: str = "", parameters: Sequence[Any] = ()) -> list[Any]:
        """Return a party's states, those that stepped aside left out. One statement."""
        aside = " AND stuck_at IS NULL" if self.waits else ""
        rows = statements.fetch(self._select + aside + condition, [party_id, *parameters])
        return [self.read_row(row) for row in rows]

    def as_they_are(self, party_id: int) -> Iterator[tuple[str, Any, dict[str, Any]]]:
        """Yield all of a party's rows: the key, the state (None where a value is none), what is beside it."""
        names = (*self.columns, *self.extra)
        for row in statements.fetch(f"SELECT {', '.join(names)} FROM {self.table} WHERE party_id = %s", [party_id]):
            width = len(self.columns)
            try:
                state = self.read_row(row[:width])
            except (ValueError, TypeError):
                state = None
            yield row[self.columns.index("key")], state, dict(zip(self.extra, row[width:], strict=True))

    def read_in(self, party_id: int, column: str, values: Sequence[str]) -> list[Any]:
        """Return a party's states whose `column` has one of `values`, those that stepped aside left out."""
        aside = " AND stuck_at IS NULL" if self.waits else ""
        rows = statements.fetch_in(f"{self._select}{aside} AND {column} IN ({{marks}})", [party_id], values)
        return [self.read_row(row) for row in rows]

    def read_row(self, row: Sequence[Any]) -> Any:
        """Return the state that a row's `columns` say."""
        values = {
            name: read(value) if read is not None else value
            for name, read, value in zip(self.columns, self._readers, row, strict=True)
        }
        return self.state(**values)

    def read_of(
        self, party_ids: Sequence[int], condition: str = "", parameters: Sequence[Any] = ()
    ) -> list[tuple[int, Any]]:
        """Return the states of several parties, each with its party, as `read` does. One statement."""
        aside = " AND stuck_at IS NULL" if self.waits else ""
        rows = statements.fetch_in(self._of_parties + aside + condition, (), party_ids, parameters)
        return [(row[0], self.read_row(row[1:])) for row in rows]

    def falling(self, party_ids: Sequence[int], before: datetime) -> Iterable[tuple[int, Any]]:
        """Return the states of parties with a moment before `before`, each with its party. One statement."""
        if not self.waits:
            return ()
        condition = " AND next_at < %s AND next_at IS NOT NULL"
        return self.read_of(party_ids, condition, [statements.adapter()(before)])

    def next_moments(self, standings: Sequence[Standing]) -> Mapping[int, datetime | None]:
        """Return the earliest moment that a state of each party waits for, by party. One statement."""
        if not self.waits:
            return {}
        rows = statements.fetch_in(self._next_moments, (), [standing.party_id for standing in standings])
        return {party_id: statements.moment(at) for party_id, at in rows}

    # Writing

    def write(self, changes: Sequence[Change]) -> None:
        """Write the states that changed. One statement."""
        rows = []
        for sitting, changed in changes:
            shelf, party_id = sitting.memory.shelves[self.life.name], sitting.standing.party_id
            rows += [(party_id, shelf[key], self.more(sitting, shelf[key], told)) for key, told in changed.items()]
        self.put(rows)

    def more(self, sitting: Sitting, state: Any, rulings: Sequence[Ruling]) -> Mapping[str, Any]:
        """Return what the row has beside its state."""
        return {}

    def put(self, states: Iterable[tuple[int, Any, Mapping[str, Any]]]) -> None:
        """Insert states of parties, or bring their rows up to date. One statement.

        Each comes with its party, and with what the row has beside.
        """
        aside = (None, "") if self.waits else ()
        adapt = statements.adapter()
        rows = [
            (party_id, *aside, *self._row(state, adapt), *(more.get(name) for name in self.extra))
            for party_id, state, more in states
        ]
        if rows:
            statements.write_rows(self._upsert, rows, self.model, self._names)

    def _row(self, state: Any, adapt: Callable[[datetime | None], Any]) -> list[Any]:
        values = list(self._values(state))
        for at in self._moments:
            values[at] = adapt(values[at])
        for at, write in self._writers:
            values[at] = write(values[at])
        return values

    def begin_again(self, party_id: int) -> None:
        """Let a party's rows be written once more from the beginning of its chain."""

    # Stepping aside

    def step_aside(self, standing: Standing, key: str, *, at: datetime, why: str) -> None:
        """Set a state aside whose moment could not be ruled on."""
        self.model._default_manager.filter(party_id=standing.party_id, key=key).update(stuck_at=at, stuck_why=why)

    def stuck(self) -> Iterator[Any]:
        """Yield the rows that stepped aside, the longest first."""
        if self.waits:
            rows = self.model._default_manager.filter(stuck_at__isnull=False)
            yield from rows.select_related("party").order_by("stuck_at")

    def take_back(self, row: Any) -> None:
        """Let a row wait for its moment again."""
        row.stuck_at, row.stuck_why = None, ""
        row.save(update_fields=["stuck_at", "stuck_why"])


Convert = Callable[[Any], Any] | None


def _reader(hint: Any) -> Convert:
    """Return what turns a column's value, as either engine gives it, into a state's; None for the value itself."""
    kind = _kind(hint)
    if kind is datetime:
        return statements.moment
    if kind is tuple:
        return lambda value: tuple(json.loads(value) if isinstance(value, str) else value)
    if kind is Origin:
        return Origin.read
    if kind is bool:
        return bool
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None


def _writer(kind: Any) -> Convert:
    """Return what turns a state's value into a column's, moments apart; None for the value itself."""
    if kind is tuple:
        return lambda value: json.dumps(list(value))
    if kind is Origin:
        return str
    return attrgetter("value") if isinstance(kind, type) and issubclass(kind, StrEnum) else None


def _kind(hint: Any) -> Any:
    """Return the type behind `X | None` and `tuple[X, ...]`."""
    if isinstance(hint, UnionType):
        return next(_kind(each) for each in get_args(hint) if each is not type(None))
    return get_origin(hint) or hint
