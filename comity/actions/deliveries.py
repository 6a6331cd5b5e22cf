"""Deliveries: the buyer's word on whether an order came in time."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot
from comity.actions.enact import enact
from comity.actions.guard import Actor
from comity.actions.telling import fact_about, was_told
from comity.records.models import Order


def _against_judging(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    over = order.delivered_at or (order.deliver_by is not None and at > order.deliver_by)
    if order.cancelled_at or not order.paid_at or not over:
        return WhyNot("too_early", _("That can be said once it has arrived, or the promised date has passed."))
    if was_told(order, "delivery.judged"):
        return WhyNot("judged_already", _("You have already said that; your first word counts."), done=True)
    return None


JUDGE = Deed(Order, "judge", "delivery.judge", _against_judging)


def judge(actor: Actor, order: Order, *, on_time: bool, at: datetime, noted_at: datetime | None = None) -> None:
    """Say whether an order came in time; the first word counts. Raises Refused before it can be said, Forbidden."""
    with JUDGE.doing(actor, order, at=at) as to_do:
        if to_do:
            data = {"on_time": on_time}
            fact = fact_about(order, "delivery.judged", at=at, noted_at=noted_at, data=data, actor=actor)
            enact(order.seller, fact, about=(order,), once=True)
