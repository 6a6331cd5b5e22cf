"""What Granian serves: Django's WSGI behind our front, in one process of the server."""

from multiprocessing import parent_process

from comity.config.front import Front
from comity.config.wsgi import application as django
from comity.identity import limits
from comity.lib.parents import end_with

# Else the one that answers requests would go on, unseen, where the one that began it is killed.
if (server := parent_process()) is not None and server.pid is not None:
    end_with(server.pid)

#: SQLite has one writer, but many may read beside it; PostgreSQL has two processes of these.
THREADS = 4

application = Front(django, threads=THREADS, largest=limits.largest())
