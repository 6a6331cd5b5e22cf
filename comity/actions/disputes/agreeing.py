"""What the two agree on: it ends the quarrel, and is carried out: money, goods, or an act with a date."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import faults, in_parts, worth
from comity.actions.disputes.cases import Held, anew, held, tell
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.lib import moments
from comity.lib.money import Money
from comity.policy import money as policy
from comity.policy.disputes.case import ACTS, CONTESTED, GOES_BACK, Part, Stage
from comity.policy.facts import Scalar
from comity.records.models import Dispute, Order, Refund

#: Kinds that pay nothing by themselves.
NOTHING = "nothing"
UNPAID = ACTS | {NOTHING}


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed on.

    kind            a kind of offer
    amount          what goes back to the buyer, minor units; 0 for nothing
    number          of the offer that was accepted; 0 for the buyer's claim
    return_postage  who pays the way back
    act_by          by when what is promised will be done
    parts           what is agreed on for which pieces; none for one thing for all
    """

    kind: str
    amount: int = 0
    number: int = 0
    return_postage: str = ""
    act_by: datetime | None = None
    parts: tuple[Part, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of offers in it, in the order of its parts."""
        return tuple(part.kind for part in self.parts) or (self.kind,)

    @property
    def goes_back(self) -> bool:
        """Whether goods go back first."""
        return any(kind in GOES_BACK for kind in self.kinds)

    @property
    def act(self) -> str:
        """What is promised, the first of it; empty for nothing."""
        return next((kind for kind in self.kinds if kind in ACTS), "")

    @property
    def at_once(self) -> int:
        """Of an agreement in parts, what waits for no goods, minor units."""
        return sum(part.amount for part in self.parts if part.is_paid_at_once)


def agree(now: Held, actor: Actor, terms: Terms, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Note that the two agree, and have it carried out. Raises Refused where so much is not left."""
    pieces = worth.pieces_of(now.dispute)
    if terms.amount:
        worth.require_left(now.order, pieces, Money(terms.amount, now.order.paid_in), now.case)
        in_parts.require_left(now.order, pieces, terms.parts, now.case)
    data: dict[str, Scalar] = {
        "by": actor.role,
        "offer": terms.kind,
        "number": terms.number or None,
        "amount": terms.amount or None,
        "currency": now.order.currency if terms.amount else None,
        "at_once": terms.at_once or None,
        "goes_back": terms.goes_back or None,
        "return_postage": terms.return_postage,
        "act": terms.act,
        "act_by": moments.to_text(terms.act_by) if terms.act_by else None,
    }
    now = tell(now, actor, "dispute.settled", data, at=at, noted_at=noted_at)
    if now.case.decisions:  # one that fell by it brought points
        faults.of_decision(now, at=at, noted_at=noted_at)
        bear(now, at=at, noted_at=noted_at)
    if terms.at_once or (terms.amount and not terms.goes_back and not terms.act):
        now = pay(now, because="agreed", at=at, noted_at=noted_at)
    drop_what_is_not_left(now.order, at=at, noted_at=noted_at)
    return now


def pay(now: Held, *, because: str, cost: str = "seller", at: datetime, noted_at: datetime | None = None) -> Held:
    """Have the payment system pay what is due to the buyer by what was agreed or decided, as far as it is left."""
    pieces = worth.pieces_of(now.dispute)
    amount = min(now.case.due - now.case.asked_for, worth.most(now.order, pieces).minor)
    system = Actor(platform(noted_at or at))
    if amount <= 0:
        now = without_failed(now, at=at, noted_at=noted_at)
        return end_where_nothing_is_left(now, at=at, noted_at=noted_at)
    instruction = money.Instruction(
        Money(amount, now.order.paid_in),
        worth.parts(now.order, pieces, amount, in_parts.first_paid(now.case, pieces)),
        cost=cost,
        because=because,
        dispute_ref=now.dispute.ref,
        across=worth.across(now.rules),
        # What was asked for so far tells two of one moment apart.
        once=f"{now.dispute.uuid}/{now.case.last}/{now.case.asked_for}",
    )
    money.instruct(system, now.order, instruction, at=at, noted_at=noted_at)
    return without_failed(anew(now), at=at, noted_at=noted_at)


def without_failed(now: Held, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Take back what failed of a case, where it goes back otherwise now, or is not to go back any more."""
    system = Actor(platform(noted_at or at))
    money.withdraw_failed(system, now.order, now.case.ref, at=at, noted_at=noted_at)
    return anew(now)


def recall(now: Held, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Take back what is to be paid for a case and was not sent yet; what stays due is paid anew."""
    system = Actor(platform(noted_at or at))
    waiting = Refund.objects.filter(order=now.order, dispute_ref=now.case.ref, state="instructed", sent_at=None)
    for refund in waiting.order_by("-pk"):
        money.withdraw(system, refund, at=at, noted_at=noted_at)
    return anew(now)


def bear(now: Held, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Have the platform bear what the buyer has got and should not have, where the rules say so: no more, and no less.

    What it pays already, since it went back at its cost, it pays once. What the two agree on is theirs: by that it
    bears less than by the decision that fell, and never more.
    """
    over = max(now.case.asked_for - now.case.to_pay, 0)
    mine = [each for each in policy.ledger(now.facts).refunds if each.dispute == now.case.ref]
    sellers = sum(each.confirmed + each.instructed for each in mine if each.cost != "platform")
    bears = min(over, sellers) if now.rules.reversal_of_money == "platform" else 0
    before = policy.borne(now.facts).get(now.dispute.ref, 0)
    if now.case.decision is None:
        bears = min(bears, before)
    if bears == before:
        return
    sum_, system = Money(bears, now.order.paid_in), Actor(platform(noted_at or at))
    money.bear(system, now.order, sum_, because="reversed", reference=now.dispute.ref, at=at, noted_at=noted_at)


def end_where_nothing_is_left(now: Held, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """End a case that owes more than can still go back for its pieces, once nothing is: it has gone back otherwise.

    What is on its way, and what the bank has, may come back.
    """
    case, ledger = now.case, money.of(now.order)
    owes = case.stage is Stage.CARRYING_OUT and case.asked_for < case.to_pay
    left = worth.most(now.order, worth.pieces_of(now.dispute)).minor
    if not owes or left or ledger.instructed or ledger.charged_back:
        return now
    because = "paid_outside" if ledger.refundable else "refunded_in_full"
    data: dict[str, Scalar] = {"because": because, "again": False}
    return tell(now, Actor(platform(noted_at or at)), "dispute.closed", data, at=at, noted_at=noted_at)


def drop_what_is_not_left(order: Order, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Take offers off the table, in all disputes about an order, for which too little is left."""
    system = Actor(platform(noted_at or at))
    disputes = Dispute.objects.filter(order=order, stage__in=CONTESTED)
    for dispute in disputes.select_related("order__seller", "order__buyer"):
        other = held(dispute)
        pieces = worth.pieces_of(dispute)
        limit = worth.most(other.order, pieces, other.case).minor
        for offer in other.case.open_offers(at):
            if offer.amount > limit or in_parts.too_much(other.order, pieces, offer.parts, other.case):
                data: dict[str, Scalar] = {"by": "platform", "number": offer.number, "left": limit}
                other = tell(other, system, "dispute.offer_withdrawn", data, at=at, noted_at=noted_at)


def drop_in_parts(now: Held, *, at: datetime, noted_at: datetime | None = None) -> Held:
    """Take offers in parts off the table: the dispute is about other pieces than they are."""
    system = Actor(platform(noted_at or at))
    for offer in now.case.open_offers(at):
        if offer.parts:
            data: dict[str, Scalar] = {"by": "platform", "number": offer.number}
            now = tell(now, system, "dispute.offer_withdrawn", data, at=at, noted_at=noted_at)
    return now


def require_terms(kind: str, amount: Money | None) -> None:
    """Return if a kind of offer and its amount go together; raise Refused where they do not."""
    if kind in UNPAID and amount is not None and amount.minor:
        raise Refused([_("For that kind of offer there is no amount.")])
    if kind not in UNPAID and (amount is None or amount.minor <= 0):
        raise Refused([_("Name an amount above zero; to offer nothing, offer nothing.")])
