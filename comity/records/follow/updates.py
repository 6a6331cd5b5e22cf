"""Rows that say something else than they did, updated by a statement or two a kind."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Model, UniqueConstraint

#: A row, and what those of its fields said before that say something else now.
Changed = tuple[Model, dict[str, Any]]
#: What only one row may have: the name of the constraint that says so, and the values of its fields.
Place = tuple[str, tuple[Any, ...]]


def update(model: type[Model], changed: Sequence[Changed]) -> None:
    """Update rows of a kind, each with what it said before."""
    for rows in _in_turn(model, changed):
        if len(rows) == 1:
            row, before = rows[0]
            row.save(update_fields=sorted(before), force_update=True)
        else:
            names = set[str]().union(*(before for _, before in rows))
            model._default_manager.bulk_update([row for row, _ in rows], sorted(names))


def _in_turn(model: type[Model], changed: Sequence[Changed]) -> Iterator[Sequence[Changed]]:
    """Yield rows in the order in which they may change: none takes a place that only one may have, before it is left.

    In one statement an engine takes the rows in an order of its own, and refuses the moment at which two have a place.
    """
    left = list(changed)
    places = [each for each in model._meta.constraints if isinstance(each, UniqueConstraint) and each.condition]
    if not places or len(left) < 2:
        yield from ([left] if left else [])
        return
    had = {id(row): _places(places, row, before) for row, before in left}
    has = {id(row): _places(places, row, {}) for row, _ in left}
    while left:
        taken = set[Place]().union(*(had[id(row)] - has[id(row)] for row, _ in left))
        waits = [each for each in left if has[id(each[0])] & taken]
        free = [each for each in left if not has[id(each[0])] & taken]
        yield free or waits
        left = waits if free else []


def _places(places: Iterable[UniqueConstraint], row: Model, before: Mapping[str, Any]) -> set[Place]:
    """Return what a row has, or had before, that only one may have."""

    def said(name: str) -> Any:
        return before[name] if name in before else row.serializable_value(name)

    return {
        (each.name, tuple(map(row.serializable_value, each.fields)))
        for each in places
        if all(said(name) == value for name, value in _equal(each))
    }


def _equal(place: UniqueConstraint) -> Iterator[tuple[str, Any]]:
    """Yield the fields and values that a constraint is about, of those that ask for nothing but equal values."""
    for each in place.condition.children if place.condition else ():
        if not isinstance(each, tuple):
            raise TypeError(f"{place.name}: not a condition of equal values")
        yield each
