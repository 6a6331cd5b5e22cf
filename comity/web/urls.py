"""Addresses of the pages, found in the modules of the rooms: each stands with its view, in `urlpatterns`."""

from django.urls import URLPattern

from comity.web import rooms

_found: list[URLPattern] = [found for module in rooms.modules() for found in getattr(module, "urlpatterns", ())]
#: What is written out comes before what may be anything: orders/<uuid>/ask/ before orders/<uuid>/<slug>/.
urlpatterns = sorted(_found, key=lambda pattern: str(pattern.pattern).replace("<", "~"))
