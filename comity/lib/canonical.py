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

from comity.lib import moments

MAX_DEPTH = 32


class NotCanonical(TypeError):
    """The value has no canonical form; the message names the place and the type."""


def encode(value: Any) -> bytes:
    """Return the canonical bytes of `value`: dict, list, tuple, str, int, bool, None, datetime (aware) or date.

    Raises NotCanonical for floats, naive datetimes, keys that are not strings, and nesting deeper than MAX_DEPTH.
    """
    return text(value).encode()


def text(value: Any) -> str:
    """Return `encode(value)` as text."""
    return json.dumps(_plain(value, "$", 0), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def decode(body: bytes | str) -> Any:
    """Read canonical JSON back. Moments stay strings: whoever reads a field knows whether it is one."""
    return json.loads(body)


def _plain(value: Any, place: str, depth: int) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if depth > MAX_DEPTH:
        raise NotCanonical(f"{place}: nested deeper than {MAX_DEPTH}")
    if isinstance(value, datetime):
        return moments.to_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key, place): _plain(item, f"{place}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{n}]", depth + 1) for n, item in enumerate(value)]
    raise NotCanonical(f"{place}: {type(value).__name__} has no canonical form")


def _key(key: Any, place: str) -> str:
    if not isinstance(key, str):
        raise NotCanonical(f"{place}: key {key!r} is not a string")
    return key
