"""Calling others by HTTP, within limits that hold however they answer: all of it in so many seconds and bytes."""

import asyncio
from types import TracebackType
from typing import NamedTuple

import httpx


class NoAnswer(Exception):
    """Nobody answered, not in time, or with too much; the message says which."""


class Answer(NamedTuple):
    """An HTTP answer: its status and its body."""

    status: int
    body: bytes


class Caller:
    """Calls one after the other, over connections that stay open; a context manager.

    seconds    what one call may take, from the first byte sent to the last one read. Limits between bytes, which
               HTTP clients have, let a server that sends a byte now and then hold its caller for ever
    most       bytes that an answer may have
    transport  where the calls go instead of the network
    """

    def __init__(self, *, seconds: float, most: int, transport: httpx.AsyncBaseTransport | None = None):
        self.seconds, self.most = seconds, most
        self._runner = asyncio.Runner()
        # No redirects and no proxy of the environment: both would call an address that nobody has looked at.
        self._client = httpx.AsyncClient(timeout=seconds, follow_redirects=False, trust_env=False, transport=transport)

    def __enter__(self) -> "Caller":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    def send(self, request: httpx.Request) -> Answer:
        """Return what is answered to a request. Raises NoAnswer."""
        return self._runner.run(self._send(request))

    async def _send(self, request: httpx.Request) -> Answer:
        try:
            async with asyncio.timeout(self.seconds):
                answer = await self._client.send(request, stream=True)
                try:
                    return Answer(answer.status_code, await self._body(answer))
                finally:
                    await answer.aclose()
        except TimeoutError:
            raise NoAnswer(f"no whole answer within {self.seconds:.0f} s") from None
        except NoAnswer:
            raise
        # Besides what the network brings: an answer that no library can read, a key that no header can hold.
        except Exception as error:
            raise NoAnswer(f"{type(error).__name__}: {error}") from error

    async def _body(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > self.most:
                raise NoAnswer(f"the answer has more than {self.most} bytes")
        return bytes(body)
