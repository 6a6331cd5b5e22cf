"""The rooms, a folder for each kind of people, and their modules: what stands in these is found."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from comity import web


def modules() -> Iterator[ModuleType]:
    """Yield every module of every room."""
    for room in iter_modules(web.__path__):
        if room.ispkg:
            for module in iter_modules([f"{web.__path__[0]}/{room.name}"]):
                yield import_module(f"{web.__name__}.{room.name}.{module.name}")
