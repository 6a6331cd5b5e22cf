"""A witness: follows the log of a journal from outside, and says what nobody may do to it unseen.

It needs the address of the log and, to begin with, its key; it has no access to the installation. From one look to the
next it keeps how far it saw (`Seen`): the size, the hashes that the tree of that size is made of, the last line of each
chain. What it finds is told by its name:

    signature   the head is signed by no key that is known, or is of another log
    cut         the log is shorter than it was
    fork        what was in the log is not in it any more, or another head of the same size was signed
    served      the entries that are served are not those that the head signs
    entry       an entry that is none
    line        a line of a chain comes twice, or lines between are missing
    rulebook    a version of the rules was published a second time
    promise     what a receipt promised is not in the log in time
    heads       the operator states other chains than the entries have: one was dropped, or shortened
    stalled     no new head for longer than the log states its chains
    away        the log does not answer, or not as one
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from comity.lib import moments, receipts, sealed
from comity.lib.tlog import checkpoints, notes, tiles, tree

#: Fetches a path below the log's address. Raises OSError where there is none.
Fetch = Callable[[str], bytes]
#: An operator states the heads of all chains every five minutes, so that a head is never much older.
STALLED_AFTER = timedelta(minutes=15)
#: Names of findings after which a witness does not go on: what it saw before is what it holds against the log.
GRAVE = frozenset({"signature", "cut", "fork", "served", "away"})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be: its name, and a sentence for people."""

    name: str
    says: str


@dataclass(slots=True)
class Seen:
    """How far a witness saw.

    keys    verifiers of the log, as they are written
    parts   hashes of the whole subtrees that the tree is made of, largest first
    lines   the last line of each chain
    rules   the digest of each version of the rules
    """

    origin: str
    keys: list[str]
    size: int = 0
    parts: list[bytes] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    changed_at: datetime | None = None

    @property
    def root(self) -> bytes:
        """The root of the tree that was seen."""
        return _root(self.parts)

    def as_json(self) -> dict[str, Any]:
        """Return what is kept between looks."""
        at = moments.to_text(self.changed_at) if self.changed_at else None
        return {
            "origin": self.origin, "keys": list(self.keys), "size": self.size,
            "parts": [each.hex() for each in self.parts], "lines": dict(self.lines), "rules": dict(self.rules),
            "changed_at": at,
        }  # fmt: skip


