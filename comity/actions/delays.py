"""Delays: a later date that the seller announces before the promised one has passed, and the buyer's answer."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, NotNow, WhyNot, changed, require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor
from comity.actions.telling import fact_about, micros
from comity.lib import moments
from comity.records.models import Delay, Notice, Order

REASONS = ("carrier_delay", "production", "weather", "no_stock", "other")
MAX_DELAY = timedelta(days=180)


def _against_announcing(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.under_way:
        return WhyNot("not_under_way", _("Nothing is promised any more for order %(order)s.") % {"order": order.key})
    if order.deliver_by is None or at >= order.deliver_by:
        return WhyNot("promise_passed", _("The promised date has passed; a delay is announced before it."))
    return None


def _against_answering(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if waiting(order) is None:
        return WhyNot("nothing_waits", _("No later date is waiting for an answer."), done=True)
    return None


def _asked_at(order: Order) -> datetime | None:
    delay = waiting(order)
    return delay.announced_at if delay else None


ANNOUNCE = Deed(Order, "announce-delay", "delay.announce", _against_announcing)
ANSWER = Deed(Order, "answer-delay", "delay.answer", _against_answering, _asked_at)


def waiting(order: Order) -> Delay | None:
    """Return the later date that waits for the buyer's answer."""
    return Delay.objects.filter(order=order, answered_at=None).first()


def announce(
    actor: Actor, order: Order, *, deliver_by: datetime, reason: str, at: datetime, noted_at: datetime | None = None
) -> Delay:
    """Say that an order will arrive later, before the promised moment has passed. The buyer may accept the new one.

    The same date again changes nothing; another takes the place of one that was not answered. Raises Refused.
    """
    with ANNOUNCE.doing(actor, order, at=at):
        require_one_of("reason", reason, REASONS)
        was = order.deliver_by
        if was is None or not was < deliver_by <= was + MAX_DELAY:
            raise Refused([_("The new date must be after the promised one, and at most 180 days after it.")])
        newest = Delay.objects.filter(order=order).order_by("announced_at", "pk").last()
        if newest is not None and newest.answered_at is None and newest.deliver_by == deliver_by:
            return newest
        # Another was announced, or answered, after this moment: who announces this one has not seen that.
        if newest is not None and at < (newest.answered_at or newest.announced_at):
            raise NotNow(changed())
        delay = Delay(order=order, announced_at=at, was=was, deliver_by=deliver_by, reason=reason)
        _tell(actor, delay, "delay.announced", at, {"reason": reason, **_dates(delay)}, noted_at)
        # Notices follow rulings; of this fact no ruling tells the buyer.
        values = {"deliver_by": moments.to_text(deliver_by), "order": order.key}
        told_at = noted_at or at
        Notice.objects.create(party=order.buyer, kind="delay.announced", matter=order.ref, at=told_at, values=values)
        return Delay.objects.get(order=order, answered_at=None)


def answer(
    actor: Actor,
    order: Order,
    *,
    accepted: bool,
    at: datetime,
    noted_at: datetime | None = None,
    shown: datetime | None = None,
) -> None:
    """Accept a later date, or not. Accepted before the first date has passed, it is the promise from now on.

    Both stay on record. Answering twice changes nothing; what was not answered in time was not accepted. `shown`: when
    the date was announced that is answered; None for the one that waits now.
    """
    with ANSWER.doing(actor, order, at=at, shown=shown):
        delay = waiting(order)
        if delay is None:
            return
        # Once the first date has passed it is kept or broken already; nobody can agree that away.
        if accepted and (at > delay.was or not order.under_way):
            raise Refused([_("The promised date has passed; it stands as it was.")])
        delay.order = order
        if accepted:
            _tell(actor, delay, "delay.accepted", at, _dates(delay), noted_at)
        else:
            _tell(actor, delay, "delay.declined", at, {}, noted_at)


def _dates(delay: Delay) -> dict[str, str]:
    return {"deliver_by": moments.to_text(delay.deliver_by), "was": moments.to_text(delay.was)}


def _tell(actor: Actor, delay: Delay, kind: str, at: datetime, data: dict[str, str], noted_at: datetime | None) -> None:
    order, identity = delay.order, f"{kind}:{delay.order.uuid}:{micros(delay.announced_at)}"
    fact = fact_about(order, kind, at=at, noted_at=noted_at, data=data, identity=identity, actor=actor)
    enact(order.seller, fact, about=(order,), once=True)
