"""Sending what is to be told to the network, signed; each until it is acknowledged, or refused for good."""

import json
import time
from datetime import datetime, timedelta

import httpx

from comity.integrations.calling import Caller, NoAnswer
from comity.integrations.igm import network, signing
from comity.integrations.igm.network import Network
from comity.records import errands
from comity.records.models.network import NetworkReply

LEASE, SECONDS, MAX_BYTES, ROUND_SECONDS = timedelta(minutes=2), 20.0, 100_000, 60.0
WAITS = (
    timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6),
    timedelta(hours=24),
)  # fmt: skip


def send_due(now: datetime, *, transport: httpx.AsyncBaseTransport | None = None) -> int:
    """Send what is due, in the order in which it was made; return how many were acknowledged."""
    net = network.here()
    if net is None:
        return 0
    done, end = 0, time.monotonic() + ROUND_SECONDS
    with Caller(seconds=SECONDS, most=MAX_BYTES, transport=transport) as caller:
        while time.monotonic() < end:
            taken = errands.take(NetworkReply.objects.all(), now, most=1, lease=LEASE, waits=WAITS)
            if not taken:
                break
            done += _send(net, taken[0], caller, now)
    return done


def _send(net: Network, reply: NetworkReply, caller: Caller, now: datetime) -> bool:
    url = net.urls.get(reply.to)
    if url is None:
        errands.failed([reply], f"no address of {reply.to} is known: see COMITY_IGM", now, WAITS, gone=True)
        return False
    body = json.dumps(reply.body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {"Content-Type": "application/json", "Authorization": signing.header(net.own, body, now)}
    try:
        answer = caller.send(httpx.Request("POST", f"{url}/{reply.api}", content=body, headers=headers))
    except NoAnswer as wrong:
        errands.failed([reply], str(wrong), now, WAITS)
        return False
    status, why = _acknowledged(answer.body)
    if status == "ACK":
        errands.succeeded([reply], sent_at=now)
        return True
    # A NACK is an answer: only a failure of the other's own is worth another try.
    gone = status == "NACK" and "31001" not in why and "23001" not in why
    errands.failed([reply], why or f"answered with status {answer.status}", now, WAITS, gone=gone)
    return False


def _acknowledged(body: bytes) -> tuple[str, str]:
    """Return what was answered: ACK, NACK or nothing that can be read; and the error."""
    try:
        said = json.loads(body)
        return str(said["message"]["ack"]["status"]), json.dumps(said.get("error", ""), ensure_ascii=False)
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", ""
