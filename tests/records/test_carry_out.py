"""The twin of the table of lives: every state comes back from its row as it went in."""

from datetime import datetime
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from comity.policy.duties.matter import DutyStatus
from comity.policy.lives import LIVES
from comity.policy.sanctions.measures import MeasureStatus, Origin
from comity.records import statements
from comity.records.carry_out import DUTIES, ROWS
from comity.records.carry_out.rows import Rows
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db
TABLES = [kept for kept in ROWS.values() if isinstance(kept, Rows)]


def sample(rows: Rows, number: int) -> Any:
    """A state with a value in every field that its row keeps."""
    hints = get_type_hints(rows.state)
    values = {name: _value(hints[name], name, number) for name in rows.columns}
    return rows.state(**values)


def _value(hint: Any, name: str, number: int) -> Any:
    kinds = [each for each in get_args(hint) if each is not type(None)] or [hint]
    kind = kinds[0]
    if kind is datetime:
        return hours(number + len(name))
    if kind is bool:
        return number % 2 == 0
    if kind is int:
        return number
    if kind is Origin:
        return Origin("standard", "late: dispatch")
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return next(iter(kind))
    return ("one", "two") if kind is str and hint is not str else f"{name[:8]}{number}"


def more(rows: Rows) -> dict[str, Any]:
    """What a row must have beside its state."""
    return {"current": True} if rows is DUTIES else {}


def test_every_life_that_keeps_states_has_rows() -> None:
    keeping = {life.name for life in LIVES if life.state is not None}
    assert keeping == set(ROWS), "a life without rows is forgotten after each fact"
    assert [life.name for life in LIVES if life.name in ROWS] == list(ROWS), "in the order of the lives"


@pytest.mark.parametrize("rows", TABLES, ids=lambda rows: rows.life.name)
def test_what_waits_for_a_moment_can_step_aside(rows: Rows) -> None:
    """Else no moment of it ever falls: the clock asks the rows that could."""
    assert rows.waits == (get_type_hints(rows.state)["next_at"] is not type(None)), "stuck_at and stuck_why"


@pytest.mark.parametrize("rows", TABLES, ids=lambda rows: rows.life.name)
def test_a_row_has_every_field_of_its_state(rows: Rows) -> None:
    """But those that are always the same: what waits for no moment has no column for it."""
    hints = get_type_hints(rows.state)
    fields = {field.name for field in msgspec.structs.fields(rows.state) if hints[field.name] is not type(None)}
    assert fields == set(rows.columns)


@pytest.mark.parametrize("rows", TABLES, ids=lambda rows: rows.life.name)
def test_a_state_comes_back_as_it_went_in(rows: Rows, cast: Cast) -> None:
    first, second = sample(rows, 1), sample(rows, 2)
    rows.put([(cast.seller.pk, first, more(rows)), (cast.seller.pk, second, more(rows))])
    assert sorted(rows.read(cast.seller.pk), key=lambda state: state.key) == [first, second]
    assert rows.read(cast.buyer.pk) == [], "they are one party's"

    changed = msgspec.structs.replace(sample(rows, 3), key=first.key)
    rows.put([(cast.seller.pk, changed, more(rows))])
    assert sorted(rows.read(cast.seller.pk), key=lambda state: state.key) == sorted(
        [changed, second], key=lambda state: state.key
    )


@pytest.mark.parametrize("rows", TABLES, ids=lambda rows: rows.life.name)
def test_many_states_come_back_as_they_went_in(rows: Rows, cast: Cast) -> None:
    """Many rows go another way into PostgreSQL than few."""
    states = [msgspec.structs.replace(sample(rows, number), key=f'\'{number}\\ "ü€😀"\t%s{{}}') for number in range(30)]
    for number in (1, 30):
        rows.put([(cast.seller.pk, state, more(rows)) for state in states[:number]])
    assert sorted(rows.read(cast.seller.pk), key=lambda state: state.key) == sorted(states, key=lambda state: state.key)
    assert rows.read_of([cast.buyer.pk, cast.seller.pk], " AND key = %s", [states[3].key]) == [
        (cast.seller.pk, states[3])
    ]


@pytest.mark.parametrize("rows", TABLES, ids=lambda rows: rows.life.name)
def test_nobody_changes_the_row_of_another_party(rows: Rows, cast: Cast) -> None:
    state = sample(rows, 1)
    rows.put([(cast.seller.pk, state, more(rows))])
    rows.put([(cast.buyer.pk, msgspec.structs.replace(sample(rows, 2), key=state.key), more(rows))])
    assert rows.read(cast.seller.pk) == [state]


@pytest.mark.parametrize("rows", [rows for rows in TABLES if rows.waits], ids=lambda rows: rows.life.name)
def test_what_cannot_be_ruled_on_steps_aside_and_comes_back(rows: Rows, cast: Cast) -> None:
    state = sample(rows, 1)
    rows.put([(cast.seller.pk, state, more(rows))])
    standing = statements.lock(cast.seller.pk)
    assert rows.next_moments([standing]) == {cast.seller.pk: state.next_at}
    assert list(rows.falling([cast.seller.pk], hours(100))) == [(cast.seller.pk, state)]

    rows.step_aside(standing, state.key, at=hours(9), why="no such rule")
    assert rows.next_moments([standing]) == {cast.seller.pk: None}
    assert list(rows.falling([cast.seller.pk], hours(100))) == []
    (row,) = rows.stuck()
    assert (row.key, row.stuck_at, row.stuck_why) == (state.key, hours(9), "no such rule")

    rows.take_back(row)
    assert list(rows.stuck()) == []
    assert rows.next_moments([standing]) == {cast.seller.pk: state.next_at}


def test_statuses_are_those_of_the_rows() -> None:
    for rows, statuses in ((ROWS["duty"], DutyStatus), (ROWS["sanction"], MeasureStatus)):
        assert isinstance(rows, Rows)
        choices = getattr(rows.model._meta.get_field("status"), "choices", ())
        assert {value for value, _ in choices} == {status.value for status in statuses}
