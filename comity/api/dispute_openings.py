"""Before a dispute and at its beginning: what stands, when one may be opened and for what; asking, and opening."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from comity.actions.disputes import guided, opening, worth
from comity.actions.disputes.cases import around
from comity.actions.enact import Refused
from comity.actions.guard import Actor, allows
from comity.api.access import actor, moment, needs, order_of, speaker, when
from comity.api.dispute_acts import ClaimIn, Named, Words
from comity.api.dispute_shapes import ActionOut, DisputeOut
from comity.api.dispute_view import told
from comity.api.shapes import ERRORS, Dated
from comity.lib import moments
from comity.policy.disputes.guide import Opens, Said, guide
from comity.policy.disputes.openings import Window, window_of
from comity.policy.disputes.proof import proof
from comity.policy.disputes.rule import DisputeRules, Reason
from comity.policy.facts import Fact
from comity.records.models import Order

router = Router()


class SaidOut(Schema):
    """Something that is so: a code, its values, and the ids of the facts that show it."""

    code: str
    values: dict[str, str | int | bool]
    facts: list[str]


class StepOut(Schema):
    """A step of a count: its code, and its value (a moment, a day, a length in seconds, a number)."""

    code: str
    value: str | int


class EvidenceAskedOut(Schema):
    """Evidence that a reason asks of a side (buyer, seller): `state` given where facts show it already, else missing.

    `weight`: its share of what is asked of that side, 0 to 1.
    """

    name: str
    side: str
    state: str
    weight: float


class ReasonOut(Schema):
    """A reason for a dispute, and whether one may be opened for it now.

    state      open, ahead (`begin` is still to come), over, or never (nothing that has happened lets it be opened)
    opening    the rulebook's opening that says so, and its `source`
    counted    how `end` was counted
    waits_for  for what the beginning or the end waits: parcel, stop, or a kind of fact; empty for nothing
    helps      what usually settles such a case before there is one, the best first
    wants      what is usually asked for
    prove      who must show that it is so; empty where neither must
    """

    reason: str
    title: str
    state: str
    begin: datetime | None
    end: datetime | None
    opening: str
    source: str
    counted: list[StepOut]
    waits_for: str
    helps: list[str]
    wants: list[str]
    prove: str
    evidence: list[EvidenceAskedOut]


class DisputableOut(Schema):
    """Pieces of a line that can be disputed, and what can go back for them, minor units."""

    line: int
    title: str
    quantity: int
    worth: int


class ProblemOut(Schema):
    """What stands before a dispute about an order. Amounts are in minor units of `currency`.

    now      where the order is; `promise`: whether it is kept, and until when
    offers   every kind of offer that the rules know
    most     the most that can be asked for, for all `pieces` and the postage
    """

    now: list[SaidOut]
    promise: SaidOut | None
    reasons: list[ReasonOut]
    offers: list[str]
    pieces: list[DisputableOut]
    most: int
    currency: str


class InquiryIn(Dated):
    """A question about an order, for a reason of the rulebook's. It is no claim, and counts in no rate."""

    reason: Named
    text: Words = ""


@router.get("/orders/{uuid}/problem", response={200: ProblemOut, **ERRORS}, summary="Before a dispute: what stands")
@needs("order.read", "dispute.read")
def problem(request: HttpRequest, uuid: UUID) -> ProblemOut:
    """Return what stands: where the order is, and for each reason from when until when a dispute may be opened."""
    who, at = actor(request), moment()
    order = order_of(who, uuid)
    _book, rules = opening.rules_for(order, at)
    facts = [fact for fact in around(order) if fact.at <= at]
    found = guide(rules, facts, at=at)
    if who.role in ("buyer", "platform"):  # the buyer's own look, or the shop's for a page of its own
        guided.note(order, "began", at=at)
    left = {line: count for line, count in worth.left_of(order).items() if count}
    return ProblemOut(
        now=[_said(each) for each in found.now],
        promise=_said(found.promise) if found.promise else None,
        reasons=[_reason(rules, each, facts) for each in found.opens],
        offers=list(rules.offers),
        pieces=[
            DisputableOut(line=line.pk, title=line.title, quantity=count, worth=worth.goods(order, {line: count}).minor)
            for line, count in left.items()
        ],
        most=worth.most(order, left).minor if left else 0,
        currency=order.currency,
    )


