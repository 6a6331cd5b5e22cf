"""Wishes to cancel an order that is paid: asked by the buyer, answered by the seller, or by time."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, require_one_of
from comity.actions.enact import enact
from comity.actions.guard import Actor
from comity.actions.orders import REASONS, take_back
from comity.actions.parties import platform
from comity.actions.telling import fact_about
from comity.records.models import CancelRequest, Order


def _against_asking(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if order.state != "paid":
        return WhyNot("not_paid_or_sent", _("You can ask to cancel an order that is paid and not sent yet."))
    if CancelRequest.objects.filter(order=order).exists():
        return WhyNot("asked_already", _("The seller has already been asked."), done=True)
    return None


def _against_answering(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    request = CancelRequest.objects.filter(order=order).first()
    if request is None:
        return WhyNot("nobody_asked", _("Nobody asked to cancel order %(order)s.") % {"order": order.key})
    if request.accepted is not None:
        return WhyNot("answered_already", _("That has already been answered."), done=True)
    if order.cancelled_at:
        return WhyNot("cancelled", _("Order %(order)s was cancelled.") % {"order": order.key}, done=True)
    return None


def _asked_at(order: Order) -> datetime | None:
    waiting = CancelRequest.objects.filter(order=order, accepted=None, order__cancelled_at=None).first()
    return waiting.asked_at if waiting else None


ASK = Deed(Order, "ask-cancel", "order.ask_cancel", _against_asking)
ANSWER = Deed(Order, "answer-cancel", "order.answer_cancel", _against_answering, _asked_at)


def ask(actor: Actor, order: Order, *, reason: str, at: datetime, noted_at: datetime | None = None) -> CancelRequest:
    """Ask the seller to cancel an order that was paid and not sent. Asking twice changes nothing. Raises Refused."""
    with ASK.doing(actor, order, at=at) as to_do:
        require_one_of("reason", reason, REASONS["buyer"])
        if not to_do:
            return CancelRequest.objects.get(order=order)
        data = {"reason": reason}
        fact = fact_about(order, "cancellation.requested", at=at, noted_at=noted_at, data=data, actor=actor)
        enact(order.seller, fact, about=(order,), once=True)
        return CancelRequest.objects.get(order=order)


def answer(
    actor: Actor,
    order: Order,
    *,
    accepted: bool,
    at: datetime,
    noted_at: datetime | None = None,
    shown: datetime | None = None,
) -> None:
    """Agree to cancel, or not. An agreement cancels the order as the buyer's wish. Answering twice changes nothing.

    `shown`: when the wish was made that is answered; None for the one that waits now.
    """
    with ANSWER.doing(actor, order, at=at, shown=shown) as to_do:
        if not to_do:
            return
        request = CancelRequest.objects.get(order=order)
        data = {"accepted": accepted}
        fact = fact_about(order, "cancellation.answered", at=at, noted_at=noted_at, data=data, actor=actor)
        enact(order.seller, fact, about=(order,), once=True)
        # What was sent meanwhile cannot be cancelled; the buyer may send it back.
        if accepted and not order.sent_at:
            take_back(actor, order, by="buyer", reason=request.reason, at=at, noted_at=noted_at)


def accept_by_silence(order: Order, *, at: datetime, noted_at: datetime) -> None:
    """Cancel an order whose seller left the buyer's wish unanswered for longer than the rules allow (`consequences`).

    What was answered, cancelled or sent meanwhile is left as it is.
    """
    request = CancelRequest.objects.filter(order=order, accepted=None).first()
    if request is not None and order.cancelled_at is None and order.sent_at is None:
        answer(Actor(platform(noted_at)), order, accepted=True, at=at, noted_at=noted_at)
