"""Serves pages and API: Granian, with our front in each of its processes.

`python -m comity.cli.processes.web HOST PORT PROCESSES`
"""

import os
import resource
import sys
from collections.abc import Sequence

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from comity.lib.parents import end_with

#: A request's head comes within so many milliseconds; of bodies, see `config.front`.
HEAD_MILLISECONDS = 10_000
#: Connections that one process holds open at once, and that wait to be taken.
CONNECTIONS, BACKLOG = 4_000, 1_024
#: How long requests that were begun have, in seconds, once told to stop.
GRACE_SECONDS = 5


def main(told: Sequence[str]) -> None:
    """Serve until told to stop, or until whoever started this is gone."""
    host, port, processes = told
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 4 * CONNECTIONS
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, most) if hard > 0 else most), hard))
    # A server that nobody watches would keep the port.
    end_with(os.getppid())
    Server(
        os.environ.get("COMITY_APPLICATION", "comity.config.rsgi:application"),
        address=host,
        port=int(port),
        interface=Interfaces.RSGI,
        workers=int(processes),
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_MILLISECONDS),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE_SECONDS,
    ).serve()


if __name__ == "__main__":
    main(sys.argv[1:])