@router.post("/orders/{uuid}/inquiries", response={201: DisputeOut, **ERRORS}, summary="Ask before there is a claim")
@needs("order.read", "dispute.open", "dispute.read")
def inquire(request: HttpRequest, uuid: UUID, what: InquiryIn) -> Status[DisputeOut]:
    """Ask the seller what is the matter. An inquiry is no claim, counts in no rate, and can become a dispute."""
    who = speaker(request, what)
    opened = opening.inquire(who, order_of(who, uuid), reason=what.reason, text=what.text, **when(request, what))
    return Status(201, told(who, opened, moment()))


@router.post("/orders/{uuid}/disputes", response={201: DisputeOut, **ERRORS}, summary="Open a dispute")
@needs("order.read", "dispute.open", "dispute.read")
def open_(request: HttpRequest, uuid: UUID, what: ClaimIn) -> Status[DisputeOut]:
    """Open a dispute about pieces of an order, within the window of its reason; one open dispute a piece."""
    who = speaker(request, what)
    opened = opening.open_(who, order_of(who, uuid), claim_of(what), **when(request, what))
    return Status(201, told(who, opened, moment()))


def beginnings(who: Actor, order: Order, at: datetime) -> list[ActionOut]:
    """Return how `who` may begin a dispute about an order now, until the last of the windows that are open."""
    if not allows(who, "dispute.open", order):
        return []
    try:
        _book, rules = opening.rules_for(order, at)
    except Refused:
        return []
    facts = [fact for fact in around(order) if fact.at <= at]
    windows = [window_of(rules, reason, facts) for reason in rules.reasons]
    ends = [window.end for window in windows if window.holds(at)]
    if not ends or not any(worth.left_of(order).values()):
        return []
    until = None if None in ends else max(end for end in ends if end is not None)
    begun = [ActionOut(action="open-dispute", path=f"/orders/{order.uuid}/disputes", until=until, otherwise=None)]
    if rules.inquiry:
        begun.append(ActionOut(action="inquire", path=f"/orders/{order.uuid}/inquiries", until=None, otherwise=None))
    return begun


def claim_of(what: ClaimIn) -> opening.Claim:
    """Return what a buyer claims. Raises Refused."""
    pieces: dict[int, int] | None = None
    if what.pieces is not None:
        pieces = {}
        for each in what.pieces:
            pieces[each.line] = pieces.get(each.line, 0) + each.quantity
    return opening.Claim(reason=what.reason, pieces=pieces, wants=what.wants, amount=what.money(), text=what.text)


def _said(each: Said) -> SaidOut:
    values = {
        name: moments.to_text(value) if isinstance(value, datetime) else value for name, value in each.values.items()
    }
    return SaidOut(code=each.code, values=values, facts=list(each.because))


def _reason(rules: DisputeRules, opens: Opens, facts: Sequence[Fact]) -> ReasonOut:
    reason, window = rules.reasons[opens.reason], window_of(rules, opens.reason, facts)
    return ReasonOut(
        reason=reason.name,
        title=reason.title,
        state=opens.state,
        begin=opens.begin,
        end=opens.end,
        opening=window.opening.name if window.opening else "",
        source=window.opening.source if window.opening else "",
        counted=_counted(window),
        waits_for=window.waits_for,
        helps=list(opens.helps),
        wants=list(reason.wants),
        prove=reason.prove,
        evidence=_asked(reason, facts),
    )


def _counted(window: Window) -> list[StepOut]:
    return [StepOut(code=code, value=_value(value)) for code, value in window.counted]


def _value(value: str | int | date | datetime | timedelta) -> str | int:
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, datetime):
        return moments.to_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _asked(reason: Reason, facts: Iterable[Fact]) -> list[EvidenceAskedOut]:
    found = proof(reason, facts, prove=reason.prove, weights=reason.weights)
    return [
        EvidenceAskedOut(name=each.name, side=each.side, state=each.state, weight=each.weight) for each in found.pieces
    ]
