"""Identifiers and salts. Public ids are UUID version 7 (RFC 9562): time first, so that indexes stay compact.

Randomness comes from `entropy`, a context variable, so that a simulation can seed it: same seed, same bytes.
"""

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from comity.lib.moments import require

_entropy: ContextVar[Callable[[int], bytes]] = ContextVar("entropy", default=os.urandom)

SALT_BYTES = 16
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0/O, 1/I/L, U: read aloud without mistakes


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within this block all identifiers and salts follow from `seed`. For simulations and tests only."""
    token = _entropy.set(random.Random(seed).randbytes)
    try:
        yield
    finally:
        _entropy.reset(token)


def uuid7(at: datetime) -> UUID:
    """Return a UUID of version 7 whose time is `at` (to the millisecond)."""
    # RFC 9562, 5.7: 48 bits of time, version, 12 random bits, variant, 62 random bits.
    millis = int(require(at).timestamp() * 1000) & ((1 << 48) - 1)
    noise = int.from_bytes(_entropy.get()(10), "big")
    value = millis << 80 | 0x7 << 76 | (noise >> 64 & 0xFFF) << 64 | 0b10 << 62 | noise & ((1 << 62) - 1)
    return UUID(int=value)


def entropy(length: int) -> bytes:
    """Return random bytes, for secrets and keys."""
    return _entropy.get()(length)


def salt() -> bytes:
    """Return SALT_BYTES random bytes."""
    return _entropy.get()(SALT_BYTES)


def digest(salt: bytes, text: str) -> str:
    """Return the salted digest (hex SHA-256) that stands for `text` in the journal.

    Whoever holds the text and the salt can prove what was written; once both are erased, nobody can guess it.
    """
    return hashlib.sha256(salt + text.encode()).hexdigest()


def short_key(prefix: str, length: int = 10) -> str:
    """Return a key for people, such as C-7KQ2M9PXA4: easy to read aloud, not guessable in sequence.

    Ten letters: of ten million keys, a new one is taken with a chance of two in a hundred million.
    """
    return f"{prefix}-{letters(_entropy.get()(16), length)}"


def letters(noise: bytes, length: int) -> str:
    """Return `length` letters that are easy to read aloud, drawn from the bytes of `noise`."""
    left, found = int.from_bytes(noise, "big"), []
    for _ in range(length):
        left, index = divmod(left, len(_ALPHABET))
        found.append(_ALPHABET[index])
    return "".join(found)


def name_of(*parts: str) -> str:
    """Return a short fixed name (20 hex digits) for what `parts` identify: the same parts, the same name."""
    # The unit separator, which no id holds: "a", "bc" and "ab", "c" are two names.
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).hexdigest()
