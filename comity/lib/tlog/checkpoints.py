"""Checkpoints (C2SP tlog-checkpoint), the signed heads of a log; and proofs of single entries (C2SP tlog-proof)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from comity.lib.tlog import notes, tree

_PROOF = "c2sp.org/tlog-proof@v1"
_MAX_SIZE = 1 << 62


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How large a log is and what is in it: its origin, the number of its entries, the root of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{notes.encoded(self.root)}\n"


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in a log: where, the way from its hash to the root, the checkpoint that says the root."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str

    @property
    def text(self) -> str:
        """The proof as a file."""
        lines = [_PROOF, f"index {self.index}", *(notes.encoded(each) for each in self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint


def read(text: str) -> Checkpoint:
    """Read what a checkpoint's note says. Lines beyond the third are passed over. Raises notes.BadNote."""
    lines = text.split("\n")
    if len(lines) >= 4 and lines[0] and (size := _number(lines[1])) is not None:
        root = _hash(lines[2])
        if root is not None and size < _MAX_SIZE:
            return Checkpoint(lines[0], size, root)
    raise notes.BadNote("not a checkpoint: its lines are the origin, the number of entries and the root")


def opened(note: str, verifiers: Iterable[notes.Verifier], *, origin: str) -> Checkpoint:
    """Return a checkpoint of the log `origin` that one of `verifiers` signed. Raises notes.BadNote."""
    text, _ = notes.opened(note, verifiers)
    found = read(text)
    if found.origin != origin:
        raise notes.BadNote(f"a checkpoint of another log: {found.origin}, not {origin}")
    return found


def read_proof(text: str) -> Proof:
    """Read a proof as `Proof.text` writes it; extra data is passed over. Raises notes.BadNote."""
    head, gap, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if lines[1:] and lines[1].startswith("extra "):
        del lines[1]
    if gap and len(lines) >= 2 and lines[0] == _PROOF and lines[1].startswith("index "):
        index, hashes = _number(lines[1].removeprefix("index ")), [_hash(line) for line in lines[2:]]
        if index is not None and None not in hashes and len(hashes) <= 64:
            return Proof(index, tuple(each for each in hashes if each is not None), checkpoint)
    raise notes.BadNote("not a proof: it begins with c2sp.org/tlog-proof@v1, and ends with a checkpoint")


def check(proof: Proof, entry: bytes, verifiers: Sequence[notes.Verifier], *, origin: str) -> Checkpoint:
    """Check that `entry` is in the log, and return the checkpoint. Raises notes.BadNote, tree.BadProof."""
    found = opened(proof.checkpoint, verifiers, origin=origin)
    tree.check_inclusion(tree.leaf_hash(entry), proof.index, found.size, proof.hashes, found.root)
    return found


def _number(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) <= 20 and (text == "0" or text[0] != "0")
    return int(text) if plain else None


def _hash(text: str) -> bytes | None:
    data = notes.decoded(text)
    return data if len(data) == tree.HASH_BYTES else None
