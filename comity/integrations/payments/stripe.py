"""Stripe: refunds by its API. Its library is not needed for these few calls.

Shapes: https://docs.stripe.com/api/refunds.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from comity.actions.reports import Outcome
from comity.integrations.calling import Caller, NoAnswer
from comity.integrations.payments.asking import Asked
from comity.lib import options
from comity.lib.money import Money

URL = "https://api.stripe.com/v1/refunds"
CALL_SECONDS, MAX_ANSWER_BYTES = 30.0, 1_000_000
#: How many refunds of one payment are looked through.
MOST_LISTED = 100
#: Where Stripe counts in other minor units than ISO 4217 (https://docs.stripe.com/currencies).
_DIGITS: Mapping[str, int] = {"ISK": 2, "UGX": 2, "MGA": 0}
#: Why a refund fails there, in our codes; others stand as they are.
_REASONS: Mapping[str, str] = {
    "expired_or_canceled_card": "account_closed", "lost_or_stolen_card": "account_closed",
    "insufficient_funds": "low_balance", "balance_insufficient": "low_balance", "declined": "declined",
    "merchant_request": "cancelled_there", "unknown": "declined", "charge_disputed": "not_allowed",
    "charge_already_refunded": "not_allowed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stripe:
    """Calls Stripe with a secret or restricted key."""

    key: str
    transport: httpx.AsyncBaseTransport | None = None

    @classmethod
    def of_options(cls) -> "Stripe":
        """Return the one that the operator's key opens. Raises BadOption without a key."""
        if not (key := options.value("COMITY_STRIPE_KEY")):
            raise options.BadOption("COMITY_STRIPE_KEY is missing: a key of Stripe that may write refunds")
        # What no header can hold would be told with the error, and a key belongs in no log.
        if not key.isascii() or not key.isprintable() or " " in key:
            raise options.BadOption("COMITY_STRIPE_KEY holds a sign that no key has; was it copied with a line break?")
        return cls(key)

    def refund(self, asked: Asked) -> Outcome:
        """Ask for a refund. Of one that may have been sent before, look for it first: Stripe forgets keys in a day."""
        if not asked.payment:
            return Outcome("failed", reason="no_payment_known")
        try:
            amount = to_stripe(asked.amount)
        except ValueError:
            return Outcome("failed", reason="not_allowed")
        of = "payment_intent" if asked.payment.startswith("pi_") else "charge"
        if asked.sent:
            found = self._found(asked, of)
            if found is not None:
                return found
        # The amount is always said: without one Stripe gives everything back.
        form = {of: asked.payment, "amount": str(amount), "metadata[comity_key]": asked.key}
        request = httpx.Request("POST", URL, data=form, headers={"Idempotency-Key": asked.key, **self._headers()})
        return self._outcome(request)

    def look(self, asked: Asked) -> Outcome:
        """Tell what became of a refund."""
        return self._outcome(httpx.Request("GET", f"{URL}/{asked.reference}", headers=self._headers()))

    def _found(self, asked: Asked, of: str) -> Outcome | None:
        """Return what became of an earlier try; None where there was none."""
        params = {of: asked.payment, "limit": str(MOST_LISTED)}
        status, said, why = self._call(httpx.Request("GET", URL, params=params, headers=self._headers()))
        if status != 200 or not isinstance(said.get("data"), list):
            return Outcome("unknown", reason=why or f"it answered {status}")
        mine = (row for row in said["data"] if (row.get("metadata") or {}).get("comity_key") == asked.key)
        refund = next(mine, None)
        return None if refund is None else outcome_of(refund)

    def _outcome(self, request: httpx.Request) -> Outcome:
        status, said, why = self._call(request)
        if status == 200 and said.get("object") == "refund":
            return outcome_of(said)
        told = said.get("error")
        error: dict[str, Any] = told if isinstance(told, dict) else {}
        code = str(error.get("code") or error.get("type") or "")
        # A definite no is a request that Stripe understood and refused; anything else says nothing about the work.
        if request.method == "POST" and status in (400, 402, 404) and error.get("type") in _REFUSED:
            return Outcome("failed", reason=_REASONS.get(code, code))
        return Outcome("unknown", reason=why or f"it answered {status} {code}".strip())

    def _call(self, request: httpx.Request) -> tuple[int, dict[str, Any], str]:
        """Return the status and the object that is answered, or why there is none."""
        try:
            with Caller(seconds=CALL_SECONDS, most=MAX_ANSWER_BYTES, transport=self.transport) as caller:
                answer = caller.send(request)
            said = json.loads(answer.body)
        except NoAnswer as error:
            return 0, {}, str(error)
        except ValueError:
            return answer.status, {}, f"it answered {answer.status} with what is no JSON"
        return (answer.status, said, "") if isinstance(said, dict) else (answer.status, {}, "it answered no object")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


_REFUSED = ("invalid_request_error", "card_error")


def to_stripe(money: Money) -> int:
    """Return an amount in Stripe's minor units. Raises ValueError for what these cannot say."""
    more = _DIGITS.get(money.currency, money.exponent) - money.exponent
    if more >= 0:
        return int(money.minor * 10**more)
    whole, rest = divmod(money.minor, 10**-more)
    if rest:
        raise ValueError(f"{money.minor} {money.currency} cannot be said in Stripe's units")
    return int(whole)


def from_stripe(amount: int, currency: str) -> Money:
    """Return an amount of Stripe's as ours. Raises ValueError for fractions of our minor unit."""
    code = currency.upper()
    exponent = Money(0, code).exponent
    more = _DIGITS.get(code, exponent) - exponent
    minor, rest = divmod(amount, 10**more) if more >= 0 else (amount * 10**-more, 0)
    if rest:
        raise ValueError(f"{amount} {code} is a fraction of its minor unit")
    return Money(int(minor), code)


def outcome_of(refund: Mapping[str, Any]) -> Outcome:
    """Return what a refund object says became of it."""
    reference, status = str(refund.get("id") or ""), refund.get("status")
    match status:
        case "succeeded":
            return Outcome("confirmed", reference)
        case "pending" | "requires_action" | None:
            return Outcome("pending", reference)
        case "failed":
            return Outcome("failed", reference, _reason(refund))
        case "canceled":
            return Outcome("failed", reference, "cancelled_there")
    return Outcome("unknown", reason=f"the refund's status is {status!r:.40}")


def _reason(refund: Mapping[str, Any]) -> str:
    reason = str(refund.get("failure_reason") or "declined")
    return _REASONS.get(reason, reason)
