"""All deeds by what they are done to, found in the modules of the verbs. `actions.doing` says what a deed is."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from comity import actions
from comity.actions.doing import Deed, T


@cache
def of(thing: type[T]) -> tuple[Deed[T], ...]:
    """Return what may be done with a thing of that type, by the names of the deeds."""
    by_slug = {
        value.slug: value
        for module in iter_modules(actions.__path__)
        for value in vars(import_module(f"{actions.__name__}.{module.name}")).values()
        if isinstance(value, Deed) and value.of is thing
    }
    return tuple(cast(Deed[T], by_slug[slug]) for slug in sorted(by_slug))
