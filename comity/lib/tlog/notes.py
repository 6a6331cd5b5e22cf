"""Signed notes (C2SP signed-note): a text, an empty line, and a line for each key that signed it.

Two kinds of signatures: Ed25519 over the text, and that of a witness over a checkpoint and a time
(C2SP tlog-cosignature). What a key signs is told by its name and the first bytes of a hash of it.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.lib import moments

ED25519, COSIGNATURE = 0x01, 0x04
KEY_BYTES, ID_BYTES, SIGNATURE_BYTES, TIME_BYTES = 32, 4, 64, 8
MAX_NOTE_BYTES, MAX_SIGNATURES = 64 * 1024, 64
_DASH = "— "


class BadNote(ValueError):
    """No note, or not signed by a key that is known; the message says which."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A key that notes are checked with; `text` is how it is written (a vkey)."""

    name: str
    key: bytes
    kind: int = ED25519

    @property
    def id(self) -> bytes:
        """The bytes that a signature begins with."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:ID_BYTES]

    @property
    def text(self) -> str:
        """The key as NAME+ID+KEY."""
        return f"{self.name}+{self.id.hex()}+{encoded(bytes([self.kind]) + self.key)}"

    def holds(self, text: str, signature: bytes) -> bool:
        """Whether `signature`, without the key's id, is this key's over the text of a note."""
        message = text.encode()
        if self.kind == COSIGNATURE:
            time, signature = signature[:TIME_BYTES], signature[TIME_BYTES:]
            message = b"cosignature/v1\ntime %d\n" % int.from_bytes(time, "big") + message
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs notes under a name. `secret`: 32 bytes, never to be shown."""

    name: str
    secret: bytes
    kind: int = ED25519

    def __repr__(self) -> str:
        return f"Signer({self.name!r})"

    @property
    def verifier(self) -> Verifier:
        """The key that checks what this one signs."""
        return Verifier(self.name, _private(self.secret).public_key().public_bytes_raw(), self.kind)

    def line(self, text: str, *, at: datetime | None = None) -> str:
        """Return the line that signs the text of a note; `at`: when, of a witness."""
        message, time = text.encode(), b""
        if self.kind == COSIGNATURE:
            if at is None:
                raise ValueError("a witness says when it signs")
            seconds = int(moments.require(at).timestamp())
            time = seconds.to_bytes(TIME_BYTES, "big")
            message = b"cosignature/v1\ntime %d\n" % seconds + message
        return f"{_DASH}{self.name} {encoded(self.verifier.id + time + _private(self.secret).sign(message))}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One line of a note: whose name, the id of the key, the signature."""

    name: str
    id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as it stands in a note."""
        return f"{_DASH}{self.name} {encoded(self.id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read; what it says counts only once somebody known has signed it (`opened`)."""

    text: str
    signatures: tuple[Signature, ...]


def new_signer(name: str, secret: bytes, *, kind: int = ED25519) -> Signer:
    """Return a signer; raise ValueError for a name that no note can carry."""
    if not name or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise ValueError(f"a key's name has no spaces and no plus: {name!r}")
    return Signer(name, secret, kind)


def read_verifier(text: str) -> Verifier:
    """Read a key as `Verifier.text` writes it. Raises BadNote."""
    name, _, rest = text.strip().partition("+")
    id_, _, key = rest.partition("+")
    data = decoded(key)
    if name and data and data[0] in (ED25519, COSIGNATURE) and len(data) == 1 + KEY_BYTES:
        found = Verifier(name, data[1:], data[0])
        if found.id.hex() == id_:
            return found
    raise BadNote("not a verifier's key: it is written NAME+ID+KEY")


def sign(text: str, signers: Iterable[Signer]) -> str:
    """Return the note of `text`, which ends with a line's end, signed by each of `signers`."""
    _check_text(text)
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def read(note: str) -> Note:
    """Take a note apart; nothing in it is checked but its form. Raises BadNote."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or len(note.encode()) > MAX_NOTE_BYTES or not lines.endswith("\n"):
        raise BadNote("not a signed note: a text, an empty line, a line for each signature")
    _check_text(text + "\n")
    found = [_signature(line) for line in lines.splitlines()]
    if not 0 < len(found) <= MAX_SIGNATURES:
        raise BadNote("not a signed note: nobody signed it")
    return Note(text + "\n", tuple(found))


def opened(note: str, verifiers: Iterable[Verifier]) -> tuple[str, list[Verifier]]:
    """Return the text of a note and who of `verifiers` signed it, at least one.

    Raises BadNote where nobody of them did, or where a signature that says it is of one of them is not.
    """
    read_, signed = read(note), list[Verifier]()
    known = {(each.name, each.id): each for each in verifiers}
    for signature in read_.signatures:
        verifier = known.get((signature.name, signature.id))
        if verifier is None:
            continue
        if not verifier.holds(read_.text, signature.signature):
            raise BadNote(f"the signature of {verifier.name} does not hold")
        signed.append(verifier)
    if not signed:
        names = ", ".join(sorted({signature.name for signature in read_.signatures}))
        raise BadNote(f"signed by no key that is known here (signed by {names})")
    return read_.text, signed


def signed_at(signature: Signature) -> datetime:
    """Return when a witness signed, as its signature says."""
    return datetime.fromtimestamp(int.from_bytes(signature.signature[:TIME_BYTES], "big"), moments.UTC)


def _signature(line: str) -> Signature:
    name, _, data = line.removeprefix(_DASH).partition(" ")
    id_and_signature = decoded(data)
    if not line.startswith(_DASH) or not name or len(id_and_signature) <= ID_BYTES:
        raise BadNote("not a signed note: a line of a signature is none")
    return Signature(name, id_and_signature[:ID_BYTES], id_and_signature[ID_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(sign < " " and sign != "\n" for sign in text):
        raise BadNote("the text of a note ends with a line's end and has no other control signs")


def _private(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secret)


def encoded(data: bytes) -> str:
    """Return bytes in base 64."""
    return base64.b64encode(data).decode()


def decoded(text: str) -> bytes:
    """Return the bytes that a text in base 64 says; none where it is not one."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    # One value has one text: what the last sign says beyond the bytes must be nothing.
    return data if encoded(data) == text else b""
