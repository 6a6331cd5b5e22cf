"""Facts in bulk: CloudEvents, one a line (NDJSON), or an array of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError

from comity.actions import facts
from comity.actions.guard import require
from comity.api.access import actor, moment, needs
from comity.api.idempotency import knows_its_ids
from comity.api.shapes import ERRORS

router = Router()

MAX_ITEMS = 10_000
NDJSON = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")
BATCH = ("application/cloudevents-batch+json",)
SINGLE = ("application/cloudevents+json", "application/json")


class ItemOut(Schema):
    """What became of one item, in the order in which they came."""

    line: int
    id: str
    status: str
    errors: list[str] = []


class FactsOut(Schema):
    """What became of all items: `recorded` now, `known` before and unchanged, or `refused`.

    `judged_by`: the moment until which those of the past wait to be judged; null where all are judged.
    """

    recorded: int
    known: int
    refused: int
    judged_by: datetime | None = None
    items: list[ItemOut]


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "application/cloudevents-batch+json": {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    }
}


@router.post("/facts", response={200: FactsOut, **ERRORS}, summary="Record facts in bulk", openapi_extra=_BODY)
@needs("fact.record")
@knows_its_ids
def record(request: HttpRequest, judge: Literal["with_the_rest", "now"] = "with_the_rest") -> dict[str, Any]:
    """Record up to 10,000 facts. Each is answered for itself; the same source and id again changes nothing.

    Facts of one party are judged together, in the order in which they happened, whatever their order here. Those of
    more than an hour ago may be a part of a past that is being told: where they would accuse somebody, they are judged
    with all that comes within a minute, at the latest at `judged_by`. Rows show them at once. With `judge=now` nothing
    waits.
    """
    who = actor(request)
    require(who, "fact.record")
    now = moment()
    became = facts.record_all(who, _events(request), now=now, waits=judge != "now")
    items = [
        {"line": number, "id": item.id, "status": item.status, "errors": list(item.problems)}
        for number, item in enumerate(became, start=1)
    ]
    counts = {name: sum(item["status"] == name for item in items) for name in ("recorded", "known", "refused")}
    judged_by = max((item.judge_at for item in became if item.judge_at is not None), default=None)
    return counts | {"items": items, "judged_by": judged_by}


def _events(request: HttpRequest) -> Iterator[Any]:
    """Yield the events of the body, an unreadable line as the sentence that says so. Raises HttpError as a whole."""
    kind = request.content_type
    try:
        body = request.body
    except RequestDataTooBig:
        raise HttpError(413, "the body is too large; send it in parts") from None
    if kind in NDJSON:
        # By line feeds alone: other line breaks of Unicode may stand within a JSON text.
        lines = [line for line in body.split(b"\n") if line.strip()]
        if len(lines) > MAX_ITEMS:
            raise HttpError(413, f"{len(lines):,} items; at most {MAX_ITEMS:,} at once, send them in parts")
        return map(_decode, lines)
    if kind in (*BATCH, *SINGLE):
        value = _decode(body)
        events = value if isinstance(value, list) else [value]
        if len(events) > MAX_ITEMS:
            raise HttpError(413, f"{len(events):,} items; at most {MAX_ITEMS:,} at once, send them in parts")
        return iter(events)
    raise HttpError(415, f"Content-Type must be {NDJSON[0]} or {BATCH[0]}, not {kind!r:.100}")


def _decode(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    # The last for brackets within brackets without end.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return facts.Unreadable(str(error))
