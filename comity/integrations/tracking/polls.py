"""Asking aggregators about parcels of which nothing was told: the answer is kept as a webhook's body is, and read so.

A parcel is asked about every few hours from its dispatch until it arrives. An aggregator that does not answer, or says
that this is enough for now, is asked again in the next round. However slowly or much it answers, the round goes on.
"""

import logging
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NoReturn, TypeVar
from urllib.parse import quote

import httpx

from comity.integrations.tracking.news import take_in
from comity.lib import options
from comity.records.models import Shipment

logger = logging.getLogger(__name__)
T = TypeVar("T")

EVERY = timedelta(hours=6)
#: A parcel that was sent longer ago is asked about no more.
UNTIL = timedelta(days=90)
MOST, ROUND_SECONDS, MAX_BYTES = 50, 20.0, 2_000_000
#: For so long nothing may come, and so long an answer may take from the first byte of the request to its own last.
TIMEOUT_SECONDS, ANSWER_SECONDS = 5.0, 10.0


def poll(now: datetime, *, transport: httpx.BaseTransport | None = None) -> int:
    """Ask about the parcels that are due, the longest not asked first; return of how many an answer was kept.

    `transport`: where the requests go instead of the network, such as a `fake.FakeCarrier`.
    """
    provider = next((name for name in _REQUESTS if options.value(f"COMITY_{name.upper()}_KEY")), "")
    if not provider:
        return 0
    key, count, began = options.value(f"COMITY_{provider.upper()}_KEY"), 0, time.monotonic()
    with httpx.Client(timeout=TIMEOUT_SECONDS, transport=transport, trust_env=False) as client:
        for shipment in _due(now):
            if time.monotonic() - began > ROUND_SECONDS:
                break
            status = _ask(client, provider, key, shipment, now)
            # Whatever the answer: a parcel that is unknown there must not keep the others from their turn.
            Shipment.objects.filter(pk=shipment.pk).update(polled_at=now)
            count += status == httpx.codes.OK
            # Asked too much, not let in, or nobody there: the next parcel would fare no better.
            if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.UNAUTHORIZED, 0):
                break
    return count


def _due(now: datetime) -> list[Shipment]:
    rows = Shipment.objects.filter(delivered_at=None, order__cancelled_at=None, dispatched_at__gt=now - UNTIL)
    never = rows.filter(polled_at=None).exclude(tracking_number="").order_by("pk")[:MOST]
    again = rows.filter(polled_at__lt=now - EVERY).exclude(tracking_number="").order_by("polled_at")[:MOST]
    return [*never, *again][:MOST]


def _ask(client: httpx.Client, provider: str, key: str, shipment: Shipment, now: datetime) -> int:
    """Ask about one parcel and keep the answer; return the answer's status, 0 where there was none.

    One that is too large is none that could be taken: 413.
    """
    number = shipment.tracking_number
    try:
        status, body = _in_time(lambda: _answer(client, _REQUESTS[provider](client, key, shipment.carrier, number)))
    # Besides what the network brings: an answer that no library can read, a key that no header can hold.
    except Exception as error:
        logger.warning("%s did not answer: %s", provider, type(error).__name__)
        return 0
    if len(body) > MAX_BYTES:
        status = httpx.codes.REQUEST_ENTITY_TOO_LARGE
    if status == httpx.codes.OK:
        take_in(provider, body, at=now)
    elif status != httpx.codes.NOT_FOUND:
        logger.warning("%s answered %s about a parcel", provider, status)
    return status


def _answer(client: httpx.Client, request: httpx.Request) -> tuple[int, bytes]:
    """Send a request; return the answer's status and content, of which no more is read than may be kept."""
    answer = client.send(request, stream=True)
    content = bytearray()
    try:
        for chunk in answer.iter_bytes():
            content += chunk
            if len(content) > MAX_BYTES:
                break
    finally:
        answer.close()
    return answer.status_code, bytes(content)


def _in_time(work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises; TimeoutError where that takes longer than an answer may.

    The client knows no limit for an answer as a whole: one that comes byte by byte, its head as well, keeps each limit
    that it knows. So it is waited for in a thread, which ends with the client that it uses.
    """
    done: SimpleQueue[Callable[[], T]] = SimpleQueue()

    def run() -> None:
        try:
            result = work()
            done.put(lambda: result)
        except Exception as error:
            done.put(partial(_raise, error))

    Thread(target=run, daemon=True).start()
    try:
        return done.get(timeout=ANSWER_SECONDS)()
    except Empty:
        raise TimeoutError from None


def _raise(error: Exception) -> NoReturn:
    raise error


def _base(usual: str) -> str:
    return options.value("COMITY_TRACKING_URL").rstrip("/") or usual


def _easypost(client: httpx.Client, key: str, carrier: str, number: str) -> httpx.Request:
    return client.build_request(
        "GET",
        f"{_base('https://api.easypost.com')}/v2/trackers",
        params={"tracking_code": number},
        headers={"Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"},
    )


def _aftership(client: httpx.Client, key: str, carrier: str, number: str) -> httpx.Request:
    return client.build_request(
        "GET",
        f"{_base('https://api.aftership.com')}/tracking/2024-07/trackings",
        params={"tracking_numbers": number},
        headers={"as-api-key": key},
    )


def _17track(client: httpx.Client, key: str, carrier: str, number: str) -> httpx.Request:
    return client.build_request(
        "POST",
        f"{_base('https://api.17track.net')}/track/v2.2/gettrackinfo",
        json=[{"number": number}],
        headers={"17token": key},
    )


def _shippo(client: httpx.Client, key: str, carrier: str, number: str) -> httpx.Request:
    return client.build_request(
        "GET",
        f"{_base('https://api.goshippo.com')}/tracks/{quote(carrier, safe='')}/{quote(number, safe='')}",
        headers={"Authorization": f"ShippoToken {key}"},
    )


_REQUESTS: Mapping[str, Callable[[httpx.Client, str, str, str], httpx.Request]] = {
    "easypost": _easypost, "aftership": _aftership, "17track": _17track, "shippo": _shippo,
}  # fmt: skip
