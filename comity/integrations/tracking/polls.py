"""Asking aggregators about parcels of which nothing was told: the answer is kept as a webhook's body is, and read so.

A parcel is asked about every few hours from its dispatch until it arrives. An aggregator that does not answer, or says
that this is enough for now, is asked again in the next round. However slowly or much it answers, the round goes on.
"""

import logging
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from http.client import NOT_FOUND, OK, TOO_MANY_REQUESTS, UNAUTHORIZED
from urllib.parse import quote

import httpx

from comity.integrations.calling import Caller, NoAnswer
from comity.integrations.tracking.news import take_in
from comity.lib import options
from comity.records.models import Shipment

logger = logging.getLogger(__name__)

EVERY = timedelta(hours=6)
#: A parcel that was sent longer ago is asked about no more.
UNTIL = timedelta(days=90)
MOST, ROUND_SECONDS, MAX_BYTES = 50, 20.0, 2_000_000
ANSWER_SECONDS = 10.0


def poll(now: datetime, *, transport: httpx.AsyncBaseTransport | None = None) -> int:
    """Ask about the parcels that are due, the longest not asked first; return of how many an answer was kept.

    `transport`: where the requests go instead of the network, such as a `fake.FakeCarrier`.
    """
    provider = next((name for name in _REQUESTS if options.value(f"COMITY_{name.upper()}_KEY")), "")
    if not provider:
        return 0
    key, count, began = options.value(f"COMITY_{provider.upper()}_KEY"), 0, time.monotonic()
    with Caller(seconds=ANSWER_SECONDS, most=MAX_BYTES, transport=transport) as caller:
        for shipment in _due(now):
            if time.monotonic() - began > ROUND_SECONDS:
                break
            status = _ask(caller, provider, key, shipment, now)
            # Whatever the answer: a parcel that is unknown there must not keep the others from their turn.
            Shipment.objects.filter(pk=shipment.pk).update(polled_at=now)
            count += status == OK
            # Asked too much, not let in, or nobody there: the next parcel would fare no better.
            if status in (TOO_MANY_REQUESTS, UNAUTHORIZED, 0):
                break
    return count


def _due(now: datetime) -> list[Shipment]:
    rows = Shipment.objects.filter(delivered_at=None, order__cancelled_at=None, dispatched_at__gt=now - UNTIL)
    never = rows.filter(polled_at=None).exclude(tracking_number="").order_by("pk")[:MOST]
    again = rows.filter(polled_at__lt=now - EVERY).exclude(tracking_number="").order_by("polled_at")[:MOST]
    return [*never, *again][:MOST]


def _ask(caller: Caller, provider: str, key: str, shipment: Shipment, now: datetime) -> int:
    """Ask about one parcel and keep the answer; return the answer's status, 0 where there was none."""
    try:
        status, body = caller.send(_REQUESTS[provider](key, shipment.carrier, shipment.tracking_number))
    except (
        NoAnswer,
        UnicodeError,
        httpx.InvalidURL,
    ) as error:  # the latter two: a key or a number that no request holds
        logger.warning("%s did not answer: %s", provider, error)
        return 0
    if status == OK:
        take_in(provider, body, at=now)
    elif status != NOT_FOUND:
        logger.warning("%s answered %s about a parcel", provider, status)
    return status


def _base(usual: str) -> str:
    return options.value("COMITY_TRACKING_URL").rstrip("/") or usual


def _easypost(key: str, carrier: str, number: str) -> httpx.Request:
    return httpx.Request(
        "GET",
        f"{_base('https://api.easypost.com')}/v2/trackers",
        params={"tracking_code": number},
        headers={"Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"},
    )


def _aftership(key: str, carrier: str, number: str) -> httpx.Request:
    return httpx.Request(
        "GET",
        f"{_base('https://api.aftership.com')}/tracking/2024-07/trackings",
        params={"tracking_numbers": number},
        headers={"as-api-key": key},
    )


def _17track(key: str, carrier: str, number: str) -> httpx.Request:
    return httpx.Request(
        "POST",
        f"{_base('https://api.17track.net')}/track/v2.2/gettrackinfo",
        json=[{"number": number}],
        headers={"17token": key},
    )


def _shippo(key: str, carrier: str, number: str) -> httpx.Request:
    return httpx.Request(
        "GET",
        f"{_base('https://api.goshippo.com')}/tracks/{quote(carrier, safe='')}/{quote(number, safe='')}",
        headers={"Authorization": f"ShippoToken {key}"},
    )


_REQUESTS: Mapping[str, Callable[[str, str, str], httpx.Request]] = {
    "easypost": _easypost, "aftership": _aftership, "17track": _17track, "shippo": _shippo,
}  # fmt: skip
