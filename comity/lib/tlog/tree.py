"""Merkle trees as RFC 6962 has them: SHA-256, a leaf's hash begins with 0x00, a node's with 0x01.

What a tree is made of is read by `HashAt`: the hash of the whole subtree of 2**level leaves with that number. A subtree
that is not complete is made of whole ones, so a tree of any size is told by about log2(size) of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

HASH_BYTES = 32
#: The root of a tree without leaves.
EMPTY = hashlib.sha256(b"").digest()
#: (level, number) -> the hash of the leaves from number * 2**level up to (number + 1) * 2**level.
HashAt: TypeAlias = Callable[[int, int], bytes]


class BadProof(ValueError):
    """A proof does not hold; the message says why."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def over(leaves: Sequence[bytes]) -> HashAt:
    """Return how hashes are read off those of leaves."""

    def hash_at(level: int, number: int) -> bytes:
        if level == 0:
            return leaves[number]
        return node_hash(hash_at(level - 1, 2 * number), hash_at(level - 1, 2 * number + 1))

    return hash_at


def whole(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the whole subtrees (level, number) of which the leaves from `begin` up to `end` are made, largest first.

    `begin` is where a subtree as large as the largest of them can begin, as it always is within a tree.
    """
    while begin < end:
        level = (end - begin).bit_length() - 1
        yield level, begin >> level
        begin += 1 << level


def root(size: int, hash_at: HashAt) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return _over(0, size, hash_at) if size else EMPTY


def _over(begin: int, end: int, hash_at: HashAt) -> bytes:
    hashes = [hash_at(level, number) for level, number in whole(begin, end)]
    found = hashes.pop()
    while hashes:
        found = node_hash(hashes.pop(), found)
    return found


def _split(begin: int, end: int) -> int:
    """Return where the right part of a tree begins: after the largest power of two below its size."""
    return begin + (1 << (end - begin - 1).bit_length() - 1)


def inclusion(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of `size` leaves: siblings, from the leaf's up to the root's.

    Raises IndexError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise IndexError(f"a tree of {size} leaves has no leaf {index}")
    begin, end, proof = 0, size, list[bytes]()
    while end - begin > 1:
        middle = _split(begin, end)
        if index < middle:
            proof.append(_over(middle, end, hash_at))
            end = middle
        else:
            proof.append(_over(begin, middle, hash_at))
            begin = middle
    return proof[::-1]


def consistency(old: int, new: int, hash_at: HashAt) -> list[bytes]:
    """Return the proof that the tree of the first `new` leaves goes on that of the first `old`.

    Empty where one is the other, or begins with nothing. Raises IndexError where `old` is the larger.
    """
    if not 0 <= old <= new:
        raise IndexError(f"a tree of {new} leaves goes on none of {old}")
    if old in (0, new):
        return []
    begin, end, proof = 0, new, list[bytes]()
    while end != old:
        middle = _split(begin, end)
        if old <= middle:
            proof.append(_over(middle, end, hash_at))
            end = middle
        else:
            proof.append(_over(begin, middle, hash_at))
            begin = middle
    # Where the old tree is a subtree from the very beginning, whoever checks knows its hash.
    return ([] if begin == 0 else [_over(begin, end, hash_at)]) + proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_: bytes) -> None:
    """Check that the leaf of that hash is at `index` in the tree of `size` leaves with that root. Raises BadProof."""
    if not 0 <= index < size:
        raise BadProof(f"a tree of {size} leaves has no leaf {index}")
    number, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            raise BadProof("the proof is too long")
        if number & 1 or number == last:
            found = node_hash(each, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, each)
        number, last = number >> 1, last >> 1
    if last != 0:
        raise BadProof("the proof is too short")
    if found != root_:
        raise BadProof("the proof leads to another root")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `new` leaves goes on that of `old`, by their roots. Raises BadProof."""
    if not 0 <= old <= new:
        raise BadProof(f"a tree of {new} leaves goes on none of {old}")
    if old in (0, new):
        if proof:
            raise BadProof("the proof is too long")
        if (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY):
            raise BadProof("the roots differ")
        return
    hashes = list(proof)
    number, last = old - 1, new - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    if number == 0 and last == 0:  # pragma: no cover - old == new, looked at above
        raise BadProof("the proof is too long")
    if number == 0:
        was = now = old_root
    elif hashes:
        was = now = hashes.pop(0)
    else:
        raise BadProof("the proof is too short")
    for each in hashes:
        if last == 0:
            raise BadProof("the proof is too long")
        if number & 1 or number == last:
            was, now = node_hash(each, was), node_hash(each, now)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            now = node_hash(now, each)
        number, last = number >> 1, last >> 1
    if last != 0:
        raise BadProof("the proof is too short")
    if was != old_root or now != new_root:
        raise BadProof("the one tree does not go on the other")
