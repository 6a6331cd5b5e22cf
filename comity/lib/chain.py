"""The hash chain: each line's hash covers the line before it, so nothing can be changed, dropped or slipped in.

hash(n) = SHA-256( 0x00 ‖ hash(n-1) ‖ canonical body(n) ), hash(0) = 32 zero bytes.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

START = bytes(32)
#: As before the leaves of RFC 6962: should lines get a Merkle tree, no inner node can pass for a line.
_LINE = b"\x00"


class Link(NamedTuple):
    """One line as it was stored: its number (from 1), its canonical body, the hash it claims."""

    seq: int
    body: bytes
    hash: bytes


class Break(NamedTuple):
    """Where a chain does not hold: the number expected there, and what is wrong."""

    seq: int
    problem: str


def link(before: bytes, body: bytes) -> bytes:
    """Return the hash (32 bytes) of the line `body` that follows a line with hash `before`."""
    return hashlib.sha256(_LINE + before + body).digest()


def breaks(links: Iterable[Link], *, head: tuple[int, bytes]) -> Iterator[Break]:
    """Yield every place where `links`, in stored order, do not form the chain that ends in `head` (number, hash)."""
    expected, before = 1, START
    for entry in links:
        if entry.seq != expected:
            yield Break(expected, f"expected line {expected}, found line {entry.seq}")
            expected = entry.seq
        if link(before, entry.body) != entry.hash:
            yield Break(entry.seq, "the line does not match its hash")
        before, expected = entry.hash, expected + 1
    if (expected - 1, before) != head:
        yield Break(expected, f"the chain ends at line {expected - 1}, its recorded head is line {head[0]}")
