"""Canonical JSON: one value, one sequence of bytes, on every machine and every Python.

Keys sorted by code point, no white space, UTF-8 without escapes beyond what JSON demands, moments in UTC with
all six digits of their microseconds. Floats are refused: money is integer minor units, rates are two integers,
and the shortest text of a float is a matter of taste. (Django's own encoder cuts microseconds to milliseconds;
a replay of what it wrote would differ.)
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from comity.lib import moments

MAX_DEPTH = 32


class NotCanonical(TypeError):
    """The value has no canonical form; the message names the place and the type."""


def encode(value: Any) -> bytes:
    """Return the canonical bytes of `value`: dict, list, tuple, str, int, bool, None, datetime (aware) or date.

    Raises NotCanonical for floats, naive datetimes, keys that are not strings, and nesting deeper than MAX_DEPTH.
    """
    plain = _plain(value, 0, value)
    try:
        return _fast(plain)
    except TypeError:  # a type of text of somebody's own
        return _dumps(plain).encode()


def text(value: Any) -> str:
    """Return `encode(value)` as text."""
    return encode(value).decode()


def decode(body: bytes | str) -> Any:
    """Read canonical JSON back. Moments stay strings: whoever reads a field knows whether it is one."""
    return json.loads(body)


def _plain(value: Any, depth: int, whole: Any) -> Any:
    kind = type(value)
    # By exact type: nearly every value is one of these, and a journal is written with each fact.
    if kind in _AS_THEY_ARE:
        return value
    if kind is datetime:
        return moments.to_text(value)
    if depth > MAX_DEPTH:
        raise NotCanonical(f"{_place(whole, value)}: nested deeper than {MAX_DEPTH}")
    if isinstance(value, Mapping):
        if not all(map(_IS_TEXT, map(type, value))):
            raise NotCanonical(f"{_place(whole, value)}: a key is not a string")
        # A look at the type first, here too: a call for each value would cost more than the value.
        return {
            key: item if type(item) in _AS_THEY_ARE else _plain(item, depth + 1, whole) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1, whole) for item in value]
    if isinstance(value, str | int):
        return value
    if isinstance(value, date):
        return moments.to_text(value) if isinstance(value, datetime) else value.isoformat()
    raise NotCanonical(f"{_place(whole, value)}: {kind.__name__} has no canonical form")


_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
_IS_TEXT = frozenset({str}).__contains__
#: Both write the same bytes, the first in a tenth of the time.
_fast = msgspec.json.Encoder(order="sorted").encode
_dumps = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _place(whole: Any, wanted: Any, path: str = "$", depth: int = 0) -> str:
    """Return where in `whole` the value `wanted` stands; looked for only once something is wrong with it."""
    if whole is wanted or depth > MAX_DEPTH + 1:
        return path
    inner = whole.items() if isinstance(whole, Mapping) else enumerate(whole) if isinstance(whole, list | tuple) else ()
    for key, item in inner:
        deeper = _place(item, wanted, f"{path}.{key}", depth + 1)
        if deeper:
            return deeper
    return ""
