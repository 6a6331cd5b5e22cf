"""What Granian serves: Django's WSGI behind our front, in one process of the server."""

from comity.config.front import Front
from comity.config.wsgi import application as django
from comity.identity import limits

#: SQLite has one writer, but many may read beside it; PostgreSQL has two processes of these.
THREADS = 4

application = Front(django, threads=THREADS, largest=limits.largest())
