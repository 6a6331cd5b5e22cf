"""A dispute as it stands. Nobody sets its stage: it follows from the facts (`fold`)."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class Stage(StrEnum):
    """Where a dispute stands.

    inquiry        asked about, no claim yet
    negotiation    buyer and seller talk; mediation: the platform was asked
    settled        agreed, and what was promised is still to be done
    returning      goods are to go back, are on their way, or are there and not accepted yet
    carrying out   money is to go back and is not confirmed
    withdrawn      the buyer took it back
    closed         over; an appeal may still be open
    """

    INQUIRY = "inquiry"
    NEGOTIATION = "negotiation"
    MEDIATION = "mediation"
    SETTLED = "settled"
    RETURNING = "returning"
    CARRYING_OUT = "carrying out"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


#: Somebody may still have to act; the order's money is held.
OPEN: Final = frozenset({Stage.NEGOTIATION, Stage.MEDIATION, Stage.SETTLED, Stage.RETURNING, Stage.CARRYING_OUT})
#: Nothing is agreed or decided yet.
CONTESTED: Final = frozenset({Stage.NEGOTIATION, Stage.MEDIATION})
#: What is agreed or decided may still fall.
ENDED: Final = frozenset({Stage.WITHDRAWN, Stage.CLOSED})


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One offer. `agreed`: who said yes to a mediator's proposal so far."""

    number: int
    by: str
    kind: str
    at: datetime
    amount: int = 0
    currency: str = ""
    return_postage: str = ""
    until: datetime | None = None
    act_by: datetime | None = None
    status: str = "open"
    agreed: tuple[str, ...] = ()

    def is_open(self, at: datetime) -> bool:
        """Whether it can be accepted at that moment; at its end it can."""
        return self.status == "open" and (self.until is None or at <= self.until)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was asked of a side. `answer`: given, unavailable, or empty while it waits."""

    id: str
    of: str
    at: datetime
    until: datetime | None = None
    answer: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What the two sides agreed on."""

    at: datetime
    by: str = ""
    kind: str = ""
    number: int = 0
    amount: int = 0
    goes_back: bool = False
    return_postage: str = ""
    act: str = ""
    act_by: datetime | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, and by what. `stands`: false once it was changed, sent back or set aside."""

    at: datetime
    fact: str
    outcome: str
    fault: str = ""
    amount: int = 0
    row: str = ""
    because: str = "mediator"
    silent: str = ""
    agent: str = ""
    cost: str = "seller"
    goes_back: bool = False
    deviates: bool = False
    record: str = ""
    stands: bool = True


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """An appeal against the decision of then. `result` is empty until it is decided."""

    at: datetime
    by: str
    ground: str = ""
    against: str = ""
    answered_at: datetime | None = None
    taken_by: str = ""
    result: str = ""
    decided_at: datetime | None = None
    agent: str = ""
    bears: str = ""


class CarrierClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What the seller passed on to the carrier. `asks`: requests of the carrier that wait for the seller."""

    id: str
    at: datetime
    carrier: str = ""
    asks: tuple[str, ...] = ()
    answered_at: datetime | None = None
    accepted: bool = False
    amount: int = 0


