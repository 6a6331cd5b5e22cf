"""A real PostgreSQL for the tests: started here, on a free loopback port, in a temporary folder, stopped at the end."""

import atexit
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from glob import glob
from pathlib import Path
from typing import Any

from comity.records.engines import postgresql


class NoPostgreSQL(RuntimeError):
    """There are no PostgreSQL binaries; `tests/provision.sh` installs them."""


def _binaries() -> Path:
    found = sorted(glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(path.split("/")[4]))
    path = found[-1] if found else shutil.which("initdb")
    if path is None:
        raise NoPostgreSQL("no initdb found; install PostgreSQL, for example with tests/provision.sh")
    return Path(path).parent


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@cache
def running_postgresql() -> dict[str, Any]:
    """Start a server and return the DATABASES entry for it."""
    folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
    port = free_port()
    as_owner: list[str] = []
    user = getpass.getuser()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        runuser = shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "runuser"
        as_owner, user = [runuser, "-u", "postgres", "--"], "postgres"
    binaries, data = _binaries(), folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_owner, *command], check=True, capture_output=True, timeout=60, cwd="/")

    run(str(binaries / "initdb"), "-D", str(data), "-A", "trust", "--no-sync", "-U", user, "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c max_connections=60"
    fast = "" if os.environ.get("COMITY_DURABLE_TEST_DATABASE") else " -c fsync=off -c full_page_writes=off"
    # stderr of the server goes to a file, or the pipe that we read would stay open for as long as it runs
    run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options + fast, "start")

    def stop() -> None:
        subprocess.run(
            [*as_owner, str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"],
            check=False, capture_output=True, timeout=60, cwd="/",
        )  # fmt: skip
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return postgresql(f"postgresql://{user}@127.0.0.1:{port}/postgres")
