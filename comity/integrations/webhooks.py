"""Telling webhooks: each line of a journal that its owner may read, in the order of its chain, at least once.

What was imported of a party's past is left out: it is no news.

Bodies and signatures follow standardwebhooks.com; `webhook-id` is the party and the line's number, so a line that
comes twice is known. An address that fails is asked again ever later, and given up after some days.
"""

import ipaddress
import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.db.models import F, OuterRef, Q, Subquery
from standardwebhooks import Webhook as Signer

from comity.integrations.calling import Caller, NoAnswer
from comity.lib import moments, options
from comity.records import errands, journal, masks
from comity.records.engines import AWAY
from comity.records.models import JournalLine, Party, Standing, Webhook, WebhookCursor

logger = logging.getLogger(__name__)

#: What a call may take, and how much its answer, of which only the status counts, may hold.
CALL_SECONDS, MAX_ANSWER_BYTES = 10.0, 100_000
#: For how long one teller has an address to itself, in case it dies.
LEASE = timedelta(minutes=10)
#: How long to wait after so many failures in a row (standardwebhooks.com); then it is given up.
WAITS = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5),
    timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
MOST_A_ROUND = 500
#: How long a round goes on, and for how long one address may keep the others waiting, in seconds.
ROUND_SECONDS, SECONDS_EACH = 60.0, 20.0
PARTIES_A_ROUND = 100
GONE = 410


class NotTaken(Exception):
    """An address did not take a line; the message says why. `gone`: it never will again."""

    def __init__(self, why: str, *, gone: bool = False):
        super().__init__(why)
        self.gone = gone


def tell_due(now: datetime) -> int:
    """Tell every address that is due what it has not been told; return how many lines were taken."""
    count, end = 0, time.monotonic() + ROUND_SECONDS
    told: list[int] = []
    with Caller(seconds=CALL_SECONDS, most=MAX_ANSWER_BYTES) as caller:
        # One by one: what is taken is not kept waiting by who is slow.
        while time.monotonic() < end:
            rows = Webhook.objects.exclude(pk__in=told).select_related("owner")
            taken = errands.take(rows, now, most=1, lease=LEASE, waits=WAITS)
            if not taken:
                break
            told.append(taken[0].pk)
            count += _tell(taken[0], caller, now)
    return count


def _tell(webhook: Webhook, caller: Caller, now: datetime) -> int:
    count, end = 0, time.monotonic() + SECONDS_EACH
    try:
        for party, seq, lines in _untold(webhook):
            for line in lines:
                _post(webhook, line, caller, now)
                count += 1
                # After each line: if this process dies, at most one is told twice.
                _move(webhook, party, line.seq)
                if time.monotonic() > end:
                    break
            else:
                _move(webhook, party, seq)
            if time.monotonic() > end:
                break
    except NotTaken as error:
        errands.failed([webhook], str(error), now, WAITS, gone=error.gone)
    except AWAY:
        raise
    except Exception as error:  # a mistake of ours, or of what stands in its row: no other address waits for it
        logger.exception("webhook %s could not be told", webhook.uuid)
        errands.failed([webhook], f"{type(error).__name__}: {error}", now, WAITS)
    else:
        errands.succeeded([webhook], due_at=now)
    return count


def _untold(webhook: Webhook) -> Iterator[tuple[Party, int, list[JournalLine]]]:
    """Yield parties with lines that the address has not been told: the party, up to which line, those it wants."""
    cursor = WebhookCursor.objects.filter(webhook=webhook, party=OuterRef("party"))
    standings = Standing.objects.annotate(told=Subquery(cursor.values("seq")[:1])).select_related("party")
    if webhook.owner.role not in ("agent", "platform"):
        standings = standings.filter(party=webhook.owner)
    # A chain has no gaps, so two numbers say whether anything is untold; no line is looked at for it.
    behind = standings.filter(Q(told=None) | Q(told__lt=F("chain_seq")), chain_seq__gt=0)
    for standing in behind.order_by("party_id")[:PARTIES_A_ROUND]:
        told = getattr(standing, "told", None)
        rows = JournalLine.objects.filter(party=standing.party)
        if told is None:  # first asked for: what was noted since it was made
            before = rows.filter(noted_at__lt=webhook.made_at).order_by("-seq").values_list("seq", flat=True)
            told = before.first() or 0
        lines = list(rows.filter(seq__gt=told).order_by("seq")[:MOST_A_ROUND])
        past = journal.imported(lines)
        wanted = [line for line in lines if line.seq not in past and webhook.wants(line.kind)]
        yield standing.party, lines[-1].seq if lines else told, wanted


def _move(webhook: Webhook, party: Party, seq: int) -> None:
    WebhookCursor.objects.update_or_create(webhook=webhook, party=party, defaults={"seq": seq})


def _post(webhook: Webhook, line: JournalLine, caller: Caller, now: datetime) -> None:
    owner = webhook.owner
    body = json.dumps(
        {
            "type": line.kind,
            "timestamp": moments.to_text(line.at),
            "data": {
                "party": line.party.ref,
                "seq": line.seq,
                "hash": bytes(line.hash).hex(),
                "line": masks.masked(json.loads(line.body), line.party, owner, now),
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
    name = f"{line.party.uuid}.{line.seq}"
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(webhook.secret).sign(name, now, body),
        "user-agent": "Comity",
    }
    url, more = _pinned(webhook.url)
    try:
        answer = caller.send(
            httpx.Request(
                "POST", url, content=body.encode(), headers=headers | more["headers"], extensions=more["extensions"]
            )
        )
    except NoAnswer as error:
        raise NotTaken(str(error)) from error
    if not 200 <= answer.status < 300:
        raise NotTaken(f"it answered {answer.status}", gone=answer.status == GONE)


def _pinned(url: str) -> tuple[str, dict[str, dict[str, str]]]:
    """Return the address with its host looked up once, so that what was checked is what is called.

    Raises NotTaken for a host inside the operator's network, unless COMITY_WEBHOOKS_PRIVATE allows it.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        addresses = socket.getaddrinfo(
            host, parts.port or (443 if parts.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:  # the latter for what is no host name at all
        raise NotTaken(f"{host} cannot be found: {error}") from error
    address = str(addresses[0][4][0])
    # An IPv6 address may name an interface behind a %. What is not global is ours: a webhook must not reach inside.
    private = not ipaddress.ip_address(address.partition("%")[0]).is_global
    if private and not options.flag("COMITY_WEBHOOKS_PRIVATE"):
        raise NotTaken(f"{host} is not an address of the internet")
    shown = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    there = parts._replace(netloc=f"{shown}{port}", fragment="").geturl()
    # Called by address, but asked for and certified by name.
    return there, {"headers": {"host": f"{host}{port}"}, "extensions": {"sni_hostname": host}}
