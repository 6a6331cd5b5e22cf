"""How states are told where a party's standing is: each kind in the module of its noun, as a `Told`, and found."""

from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from django.db.models import Model
from ninja import Schema

from comity import api
from comity.records.models import Party

MOST = 200


class Told(NamedTuple):
    """Under which name the states of a life are told, what their rows are, and in which shape."""

    name: str
    of: type[Model]
    shape: type[Schema]

    def rows(self, party: Party) -> list[Model]:
        """Return those of a party, the newest first."""
        return list(self.of._default_manager.filter(party=party).order_by("-at")[:MOST])


def found(besides: str) -> list[Told]:
    """Return all of them; `besides` is the module that asks."""
    names = [module.name for module in iter_modules(api.__path__) if f"{api.__name__}.{module.name}" != besides]
    modules = [import_module(f"{api.__name__}.{name}") for name in names]
    return [value for module in modules for value in vars(module).values() if isinstance(value, Told)]
