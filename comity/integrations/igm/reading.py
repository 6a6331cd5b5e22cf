"""Reading the body of a message: JSON that every database takes, and no deeper than any message of the protocol."""

from collections.abc import Mapping
from typing import Any

import msgspec

from comity.actions.network.issue import Invalid, object_

MAX_DEPTH = 40


def read(raw: bytes) -> Mapping[str, Any]:
    """Return the object that a body is. Raises Invalid for what is no JSON, NaN and lone surrogates among it."""
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        raise Invalid("the body is not JSON") from None
    _keepable(body)
    return object_(body, "the body")


def _keepable(body: object) -> None:
    """Raise Invalid for NUL in a text or name, and for what is too deep."""
    layer: list[object] = [body]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for each in layer:
            if isinstance(each, dict):
                below += [*each, *each.values()]
            elif isinstance(each, list):
                below += each
            elif isinstance(each, str) and "\x00" in each:
                raise Invalid("a text holds the character NUL")
        if not below:
            return
        layer = below
    raise Invalid(f"the body is more than {MAX_DEPTH} levels deep")
