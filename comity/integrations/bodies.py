"""Reading the body of a message from outside: JSON that every database takes, and of no absurd depth."""

from collections.abc import Mapping
from typing import Any

import msgspec

MAX_DEPTH = 40


class Unreadable(ValueError):
    """What is no JSON object that can be kept; the message says why."""


def read(raw: bytes) -> Mapping[str, Any]:
    """Return the object that a body is. Raises Unreadable for what is no JSON, NaN and lone surrogates among it."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise Unreadable("the body is not JSON") from None
    _keepable(body)
    if not isinstance(body, dict):
        raise Unreadable("the body is an object")
    return body


def _keepable(body: object) -> None:
    """Raise Unreadable for NUL in a text or name, and for what is too deep."""
    layer: list[object] = [body]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for each in layer:
            if isinstance(each, dict):
                below += [*each, *each.values()]
            elif isinstance(each, list):
                below += each
            elif isinstance(each, str) and "\x00" in each:
                raise Unreadable("a text holds the character NUL")
        if not below:
            return
        layer = below
    raise Unreadable(f"the body is more than {MAX_DEPTH} levels deep")
