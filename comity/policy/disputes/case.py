"""A dispute as it stands. Nobody sets its stage: it follows from the facts (`fold`)."""

from collections.abc import Iterable, Mapping
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

#: Kinds of offers that promise an act, and those for which the goods go back first.
ACTS: Final = frozenset({"replacement", "resend", "repair"})
GOES_BACK: Final = frozenset({"return and refund"})
#: What an offer is called whose parts are of several kinds.
IN_PARTS: Final = "in parts"


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer says of some pieces.

    line, quantity  which line of the order, by its id, and how many of its pieces
    kind            a kind of offer; `amount`: what goes back for them, minor units
    """

    line: str
    quantity: int
    kind: str
    amount: int = 0
    return_postage: str = ""
    act_by: datetime | None = None

    @property
    def is_paid_at_once(self) -> bool:
        """Whether its money waits for nothing: no goods go back first, and no act is promised."""
        return self.kind not in ACTS | GOES_BACK


def kind_of(parts: Iterable[Part]) -> str:
    """Return what an offer in parts is called: their kind where they have one, else that they differ."""
    kinds = {part.kind for part in parts}
    return next(iter(kinds)) if len(kinds) == 1 else IN_PARTS


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One offer. `agreed`: who said yes to a mediator's proposal so far.

    parts    what it says of which pieces; none where it says one thing of all. `of_parts`: how many there are to be
    amount   of all of it
    """

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
    parts: tuple[Part, ...] = ()
    of_parts: int = 0

    def is_open(self, at: datetime) -> bool:
        """Whether it can be accepted at that moment; at its end it can. One of which a part is missing cannot."""
        is_whole = len(self.parts) == self.of_parts
        return self.status == "open" and is_whole and (self.until is None or at <= self.until)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was asked of a side. `answer`: given, unavailable, or empty while it waits."""

    id: str
    of: str
    at: datetime
    until: datetime | None = None
    answer: str = ""


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What the two sides agreed on.

    at_once   of the amount, what is paid before goods are back and promises kept; 0 where there are no parts
    parts     of the offer that was accepted
    """

    at: datetime
    by: str = ""
    kind: str = ""
    number: int = 0
    amount: int = 0
    at_once: int = 0
    parts: tuple[Part, ...] = ()
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
    kept       what the buyer keeps of agreements that are over, since it was paid: what is claimed is beside it
    paid_for   reasons for which the two had agreed on money that was paid, before the case was opened again
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
    disclosed: tuple[str, ...] = ()
    bids: Mapping[str, int] = {}
    bid_round: int = 1
    promised: Mapping[str, datetime | None] = {}
    drafted_at: datetime | None = None
    drafted_by: str = ""
    leaves_at: datetime | None = None
    record_closed_at: datetime | None = None
    record: str = ""
    progress_at: datetime | None = None
    agreement: Agreement | None = None
    kept: int = 0
    paid_for: tuple[str, ...] = ()
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
            return self.kept + self.decision.amount
        if self.agreement is None:
            return self.kept
        return self.kept + max(self.agreement.amount - self.taken_off, 0)

    @property
    def due(self) -> int:
        """What of that may be paid now: of an agreement in parts, what does not wait for goods."""
        if self.stage in (Stage.CARRYING_OUT, Stage.CLOSED, Stage.SETTLED):
            return self.to_pay
        if self.stage is not Stage.RETURNING or self.agreement is None or self.decision is not None:
            return self.kept
        return min(self.kept + self.agreement.at_once, self.to_pay)

    @property
    def owes_act(self) -> bool:
        """Whether an act was promised that is still to be done."""
        promised = self.agreement is not None and bool(self.agreement.act)
        return promised and self.decision is None and self.fulfilled_at is None

    @property
    def is_paid_off(self) -> bool:
        """Whether it ended with money that the two agreed on, and that was paid."""
        is_over = self.stage is Stage.CLOSED and not self.closed_because and self.decision is None
        return is_over and self.agreement is not None and self.agreement.amount > 0

    @property
    def apart(self) -> "Case":
        """The case without what was agreed to be paid at once, or has been: no longer in question, and kept."""
        agreed = self.agreement
        if agreed is None or self.decision is not None or not (agreed.at_once or self.is_paid_off):
            return self
        gone = max(agreed.at_once, self.asked_for - self.kept)
        return msgspec.structs.replace(
            self, kept=self.kept + gone, amount=max(self.amount - gone, 0), worth=max(self.worth - gone, 0),
            agreement=msgspec.structs.replace(agreed, amount=max(agreed.amount - gone, 0), at_once=0),
        )  # fmt: skip

    @property
    def in_question(self) -> int:
        """What the buyer gets where somebody's silence decides for him: what he asks, or what his goods go back for.

        What was paid at once is beside it.
        """
        case = self.apart
        reached = case.decision or case.agreement
        waits_for_goods_alone = reached is not None and reached.goes_back and not case.owes_act
        return case.to_pay - case.kept if waits_for_goods_alone else case.amount

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
    def still_to_pay(self) -> int:
        """What of what the buyer is to get was not asked of the payment system yet."""
        return max(self.to_pay - self.asked_for, 0)

    @property
    def has_failed_refund(self) -> bool:
        """Whether something is still to be paid since a refund did not go through: somebody has to look after it."""
        return self.still_to_pay > 0 and any(asked == 0 for asked, _ in self.refunds.values())

    @property
    def paid(self) -> int:
        """Refunds that the payment system confirmed."""
        return sum(confirmed for _, confirmed in self.refunds.values())

    def state_of(self, part: Part) -> str:
        """Return what became of a part of what was agreed: done, or what it waits for.

        Codes: to_do and on_its_way of what was promised, goods_go_back, money_on_its_way, done. Empty where the
        agreement no longer stands.
        """
        if self.agreement is None or self.decision is not None or self.stage in CONTESTED | {Stage.WITHDRAWN}:
            return ""
        if part.kind in ACTS:
            return "done" if self.fulfilled_at else "on_its_way" if self.acted_at else "to_do"
        if part.kind in GOES_BACK and self.back.state != "received":
            return "goods_go_back"
        due = self.kept + self.agreement.at_once if part.is_paid_at_once else self.to_pay
        return "done" if not part.amount or self.paid >= due else "money_on_its_way"

    @property
    def holds_money(self) -> bool:
        """Whether the buyer has got money, or it is on its way, for which nothing that stands is the reason."""
        return self.decision is None and self.agreement is None and self.asked_for > self.kept

    def offer(self, number: int) -> Offer | None:
        """Return the offer of that number."""
        return next((each for each in self.offers if each.number == number), None)

    def open_offers(self, at: datetime, *, by: str = "") -> list[Offer]:
        """Return the offers that can be accepted at that moment, of one side or of all."""
        return [each for each in self.offers if each.is_open(at) and by in ("", each.by)]

    def waiting(self, of: str) -> list[Request]:
        """Return what was asked of a side and is not answered."""
        return [each for each in self.requests if each.of == of and not each.answer]
