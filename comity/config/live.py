"""The entrance of `comity live`: ASGI for server-sent events, and for nothing else (see config.wsgi)."""

import os

import django
from psycopg.conninfo import make_conninfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from comity.web.common.events import Events  # noqa: E402

_HERE = settings.DATABASES["default"]
application = Events(
    make_conninfo(
        host=_HERE["HOST"], port=_HERE["PORT"], dbname=_HERE["NAME"], user=_HERE["USER"], password=_HERE["PASSWORD"]
    )
)
