"""Server-sent events, in a process of their own: `comity live`. PostgreSQL says what was noted, this says so to pages.

One connection listens for the whole process. An event says only that something changed; the page then asks for its
part with an ETag. So nothing is secret here, nothing is lost by being told twice, and a missed event costs a minute.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.core.signing import BadSignature

from comity.records.statements import CHANNEL
from comity.web.common.live import topics_of

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: Well below the minute after which nginx, by default, closes a connection that is silent.
HEARTBEAT_SECONDS = 20
MAX_BACKOFF_SECONDS = 30
#: x-accel-buffering keeps nginx from gathering events. Any origin may ask: the ticket lets in, not a cookie.
_HEADERS = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), (b"x-accel-buffering", b"no"),
            (b"access-control-allow-origin", b"*")]  # fmt: skip


class Events:
    """The ASGI application: GET with a ticket gives a stream of events about the ticket's topics."""

    def __init__(self, conninfo: str):
        self.conninfo = conninfo
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._listener = asyncio.create_task(self._listen())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._listener is not None:
                    self._listener.cancel()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            topics = topics_of(parse_qs(scope["query_string"].decode("ascii", "replace")).get("ticket", [""])[0])
        except BadSignature:
            await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"This ticket is not valid. Load the page again.\n"})
            return
        changed = asyncio.Event()
        for topic in topics:
            self._waiting[topic].add(changed)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send({"type": "http.response.body", "body": b"retry: 5000\n: here\n\n", "more_body": True})
            await self._stream(changed, receive, send)
        finally:
            for topic in topics:
                self._waiting[topic].discard(changed)
                if not self._waiting[topic]:
                    del self._waiting[topic]

    async def _stream(self, changed: asyncio.Event, receive: Receive, send: Send) -> None:
        """Say "changed" whenever something did, and a comment now and then, until the page is gone."""
        gone = asyncio.create_task(_gone(receive))
        try:
            while not gone.done():
                wait = asyncio.create_task(changed.wait())
                await asyncio.wait({wait, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                wait.cancel()
                if gone.done():
                    return
                body = b"event: changed\ndata: 1\n\n" if changed.is_set() else b": still here\n\n"
                # Before it is sent: what changes while it is on its way is told next.
                changed.clear()
                await send({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            gone.cancel()

    async def _listen(self) -> None:
        """Listen to the database for ever. After a break everybody is told: something may have been missed."""
        backoff = 1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.conninfo, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    backoff = 1
                    # What was noted before we listened was told to nobody: everybody looks once.
                    self._tell(list(self._waiting))
                    async for note in connection.notifies():
                        party, _, matter = note.payload.partition(" ")
                        self._tell([f"party:{party}", matter])
            except (psycopg.Error, OSError) as error:
                logger.warning("the database does not answer (%s); trying again in %d s", error, backoff)
                await asyncio.sleep(backoff)
                backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)

    def _tell(self, topics: list[str]) -> None:
        for topic in topics:
            for changed in self._waiting.get(topic, ()):
                changed.set()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
