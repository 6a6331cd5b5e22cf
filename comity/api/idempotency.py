"""Idempotency keys: the first answer to a writing request is kept for 24 hours, and given again to a repetition."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from comity.api.access import moment
from comity.api.problems import problem
from comity.identity import tokens
from comity.identity.people import party_of
from comity.records.models import IdempotentAnswer, Party

KEPT = timedelta(hours=24)
MAX_KEY_CHARS = 100
#: A request that began so long ago and left no answer was cut off; it may be made again.
CUT_OFF = timedelta(minutes=2)


def idempotent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap an endpoint: with an Idempotency-Key, what it does is done once."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return view(request, *args, **kwargs)
        if len(key) > MAX_KEY_CHARS or not key.isprintable():
            return problem(
                400,
                "idempotency-key",
                "The Idempotency-Key cannot be used",
                f"It must have at most {MAX_KEY_CHARS} printable characters.",
            )
        party = _party(request)
        return (
            _once(party, key, request, lambda: view(request, *args, **kwargs))
            if party
            else view(request, *args, **kwargs)
        )

    return answer


def _once(party: Party, key: str, request: HttpRequest, do: Callable[[], HttpResponse]) -> HttpResponse:
    # Address and body: a key that comes with another request is a mistake of the caller's, and is told so.
    asked = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).digest()
    now = moment()
    mine = IdempotentAnswer.objects.filter(party=party, key=key)
    mine.filter(at__lt=now - KEPT).delete()
    mine.filter(at__lt=now - CUT_OFF, status=None).delete()
    try:
        # A savepoint, so that the row of the first request can be read after the refusal.
        with transaction.atomic():
            row = IdempotentAnswer.objects.create(party=party, key=key, request_hash=asked, at=now)
    except IntegrityError:
        return _again(mine.get(), asked)
    try:
        response = do()
    # Even where the worker is told to stop: without an answer, the request may be made again.
    except BaseException:
        row.delete()
        raise
    # A mistake of ours is no answer to give again.
    if response.status_code >= 500:
        row.delete()
    else:
        row.status, row.body = response.status_code, response.content
        row.save(update_fields=["status", "body"])
    return response


def _again(row: IdempotentAnswer, asked: bytes) -> HttpResponse:
    if bytes(row.request_hash) != asked:
        return problem(
            422,
            "idempotency-key",
            "This Idempotency-Key was used for another request",
            "Use a new key for a new request.",
        )
    if row.status is None:
        return problem(
            409, "in-progress", "The first request with this key is still being answered", "Try again shortly."
        )
    kind = "application/json" if row.status < 400 else "application/problem+json"
    response = HttpResponse(bytes(row.body or b""), status=row.status, content_type=kind)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _party(request: HttpRequest) -> Party | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        actor = tokens.actor_of(token)
        return actor.party if actor else None
    return party_of(request)
