"""A marketplace served by `comity serve` as an operator runs it, on an engine of its own, whose processes can be killed.

Linux alone: processes are found in /proc, and a full disk is made by prlimit(1).
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.server import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
SECRET = "of the aggregator"
_INSIDE = "import django; django.setup(); from tests.faults import inside; inside.main()"
#: How long anything is waited for that must come.
SECONDS = 40.0


class Market:
    """A marketplace that runs; `shop` is what its clients know of it."""

    def __init__(self, folder: Path, server: Server | None, *, clients: int):
        self.engine, self.server, self._folder = "postgresql" if server else "sqlite", server, folder
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("COMITY_", "DJANGO_"))} | {
            "COMITY_DATA": str(folder), "PYTHONPATH": str(ROOT), "COMITY_EASYPOST_SECRET": SECRET,
            "COMITY_CLOCK_SECONDS": "1", "DJANGO_SETTINGS_MODULE": "comity.config.settings", "COMITY_HOSTS": "127.0.0.1",
        }  # fmt: skip
        if server:
            with psycopg.connect(f"{server.address}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE faults")
            self.environment["COMITY_DATABASE_URL"] = f"{server.address}/faults"
        self.port = free_port()
        self._log = (folder / "log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        self._family: list[int] = []
        self._comity("migrate")
        self.shop: dict[str, Any] = self.inside("prepare", str(clients))

    def start(self) -> None:
        """Start `comity serve`, and wait until it answers."""
        command = [sys.executable, "-m", "comity", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, env=self.environment, cwd=ROOT, stdout=self._log, stderr=self._log, start_new_session=True
        )
        self.wait_until_answered()

    def restart(self) -> None:
        """Start it again, as whoever starts services does once its first process is gone."""
        assert self._process is not None
        self._process.wait(SECONDS)
        until = time.monotonic() + SECONDS
        while any(alive(pid) for pid in self._family):
            assert time.monotonic() < until, "whose parent was killed goes on, watched by nobody"
            time.sleep(0.1)
        self.start()

    def stop(self) -> None:
        """Tell it to stop, and wait until all of it has."""
        assert self._process is not None
        family = self.family()
        self._process.terminate()
        self._process.wait(SECONDS)
        for pid in family:
            until = time.monotonic() + 10
            while alive(pid) and time.monotonic() < until:
                time.sleep(0.05)
        self._log.close()

    @property
    def first(self) -> int:
        """The id of the process that watches the others."""
        assert self._process is not None
        return self._process.pid

    def family(self) -> list[int]:
        """Return the ids of all its processes."""
        return [self.first, *_below(self.first)]

    def named(self, name: str) -> list[int]:
        """Return the ids of its processes of one kind: supervisor, web (the listener and its workers), worker, errands."""
        if name == "supervisor":
            return [self.first]
        listener = [pid for pid in _children(self.first) if "processes.web" in _command(pid)]
        if name == "listener":
            return listener
        if name == "web":
            return [below for pid in listener for below in _children(pid) if "resource_tracker" not in _command(below)]
        return [pid for pid in _children(self.first) if _command(pid).endswith(f"comity {name}")]

    def kill(self, pids: Sequence[int]) -> None:
        """Kill some of its processes."""
        self._family = self.family()
        assert set(pids) <= set(self._family), "not ours"
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def left_behind(self) -> list[int]:
        """Return the ids of the processes that were ours before the last kill, and are alive without being ours."""
        return [pid for pid in self._family if alive(pid) and pid not in self.family()]

    def wait_until_answered(self) -> None:
        """Wait until a page is answered."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if ask(self.port, "GET", "/health")[0] == 200 and ask(self.port, "GET", "/ready")[0] in (200, 503):
                return
            time.sleep(0.05)
        raise AssertionError(f"nothing is answered any more:\n{self.said()[-3000:]}")

    def said(self) -> str:
        """Return what its processes wrote to their log."""
        return (self._folder / "log").read_text(errors="replace")

    def inside(self, work: str, *arguments: str) -> Any:
        """Return what a function of `inside` says, done in a process beside."""
        done = self.beside(work, *arguments)
        out, wrong = done.communicate(timeout=120)
        assert done.returncode == 0, wrong
        return json.loads(out.splitlines()[-1])

    def beside(self, work: str, *arguments: str) -> "subprocess.Popen[str]":
        """Begin a function of `inside` in a process beside."""
        command = [sys.executable, "-c", _INSIDE, work, *arguments]
        return subprocess.Popen(
            command, env=self.environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Let no file grow where the database's processes write, as on a full disk.

        By the limit of a file's size, which anybody may lower for processes of their own, and raise again (setrlimit(2)):
        a write beyond it is refused, as a full disk refuses it.
        """
        self._limit_files("8192")
        try:
            yield
        finally:
            # Whoever was begun meanwhile has the limit, too. A server that cannot write its log ends itself.
            if self.server is not None:
                self.server.stop()
                self.server.start()
            else:
                self._limit_files("unlimited")

    def _limit_files(self, size: str) -> None:
        if self.server is not None:
            self.server.limit_files(size)
            return
        for pid in self.family():
            subprocess.run(
                ["prlimit", "--pid", str(pid), f"--fsize={size}:unlimited"], check=False, capture_output=True
            )

    def _comity(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "comity", *arguments], env=self.environment, cwd=ROOT, check=True, stdout=self._log, stderr=self._log)  # fmt: skip


@contextmanager
def running(engine: str, *, clients: int) -> Iterator[Market]:
    """A marketplace that is served, with `clients` buyers who write; stopped and gone afterwards."""
    server = Server(durable=True) if engine == "postgresql" else None
    with tempfile.TemporaryDirectory(prefix="comity-faults-", ignore_cleanup_errors=True) as folder:
        market = Market(Path(folder), server, clients=clients)
        market.start()
        try:
            yield market
        finally:
            market.stop()
            if server:
                server.stop()


def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: Sequence[str] = (), *, patience: float = 15.0
) -> tuple[int, bytes]:
    """Return status and body of an answer; 0 where none came."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    try:
        with socket.create_connection(("127.0.0.1", port), patience) as connection:
            connection.settimeout(patience)
            connection.sendall("\r\n".join([*head, "", ""]).encode() + body)
            answer = b""
            while part := connection.recv(65_536):
                answer += part
    except OSError:
        return 0, b""
    said, ended, rest = answer.partition(b"\r\n\r\n")
    return (int(said.split(b" ", 2)[1]), rest) if ended else (0, b"")


def alive(pid: int) -> bool:
    """Whether there is such a process, and it runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _below(pid: int) -> list[int]:
    return [each for child in _children(pid) for each in (child, *_below(child))]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\x00", b" ").decode().strip()
    except OSError:
        return ""
