"""What PayPal's events say of a dispute there (Customer Disputes v1): whose, how much it took, whether it is over.

An event carries the whole dispute as it stood; nothing is asked back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from comity.integrations.payments.vocabulary import CHARGEBACK, INQUIRY, PRE_ARBITRATION
from comity.lib import moments
from comity.lib.money import Money, is_currency

KINDS: Final = frozenset(f"CUSTOMER.DISPUTE.{done}" for done in ("CREATED", "UPDATED", "RESOLVED"))
STAGES: Final = (INQUIRY, CHARGEBACK, PRE_ARBITRATION, "ARBITRATION")
#: Outcomes after which the seller has the money again; those after which it stays with the buyer, as far as it was
#: refunded. Others do not say who bore it: the movements do, where they are told.
FOR_SELLER: Final = frozenset({"RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER", "DENIED"})
FOR_BUYER: Final = frozenset({"RESOLVED_BUYER_FAVOUR", "ACCEPTED"})
_PAYOUT: Final = "RESOLVED_WITH_PAYOUT"
#: What moves the price and not a fee.
_SETTLES: Final = ("", "DISPUTE_SETTLEMENT")
MAX_ID_CHARS, MAX_NAME_CHARS, MAX_TEXT_CHARS, MAX_TRANSACTIONS = 180, 190, 5_000, 1_000
_ID: Final = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class Told:
    """A dispute at PayPal as one event tells it.

    event               the event's id; reference: the dispute's; at: when it stood so; opened_at: since when it is
    payments, numbers   how its transactions name the order: ids of the payment, and what the shop wrote beside
    reason              PayPal's word
    text                what the buyer wrote
    taken               what PayPal took of the seller; None where this says nothing of it
    back                what of that the seller has again, minor units
    is_over, cancelled  whether it is resolved, and because the buyer took it back
    stays               what was taken and not given back stays with the buyer
    is_paid             PayPal has paid the buyer, whoever bears it
    """

    event: str
    reference: str
    at: datetime
    opened_at: datetime
    payments: tuple[str, ...]
    numbers: tuple[str, ...]
    reason: str
    text: str = ""
    taken: Money | None = None
    back: int = 0
    is_over: bool = False
    cancelled: bool = False
    stays: bool = False
    is_paid: bool = False


def read(event: Mapping[str, Any]) -> Told | None:
    """Return what an event says; None where it is about no dispute. Raises ValueError for what is not in its shape."""
    kind = _text(event, "event_type", needed=True)
    if kind not in KINDS:
        return None
    dispute = _object(event, "resource")
    reference, stage = _text(dispute, "dispute_id", needed=True), _text(dispute, "dispute_life_cycle_stage")
    if not _ID.fullmatch(reference) or len(reference) > MAX_ID_CHARS:
        raise ValueError(f"dispute_id has letters, digits and dashes, at most {MAX_ID_CHARS}")
    if stage and stage not in STAGES:
        raise ValueError(f"dispute_life_cycle_stage is one of {', '.join(STAGES)}, not {stage:.40}")
    opened_at = _moment(dispute, "create_time") or _moment(event, "create_time")
    at = _moment(dispute, "update_time") or opened_at
    if at is None or opened_at is None:
        raise ValueError("update_time and create_time are missing")
    rows = [each for each in _list(dispute, "disputed_transactions") if isinstance(each, dict)]
    is_over = _text(dispute, "status") == "RESOLVED" or kind.endswith("RESOLVED")
    found = _object(dispute, "dispute_outcome", needed=False)
    outcome = _text(found, "outcome_code") if is_over else ""
    taken, back = _money(dispute, stage, outcome)
    if taken is not None and outcome in FOR_SELLER:
        back = taken.minor
    refunded = _amount(found, "amount_refunded")
    if taken is not None and outcome in FOR_BUYER and refunded is not None and refunded.currency == taken.currency:
        back = max(back, taken.minor - min(max(refunded.minor, 0), taken.minor))
    return Told(
        event=_text(event, "id", needed=True),
        reference=reference,
        at=at,
        opened_at=opened_at,
        payments=_names(rows, "seller_transaction_id", "buyer_transaction_id", "reference_id"),
        numbers=_names(rows, "invoice_number", "custom"),
        reason=_text(dispute, "reason"),
        text=_words(dispute),
        taken=taken,
        back=back,
        is_over=is_over,
        cancelled=outcome == "CANCELED_BY_BUYER",
        stays=taken is not None and back < taken.minor and outcome in FOR_BUYER | {_PAYOUT},
        is_paid=outcome == _PAYOUT and refunded is not None and refunded.minor > 0,
    )


def _money(dispute: Mapping[str, Any], stage: str, outcome: str) -> tuple[Money | None, int]:
    """Return what was taken of the seller and what was given back: by the movements, else by the stage.

    From the claim on PayPal holds the money. How it ended with a payout or with none, the stage does not say.
    """
    disputed = _amount(dispute, "dispute_amount")
    moved = [each for each in _list(dispute, "money_movements") if _is_sellers(each)]
    sums = {"DEBIT": 0, "CREDIT": 0}
    for each in moved:
        amount, kind = _amount(each, "amount"), _text(each, "type")
        if amount is not None and kind in sums and (disputed is None or amount.currency == disputed.currency):
            disputed = disputed or Money(0, amount.currency)
            sums[kind] += amount.minor
    if disputed is not None and sums["DEBIT"] > 0:
        return Money(sums["DEBIT"], disputed.currency), min(sums["CREDIT"], sums["DEBIT"])
    by_stage = stage in STAGES[1:] and (not outcome or outcome in FOR_SELLER | FOR_BUYER)
    if not by_stage:
        return None, 0
    if disputed is None:
        raise ValueError("dispute_amount is missing: without it nobody knows how much was taken")
    return (disputed, 0) if disputed.minor > 0 else (None, 0)


def _is_sellers(movement: object) -> bool:
    return (
        isinstance(movement, dict)
        and movement.get("affected_party") == "SELLER"
        and (movement.get("reason") or "") in _SETTLES
    )


def _words(dispute: Mapping[str, Any]) -> str:
    said = (each for each in _list(dispute, "messages") if isinstance(each, dict) and each.get("posted_by") == "BUYER")
    return next((text for each in said if (text := _text(each, "content"))), "")[:MAX_TEXT_CHARS]


def _names(rows: list[dict[str, Any]], *fields: str) -> tuple[str, ...]:
    told = (_text(row, name) for row in rows for name in fields)
    return tuple(dict.fromkeys(each for each in told if 0 < len(each) <= MAX_NAME_CHARS))


def _amount(said: Mapping[str, Any], name: str) -> Money | None:
    told = _object(said, name, needed=False)
    if not told:
        return None
    currency, value = _text(told, "currency_code", needed=True), _text(told, "value", needed=True)
    if not is_currency(currency):
        raise ValueError(f"{name}: ISO 4217 lists no currency {currency:.10}")
    if not re.fullmatch(r"-?\d{0,16}(\.\d{1,6})?", value, re.ASCII) or not any(map(str.isdigit, value)):
        raise ValueError(f"{name}: {value:.40} is no amount")
    return Money.of(value, currency)


def _moment(said: Mapping[str, Any], name: str) -> datetime | None:
    told = _text(said, name)
    return moments.believable(moments.parse(told)) if told else None


def _text(said: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    value = said.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a text")
    if needed and not value:
        raise ValueError(f"{name} is missing")
    return value


def _object(said: Mapping[str, Any], name: str, *, needed: bool = True) -> Mapping[str, Any]:
    value = said.get(name)
    if value is None and not needed:
        return {}
    if not isinstance(value, dict):
        raise ValueError(f"{name} must be an object")
    return value


def _list(said: Mapping[str, Any], name: str) -> list[Any]:
    value = said.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MAX_TRANSACTIONS:
        raise ValueError(f"{name} must be a list of at most {MAX_TRANSACTIONS}")
    return value
