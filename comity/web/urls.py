"""Addresses of the pages, found in the modules of the rooms: each stands with its view, in `urlpatterns`."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern

from comity import web

_found: list[URLPattern] = [
    pattern
    for room in iter_modules(web.__path__)
    if room.ispkg
    for module in iter_modules([f"{web.__path__[0]}/{room.name}"])
    for pattern in getattr(import_module(f"{web.__name__}.{room.name}.{module.name}"), "urlpatterns", ())
]
#: What is written out comes before what may be anything: orders/<uuid>/ask/ before orders/<uuid>/<slug>/.
urlpatterns = sorted(_found, key=lambda pattern: str(pattern.pattern).replace("<", "~"))
