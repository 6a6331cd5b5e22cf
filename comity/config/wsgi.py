"""Django behind WSGI (PEP 3333). On purpose: under ASGI it is several times slower (docs/dependencies.md).

Programs, which bring a token or a signature, get what they ask for without the pages' sessions, forms and messages.
"""

import os
from collections.abc import Iterable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402


class Programs(WSGIHandler):
    """Django with one middleware of ours."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Take ForPrograms alone, instead of what the settings list."""
        pages, settings.MIDDLEWARE = settings.MIDDLEWARE, ["comity.api.entrance.ForPrograms"]
        try:
            super().load_middleware(is_async)
        finally:
            settings.MIDDLEWARE = pages


_pages, _programs = WSGIHandler(), Programs()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer a request."""
    path, bearer = environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
    by_program = path.startswith("/hooks/") or (bearer and path.startswith("/api/"))
    answered: Iterable[bytes] = (_programs if by_program else _pages)(environ, start_response)
    return answered
