"""Sending statements: a batch is taken whole or not at all, and what is sent again is the same again.

The database knows a statement by its puid. After a time-out nobody knows whether a batch was taken: it is sent again,
and what is known there already is accepted. One that it will not take keeps no other waiting.
"""

import json
import logging
import re
import time
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.db.models import Exists, OuterRef
from django.utils import translation

from comity.integrations.calling import Answer, Caller, NoAnswer
from comity.integrations.transparency.statements import MAX_BATCH, STATED, problems, puid_of, statement
from comity.lib import options
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import errands, rulebooks
from comity.records.models import Sanction, TransparencyStatement

logger = logging.getLogger(__name__)

CALL_SECONDS, MAX_ANSWER_BYTES, ROUND_SECONDS = 60.0, 2_000_000, 120.0
#: For how long one process has a batch to itself; longer than all tries of a round may last.
LEASE = timedelta(minutes=15)
WAITS = (
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=6),
    timedelta(hours=12), timedelta(hours=24), timedelta(hours=24), timedelta(hours=24),
)  # fmt: skip
_NAMES = re.compile(r"[a-zA-Z0-9_-]+")
_KNOWN = ("unique", "exist", "already", "taken", "duplicate")
_NUMBERED = re.compile(r"statements?[._](\d{1,3})\b")


def unstated() -> Iterable[Sanction]:
    """Return the measures that were placed, restrict, stand, and have no statement yet."""
    there = TransparencyStatement.objects.filter(sanction=OuterRef("pk"), issue=OuterRef("issue"))
    stands = (MeasureStatus.PLACED, MeasureStatus.LIFTED)
    rows = Sanction.objects.filter(~Exists(there), measure__in=STATED, status__in=stands, placed_at__isnull=False)
    return rows.select_related("party").order_by("pk")


def made(row: Sanction) -> dict[str, Any]:
    """Return the statement of a measure, with the title of its rule in English."""
    with translation.override("en"):
        return statement(row, ground=_ground(row))


def _ground(row: Sanction) -> str:
    book, name = rulebooks.current().version(row.rulebook), row.comes_from.name
    if row.comes_from.kind == "ledger":
        return book.ledgers[name].title
    return book.rules[name].title if name in book.rules else name


def plan(now: datetime) -> int:
    """Make the statements that are missing; return how many. Nothing is made where nothing is sent."""
    if not options.value("COMITY_TRANSPARENCY_URL"):
        return 0
    rows = []
    for row in unstated():
        body = made(row)
        wrong = "; ".join(problems(body))[: errands.MAX_WHY_CHARS]
        rows.append(
            TransparencyStatement(
                sanction=row,
                issue=row.issue,
                puid=puid_of(row),
                body=body,
                made_at=now,
                due_at=None if wrong else now,
                failed_why=wrong,
            )
        )
    TransparencyStatement.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def send_due(now: datetime, *, transport: httpx.AsyncBaseTransport | None = None) -> int:
    """Send what is due, in batches; return how many statements the database has now that it had not before."""
    if not options.value("COMITY_TRANSPARENCY_URL"):
        return 0
    count, end = 0, time.monotonic() + ROUND_SECONDS
    with Caller(seconds=CALL_SECONDS, most=MAX_ANSWER_BYTES, transport=transport) as caller:
        while time.monotonic() < end:
            due = TransparencyStatement.objects.filter(accepted_at=None)
            batch = errands.take(due, now, most=MAX_BATCH, lease=LEASE, waits=WAITS)
            if not batch:
                break
            count += _sent(caller, batch, now)
    return count


def _sent(caller: Caller, batch: Sequence[TransparencyStatement], now: datetime) -> int:
    """Send a batch, and again what is left of it when some are known there or not taken; return how many it has."""
    if not batch:
        return 0
    try:
        answer = _call(caller, batch)
    except NoAnswer as error:
        errands.failed(batch, str(error), now, WAITS)
        return 0
    if answer.status in (200, 201):
        errands.succeeded(batch, accepted_at=now)
        return len(batch)
    if answer.status != 422:
        errands.failed(batch, f"it answered {answer.status}", now, WAITS)
        return 0
    if known := _known(batch, answer.body):
        errands.succeeded(known, accepted_at=now, was_known=True)
        return len(known) + _sent(caller, [row for row in batch if row not in known], now)
    if len(batch) == 1:
        errands.failed(batch, f"not taken: {answer.body[:250].decode(errors='replace')}", now, WAITS, gone=True)
        return 0
    if not_taken := _numbered(batch, answer.body):
        # Each alone says what is wrong with it.
        rest = [row for row in batch if row not in not_taken]
        return sum(_sent(caller, [row], now) for row in not_taken) + _sent(caller, rest, now)
    middle = len(batch) // 2
    return _sent(caller, batch[:middle], now) + _sent(caller, batch[middle:], now)


def _call(caller: Caller, batch: Sequence[TransparencyStatement]) -> Answer:
    content = json.dumps({"statements": [row.body for row in batch]}, ensure_ascii=False).encode()
    headers = {
        "authorization": f"Bearer {options.value('COMITY_TRANSPARENCY_TOKEN')}", "accept": "application/json",
        "content-type": "application/json", "user-agent": "Comity",
    }  # fmt: skip
    try:
        request = httpx.Request("POST", options.value("COMITY_TRANSPARENCY_URL"), content=content, headers=headers)
    except httpx.InvalidURL as error:
        raise NoAnswer(str(error)) from error
    return caller.send(request)


def _known(batch: Sequence[TransparencyStatement], body: bytes) -> list[TransparencyStatement]:
    """Return those of a batch that a refusal names as known already."""
    said = body.decode(errors="replace")
    if not any(word in said.lower() for word in _KNOWN):
        return []
    named = set(_NAMES.findall(said))
    return [row for row in batch if row.puid in named]


def _numbered(batch: Sequence[TransparencyStatement], body: bytes) -> list[TransparencyStatement]:
    """Return those of a batch that a refusal names by their places."""
    places = {int(place) for place in _NUMBERED.findall(body.decode(errors="replace"))}
    named = [row for place, row in enumerate(batch) if place in places]
    return named if len(named) < len(batch) else []
