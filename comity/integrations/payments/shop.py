"""The shop's own payment system: one signed HTTP call for each refund, with its key, until it says yes or no."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook as Signer

from comity.actions.reports import Outcome
from comity.integrations.calling import Caller, NoAnswer
from comity.integrations.payments.asking import Asked
from comity.lib import options

CALL_SECONDS, MAX_ANSWER_BYTES = 20.0, 100_000
#: The answers that say something about the refund. Any other may come from a proxy between, and says nothing of it.
_SPOKEN = (200, 201, 202, 422)


@dataclass(frozen=True, slots=True)
class Shop:
    """Calls `url`; what it sends is signed with `secret` where there is one (standardwebhooks.com)."""

    url: str
    secret: str = ""
    transport: httpx.AsyncBaseTransport | None = None

    @classmethod
    def of_options(cls) -> "Shop":
        """Return the one that the operator named. Raises BadOption without an address."""
        url, secret = options.value("COMITY_PAYMENTS_URL"), options.value("COMITY_PAYMENTS_SECRET")
        if not url.startswith(("https://", "http://")):
            raise options.BadOption("COMITY_PAYMENTS_URL must be the address that takes refunds, such as https://…")
        return cls(url, secret)

    def refund(self, asked: Asked) -> Outcome:
        """Ask for a refund, and read the answer: {"state": "confirmed", "reference": "r1"}."""
        body = json.dumps(
            {
                "type": "refund",
                "key": asked.key,
                "refund": asked.refund,
                "order": asked.order,
                "payment": asked.payment,
                "amount": asked.amount.minor,
                "currency": asked.amount.currency,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        now = datetime.now(UTC)
        headers = {"content-type": "application/json", "idempotency-key": asked.key, "user-agent": "Comity"}
        if self.secret:
            headers |= {
                "webhook-id": asked.key,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Signer(self.secret).sign(asked.key, now, body),
            }
        try:
            with Caller(seconds=CALL_SECONDS, most=MAX_ANSWER_BYTES, transport=self.transport) as caller:
                answer = caller.send(httpx.Request("POST", self.url, content=body.encode(), headers=headers))
        except (NoAnswer, httpx.InvalidURL) as error:
            return Outcome("unknown", reason=str(error))
        if answer.status not in _SPOKEN:
            return Outcome("unknown", reason=f"it answered {answer.status}")
        return read(answer.status, answer.body)

    # What was carried out under the key is told again.
    look = refund


def read(status: int, body: bytes) -> Outcome:
    """Return what an answer says; unknown where it does not say it in the documented form."""
    try:
        said: Any = json.loads(body or b"{}")
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return Outcome("unknown", reason=f"it answered {status} with what is no JSON object")
    state, reference, reason = (said.get(name) or "" for name in ("state", "reference", "reason"))
    if not all(isinstance(each, str) for each in (state, reference, reason)):
        return Outcome("unknown", reason="state, reference and reason must be texts")
    match status, state:
        case ((200 | 201 | 202), "confirmed"):
            return Outcome("confirmed", reference)
        case ((200 | 201 | 202), "pending"):
            return Outcome("pending", reference)
        case 202, "":  # taken; a report follows
            return Outcome("pending", reference)
        case _, "failed":
            return Outcome("failed", reference, reason or "declined")
    return Outcome("unknown", reason=f"it answered {status} with the state {state[:40]!r}")
