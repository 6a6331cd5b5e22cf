"""All deeds by what they are done to, found in the modules of the verbs. `actions.doing` says what a deed is."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, cast

from comity import actions
from comity.actions.doing import Deed, T
from comity.records.models.things import Thing


@cache
def _by_thing() -> dict[type[Thing], dict[str, Deed[Any]]]:
    found: dict[type[Thing], dict[str, Deed[Any]]] = {}
    for module in iter_modules(actions.__path__):
        for value in vars(import_module(f"{actions.__name__}.{module.name}")).values():
            if isinstance(value, Deed):
                found.setdefault(value.of, {})[value.slug] = value
    return found


def things() -> set[type[Thing]]:
    """Return every type of thing with which something may be done."""
    return set(_by_thing())


def of(thing: type[T]) -> tuple[Deed[T], ...]:
    """Return what may be done with a thing of that type, by the names of the deeds."""
    return tuple(cast(Deed[T], deed) for _, deed in sorted(_by_thing().get(thing, {}).items()))
