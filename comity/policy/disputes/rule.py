"""What a rulebook says about disputes: reasons, openings, offers, phases, the decision table, appeals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from fractions import Fraction

from comity.policy.disputes.edges import Edge
from comity.policy.matching import Match
from comity.policy.time import days
from comity.policy.time.calendars import later
from comity.policy.time.clocks import ALWAYS, Clock

SIDES = ("buyer", "seller", "agent")
#: Kinds of offers.
OFFERS = (
    "refund", "partial refund", "return and refund", "replacement", "resend", "repair", "discount", "nothing",
)  # fmt: skip
#: What a side may do in a phase.
VERBS = (
    "modify", "accept", "reject", "offer", "withdraw", "give evidence", "escalate", "propose", "decide", "appeal",
    "hear appeal", "send back", "confirm return", "ask for information", "give information", "settle",
)  # fmt: skip
#: Who can bear a cost: of a decision by silence, and of the way back.
BEARERS = ("platform", "seller", "carrier")
PAY_WAY_BACK = ("buyer", "seller", "platform")
#: How long a slip may be mended where the rules do not say it.
MENDED_WITHIN = timedelta(days=7)
#: What can wait during an appeal.
WAITING = ("money", "points", "measure")
#: Reasons of decisions as PayPal publishes them (Customer Disputes API v1, adjudication_reason): those that fit goods.
CODES = (
    "BUYER_ATTEMPTED_RETURN", "BUYER_CANCELLED_CASE", "BUYER_FAILED_TO_DESCRIBE_ISSUE",
    "BUYER_MADE_NO_ATTEMPT_TO_RESOLVE_WITH_SELLER", "BUYER_NOT_IN_POSSESSION_OF_ITEM_TO_RETURN",
    "BUYER_RECEIVED_DUPLICATE_REFUND", "DECISION_BASED_ON_AVAILABLE_INFORMATION",
    "DELIVERY_AFTER_EXPECTED_DELIVERY_DATE", "DELIVERY_DUE_WITHIN_EXPECTED_DELIVERY_DATE",
    "DELIVERY_OR_SERVICE_REFUSED", "INVALID_APPEAL_REASON", "INVALID_DELIVERY_PROOF",
    "INVALID_DELIVERY_PROOF_SIGNATURE", "INVALID_PROOF_OF_SHIPMENT", "INVALID_REFUND_PROOF",
    "INVALID_RETURN_DELIVERY_PROOF", "INVALID_TRACKING", "ITEM_ALTERED_REPAIRED", "ITEM_NOT_AS_ADVERTISED",
    "ITEM_NOT_AS_DESCRIBED", "ITEM_NOT_DAMAGED", "ITEM_NOT_DELIVERED", "ITEM_NOT_RETURNED_TO_SELLER",
    "ITEM_NOT_SHIPPED", "ITEM_OF_DIFFERENT_QUALITY_OR_QUANTITY", "ITEM_OUT_OF_STOCK_AND_NOT_DELIVERED",
    "ITEM_RETURNED_TO_SELLER", "ITEM_SERVICE_RECEIVED_BY_BUYER", "ITEM_SOLD_AS_DESCRIBED", "ITEM_VALUE_UNAFFECTED",
    "MULTIPLE_APPEALS_WITH_SAME_REASON", "NOT_SHIPPED_TO_CORRECT_ADDRESS", "NO_DOCUMENTATION_FROM_BUYER",
    "NO_PROOF_OF_DELIVERY", "NO_RESPONSE_FROM_BUYER", "NO_RESPONSE_FROM_BUYER_FOR_ADDITIONAL_INFO_REQUEST",
    "NO_SELLER_RESPONSE", "NO_SELLER_RESPONSE_FOR_ADDITIONAL_INFO_REQUEST", "NO_VALID_SHIPMENT_PROOF",
    "PARTIAL_REFUND_ISSUED_FOR_MISSING_ITEMS", "PARTIAL_REFUND_OFFER_ACCEPTED", "PAYMENT_REVERSED_ALREADY",
    "SELLER_AGREED_REFUND_WITHOUT_RETURN", "SELLER_ISSUED_REFUND", "SELLER_NOT_REACHABLE", "SELLER_REFUSED_REFUND",
    "SELLER_REFUSED_RETURN", "VALID_PROOF_OF_DELIVERY", "VALID_PROOF_OF_DELIVERY_WITH_SIGNATURE",
    "VALID_PROOF_OF_REFUND", "VALID_PROOF_SUPPORTING_CLAIM", "VALID_RETURN_DELIVERY_PROOF",
    "VALID_RETURN_DELIVERY_PROOF_WITH_SIGNATURE", "VALID_SHIPMENT_PROOF", "VALUE_AFFECTED_SIGNIFICANTLY",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for a dispute, and the evidence it asks of each side.

    wants    kinds of offers that are offered first to who opens one
    prove    who must show that it is so: buyer or seller; "" where neither must
    code     how others call it (a payment provider's reason)
    weights  of pieces of evidence, how much each weighs; those that are not named weigh 1
    """

    name: str
    title: str
    buyer_evidence: tuple[str, ...] = ()
    seller_evidence: tuple[str, ...] = ()
    source: str = ""
    wants: tuple[str, ...] = ()
    prove: str = ""
    code: str = ""
    weights: Mapping[str, int] = field(default_factory=dict)

    def weight(self, evidence: str) -> int:
        """Return how much a piece of evidence weighs."""
        return self.weights.get(evidence, 1)


