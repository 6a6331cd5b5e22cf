"""The entrance of `comity live`: ASGI for server-sent events, and for nothing else (see config.wsgi)."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from comity.records import engines  # noqa: E402
from comity.web.common.events import Events  # noqa: E402

application = Events(engines.conninfo(settings.DATABASES["default"]))
