"""Who sent an event: PayPal signs a transmission with the key of a certificate that the operator has given.

Shape: https://developer.paypal.com/api/rest/webhooks/rest/. Signed are the transmission's id and time, the webhook's id
and the CRC-32 of the body's bytes. The address of a certificate that comes with it is never called: whoever sends could
name a certificate of his own there.
"""

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from comity.lib import moments, options

ALGORITHM = "SHA256withRSA"
#: How old a transmission may be: what was not taken is sent again for three days, and need not be signed anew. One that
#: comes twice changes nothing.
SENT_WITHIN = timedelta(days=3, hours=1)
#: How far ahead another's clock may be.
AHEAD = timedelta(minutes=5)


class BadSignature(ValueError):
    """Nobody knows who sent it; the message says why."""


@dataclass(frozen=True, slots=True)
class Trust:
    """What an event is held against: the webhook's id, and the certificates of which one has signed it."""

    webhook: str
    certificates: tuple[x509.Certificate, ...]


def here() -> Trust | None:
    """Return what the operator gave; None where no events are expected. Raises BadOption."""
    webhook, named = options.value("COMITY_PAYPAL_WEBHOOK"), options.value("COMITY_PAYPAL_CERTIFICATE")
    if not webhook and not named:
        return None
    if not webhook or not named:
        raise options.BadOption(
            "COMITY_PAYPAL_WEBHOOK and COMITY_PAYPAL_CERTIFICATE belong together; see docs/paypal.md"
        )
    path = Path(named)
    try:
        return Trust(webhook, _read(path, path.stat().st_mtime_ns))
    except (OSError, ValueError) as error:
        raise options.BadOption(f"COMITY_PAYPAL_CERTIFICATE: {path} cannot be used: {error}") from None


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> tuple[x509.Certificate, ...]:
    del changed  # read again when it was
    found = tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    if not all(isinstance(each.public_key(), RSAPublicKey) for each in found):
        raise ValueError("PayPal signs by RSA; a certificate in it has another key")
    return found


def check(trust: Trust, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
    """Return if a body was sent by PayPal, to this webhook, not long ago; else raise BadSignature.

    `headers` by their names in any case, as Django has them.
    """
    if (algorithm := _header(headers, "AUTH-ALGO")) != ALGORITHM:
        raise BadSignature(f"PAYPAL-AUTH-ALGO is {algorithm:.40}, and not {ALGORITHM}")
    identity, stamp, given = (_header(headers, f"TRANSMISSION-{name}") for name in ("ID", "TIME", "SIG"))
    try:
        sent, signature = moments.parse(stamp), base64.b64decode(given, validate=True)
    except (ValueError, OverflowError):
        raise BadSignature("PAYPAL-TRANSMISSION-TIME or -SIG cannot be read") from None
    if not -AHEAD <= now - sent <= SENT_WITHIN:
        raise BadSignature(f"it was sent at {stamp}: too long ago, or not yet")
    known = [each for each in trust.certificates if each.not_valid_before_utc <= sent <= each.not_valid_after_utc]
    if not known:
        raise BadSignature(f"no certificate in COMITY_PAYPAL_CERTIFICATE is valid at {stamp}")
    signed = f"{identity}|{stamp}|{trust.webhook}|{zlib.crc32(body)}".encode()
    if not any(_has_signed(each, signature, signed) for each in known):
        raise BadSignature("the signature is not right for this body and webhook; see docs/paypal.md")


def _header(headers: Mapping[str, str], name: str) -> str:
    if not (value := headers.get(f"PAYPAL-{name}", "")):
        raise BadSignature(f"PAYPAL-{name} is missing")
    return value


def _has_signed(certificate: x509.Certificate, signature: bytes, signed: bytes) -> bool:
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)  # `_read` lets no other in
    try:
        key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
