"""The real server with our front: what it makes of requests that no good client sends."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.server import free_port

POST = b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n"
CUT_OFF = (CHUNKED, CHUNKED + b"9\r\nho", POST + b"Content-Length: 3\r\n\r\nhi")


def serve(port: int) -> "subprocess.Popen[bytes]":
    """Start a server, and return it once it listens."""
    environment = os.environ | {"COMITY_APPLICATION": "tests.config.served:application"}
    command = [sys.executable, "-m", "comity.cli.processes.web", "127.0.0.1", str(port), "1"]
    server = subprocess.Popen(command, env=environment)
    wait_until(lambda: listens(port))
    return server


def listens(port: int) -> bool:
    """Whether somebody listens on a port and answers."""
    try:
        return b"alive" in said(port, b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", cut_off=False)
    except OSError:
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    """Ask until something holds, for at most twenty seconds."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    with serve(port) as server:
        yield port
        server.terminate()


def said(port: int, request: bytes, *, cut_off: bool) -> bytes:
    """Return all that is answered to `request`, after which nothing more comes where it is cut off."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request)
        if cut_off:
            client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answer:
            return answer.read()


@pytest.mark.parametrize(
    ("request_", "status", "sentence"),
    [
        (CHUNKED + b"0\r\n\r\n", 200, b"got hi"),
        (CHUNKED + b"3\r\n ho\r\n0\r\n\r\n", 200, b"got hi ho"),
        # What broke off, or has a chunk without a length, is not taken for the whole.
        (CUT_OFF[0], 400, b"broke off after 2 bytes"),
        (CUT_OFF[1], 400, b"broke off after 4 bytes"),
        (CUT_OFF[2], 400, b"ended after 2 of 3"),
        (CHUNKED + b"zz\r\nho\r\n0\r\n\r\n", 400, b"broke off after 2 bytes"),
        (POST + b"Content-Length: 2\r\n\r\nhi", 200, b"got hi"),
        # A key that is not read would be none, and the request would be done twice.
        (POST + "Idempotency-Key: ключ\r\n\r\n".encode(), 400, b"idempotency-key has characters other than ASCII"),
        (POST + "Cookie: city=Zürich\r\n\r\n".encode(), 400, b"cookie has characters"),
        (POST + "X-City: Zürich\r\n\r\n".encode(), 200, b"got "),
        (POST + b"Host: b\r\n\r\n", 400, b"one Host header"),
    ],
)
def test_what_is_taken(port: int, request_: bytes, status: int, sentence: bytes) -> None:
    answer = said(port, request_, cut_off=request_ in CUT_OFF)
    assert (answer.split()[1], sentence in answer) == (b"%d" % status, True), answer


def test_no_connection_is_taken_for_http_2(port: int) -> None:
    """One that might turn out to be that is waited for without end: some thousand of them would stop the site."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5))
        with client.makefile("rb") as answer:
            assert b"HTTP/2" not in answer.read()


def test_who_answers_ends_with_who_started_it() -> None:
    port = free_port()
    with serve(port) as server:
        server.kill()
    wait_until(lambda: not listens(port))
