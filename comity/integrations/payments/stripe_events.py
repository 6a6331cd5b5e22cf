"""What Stripe's events say: refunds, charge-backs, inquiries of banks; and who sent them.

Shapes: https://docs.stripe.com/api/events/types.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from comity.actions.reports import Report
from comity.integrations.payments.stripe import from_stripe, outcome_of
from comity.integrations.payments.taking import Inquiry
from comity.integrations.payments.vocabulary import stripe_reason_back

#: How old a signed event may be.
SIGNED_WITHIN = timedelta(minutes=5)
#: How the states of an inquiry begin: a bank asks, and has taken nothing.
_INQUIRY = "warning_"


@dataclass(frozen=True, slots=True)
class Told:
    """What an event says: reports of money, and an inquiry of a bank about a payment; either may be none."""

    at: datetime
    payment: str = ""
    reports: tuple[Report, ...] = ()
    inquiry: Inquiry | None = None


def signed(body: bytes, header: str, secret: str, now: datetime) -> bool:
    """Whether a body was signed by who has the secret, not long ago."""
    pairs = [part.partition("=") for part in header.split(",")]
    stamp = next((value for name, _, value in pairs if name.strip() == "t"), "")
    if not stamp.isdecimal() or abs(now.timestamp() - int(stamp[:15])) > SIGNED_WITHIN.total_seconds():
        return False
    wanted = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    given = [value for name, _, value in pairs if name.strip() == "v1"]
    return any(hmac.compare_digest(wanted.encode(), each.encode()) for each in given)


def read(event: Mapping[str, Any]) -> Told:
    """Return what an event says. Raises ValueError, and what a shape of another kind raises."""
    kind, at, identity = str(event.get("type")), _moment(event.get("created")), str(event.get("id") or "")
    found: Any = (event.get("data") or {}).get("object")
    if not isinstance(found, dict):
        raise ValueError("the event has no object")
    payment = _payment(found)
    if found.get("object") == "refund" and kind.split(".")[-1] in ("created", "updated", "failed"):
        report = _of_refund(found, identity)
    elif kind == "charge.refunded":
        report = _of_charge(found, identity)
    elif kind.startswith("charge.dispute."):
        done = kind.rpartition(".")[2]
        return Told(at, payment, tuple(_of_dispute(found, done, identity)), _inquiry(found, done, identity, at))
    else:
        report = None
    return Told(at, payment, () if report is None else (report,))


def _of_dispute(dispute: Mapping[str, Any], done: str, event: str) -> Iterator[Report]:
    """Yield what a dispute did to money. By its id each counts once, whichever of its events tells it first."""

    def report(kind: str) -> Report:
        amount = None if kind == "charge_back_lost" else from_stripe(dispute["amount"], dispute["currency"])
        return Report(kind, payment=_payment(dispute), reference=str(dispute["id"]), amount=amount, event=event)

    status = str(dispute.get("status"))
    if done == "funds_withdrawn":
        yield report("charged_back")
    elif done == "funds_reinstated":
        yield report("charge_back_reversed")
    elif done in ("created", "updated", "closed") and not status.startswith(_INQUIRY):
        if any(row["amount"] < 0 for row in dispute.get("balance_transactions") or ()):
            yield report("charged_back")
        if status in ("won", "lost"):
            yield report("charge_back_reversed" if status == "won" else "charge_back_lost")


def _inquiry(dispute: Mapping[str, Any], done: str, event: str, at: datetime) -> Inquiry | None:
    status = str(dispute.get("status"))
    if done not in ("created", "updated", "closed") or not (done == "closed" or status.startswith(_INQUIRY)):
        return None
    return Inquiry(
        "stripe", str(dispute["id"]), event, stripe_reason_back(str(dispute.get("reason"))),
        opened_at=_moment(dispute.get("created")), at=at, is_over=done == "closed" or status == "warning_closed",
    )  # fmt: skip


def _of_refund(refund: Mapping[str, Any], event: str) -> Report | None:
    outcome = outcome_of(refund)
    if outcome.state not in ("confirmed", "failed"):
        return None
    return Report(
        "refunded" if outcome.state == "confirmed" else "failed",
        payment=_payment(refund),
        key=str((refund.get("metadata") or {}).get("comity_key") or ""),
        reference=outcome.reference,
        amount=from_stripe(refund["amount"], refund["currency"]),
        reason=outcome.reason,
        event=event,
    )


def _of_charge(charge: Mapping[str, Any], event: str) -> Report | None:
    """Return the sum so far, where the charge names its latest refund; newer versions tell each refund by itself."""
    rows = (charge.get("refunds") or {}).get("data") or []
    if not rows:
        return None
    latest = max(rows, key=lambda row: row.get("created") or 0)
    key = str((latest.get("metadata") or {}).get("comity_key") or "")
    total = from_stripe(charge["amount_refunded"], charge["currency"])
    return Report("refunded", payment=_payment(charge), key=key, reference=str(latest["id"]), total=total, event=event)


def _payment(found: Mapping[str, Any]) -> str:
    charge = found.get("id") if found.get("object") == "charge" else found.get("charge")
    return str(found.get("payment_intent") or charge or "")


def _moment(created: Any) -> datetime:
    if not isinstance(created, int):
        raise ValueError("the event does not say when it was created")
    return datetime.fromtimestamp(created, UTC)
