"""PayPal's words for disputes (Customer Disputes v1), ours, and how one is said by the other; and Stripe's reasons.

What PayPal speaks of and a dispute about goods does not know is named in `WITHOUT`, with why, so that nothing of its
published enumerations is passed over in silence.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from comity.policy.disputes.case import Case, Stage

RECEIVED, DESCRIBED, OTHER = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED", "OTHER"
CREDIT = "CREDIT_NOT_PROCESSED"
INQUIRY, CHARGEBACK, PRE_ARBITRATION = "INQUIRY", "CHARGEBACK", "PRE_ARBITRATION"

#: Reasons of theirs by reasons of rulebooks, as these are usually called. Others are OTHER.
REASONS: Final[Mapping[str, str]] = MappingProxyType({
    "not received": RECEIVED, "late": RECEIVED, "incomplete": DESCRIBED, "not as described": DESCRIBED,
    "damaged": DESCRIBED, "faulty": DESCRIBED, "wrong item": DESCRIBED, "counterfeit": DESCRIBED,
    "missing parts": DESCRIBED, "refund not received": CREDIT,
})  # fmt: skip
#: What of theirs is no reason of a dispute about goods.
WITHOUT: Final[Mapping[str, str]] = MappingProxyType({
    "UNAUTHORISED": "the card's matter: it comes as a charge-back",
    "DUPLICATE_TRANSACTION": "the payment's matter",
    "INCORRECT_AMOUNT": "the payment's matter",
    "PAYMENT_BY_OTHER_MEANS": "the payment's matter",
    "CANCELED_RECURRING_BILLING": "there are no subscriptions here",
    "PROBLEM_WITH_REMITTANCE": "the payment's matter",
})  # fmt: skip
_BACK: Final[Mapping[str, str]] = MappingProxyType(
    {RECEIVED: "not received", DESCRIBED: "not as described", CREDIT: "refund not received"}
)

#: Offers of theirs by kinds of ours.
OFFERS: Final[Mapping[str, str]] = MappingProxyType({
    "refund": "REFUND", "partial refund": "REFUND", "discount": "REFUND", "return and refund": "REFUND_WITH_RETURN",
    "replacement": "REPLACEMENT_WITHOUT_REFUND", "resend": "REPLACEMENT_WITHOUT_REFUND",
})  # fmt: skip
_OFFERS_BACK: Final[Mapping[str, str]] = MappingProxyType({
    "REFUND": "refund", "REFUND_WITH_RETURN": "return and refund", "REFUND_WITH_REPLACEMENT": "replacement",
    "REPLACEMENT_WITHOUT_REFUND": "replacement",
})  # fmt: skip

#: Why a case was decided where nothing more is to be said.
ON_WHAT_THERE_WAS = "DECISION_BASED_ON_AVAILABLE_INFORMATION"
#: Why a case was decided, by how it was here: because, and whose silence.
ADJUDICATIONS: Final[Mapping[tuple[str, str], str]] = MappingProxyType({
    ("silence", "seller"): "NO_SELLER_RESPONSE", ("silence", "buyer"): "NO_RESPONSE_FROM_BUYER",
    ("small_claim", ""): "TRUSTED_BUYER_PAYOUT",
})  # fmt: skip

#: Stripe's reasons of charge-backs by ours.
STRIPE: Final[Mapping[str, str]] = MappingProxyType(
    {RECEIVED: "product_not_received", DESCRIBED: "product_unacceptable", CREDIT: "credit_not_processed"}
)


class Standing(NamedTuple):
    """How a case stands in PayPal's words."""

    stage: str
    status: str
    outcome: str
    adjudication: str


def reason(ours: str) -> str:
    """Return PayPal's reason for one of ours."""
    return REASONS.get(ours, OTHER)


def reason_back(theirs: str) -> str:
    """Return our reason for one of PayPal's; empty where it is no reason of a dispute about goods (`WITHOUT`)."""
    return _BACK.get(theirs, "")


def reasons_back(theirs: str) -> tuple[str, ...]:
    """Return all our reasons that one of PayPal's may mean, the plainest first; none where it is none about goods."""
    alike = [ours for ours, code in REASONS.items() if code == theirs]
    return tuple(dict.fromkeys([name for name in (reason_back(theirs), *alike) if name]))


def stripe_reason_back(theirs: str) -> str:
    """Return PayPal's reason for one of Stripe's; OTHER where it is none about goods."""
    return next((code for code, name in STRIPE.items() if name == theirs), OTHER)


def offer_back(theirs: str) -> str:
    """Return our kind of offer for one of PayPal's; empty for an unknown one."""
    return _OFFERS_BACK.get(theirs, "")


def stripe_reason(ours: str) -> str:
    """Return Stripe's reason for one of ours."""
    return STRIPE.get(reason(ours), "general")


def standing(case: Case, turn: str) -> Standing:
    """Return how a case stands; `turn`: whose turn it is."""
    return Standing(_stage(case), _status(case, turn), _outcome(case), _adjudication(case))


def _stage(case: Case) -> str:
    if case.appeal is not None or (case.decision is not None and case.decision.because == "appeal"):
        return PRE_ARBITRATION
    return CHARGEBACK if case.escalated_at is not None else INQUIRY


def _status(case: Case, turn: str) -> str:
    if case.stage in (Stage.CLOSED, Stage.WITHDRAWN):
        return "RESOLVED"
    if case.stage in (Stage.SETTLED, Stage.RETURNING, Stage.CARRYING_OUT):
        return {"buyer": "WAITING_FOR_BUYER_RESPONSE", "seller": "WAITING_FOR_SELLER_RESPONSE"}.get(turn, OTHER)
    if turn == "mediator":
        return "UNDER_REVIEW"
    return {"buyer": "WAITING_FOR_BUYER_RESPONSE", "seller": "WAITING_FOR_SELLER_RESPONSE"}.get(turn, "OPEN")


def _outcome(case: Case) -> str:
    if case.stage is Stage.WITHDRAWN:
        return "CANCELED_BY_BUYER"
    decided = case.decision.outcome if case.decision is not None else ""
    if decided == "buyer":
        return "RESOLVED_BUYER_FAVOUR"
    if decided == "seller":
        return "RESOLVED_SELLER_FAVOUR"
    if decided == "both":
        return "RESOLVED_WITH_PAYOUT"
    if case.agreement is not None:
        return "ACCEPTED"
    return "NONE"


def _adjudication(case: Case) -> str:
    if case.decision is None:
        return ""
    silent = case.decision.silent if case.decision.because == "silence" else ""
    return ADJUDICATIONS.get((case.decision.because, silent), ON_WHAT_THERE_WAS)
