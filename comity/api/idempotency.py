"""Idempotency keys: what a request with one does is done once, and its first answer is given for 24 hours.

The answer is written in the transaction of what was done: whoever is cut off between the two finds both, or neither.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from comity.api.access import moment
from comity.api.problems import problem
from comity.identity import tokens
from comity.identity.people import party_of
from comity.identity.repeated import KEPT
from comity.records.models import IdempotentAnswer

F = TypeVar("F", bound=Callable[..., Any])

MAX_KEY_CHARS = 100


def knows_its_ids(view: F) -> F:
    """Mark an endpoint whose items have ids of their own, and are done once by those.

    It may take long and hold many parties: no transaction is held around all of it.
    """
    view.__dict__["knows_its_ids"] = True
    return view


def idempotent(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap an operation's `run`: with an Idempotency-Key, what it does is done once."""
    operation: Any = getattr(run, "__self__", None)
    by_ids = getattr(getattr(operation, "view_func", None), "knows_its_ids", False)

    @wraps(run)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return run(request, *args, **kwargs)
        if len(key) > MAX_KEY_CHARS or not key.isprintable():
            return problem(
                400,
                "idempotency-key",
                "The Idempotency-Key cannot be used",
                f"It must have at most {MAX_KEY_CHARS} printable characters.",
            )
        if (caller := _caller(request)) is None:
            return run(request, *args, **kwargs)
        once = _once_by_ids if by_ids else _once
        return once(caller, key, request, lambda: run(request, *args, **kwargs))

    return answer


def _once(caller: str, key: str, request: HttpRequest, do: Callable[[], HttpResponse]) -> HttpResponse:
    now, asked = moment(), _asked(request)
    if (known := _known(caller, key, now)) is not None:
        return _again(known, asked)
    try:
        with transaction.atomic():
            with transaction.atomic():
                response = do()
                if response.status_code >= 400:  # what is refused leaves nothing behind but its answer
                    transaction.set_rollback(True)
            _keep(caller, key, asked, response, now)
    except IntegrityError:
        # The same request was a moment quicker; what this one did is undone.
        if (known := _known(caller, key, now)) is None:
            raise
        return _again(known, asked)
    return response


def _once_by_ids(caller: str, key: str, request: HttpRequest, do: Callable[[], HttpResponse]) -> HttpResponse:
    now, asked = moment(), _asked(request)
    if (known := _known(caller, key, now)) is not None:
        return _again(known, asked)
    response = do()
    try:
        with transaction.atomic():
            _keep(caller, key, asked, response, now)
    except IntegrityError:
        if (known := _known(caller, key, now)) is not None:
            return _again(known, asked)
    return response


def _asked(request: HttpRequest) -> bytes:
    """Return a digest of what is asked: a key that comes with another request is a mistake of the caller's."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    for part in _form(request) if request.content_type == "multipart/form-data" else (request.body,):
        digest.update(part)
    return digest.digest()


def _form(request: HttpRequest) -> Iterator[bytes]:
    """Yield what a form says and the files in it: the line that parts them differs each time that it is sent.

    Files may be larger than what is held in memory.
    """
    try:
        fields, files = sorted(request.POST.lists()), sorted(request.FILES.lists())
    except MultiPartParserError:  # whoever reads it next says so
        return
    yield json.dumps(fields).encode()
    for name, each in ((name, each) for name, group in files for each in group):
        yield json.dumps([name, each.name, each.size]).encode()
        yield from each.chunks()
        each.seek(0)


def _known(caller: str, key: str, now: datetime) -> IdempotentAnswer | None:
    mine = IdempotentAnswer.objects.filter(caller=caller, key=key).first()
    if mine is not None and now - mine.at > KEPT:
        mine.delete()
        return None
    return mine


def _keep(caller: str, key: str, asked: bytes, response: HttpResponse, now: datetime) -> None:
    # A mistake of ours is no answer to give again.
    if response.status_code >= 500:
        return
    # What holds a secret says so, and is given once.
    secret = "no-store" in response.headers.get("Cache-Control", "")
    IdempotentAnswer.objects.create(
        caller=caller,
        key=key,
        request_hash=asked,
        status=response.status_code,
        body=None if secret else response.content,
        at=now,
    )


def _again(row: IdempotentAnswer, asked: bytes) -> HttpResponse:
    if bytes(row.request_hash) != asked:
        return problem(
            422,
            "idempotency-key",
            "This Idempotency-Key was used for another request",
            "Use a new key for a new request.",
        )
    if row.body is None:
        return problem(
            409,
            "answered-once",
            "The first request with this key is done, and its answer held a secret that is shown once",
            "If it did not reach you, remove what was made and make it again with a new key.",
        )
    kind = "application/json" if row.status < 400 else "application/problem+json"
    response = HttpResponse(bytes(row.body), status=row.status, content_type=kind)
    response.headers["Idempotent-Replay"] = "true"
    return response


def _caller(request: HttpRequest) -> str | None:
    """Return whose key it is: a token's or a person's; None for nobody whom we know."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        actor = tokens.actor_of(token, moment())
        return f"token {actor.token}" if actor else None
    party = party_of(request)
    return f"party {party.pk}" if party else None
