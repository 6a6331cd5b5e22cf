"""Goods on their way back: label, sent, arrived, received or not, and what was promised instead."""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import returns, shipments
from comity.actions.disputes import agreeing, in_parts, worth
from comity.actions.disputes.cases import Held, Verb, Words, anew, held, tell, written
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot, require_one_of
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.actions.shipments import Parcel
from comity.lib import moments
from comity.lib.money import Money
from comity.policy.disputes.case import ACTS, GOES_BACK
from comity.policy.facts import Scalar
from comity.records.models import Dispute, Shipment

LABEL = Verb("label", "dispute.return")
SEND = Verb("send-back", "dispute.send_back")
CONFIRM = Verb("confirm-return", "dispute.return")
CONTEST = Verb("contest-return", "dispute.return")
ANSWER = Verb("answer-contest", "dispute.send_back")
ACT = Verb("act", "dispute.return")
FULFIL = Verb("fulfil", "dispute.fulfil")
STATES = ("not_received", "damaged", "empty", "different", "incomplete")


def label(
    actor: Actor, dispute: Dispute, *, until: datetime | None = None, cost: Money | None = None, text: str = "",
    at: datetime, noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Give a label for the way back: only now the buyer's time to send begins. `cost`: what the platform's costs.

    `text`: where the buyer finds it. A label that is over already is none, and refused.

    Both hear who pays it. Where it is the buyer, the refund is less by it; the seller's share is between him and us.
    """
    with LABEL.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if until is not None and until <= at:
            raise Refused([_("The label would be over already: say until when it is valid.")])
        data: dict[str, Scalar] = {
            "by": actor.role,
            "until": moments.to_text(until) if until else None,
            "amount": cost.minor if cost else None,
            "currency": now.order.currency if cost else None,
            "pays": now.case.agreement.return_postage if now.case.agreement else None,
        }
        tell(now, actor, "return.labelled", data, at=at, noted_at=noted_at, words=Words("label", written(text)))


def send_back(
    actor: Actor, dispute: Dispute, parcel: Parcel, *, at: datetime, noted_at: datetime | None = None
) -> Shipment:
    """Declare the goods of a dispute sent back. Sent in time is in time, whenever they arrive.

    Raises Refused for a parcel that is said to hold other pieces than are to go back: the money is for all of them.
    """
    with SEND.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        sent = _with_pieces(parcel, now, GOES_BACK)
        _require_those_that_go_back(now, parcel)
        return returns.send(actor, now.order, sent, at=at, noted_at=noted_at)


def _with_pieces(parcel: Parcel, now: Held, kinds: frozenset[str]) -> Parcel:
    """Return a parcel for a dispute that holds, where it names no pieces, those of which so much was agreed."""
    contents = parcel.contents if parcel.contents is not None else in_parts.pieces_of(now.case, kinds)
    return replace(parcel, for_dispute=now.dispute.ref, contents=contents)


def _require_those_that_go_back(now: Held, parcel: Parcel) -> None:
    lines = {line.pk: (line.title, count) for line, count in worth.pieces_of(now.dispute).items()}
    agreed = in_parts.pieces_of(now.case, GOES_BACK) if now.case.decision is None else None
    due = agreed or {key: count for key, (_title, count) in lines.items()}
    if parcel.contents is not None and dict(parcel.contents) != due:
        goods = ", ".join(f"{count} × {lines[key][0]}" for key, count in due.items() if key in lines)
        raise Refused([_("What is to go back: %(goods)s. For less, agree on something else first.") % {"goods": goods}])


def confirm(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None, shown: str = "") -> None:
    """Confirm that the goods are back as they should be: now the money goes."""
    with CONFIRM.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        now = tell(now, actor, "return.confirmed", {"dispute": dispute.ref}, at=at, noted_at=noted_at)
        now = agreeing.pay(now, because="returned", at=at, noted_at=noted_at)
        agreeing.drop_what_is_not_left(now.order, at=at, noted_at=noted_at)


def contest(
    actor: Actor, dispute: Dispute, *, state: str, text: str = "", at: datetime, noted_at: datetime | None = None
) -> None:
    """Say that the return is not what it should be: nothing is paid by itself, and the buyer is asked."""
    require_one_of("state", state, STATES)
    with CONTEST.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        words = Words("contest", written(text))
        tell(now, actor, "return.contested", {"state": state}, at=at, noted_at=noted_at, words=words)


def answer_contest(
    actor: Actor, dispute: Dispute, *, text: str, at: datetime, noted_at: datetime | None = None
) -> None:
    """Answer what the seller says of the return; then the platform decides: neither side's word alone does."""
    with ANSWER.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        words = Words("answer", written(text))
        now = tell(now, actor, "return.contest_answered", {}, at=at, noted_at=noted_at, words=words)
        data: dict[str, Scalar] = {"by": "platform", "because": "return_contested"}
        tell(now, actor, "dispute.escalated", data, at=at, noted_at=noted_at)


def act(actor: Actor, dispute: Dispute, parcel: Parcel, *, at: datetime, noted_at: datetime | None = None) -> Shipment:
    """Send what was promised: a replacement, or the goods once more. It counts with a number that its carrier knows."""
    with ACT.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        agreement = now.case.agreement
        assert agreement is not None
        if not parcel.number:
            raise NotNow(WhyNot("number_needed", sentence("number_needed")))
        sent = _with_pieces(parcel, now, ACTS)
        shipment = shipments.dispatch(actor, now.order, sent, at=at, noted_at=noted_at)
        data: dict[str, Scalar] = {"act": agreement.act, "shipment": shipment.ref}
        tell(anew(now), actor, "dispute.acted", data, at=at, noted_at=noted_at)
        return shipment


def arrived(dispute: Dispute, *, at: datetime, noted_at: datetime) -> None:
    """Note that what was promised was done, because its parcel arrived; once, and only where it was promised."""
    now = held(dispute)
    agreement = now.case.agreement
    noted = any(fact.kind == "dispute.fulfilled" and fact.subject == dispute.ref for fact in now.facts)
    # A promise that was not kept in time may have been decided on already.
    if agreement is not None and agreement.act and now.case.decision is None and not noted:
        actor, data = Actor(platform(noted_at)), {"act": agreement.act}
        tell(now, actor, "dispute.fulfilled", data, at=at, noted_at=noted_at)


def fulfil(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Note that what was promised was done: the repaired goods are back, the other parcel is here."""
    with FULFIL.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        agreement = now.case.agreement
        assert agreement is not None
        tell(now, actor, "dispute.fulfilled", {"act": agreement.act}, at=at, noted_at=noted_at)
