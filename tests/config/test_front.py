"""The front: whole requests take a thread, and a slow client takes none."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from comity.config import front
from comity.config.front import Front


class Headers:
    def __init__(self, **named: str):
        self.pairs = [(name.replace("_", "-").replace("--", "_"), value) for name, value in named.items()]

    def items(self) -> list[tuple[str, str]]:
        return self.pairs

    def keys(self) -> list[str]:
        return [name for name, _ in self.pairs]


class Scope:
    proto, http_version, scheme, method = "http", "1.1", "http", "POST"
    server, client, query_string = "127.0.0.1:8000", "10.0.0.7:1234", "a=1"

    def __init__(self, path: str = "/a b/你", **headers: str):
        self.path, self.headers = path, Headers(**headers)


@dataclass
class Protocol:
    """A client that sends `parts`, and then, unless it is done, nothing more."""

    parts: list[bytes] = field(default_factory=list)
    done: bool = True
    answer: tuple[int, dict[str, str], bytes] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            await asyncio.sleep(0)
            yield part
        if not self.done:
            await asyncio.sleep(60)

    def response_str(self, status: int, headers: list[tuple[str, str]], body: str) -> None:
        self.answer = (status, dict(headers), body.encode())

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = (status, dict(headers), body)


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("201 Created", [("X-Path", environ["PATH_INFO"]), ("Set-Cookie", " a=1")])
    return [environ["wsgi.input"].read(), b"|", environ["CONTENT_LENGTH"].encode()]


def ask(front: Front, *clients: tuple[Scope, Protocol]) -> list[tuple[int, dict[str, str], bytes]]:
    async def all_of_them() -> None:
        await asyncio.wait_for(asyncio.gather(*(front.__rsgi__(*client) for client in clients)), 10)

    asyncio.run(all_of_them())
    return [protocol.answer or (0, {}, b"") for _, protocol in clients]


def test_a_whole_request_is_answered() -> None:
    seen: list[dict[str, Any]] = []

    def noting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(environ)
        return echo(environ, start_response)

    given = {"content_length": "5", "content_type": "text/plain", "x_a": "1", "x__forwarded__proto": "https"}
    (answer,) = ask(Front(noting, threads=1, largest=10), (Scope(**given), Protocol([b"he", b"llo"])))
    assert answer == (201, {"x-path": "/a b/你".encode().decode("latin-1"), "set-cookie": "a=1"}, b"hello|5")
    environ = seen[0]
    assert (environ["CONTENT_TYPE"], environ["HTTP_X_A"], environ["REMOTE_ADDR"]) == ("text/plain", "1", "10.0.0.7")
    # A name with an underscore would pass for the header that only a proxy may set.
    assert "HTTP_X_FORWARDED_PROTO" not in environ


def test_nobody_waits_for_who_is_slow() -> None:
    slow = [(Scope(content_length="9"), Protocol([b"he"], done=False)) for _ in range(8)]
    quick = (Scope(content_length="2"), Protocol([b"hi"]))
    *late, answer = ask(Front(echo, threads=1, largest=10, patience=0.3), *slow, quick)
    assert answer[2] == b"hi|2"
    assert {each[0] for each in late} == {408}
    assert {each[1]["connection"] for each in late} == {"close"}


@pytest.mark.parametrize(
    ("headers", "parts", "status"),
    [
        ({"content_length": "9"}, [b"he"], 400),  # gone in the middle
        ({"transfer_encoding": "chunked"}, [b"x" * 6, b"x" * 6], 413),
        ({"transfer_encoding": "chunked"}, [b"x" * 6], 201),
        ({}, [b"not read"], 201),
        ({"content_length": "0"}, [b"not read"], 201),
    ],
)
def test_what_a_body_may_be(headers: dict[str, str], parts: list[bytes], status: int) -> None:
    (answer,) = ask(Front(echo, threads=1, largest=10), (Scope(**headers), Protocol(parts)))
    assert answer[0] == status


def test_what_says_that_it_is_too_large_is_answered_by_the_application_unread() -> None:
    protocol = Protocol([b"x" * 11])
    (answer,) = ask(Front(echo, threads=1, largest=10), (Scope(content_length="11"), protocol))
    assert answer[2] == b"|11"
    assert answer[1]["connection"] == "close"


def test_the_oldest_body_makes_room_for_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MOST_BODIES", 2)
    slow = [(Scope(content_length="9"), Protocol([b"h", b"e"], done=False)) for _ in range(4)]
    quick = (Scope(content_length="2"), Protocol([b"hi"]))
    *late, answer = ask(Front(echo, threads=1, largest=10, patience=0.3), *slow, quick)
    assert [each[0] for each in late] == [503, 503, 503, 408], "one for each that came after, and no more"
    assert answer[0] == 201
    assert late[0][1]["retry-after"] == "5"


def until_somebody_is_sent_away() -> tuple[Any, type[Protocol]]:
    """Return an application that waits, and a client that ends the waiting once the front itself answers it."""
    go_on = threading.Event()

    def waiting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        go_on.wait(5)
        return echo(environ, start_response)

    class Noting(Protocol):
        def response_str(self, status: int, headers: list[tuple[str, str]], body: str) -> None:
            super().response_str(status, headers, body)
            go_on.set()

    return waiting, Noting


def test_too_many_that_wait_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MOST_WAITING", 1)
    waiting, noting = until_somebody_is_sent_away()
    first, second = ask(Front(waiting, threads=1, largest=10), (Scope(), Protocol()), (Scope(), noting()))
    assert (first[0], second[0]) == (201, 503)


def test_who_reads_waits_for_nobody_who_writes() -> None:
    go_on = threading.Event()

    def waiting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            assert go_on.wait(5), "the page was not read meanwhile"
        else:
            go_on.set()
        return echo(environ, start_response)

    page = Scope()
    page.method = "GET"
    posts = [(Scope(), Protocol()) for _ in range(3)]
    assert {each[0] for each in ask(Front(waiting, threads=1, largest=10), *posts, (page, Protocol()))} == {201}


def test_health_needs_no_thread() -> None:
    def never(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise AssertionError("nobody asks the application")

    (answer,) = ask(Front(never, threads=1, largest=10), (Scope("/health"), Protocol()))
    assert (answer[0], answer[2]) == (200, b"alive\n")


def test_bodies_that_wait_for_a_thread_count_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MOST_BYTES", 9)
    waiting, noting = until_somebody_is_sent_away()
    made = Front(waiting, threads=1, largest=10)
    five = {"content_length": "5"}
    first, second = ask(made, (Scope(**five), Protocol([b"12345"])), (Scope(**five), noting([b"1234", b"5"])))
    assert (first[0], second[0], made._bytes) == (201, 503, 0)
