"""Clients that write messages while something happens to the marketplace, and repeat what was not answered."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.market import SECONDS, Market, ask

#: A page that every visitor may open, how often it is asked for, and how long it may take.
PAGE, EVERY, SLOW = "/help/rules/", 0.1, 1.0


@dataclass
class Written:
    """What clients wrote, and how pages were answered meanwhile.

    acknowledged  the texts whose writing was answered with success
    repeated      how many requests were sent again, since no answer came, or none that is one
    pages         how many seconds each page took that was answered; `pages_without`: how often none was
    """

    acknowledged: list[str] = field(default_factory=list)
    repeated: int = 0
    pages: list[float] = field(default_factory=list)
    pages_without: int = 0
    unanswered: list[str] = field(default_factory=list)

    @property
    def slow_pages(self) -> int:
        """How many pages took over a second."""
        return sum(took > SLOW for took in self.pages)


@contextmanager
def writing(market: Market, name: str) -> Iterator[Written]:
    """Have every client write, one message after the other, until the end; then what is open is repeated until answered.

    Each message has an Idempotency-Key of its own. Pages are asked for beside them.
    """
    written, over = Written(), threading.Event()
    threads = [
        threading.Thread(target=_write, args=(market, f"{name} {number}", token, talk, written, over))
        for number, (token, talk) in enumerate(market.shop["talks"])
    ]
    threads.append(threading.Thread(target=_look, args=(market, written, over)))
    for thread in threads:
        thread.start()
    try:
        yield written
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _write(market: Market, name: str, token: str, talk: str, written: Written, over: threading.Event) -> None:
    number = 0
    while not over.is_set():
        text, number = f"{name} {number}", number + 1
        until = None
        while not _sent(market, token, talk, text):
            written.repeated += 1
            # Whoever never gets an answer, though nothing is amiss any more, gives up in the end.
            until = until or (time.monotonic() + SECONDS if over.is_set() else None)
            if until and time.monotonic() > until:
                written.unanswered.append(text)
                return
            time.sleep(0.05)
        written.acknowledged.append(text)


def _sent(market: Market, token: str, talk: str, text: str) -> bool:
    headers = (f"Authorization: Bearer {token}", "Content-Type: application/json", f"Idempotency-Key: {text}")
    body = json.dumps({"text": text}).encode()
    return ask(market.port, "POST", f"/api/v1/conversations/{talk}/messages", body, headers)[0] == 201


def _look(market: Market, written: Written, over: threading.Event) -> None:
    while not over.wait(EVERY):
        began = time.monotonic()
        if ask(market.port, "GET", PAGE)[0] == 200:
            written.pages.append(time.monotonic() - began)
        else:
            written.pages_without += 1
