"""What happens to a marketplace while clients write: each fault by its name, for the engines on which it can happen."""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from comity.integrations.tracking.fake import signature
from tests.faults.market import SECONDS, SECRET, Market, ask

#: For how long a fault lasts, and its clients go on afterwards, in seconds.
LASTS = 1.5
Fault = Callable[[Market, float], None]


def killed(*names: str) -> Fault:
    """Each process of these names is killed, and comes back by itself."""

    def happens(market: Market, lasts: float) -> None:
        time.sleep(lasts / 2)
        doomed = [pid for name in names for pid in market.named(name)]
        market.kill(doomed)
        if "supervisor" in names:
            market.restart()
        _wait_for(lambda: all(set(market.named(name)) - set(doomed) for name in names))
        _wait_for(lambda: not market.left_behind(), "whose parent was killed goes on, watched by nobody")
        market.wait_until_answered()
        time.sleep(lasts / 2)

    return happens


def stopped(how: str) -> Fault:
    """The database is stopped, and started again after a while."""

    def happens(market: Market, lasts: float) -> None:
        assert market.server
        time.sleep(lasts / 2)
        market.server.stop(how)
        time.sleep(lasts)
        market.server.start()
        market.wait_until_answered()
        time.sleep(lasts / 2)

    return happens


def disk_full(market: Market, lasts: float) -> None:
    """The disk is full for a while."""
    time.sleep(lasts / 2)
    with market.full_disk():
        time.sleep(lasts)
    market.wait_until_answered()
    time.sleep(lasts / 2)


def clocks(many: int) -> Fault:
    """So many more workers turn the clock, each with a clock that jumps an hour ahead and back."""

    def happens(market: Market, lasts: float) -> None:
        workers = [market.beside("turn", str(lasts)) for _ in range(many)]
        for worker in workers:
            _, wrong = worker.communicate(timeout=120)
            assert worker.returncode == 0, wrong

    return happens


def delivered_anyhow(market: Market, lasts: float) -> None:
    """The shop's facts and an aggregator's bodies come twice, in any order, from several at once."""
    sent = [*_facts(market), *_bodies(market)] * 2
    random.Random(7).shuffle(sent)

    def send(mine: Sequence[tuple[str, bytes, list[str]]]) -> None:
        for each in mine:
            _wait_for(partial(_taken, market, each))

    threads = [threading.Thread(target=send, args=(sent[place::3],)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _taken(market: Market, sent: tuple[str, bytes, list[str]]) -> bool:
    path, body, headers = sent
    return ask(market.port, "POST", path, body, headers)[0] in (200, 202)


#: So many facts are told in each request, by so many requests; and so many events of each parcel.
FACTS, REQUESTS, EVENTS = 10, 8, 4


def told(market: Market) -> tuple[list[str], list[str]]:
    """Return the matters of the facts, and the events of parcels, that `delivered_anyhow` tells."""
    facts = [f"order:told-{number}" for number in range(FACTS * REQUESTS)]
    return facts, [f"{parcel} {parcel}-{event}" for parcel in market.shop["parcels"] for event in range(EVENTS)]


def _facts(market: Market) -> list[tuple[str, bytes, list[str]]]:
    at = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    headers = [f"Authorization: Bearer {market.shop['shop']}", "Content-Type: application/json"]
    matters, _ = told(market)
    events = [
        {
            "specversion": "1.0", "id": matter, "source": "shop", "type": "review.written", "subject": matter,
            "time": at, "data": {"party": market.shop["seller"], "score": 5},
        }
        for matter in matters
    ]  # fmt: skip
    parts = [events[place::REQUESTS] for place in range(REQUESTS)]
    return [("/api/v1/facts", json.dumps(part).encode(), headers) for part in parts]


def _bodies(market: Market) -> list[tuple[str, bytes, list[str]]]:
    bodies = []
    for parcel in market.shop["parcels"]:
        for event in range(EVENTS):
            at = (datetime.now(UTC) - timedelta(hours=9 - event)).replace(microsecond=0).isoformat()
            detail = {
                "datetime": at,
                "status": "in_transit",
                "message": "m",
                "tracking_location": {"city": f"{parcel}-{event}"},
            }
            tracker = {"object": "Tracker", "tracking_code": parcel, "carrier": "post", "tracking_details": [detail]}
            about = {"object": "Event", "description": "tracker.updated", "id": f"{parcel}-{event}", "result": tracker}
            body = json.dumps(about).encode()
            headers = [f"{name}: {value}" for name, value in signature("easypost", body, SECRET).items()]
            bodies.append(("/hooks/tracking/easypost/", body, ["Content-Type: application/json", *headers]))
    return bodies


def slow_clients(market: Market, lasts: float) -> None:
    """Eight clients begin a POST, and do not go on."""
    head = f"POST /api/v1/facts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\nAuthorization: Bearer {market.shop['shop']}\r\n\r\n["
    slow = [socket.create_connection(("127.0.0.1", market.port), SECONDS) for _ in range(8)]
    try:
        for connection in slow:
            connection.sendall(head.encode())
        time.sleep(2 * lasts)
    finally:
        for connection in slow:
            connection.close()


#: Every fault, and on which engines it can happen.
BOTH = ("sqlite", "postgresql")
FAULTS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "web worker killed": (killed("web"), BOTH),
    "listener killed": (killed("listener"), BOTH),
    "clock killed": (killed("worker"), BOTH),
    "errands killed": (killed("errands"), BOTH),
    "supervisor killed": (killed("supervisor"), BOTH),
    "all but the supervisor killed": (killed("web", "worker", "errands"), BOTH),
    "database stopped": (stopped("fast"), ("postgresql",)),
    "database cut off": (stopped("immediate"), ("postgresql",)),
    "disk full": (disk_full, BOTH),
    "two clocks that jump": (clocks(2), BOTH),
    "eight clocks that jump": (clocks(8), BOTH),
    "told twice and shuffled": (delivered_anyhow, BOTH),
    "eight slow clients": (slow_clients, BOTH),
}


def _wait_for(there: Callable[[], bool], otherwise: str = "it does not come back") -> None:
    until = time.monotonic() + SECONDS
    while not there():
        assert time.monotonic() < until, otherwise
        time.sleep(0.1)