def read_seen(said: dict[str, Any]) -> Seen:
    """Read what `Seen.as_json` kept. Raises ValueError, KeyError, TypeError."""
    at = said["changed_at"]
    return Seen(
        origin=str(said["origin"]), keys=[str(each) for each in said["keys"]], size=int(said["size"]),
        parts=[bytes.fromhex(each) for each in said["parts"]],
        lines={str(name): int(line) for name, line in said["lines"].items()},
        rules={str(name): str(digest) for name, digest in said.get("rules", {}).items()},
        changed_at=moments.parse(at) if at else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found, and the head that was seen, as it was signed; None where none could be taken."""

    findings: list[Finding]
    checkpoint: str | None = None
    added: int = 0


def look(fetch: Fetch, seen: Seen, now: datetime) -> Look:
    """Look at the log, say what must not be, and move `seen` along where the log goes on what was seen."""
    try:
        note = fetch("checkpoint").decode()
        head = checkpoints.opened(note, map(notes.read_verifier, seen.keys), origin=seen.origin)
    except notes.BadNote as wrong:
        return Look([Finding("signature", str(wrong))])
    except (OSError, UnicodeDecodeError) as wrong:
        return Look([Finding("away", f"the log does not answer: {wrong}")])
    if head.size < seen.size:
        return Look([Finding("cut", f"the log has {head.size} entries; it had {seen.size}")])
    if head.size == seen.size:
        if head.root != seen.root:
            return Look([Finding("fork", f"another head of the same {head.size} entries was signed")])
        return Look(_stalled(seen, now), note)
    try:
        entries = _entries(fetch, seen.size, head.size)
    except (OSError, ValueError) as wrong:
        return Look([Finding("away", f"entries {seen.size} to {head.size - 1} cannot be had: {wrong}")])
    parts = _grown(seen.size, seen.parts, [tree.leaf_hash(entry) for entry in entries])
    if _root(parts) != head.root:
        return Look([_not_its_own(fetch, seen, head)])
    findings = _read(seen, entries)
    seen.size, seen.parts, seen.changed_at = head.size, parts, now
    return Look(findings, note, len(entries))


def against(fetch: Fetch, seen: Seen, note: str) -> Finding | None:
    """Hold a head that somebody was given, in a case file or a receipt, against the log; None where it is of it."""
    try:
        given = checkpoints.opened(note, map(notes.read_verifier, seen.keys), origin=seen.origin)
    except notes.BadNote as wrong:
        return Finding("signature", str(wrong))
    if given.size > seen.size:
        return Finding("cut", f"it signs {given.size} entries; the log has {seen.size}")
    try:
        leaves = [tree.leaf_hash(entry) for entry in _entries(fetch, 0, given.size)]
    except (OSError, ValueError) as wrong:
        return Finding("away", f"the entries cannot be had: {wrong}")
    if _root(_grown(0, [], leaves)) != given.root:
        return Finding("fork", f"it signs {given.size} other entries than the log has: two stories were told")
    return None


def promised(fetch: Fetch, seen: Seen, note: str, now: datetime) -> Finding | None:
    """Look for what a receipt promised; None where the log has it, or still has time."""
    try:
        receipt, _ = receipts.opened(note, map(notes.read_verifier, seen.keys))
    except (notes.BadNote, receipts.BadReceipt) as wrong:
        return Finding("signature", str(wrong))
    try:
        found = receipt.entry in _entries(fetch, 0, seen.size)
    except (OSError, ValueError) as wrong:
        return Finding("away", f"the entries cannot be had: {wrong}")
    if found or now < receipt.sealed_by:
        return None
    due = moments.to_text(receipt.sealed_by)
    return Finding("promise", f"{receipt.fact} was to be in the log by {due}, and is not")


def _stalled(seen: Seen, now: datetime) -> list[Finding]:
    if seen.changed_at is None or now - seen.changed_at < STALLED_AFTER:
        return []
    return [Finding("stalled", f"no new head since {moments.to_text(seen.changed_at)}")]


def _entries(fetch: Fetch, begin: int, end: int) -> list[bytes]:
    """Return entries from `begin` up to `end`. Raises OSError, ValueError."""
    found: list[bytes] = []
    for number in range(begin // tiles.WIDTH, -(-end // tiles.WIDTH)):
        width = tiles.width_of(0, number, end)
        bundle = tiles.unbundle(fetch(f"tile/entries/{tiles.path(number, width)}"))
        if len(bundle) != width:
            raise ValueError(f"bundle {number} has {len(bundle)} entries, not {width}")
        found += bundle[max(begin - number * tiles.WIDTH, 0) :]
    return found


def _not_its_own(fetch: Fetch, seen: Seen, head: checkpoints.Checkpoint) -> Finding:
    """Return whether what was before is otherwise now, or what is served is not what is signed."""
    try:
        leaves = [tree.leaf_hash(entry) for entry in _entries(fetch, 0, head.size)]
    except (OSError, ValueError) as wrong:
        return Finding("away", f"the entries cannot be had: {wrong}")
    if _root(_grown(0, [], leaves)) == head.root:
        return Finding("fork", f"the first {seen.size} entries are not those that were signed before")
    return Finding("served", f"the {head.size} entries that are served are not those that are signed")


def _read(seen: Seen, entries: Sequence[bytes]) -> list[Finding]:
    findings = []
    for place, entry in enumerate(entries, seen.size):
        try:
            said = sealed.read(entry)
        except sealed.BadEntry:
            findings.append(Finding("entry", f"entry {place} is none"))
            continue
        if "line" in said:
            expected = seen.lines.get(said["chain"], 0) + 1
            if said["line"] != expected:
                says = f"entry {place}: chain {said['chain']} goes on with line {said['line']}, not {expected}"
                findings.append(Finding("line", says))
            seen.lines[said["chain"]] = max(said["line"], expected - 1)
        elif "heads" in said:
            findings += _stated(seen, place, said)
        elif "rulebook" in said:
            before = seen.rules.get(said["rulebook"])
            seen.rules.setdefault(said["rulebook"], said["digest"])
            if before is not None:
                words = "the same words" if before == said["digest"] else "other words"
                says = f"entry {place}: {said['rulebook']} is published a second time, with {words}"
                findings.append(Finding("rulebook", says))
        else:
            _take_up(seen, said)
    return findings


def _stated(seen: Seen, place: int, said: dict[str, Any]) -> list[Finding]:
    if said["heads"] == sealed.digest(seen.lines):
        return []
    chains, lines = len(seen.lines), sum(seen.lines.values())
    stated = f"{said['chains']} chains with {said['lines']} lines"
    says = f"entry {place} states {stated}; the entries have {chains} with {lines}"
    if said["chains"] < chains:
        says += ": a chain was dropped"
    elif said["lines"] < lines:
        says += ": a chain was cut"
    return [Finding("heads", says)]


def _take_up(seen: Seen, said: dict[str, Any]) -> None:
    """Take up a new key: it stands in a tree that goes on what was seen, under a head that a known key has signed."""
    try:
        key = notes.read_verifier(said["key"])
    except notes.BadNote:
        return
    if key.name == seen.origin and key.text not in seen.keys:
        seen.keys.append(key.text)


def _grown(size: int, parts: Sequence[bytes], leaves: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of the whole subtrees of a tree that gets more leaves, largest first."""
    levels = [level for level, _ in tree.whole(0, size)]
    found = list(zip(levels, parts, strict=True))
    for leaf in leaves:
        found.append((0, leaf))
        while len(found) > 1 and found[-1][0] == found[-2][0]:
            (level, left), (_, right) = found[-2:]
            found[-2:] = [(level + 1, tree.node_hash(left, right))]
    return [each for _, each in found]


def _root(parts: Sequence[bytes]) -> bytes:
    if not parts:
        return tree.EMPTY
    *rest, found = parts
    for each in reversed(rest):
        found = tree.node_hash(each, found)
    return found
