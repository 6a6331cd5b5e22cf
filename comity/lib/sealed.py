"""What the entries of the journal's log say: lines of chains that nobody can guess, and statements about all of them.

An entry is canonical JSON of one of four shapes:

    {"chain": 32 hex, "commitment": 64 hex, "line": 17}           line 17 of the chain of that name
    {"chains": 40, "heads": 64 hex, "lines": 12345}               so many chains there are, and these are their heads
    {"key": "NAME+ID+KEY", "lost": false}                         from here on this key signs
    {"digest": 64 hex, "rulebook": "name@version"}                this version of the rules was published

A chain's name is no party's name: who is behind it is told only by who knows the log's secret. The commitment of a line
is SHA-256("comity line" 0x0A ‖ salt ‖ hash of the line), its salt another for each line: whoever is given a line, the
hash before it and the salt can check that this is the line, and learns nothing of others. A rulebook's
digest is SHA-256 of its text.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from comity.lib import canonical, chain

SECRET_BYTES, SALT_BYTES, NAME_HEX, HASH_HEX = 32, 16, 32, 64
_LINE = b"comity line\n"


class Opening(NamedTuple):
    """What shows that an entry is a certain line: its body, the hash of the line before it, the salt."""

    body: bytes
    before: bytes
    salt: bytes


class BadEntry(ValueError):
    """Not an entry of a journal's log."""


def name_of_chain(secret: bytes, party: str) -> str:
    """Return the name of a party's chain in the log: 32 hex digits."""
    return hmac.new(secret, b"chain\n" + party.encode(), hashlib.sha256).hexdigest()[:NAME_HEX]


def salt_of(secret: bytes, name: str, line: int) -> bytes:
    """Return the salt of a line."""
    return hmac.new(secret, b"salt\n%s\n%d" % (name.encode(), line), hashlib.sha256).digest()[:SALT_BYTES]


def check_code(secret: bytes, name: str, line: int) -> bytes:
    """Return what shows that somebody has the paper on which a line was printed: nobody can guess it. 32 bytes."""
    return hmac.new(secret, b"check\n%s\n%d" % (name.encode(), line), hashlib.sha256).digest()


def commitment(salt: bytes, hash_: bytes) -> str:
    """Return the commitment of a line with that hash: 64 hex digits."""
    return hashlib.sha256(_LINE + salt + hash_).hexdigest()


def line(secret: bytes, name: str, number: int, hash_: bytes) -> bytes:
    """Return the entry of a line of a chain, by the hash that it has in its chain."""
    said = commitment(salt_of(secret, name, number), hash_)
    return canonical.encode({"chain": name, "commitment": said, "line": number})


def statement(heads: Mapping[str, int]) -> bytes:
    """Return the entry that states all chains, by the number of lines of each."""
    return canonical.encode({"chains": len(heads), "heads": digest(heads), "lines": sum(heads.values())})


def digest(heads: Mapping[str, int]) -> str:
    """Return the digest of heads: SHA-256 of a line NAME SPACE NUMBER for each, sorted."""
    return hashlib.sha256("".join(f"{name} {heads[name]}\n" for name in sorted(heads)).encode()).hexdigest()


def key(verifier: str, *, lost: bool = False) -> bytes:
    """Return the entry from which on a key signs; `lost`: the one before it was lost."""
    return canonical.encode({"key": verifier, "lost": lost})


def rulebook(name: str, text: str) -> bytes:
    """Return the entry of a version of the rules, NAME@VERSION, by its text as it was published."""
    return canonical.encode({"digest": hashlib.sha256(text.encode()).hexdigest(), "rulebook": name})


def read(entry: bytes) -> dict[str, Any]:
    """Return what an entry says. Raises BadEntry for what has none of the four shapes, or is not canonical."""
    try:
        said = canonical.decode(entry)
        if isinstance(said, dict) and canonical.encode(said) == entry:
            if said.keys() == {"chain", "commitment", "line"}:
                if _is_hex(said["chain"], NAME_HEX) and _is_hex(said["commitment"], HASH_HEX) and _counts(said, "line"):
                    return said
            elif said.keys() == {"chains", "heads", "lines"}:
                if _is_hex(said["heads"], HASH_HEX) and _counts(said, "chains", "lines"):
                    return said
            elif said.keys() == {"digest", "rulebook"}:
                if _is_hex(said["digest"], HASH_HEX) and isinstance(said["rulebook"], str):
                    return said
            elif said.keys() == {"key", "lost"} and isinstance(said["key"], str) and isinstance(said["lost"], bool):
                return said
    except (ValueError, TypeError, RecursionError):
        pass
    raise BadEntry(f"not an entry of a journal's log: {entry[:80]!r}")


def check(entry: bytes, opening: Opening) -> None:
    """Check that an entry is the line that `opening` shows. Raises BadEntry."""
    said = read(entry)
    if said.get("commitment") != commitment(opening.salt, chain.link(opening.before, opening.body)):
        raise BadEntry("the line is not the one that was sealed")


def _is_hex(value: object, length: int) -> bool:
    return isinstance(value, str) and len(value) == length and set(value) <= set("0123456789abcdef")


def _counts(said: Mapping[str, Any], *names: str) -> bool:
    return all(type(said[name]) is int and said[name] >= 0 for name in names)
