"""Signatures of the network: Ed25519 over a digest of the very bytes that are sent, in the Authorization header."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

#: How long a signature of ours holds, and by how much another's clock may be ahead.
HOLDS, SKEW = timedelta(minutes=5), timedelta(minutes=1)
_ALGORITHM, _HEADERS = "ed25519", "(created) (expires) digest"
_PART = re.compile(r'([a-zA-Z]+)="?([^",]*)"?')
MAX_HEADER_CHARS = 2_000


class BadSignature(ValueError):
    """Not signed by the participant that it names, not for these bytes, or not now; the message says which."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the subscriber, the name of its key, the key's 32 bytes, never to be shown."""

    subscriber: str
    key_id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Signer({self.subscriber!r}, {self.key_id!r})"

    @property
    def public(self) -> bytes:
        """The 32 bytes by which others check."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()


def digest(body: bytes) -> str:
    """Return the digest of a body: BLAKE2b of 64 bytes, in base 64."""
    return base64.b64encode(hashlib.blake2b(body).digest()).decode()


def signing_string(body: bytes, created: int, expires: int) -> bytes:
    """Return what is signed; both times in seconds since 1970."""
    return f"(created): {created}\n(expires): {expires}\ndigest: BLAKE-512={digest(body)}".encode()


def header(signer: Signer, body: bytes, now: datetime) -> str:
    """Return the Authorization header that signs a body."""
    created = int(now.timestamp())
    expires = created + int(HOLDS.total_seconds())
    secret = Ed25519PrivateKey.from_private_bytes(signer.secret)
    signature = base64.b64encode(secret.sign(signing_string(body, created, expires))).decode()
    return (
        f'Signature keyId="{signer.subscriber}|{signer.key_id}|{_ALGORITHM}",algorithm="{_ALGORITHM}",'
        f'created="{created}",expires="{expires}",headers="{_HEADERS}",signature="{signature}"'
    )


def signed_by(header: str, body: bytes, keys: Mapping[tuple[str, str], bytes], now: datetime) -> str:
    """Return the subscriber who signed a body. `keys`: public keys by subscriber and key. Raises BadSignature."""
    if not header.startswith("Signature ") or len(header) > MAX_HEADER_CHARS:
        raise BadSignature("the Authorization header is no signature")
    found = _PART.findall(header.removeprefix("Signature "))
    parts = dict(found)
    if len(parts) != len(found):
        raise BadSignature("the Authorization header says something twice")
    named = parts.get("keyId", "").split("|")
    if parts.get("algorithm") != _ALGORITHM or len(named) != 3 or named[2] != _ALGORITHM:
        raise BadSignature("the algorithm of a signature is ed25519")
    if parts.get("headers") != _HEADERS:
        raise BadSignature(f"a signature is over {_HEADERS}, in this order")
    created, expires = _seconds(parts.get("created", "")), _seconds(parts.get("expires", ""))
    at = now.timestamp()
    if created > at + SKEW.total_seconds():
        raise BadSignature("it was signed in the future")
    if expires < at or expires < created:
        raise BadSignature("the signature has expired")
    key = keys.get((named[0], named[1]))
    if key is None:
        raise BadSignature(f"no key {named[1]!r} of {named[0]!r} is known here")
    try:
        signature = base64.b64decode(parts.get("signature", ""), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signing_string(body, created, expires))
    except (InvalidSignature, ValueError, binascii.Error):
        raise BadSignature("the signature is not right for this body") from None
    return str(named[0])


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 12:
        raise BadSignature("created and expires are seconds since 1970")
    return int(text)
