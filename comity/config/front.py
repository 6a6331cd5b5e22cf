"""The web server's entrance: a request takes a thread once all of it is here, so a slow client holds nobody up.

Granian hands a request over with its first bytes, and waits for the rest as long as a client likes. Here bodies are
gathered on the event loop, within limits of time, size and number, and go to Django whole. RSGI is Granian's own
interface; Django stays behind WSGI (docs/dependencies.md).
"""

import asyncio
import io
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from comity.lib import watched

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
#: What a body may take: so many seconds, and one more for so many bytes. Nobody's line is slower for long.
PATIENCE_SECONDS, BYTES_A_SECOND = 20.0, 64_000
#: Bodies that are on their way at once, their bytes together, and whole requests that wait for a thread.
MOST_BODIES, MOST_BYTES, MOST_WAITING = 500, 256_000_000, 1_000
#: Threads that answer only what reads.
READERS = 2
#: How long requests that were begun have, in seconds, where who started this process is gone.
GRACE_SECONDS = 5.0
_TEXT = ("content-type", "text/plain; charset=utf-8")
#: Granian leaves a header out whose value is not ASCII. Without one of these a request would mean something else.
_NEVER_LEFT_OUT = ("cookie", "host", "idempotency-key")


class NotTaken(Exception):
    """A request is not taken; `status` and the sentence are its answer."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status


@dataclass(eq=False)
class _Body:
    """A body that is on its way."""

    task: asyncio.Task[Any]
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    empty_parts: int = 0
    pushed_out: bool = False


class Front:
    """Gathers bodies, has `application` answer whole requests in threads, and sends what it answers.

    threads   how many answer at once what may write; who writes may wait for another, so READERS more only read
    largest   bytes that a body may have
    """

    def __init__(self, application: Application, *, threads: int, largest: int, patience: float = PATIENCE_SECONDS):
        self.application, self.largest, self.patience = application, largest, patience
        self._writers = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reading")
        self._coming: dict[_Body, None] = {}  # the oldest first
        self._bytes = self._waiting = 0

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(404)
            return
        if scope.path == "/health":  # says only that this process lives; /ready says more
            protocol.response_str(200, [_TEXT], "alive\n")
            return
        body = b""
        try:
            environ = _environ(scope, _headers(scope))
            # What the application answers to one that says it is too large, it answers unread.
            if not (closes := self._says_too_much(environ)):
                body = await self._body(environ, protocol)
                environ["CONTENT_LENGTH"] = str(len(body))
            environ["wsgi.input"] = io.BytesIO(body)
            status, answered, content = await self._answer(environ)
            if closes:
                answered.append(("connection", "close"))
        except NotTaken as error:
            # What is left of the body is never read: only a closed connection says so.
            more = [("retry-after", "5")] if error.status == 503 else []
            protocol.response_str(error.status, [_TEXT, ("connection", "close"), *more], f"{error}\n")
        else:
            protocol.response_bytes(status, answered, content)
        finally:
            self._bytes -= len(body)

    def __rsgi_init__(self, loop: object) -> None:
        """End with the server's first process, which starts the others: alone, this one would keep the port."""
        watched.end_with(watched.watcher(), grace=GRACE_SECONDS)

    def __rsgi_del__(self, loop: object) -> None:
        """Finish what was begun; nothing new is."""
        for threads in (self._readers, self._writers):
            threads.shutdown(wait=True, cancel_futures=True)

    def _says_too_much(self, environ: Environ) -> bool:
        return int(environ["CONTENT_LENGTH"] or 0) > self.largest

    async def _body(self, environ: Environ, protocol: Any) -> bytes:
        """Return a request's whole body. Raises NotTaken for one that is too large, too slow, or one too many."""
        length = int(environ["CONTENT_LENGTH"]) if environ["CONTENT_LENGTH"] else None
        if length == 0 or (length is None and "HTTP_TRANSFER_ENCODING" not in environ):
            return b""
        task = asyncio.current_task()
        assert task is not None
        body = _Body(task)
        self._coming[body] = None
        try:
            async with asyncio.timeout(self.patience + (length or self.largest) / BYTES_A_SECOND):
                await self._gather(body, protocol)
        except TimeoutError:
            raise NotTaken(408, "The request's body did not come in time; send it again.") from None
        except asyncio.CancelledError:
            if not body.pushed_out:
                raise
            task.uncancel()
            raise NotTaken(503, "Too many requests are on their way; send it again in some seconds.") from None
        else:
            # Granian ends a whole body with one empty part, and one that broke off or has a wrong chunk with two.
            broken = body.size
            if body.size == length or (length is None and body.empty_parts <= 1):
                body.size = 0  # it counts on, until it is answered
                return b"".join(body.parts)
        finally:
            self._coming.pop(body, None)
            self._bytes -= body.size
        if length is None:
            raise NotTaken(400, f"The request's body broke off after {broken} bytes; send it again.")
        raise NotTaken(400, f"The request's body ended after {broken} of {length} bytes.")

    async def _gather(self, body: _Body, protocol: Any) -> None:
        self._make_room(body)
        async for part in protocol:
            body.parts.append(part)
            body.size += len(part)
            body.empty_parts += not part
            self._bytes += len(part)
            if body.size > self.largest:
                raise NotTaken(413, f"A request has at most {self.largest} bytes.")
            self._make_room(body)

    def _make_room(self, body: _Body) -> None:
        """Push out the body that has been on its way the longest, where there are too many, or too much of them."""
        if len(self._coming) <= MOST_BODIES and self._bytes <= MOST_BYTES:
            return
        oldest = next(iter(self._coming), body)
        if oldest is body:
            raise NotTaken(503, "Too many requests are on their way; send it again in some seconds.")
        del self._coming[oldest]
        oldest.pushed_out = True
        oldest.task.cancel()

    async def _answer(self, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
        if self._waiting >= MOST_WAITING:
            raise NotTaken(503, "Too many requests are waiting; send it again in some seconds.")
        self._waiting += 1
        try:
            threads = self._readers if environ["REQUEST_METHOD"] in ("GET", "HEAD") else self._writers
            return await asyncio.get_running_loop().run_in_executor(threads, _answered, self.application, environ)
        finally:
            self._waiting -= 1


def _headers(scope: Any) -> list[tuple[str, str]]:
    """Return a request's headers. Raises NotTaken where one is left out without which it would mean something else."""
    headers: list[tuple[str, str]] = scope.headers.items()
    names = scope.headers.keys()
    if left_out := {*names} - {name for name, _ in headers}:
        for name in _NEVER_LEFT_OUT:
            if name in left_out:
                raise NotTaken(400, f"The header {name} has characters other than ASCII; send it without them.")
    if sum(name == "host" for name, _ in headers) > 1:
        raise NotTaken(400, "A request has one Host header.")
    return headers


def _environ(scope: Any, headers: list[tuple[str, str]]) -> Environ:
    """Return the head of a request as WSGI has it (PEP 3333)."""
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "CONTENT_LENGTH": "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        if "_" in name:  # X_Forwarded_Proto would pass for X-Forwarded-Proto, which only the proxy may set
            continue
        key = name.upper().replace("-", "_")
        if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):  # Granian has seen to it that a length is one number
            environ[key] = value
        else:
            key = f"HTTP_{key}"
            joined = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{joined}{value}" if key in environ else value
    return environ


def _answered(application: Application, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
    """Have a WSGI application answer, and return status, headers and body."""
    began: list[tuple[int, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        began.append((int(status[:3]), [(name.lower(), value.strip(" \t")) for name, value in headers]))

    answer = application(environ, start_response)
    try:
        content = b"".join(answer)
    finally:
        if (close := getattr(answer, "close", None)) is not None:
            close()
    status, headers = began[-1]
    return status, headers, content
