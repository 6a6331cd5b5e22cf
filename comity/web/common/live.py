"""Pages that move: a part of a page is asked for again, and answered only if it changed.

Everywhere by polling with ETags; where `comity live` runs (PostgreSQL), its events say when to ask (`common.events`).
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from comity.lib import options
from comity.records.models import Party, Standing

SALT = "comity.live"
#: For how long a page may listen before it must be loaded again, in seconds.
TICKET_SECONDS = 24 * 3600


def asks_for_part(request: HttpRequest) -> bool:
    """Whether a page asks for its moving part alone."""
    return request.headers.get("X-Comity-Part") == "1"


def unchanged(request: HttpRequest, etag: str) -> HttpResponse | None:
    """Return 304 if the part that is asked for is as the page has it, else None."""
    return get_conditional_response(request, etag=etag) if asks_for_part(request) else None


def etag(request: HttpRequest, now: datetime, *versions: object) -> str:
    """Return an ETag of what a part shows: its versions, its reader, the language, and the minute, for times left."""
    party = getattr(request, "party", None)
    parts = (*versions, party and party.pk, party and party.time_zone, get_language(), int(now.timestamp()) // 60)
    return f'"{hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()}"'


def head_of(party: Party) -> tuple[int, datetime | None] | None:
    """Return the number of a party's newest line, and until when facts wait to be judged: what changes with news."""
    return Standing.objects.filter(party=party).values_list("chain_seq", "judge_at").first()


def rendered(
    request: HttpRequest, page: str, part: str, context: dict[str, Any], etag: str, *, status: int = 200
) -> HttpResponse:
    """Return a page, or its moving part alone where that was asked for."""
    alone = asks_for_part(request)
    answer = render(request, part if alone else page, {**context, "etag": etag}, status=status)
    if alone:
        answer.headers["ETag"] = etag
        answer.headers["Cache-Control"] = "private, no-store"
    return answer


def events_url(topics: Iterable[str]) -> str:
    """Return the address of events about `topics`: matters, or `party:` with a key; empty where there are none.

    The ticket in it is signed: who has the page may listen, and to nothing else.
    """
    there = options.value("COMITY_LIVE_URL")
    return f"{there}?ticket={signing.dumps(sorted(topics), salt=SALT)}" if there else ""


def topics_of(ticket: str) -> list[str]:
    """Return the topics of a ticket. Raises BadSignature for one that was not made here, or is old."""
    topics: list[str] = signing.loads(ticket, salt=SALT, max_age=TICKET_SECONDS)
    return topics