@dataclass(frozen=True, slots=True)
class Opening:
    """When a dispute may be opened: from the latest of the edges `after`, until the latest of the edges `until`.

    Speaks of disputes with one of `reasons` (empty: any), while none of the facts `unless` has happened, and once one
    of `only_if` has.
    """

    name: str
    reasons: tuple[str, ...]
    after: tuple[Edge, ...]
    until: tuple[Edge, ...]
    unless: tuple[Match, ...] = ()
    only_if: tuple[Match, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a dispute that a fact begins, and what each side may do in it: verbs of VERBS.

    after  of a verb, how long after the phase began it may be done, on `clock`; days are those of `zone`
    """

    name: str
    begun_by: tuple[Match, ...]
    may: Mapping[str, tuple[str, ...]]
    after: Mapping[str, timedelta] = field(default_factory=dict)
    clock: Clock = ALWAYS
    zone: str = "UTC"

    def from_when(self, verb: str, begun_at: datetime) -> datetime:
        """Return from when on `verb` may be done in a phase that began at `begun_at`."""
        length = self.after.get(verb)
        if length is None:
            return begun_at
        return later(begun_at, length, self.zone) if self.clock.always else self.clock.due(begun_at, length)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the decision table: what must be so (an input left out may be anything), and for whom it is decided.

    share    of what is asked for, where a part is paid; None: the mediator says how much
    returns  the goods go back first
    code     a published reason of CODES
    """

    name: str
    when: Mapping[str, tuple[str, ...]]
    outcome: str
    offer: str = ""
    fault: str = ""
    source: str = ""
    share: Fraction | None = None
    returns: bool = False
    code: str = ""

    def accepts(self, inputs: Mapping[str, str]) -> bool:
        """Whether the row speaks of this case."""
        return all(inputs.get(name) in values for name, values in self.when.items())


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of appeal, and what has to be shown for it."""

    name: str
    title: str
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a written decision waits before it leaves: a length, or until an hour of the next morning."""

    length: timedelta = timedelta(0)
    at: time | None = None
    zone: str = "UTC"

    def leaves(self, written_at: datetime) -> datetime:
        """Return when a decision that was written at `written_at` leaves."""
        if self.at is None:
            return later(written_at, self.length, self.zone)
        return days.moment(days.day_of(written_at, self.zone) + timedelta(1), self.at, self.zone)


@dataclass(frozen=True, slots=True)
class SmallClaims:
    """Claims up to `most` (minor units, by currency) are decided at once for `outcome`, at the cost of `cost`."""

    most: Mapping[str, int]
    outcome: str = "buyer"
    cost: str = "platform"

    def covers(self, amount: int, currency: str) -> bool:
        """Whether a claim of so much is small. In a currency without a limit none is."""
        return 0 < amount <= self.most.get(currency, 0)


@dataclass(frozen=True, slots=True)
class Bidding:
    """Sealed limits of both sides: no further apart than `margin` of the claim, they settle at the midpoint."""

    margin: Fraction
    rounds: int = 2


@dataclass(frozen=True, slots=True)
class DisputeRules:
    """The rules of disputes: reasons, when to open, kinds of offers, phases, the decision table, appeals, and the rest.

    return_postage         by reason, who pays the way back
    offer_expires          how long an offer can be accepted that names no end of its own
    refund_order           "proportion": a part comes from each means of payment in its share; "in order": from the
                           first as far as it goes
    deviation              "reason": a mediator who writes why may decide otherwise than the row; "never"
    grounds                grounds of appeal; none: any
    appeal_waits           what waits while an appeal is possible or open: money, points, measure
    set_aside              how long a side that was silent has to ask that the decision be set aside
    correct_within         how long the decider may mend a slip
    still_needed           both sides are asked whether the platform is still needed, before a mediator works
    two_mediators_above    by currency, above which claim two names must stand on a decision
    signature_above        by currency, above which price only a signature shows the delivery
    reversal_of_money      who bears what was paid, where an appeal takes the decision back
    against_seller         the conduct rule that a decision against the seller brings
    evidence_until         the phase or the duty with which the time for evidence ends; "": with the decision
    inquiry                a buyer may ask first, without a claim
    by_facts               where facts alone answer all that the table asks, it is decided without a mediator
    received               from when on an order counts as received, and its money is the seller's: with the first of
                           these moments; none: at once
    """

    reasons: Mapping[str, Reason]
    openings: tuple[Opening, ...]
    offers: tuple[str, ...]
    phases: tuple[Phase, ...]
    inputs: Mapping[str, tuple[str, ...]]
    table: tuple[Row, ...]
    appeals: tuple[timedelta, ...] = ()
    source: str = ""
    return_postage: Mapping[str, str] = field(default_factory=dict)
    offer_expires: timedelta | None = None
    refund_order: str = "proportion"
    deviation: str = "reason"
    hold: Hold | None = None
    small_claims: SmallClaims | None = None
    bidding: Bidding | None = None
    grounds: tuple[Ground, ...] = ()
    appeal_waits: tuple[str, ...] = ()
    set_aside: timedelta | None = None
    correct_within: timedelta = MENDED_WITHIN
    still_needed: bool = False
    who_heard_may_decide: bool = False
    two_mediators_above: Mapping[str, int] = field(default_factory=dict)
    signature_above: Mapping[str, int] = field(default_factory=dict)
    reversal_of_money: str = "platform"
    against_seller: str = ""
    evidence_until: str = ""
    inquiry: bool = False
    by_facts: bool = False
    received: tuple[Edge, ...] = ()

    def pays_way_back(self, reason: str) -> str:
        """Return who pays the way back for a reason: the seller, where nothing else is said."""
        return self.return_postage.get(reason, "seller")
