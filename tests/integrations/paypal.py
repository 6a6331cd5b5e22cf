"""PayPal as it sends events: a certificate made for the tests, a dispute in its published shape, and its signature."""

import base64
import json
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from django.test import Client

from comity.lib import moments

WEBHOOK = "4JH86294D6297924G"


@cache
def key(name: str = "PayPal") -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(name: str = "PayPal", *, days: int = 30) -> bytes:
    """A certificate of that name's own, valid from two years ago for so many days from now, as PEM."""
    now, called = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(called, called, key(name).public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=730)).not_valid_after(now + timedelta(days=days))
    return made.sign(key(name), SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass
class PayPal:
    """One dispute at PayPal, and the door that its events are sent to."""

    since: datetime
    dispute: dict[str, Any] = field(default_factory=dict)
    sent: int = 0

    @classmethod
    def about(cls, payment: str, since: datetime, **more: Any) -> "PayPal":
        """A dispute about a payment of 60.00 EUR."""
        dispute = {
            "dispute_id": "PP-D-27803", "create_time": moments.to_text(since),
            "disputed_transactions": [{
                "buyer_transaction_id": "8SC56973LM923823H", "seller_transaction_id": payment,
                "seller": {"merchant_id": "RD465XN5VS364", "name": "Shop"},
            }],
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "status": "OPEN", "dispute_channel": "INTERNAL",
            "dispute_amount": {"currency_code": "EUR", "value": "60.00"}, "dispute_life_cycle_stage": "INQUIRY",
            "messages": [{"posted_by": "BUYER", "time_posted": moments.to_text(since), "content": "Where is it?"}],
        }  # fmt: skip
        return cls(since, dispute | more)

    def event(self, done: str, hours: float, **more: Any) -> bytes:
        """An event of the dispute as it stands so many hours after it began."""
        self.sent += 1
        at = moments.to_text(self.since + timedelta(hours=hours))
        whole = {
            "id": f"WH-{self.sent}", "event_version": "1.0", "create_time": at, "resource_type": "dispute",
            "event_type": f"CUSTOMER.DISPUTE.{done}", "summary": "Case", "resource": {**self.dispute, "update_time": at, **more},
        }  # fmt: skip
        return json.dumps(whole).encode()

    def stage(self, name: str, hours: float) -> bytes:
        """It was taken to a stage."""
        return self.event("UPDATED", hours, dispute_life_cycle_stage=name, status="UNDER_REVIEW")

    def resolved(
        self, outcome: str, hours: float, *, stage: str = "CHARGEBACK", refunded: str = "", **more: Any
    ) -> bytes:
        """It ended."""
        said: dict[str, Any] = {"outcome_code": outcome}
        if refunded:
            said["amount_refunded"] = {"currency_code": "EUR", "value": refunded}
        return self.event(
            "RESOLVED", hours, dispute_life_cycle_stage=stage, status="RESOLVED", dispute_outcome=said, **more
        )  # fmt: skip


def headers(body: bytes, *, by: str = "PayPal", webhook: str = WEBHOOK, age: float = 1, **more: str) -> dict[str, str]:
    """The headers of a transmission that was sent so many seconds ago."""
    stamp = (datetime.now(UTC) - timedelta(seconds=age)).isoformat(timespec="seconds").replace("+00:00", "Z")
    signed = f"d938e770|{stamp}|{webhook}|{zlib.crc32(body)}".encode()
    return {
        "PAYPAL-TRANSMISSION-ID": "d938e770", "PAYPAL-TRANSMISSION-TIME": stamp, "PAYPAL-AUTH-ALGO": "SHA256withRSA",
        "PAYPAL-CERT-URL": "https://attacker.example/cert.pem",
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(key(by).sign(signed, PKCS1v15(), SHA256())).decode(),
    } | more  # fmt: skip


def post(body: bytes, given: dict[str, str] | None = None) -> tuple[int, str]:
    """What the door answers to a body, signed as PayPal signs where nothing else is given."""
    told = headers(body) if given is None else given
    answer = Client().post("/hooks/paypal/", body, content_type="application/json", headers=told)
    return answer.status_code, json.loads(answer.content)["detail"]


def trusted(folder: Path, *certificates: bytes) -> str:
    """The file in which the operator keeps certificates."""
    path = folder / "paypal.pem"
    path.write_bytes(b"".join(certificates or (certificate(),)))
    return str(path)
