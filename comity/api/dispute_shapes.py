"""What a dispute looks like to who reads it."""

from datetime import datetime
from uuid import UUID

from ninja import Schema


class RowOut(Schema):
    """A dispute, in short.

    `stage`: inquiry, negotiation, mediation, settled, returning, carrying out, withdrawn, closed; `since` when.

    Amounts are in minor units of `currency`. `asked`: what the buyer asks for; `worth`: the most that can go back for
    its pieces; `amount`: of the decision that stands, or of what was agreed. `version`: how often the claim was put.
    `ended_how`: settled, decided, withdrawn, or why it was closed; empty while it is open.
    """

    uuid: UUID
    key: str
    external_id: str | None
    order: UUID
    stage: str
    since: datetime
    opened_at: datetime
    reason: str
    wants: str
    asked: int
    worth: int
    amount: int
    currency: str
    version: int
    escalated_at: datetime | None
    outcome: str
    fault: str
    ended_how: str
    ended_at: datetime | None
    again: bool


class Disputes(Schema):
    """A page of disputes."""

    items: list[RowOut]
    next: str


class OtherwiseOut(Schema):
    """What happens if nobody acts in time: decide, escalate, hand_over, close, refund, revive or cancel.

    `value`: for whom, to whom, for good or open again. `amount`: what the buyer gets by it, minor units of `currency`.
    """

    code: str
    value: str
    amount: int
    currency: str


class ActionOut(Schema):
    """Something that you may do now. `path`: where it is posted to, under /api/v1; {number} stands for an offer's.

    `until`: by when; null where no time is set. `otherwise`: what happens if you do not; null for nothing.
    """

    action: str
    path: str
    until: datetime | None
    otherwise: OtherwiseOut | None


class AboutOut(Schema):
    """Pieces that a dispute is about."""

    line: int
    title: str
    quantity: int


class ClaimOut(Schema):
    """What the buyer claims. Who accepts or rejects it names its `version`."""

    version: int
    reason: str
    wants: str
    amount: int
    worth: int
    currency: str
    pieces: list[AboutOut]
    claimed_at: datetime | None
    times_opened: int
    answer: str
    answered_at: datetime | None


class OfferPartOut(Schema):
    """What an offer says of so many pieces of a line. `amount`: in the offer's currency.

    `state`, of what was agreed: to_do, on_its_way, goods_go_back, money_on_its_way, done; empty of an offer.
    """

    line: str
    title: str
    quantity: int
    kind: str
    amount: int
    return_postage: str
    act_by: datetime | None
    state: str


class OfferOut(Schema):
    """An offer. `status`: open, expired, withdrawn, declined, replaced, accepted … Only an open one can be accepted.

    `by`: buyer, seller or agent; of an agent's proposal, `agreed` says who has said yes so far. `parts`: what it says
    of which pieces, where that is not the same for all; then `amount` is of all of them, and `kind` is `in parts` where
    they differ.
    """

    number: int
    by: str
    kind: str
    amount: int
    currency: str
    return_postage: str
    at: datetime
    until: datetime | None
    act_by: datetime | None
    status: str
    agreed: list[str]
    parts: list[OfferPartOut]


class RequestOut(Schema):
    """What was asked of a side. `answer`: given, unavailable, or empty while it waits."""

    id: str
    of: str
    at: datetime
    until: datetime | None
    answer: str


class EvidenceOut(Schema):
    """A piece of evidence. `digest`: salted, as the journal has it. `weighed`: cited or set_aside by the decision.

    Of one that is for the mediator only the other side sees that it is there, from whom, why (`why`) and its digest:
    then it is `hidden`. A file's content is at /disputes/{dispute}/evidence/{uuid}; `text` of a message, a scan or the
    listing is JSON. Its receipt, for who gave it: /receipts/evidence:{uuid}.
    """

    uuid: UUID
    by: str
    at: datetime
    sees: str
    hidden: bool
    why: str
    digest: str
    late: bool
    weighed: str
    weighed_why: str = ""
    kind: str = ""
    item: str = ""
    name: str = ""
    media: str = ""
    size: int = 0
    sha256: str = ""
    text: str = ""


class ExpectedOut(Schema):
    """Evidence that the reason asks of a side. `state`: given, later (by `until`), not_available, missing.

    `weight`: its share of what is expected of that side, 0 to 1.
    """

    name: str
    side: str
    state: str
    weight: float
    until: datetime | None