class WayBack(msgspec.Struct, frozen=True, kw_only=True):
    """The goods' way back to the seller. `state`: what the seller says of them, received or what is wrong."""

    labelled_at: datetime | None = None
    label_until: datetime | None = None
    label_cost: int = 0
    label_by: str = ""
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    state: str = ""
    stated_at: datetime | None = None
    answered_at: datetime | None = None

    @property
    def is_contested(self) -> bool:
        """Whether the seller says that it is not what it should be."""
        return self.state not in ("", "received")


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute, from its facts.

    amount     what the buyer asks for; `worth`: the most that can go back for its pieces, postage apart
    version    how often the claim was put; a yes names it
    last       the fact that changed the case last
    spoke      who acted last in the negotiation: buyer or seller
    holder     the agent who has it, `heard` who heard private or settlement talk, `lost` from whom silence took it
    refunds    by refund of the case, what of it is instructed or confirmed, and what of that is confirmed
    owed       what is still to be paid to the buyer by what was agreed or decided
    """

    ref: str
    matter: str
    opened_at: datetime
    stage: Stage
    since: datetime
    last: str
    reason: str = ""
    wants: str = ""
    amount: int = 0
    currency: str = ""
    pieces: int = 0
    worth: int = 0
    version: int = 1
    claimed_at: datetime | None = None
    times_opened: int = 1
    answer: str = ""
    answered_at: datetime | None = None
    spoke: str = "buyer"
    offers: tuple[Offer, ...] = ()
    requests: tuple[Request, ...] = ()
    escalated_at: datetime | None = None
    escalated_by: str = ""
    holder: str = ""
    taken_at: datetime | None = None
    seconded_by: str = ""
    lost: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    needed_asked_at: datetime | None = None
    needed: Mapping[str, bool] = {}
    bids: Mapping[str, int] = {}
    bid_round: int = 1
    promised: Mapping[str, datetime | None] = {}
    drafted_at: datetime | None = None
    leaves_at: datetime | None = None
    record_closed_at: datetime | None = None
    record: str = ""
    progress_at: datetime | None = None
    agreement: Agreement | None = None
    acted_at: datetime | None = None
    fulfilled_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    set_aside_by: str = ""
    set_aside_asked_at: datetime | None = None
    set_aside_tried: tuple[str, ...] = ()
    back: WayBack = WayBack()
    refunds: Mapping[str, tuple[int, int]] = {}
    closed_because: str = ""
    may_open_again: bool = True
    joined: tuple[str, ...] = ()
    claims: Mapping[str, str] = {}
    carrier: tuple[CarrierClaim, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """The decision that stands."""
        return next((each for each in reversed(self.decisions) if each.stands), None)

    @property
    def appeal(self) -> Appeal | None:
        """The appeal that waits to be decided."""
        return next((each for each in self.appeals if not each.result), None)

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be said, decided or carried out."""
        return self.stage in OPEN

    @property
    def to_pay(self) -> int:
        """What the buyer is to get by what was agreed or decided, goods that come back first apart."""
        if self.decision is not None:
            return self.decision.amount
        if self.agreement is None:
            return 0
        return max(self.agreement.amount - self.taken_off, 0)

    @property
    def in_question(self) -> int:
        """What the buyer gets where somebody's silence decides for him: what he asks, or what his goods go back for."""
        reached = self.decision or self.agreement
        return self.to_pay if reached is not None and reached.goes_back else self.amount

    @property
    def taken_off(self) -> int:
        """What the way back takes off the refund: a label of the platform's, where the buyer pays for it."""
        buyer_pays = self.agreement is not None and self.agreement.return_postage == "buyer"
        return self.back.label_cost if buyer_pays and self.back.label_by not in ("", "buyer", "seller") else 0

    @property
    def asked_for(self) -> int:
        """Refunds asked of the payment system or confirmed by it."""
        return sum(asked for asked, _ in self.refunds.values())

    @property
    def paid(self) -> int:
        """Refunds that the payment system confirmed."""
        return sum(confirmed for _, confirmed in self.refunds.values())

    def offer(self, number: int) -> Offer | None:
        """Return the offer of that number."""
        return next((each for each in self.offers if each.number == number), None)

    def open_offers(self, at: datetime, *, by: str = "") -> list[Offer]:
        """Return the offers that can be accepted at that moment, of one side or of all."""
        return [each for each in self.offers if each.is_open(at) and by in ("", each.by)]

    def waiting(self, of: str) -> list[Request]:
        """Return what was asked of a side and is not answered."""
        return [each for each in self.requests if each.of == of and not each.answer]
