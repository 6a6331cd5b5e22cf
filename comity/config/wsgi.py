"""The web server's entrance. WSGI on purpose: under ASGI Django is several times slower (docs/dependencies.md)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
application = get_wsgi_application()