class TextOut(Schema):
    """Words in a case. `kind`: claim, answer, offer, talk, decision …; `sees`: all, or one side and the platform.

    `fact`: its name in the journal, for its writer's receipt (GET /receipts/{fact}); empty for what no fact stands for.
    """

    fact: str
    kind: str
    role: str
    text: str
    sees: str
    at: datetime


class InputOut(Schema):
    """An input of the decision table, its value, and the ids of the facts that show it."""

    name: str
    value: str
    facts: list[str]


class DecisionOut(Schema):
    """The decision that stands. `because`: mediator, facts, silence, small_claim, appeal.

    `row` of the decision table and its published reason `code`; `deviates`: it differs from the row, and a text says
    why. `inputs`: what the facts say that it rests on. `record`: the digest of the record on which it was made. `cost`:
    who pays (empty for buyers). `appeal_until`: null where no appeal is left.
    """

    at: datetime
    fact: str
    outcome: str
    fault: str
    amount: int
    currency: str
    because: str
    silent: str
    row: str
    code: str
    deviates: bool
    goes_back: bool
    cost: str
    record: str
    inputs: list[InputOut]
    appeal_until: datetime | None


class AppealOut(Schema):
    """An appeal. `result`: upheld, changed, sent_back, or empty while it waits. `bears`: who bears what was paid."""

    at: datetime
    by: str
    ground: str
    answered_at: datetime | None
    taken: bool
    result: str
    decided_at: datetime | None
    bears: str


class AgreementOut(Schema):
    """What the two agreed on. `act`: what was promised (replacement, resend, repair), and what became of it.

    Of an agreement in `parts`, `at_once` is what of `amount` waits for no goods.
    """

    at: datetime
    by: str
    kind: str
    number: int
    amount: int
    at_once: int
    goes_back: bool
    return_postage: str
    act: str
    act_by: datetime | None
    acted_at: datetime | None
    fulfilled_at: datetime | None
    parts: list[OfferPartOut]


class WayBackOut(Schema):
    """The goods' way back. `state`: what the seller says of them: received, or what is wrong."""

    labelled_at: datetime | None
    label_until: datetime | None
    label_by: str
    sent_at: datetime | None
    arrived_at: datetime | None
    state: str
    stated_at: datetime | None
    answered_at: datetime | None


class CarrierClaimOut(Schema):
    """What the seller passed on to the carrier. `asks`: requests of the carrier that wait for the seller, by id."""

    id: str
    at: datetime
    carrier: str
    asks: list[str]
    answered_at: datetime | None
    accepted: bool
    amount: int


class CaseMoneyOut(Schema):
    """The money of a case, minor units of `currency`.

    `to_pay`: what the buyer is to get by what was agreed or decided; `instructed`: of it asked of the payment system or
    confirmed; `confirmed`: of that gone back. `refundable`: what may still go back of the whole order; `most`: of that
    for these pieces.
    """

    currency: str
    to_pay: int
    instructed: int
    confirmed: int
    refundable: int
    most: int


class DraftOut(Schema):
    """A decision that is written and leaves later: for agents only."""

    agent: str
    written_at: datetime
    leaves_at: datetime
    text: str
    reason: str
    seconded_by: str


class DisputeOut(RowOut):
    """A case as you may see it.

    `last`: the fact that changed it last; sent back as `shown`, nothing is done to a case that changed meanwhile.
    `turn`: whose turn it is: buyer, seller, both, mediator or nobody; `until` when, by which `rule`, and what happens
    `otherwise`. `waits`: why time stands still, such as charge_back. `bids`: who has sealed a limit in this round.
    `needed`: what each side said when it was asked whether the platform is still needed. `disclosed`: the sides that
    agreed that settlement talk stands in case files. `kept_until`: until when the evidence stays at least, once the
    dispute has ended. `joined`: cases that are decided together, for agents.
    """

    last: str
    turn: str
    until: datetime | None
    otherwise: OtherwiseOut | None
    rule: str
    waits: str
    available_actions: list[ActionOut]
    claim: ClaimOut
    offers: list[OfferOut]
    bids: list[str]
    requests: list[RequestOut]
    evidence: list[EvidenceOut]
    evidence_until: datetime | None
    kept_until: datetime | None
    expected: list[ExpectedOut]
    texts: list[TextOut]
    mediator: str
    needed_asked_at: datetime | None
    needed: dict[str, bool]
    disclosed: list[str]
    agreement: AgreementOut | None
    way_back: WayBackOut
    carrier: list[CarrierClaimOut]
    decision: DecisionOut | None
    draft: DraftOut | None
    appeals: list[AppealOut]
    set_aside_until: datetime | None
    set_aside_asked_at: datetime | None
    money: CaseMoneyOut
    joined: list[str]
