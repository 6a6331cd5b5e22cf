"""A real PostgreSQL for the tests: started here, on a free loopback port, in a temporary folder, stopped at the end."""

import atexit
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
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


class Server:
    """A server of its own, which can be stopped and started again."""

    def __init__(self, *, durable: bool):
        self._folder = Path(tempfile.mkdtemp(prefix="comity-pg-"))
        self._as_owner: list[str] = []
        self.user, self.port = getpass.getuser(), free_port()
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres", "postgres")
            runuser = shutil.which("runuser", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "runuser"
            self._as_owner, self.user = [runuser, "-u", "postgres", "--"], "postgres"
        self._binaries, self._data = _binaries(), self._folder / "data"
        as_user = ("-U", self.user, "-E", "UTF8", "--locale=C")
        self._run("initdb", "-D", str(self._data), "-A", "trust", "--no-sync", *as_user)
        self._fast = "" if durable else " -c fsync=off -c full_page_writes=off"
        self.start()
        atexit.register(self._remove)

    @property
    def address(self) -> str:
        """Where it is, without a database."""
        return f"postgresql://{self.user}@127.0.0.1:{self.port}"

    @property
    def process(self) -> int:
        """The id of its first process."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self._folder}"
        options += f" -c max_connections=60{self._fast}"
        # stderr of the server goes to a file, or the pipe that we read would stay open for as long as it runs
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", log, "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop it: fast, so that what is open is rolled back; or immediate, as by a power cut. One that is gone is."""
        with suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self._data), "-m", how, "stop")

    def limit_files(self, size: str) -> None:
        """Let no file of its processes grow beyond so many bytes; "unlimited" for as far as the disk goes."""
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        for pid in (str(self.process), *children):
            # As its owner, who may; one that has ended since needs none.
            command = [*self._as_owner, "prlimit", "--pid", pid, f"--fsize={size}:unlimited"]
            subprocess.run(command, check=False, capture_output=True, timeout=60, cwd="/")

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as_owner, str(self._binaries / name), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60, cwd="/")

    def _remove(self) -> None:
        with suppress(subprocess.SubprocessError):
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@cache
def running_postgresql() -> dict[str, Any]:
    """Start a server and return the DATABASES entry for it."""
    server = Server(durable=bool(os.environ.get("COMITY_DURABLE_TEST_DATABASE")))
    return postgresql(f"{server.address}/postgres")
