"""Returns: the goods of an order that arrived, sent back by the buyer and confirmed by the seller."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot
from comity.actions.doubts import Doubtful, explained
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor
from comity.actions.shipments import Parcel, require_whole
from comity.actions.telling import fact_about, was_told
from comity.lib.ids import salt, uuid7
from comity.policy import tracking_numbers
from comity.records.models import Order, Shipment


def _against_sending(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.delivered_at:
        return WhyNot("not_delivered", _("Only what has arrived can be sent back."))
    if was_told(order, "return.confirmed"):
        return WhyNot("returned", _("The goods have already gone back, and the seller has confirmed it."))
    return None


def _against_confirming(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.shipments.filter(returns=True).exists():
        return WhyNot("nothing_sent_back", _("Nothing of order %(order)s was sent back.") % {"order": order.key})
    if was_told(order, "return.confirmed"):
        return WhyNot("confirmed_already", _("The return has already been confirmed."), done=True)
    return None


SEND = Deed(Order, "send-back", "return.send", _against_sending)
CONFIRM = Deed(Order, "confirm-return", "return.confirm", _against_confirming)


def send(actor: Actor, order: Order, parcel: Parcel, *, at: datetime, noted_at: datetime | None = None) -> Shipment:
    """Declare the goods of a delivered order sent back. The same number again returns the parcel that is there.

    Raises Refused, Doubtful, Forbidden.
    """
    with SEND.doing(actor, order, at=at):
        require_whole(parcel.number)
        number = tracking_numbers.kept(parcel.number)
        if not number or not parcel.carrier or parcel.is_too_long:
            raise Refused([_("Give the carrier and the tracking number of the parcel that you send back.")])
        problem = tracking_numbers.check(parcel.number, parcel.carrier).problem
        if problem and not parcel.sure:
            raise Doubtful([explained(problem, parcel.carrier, parcel.number)])
        if known := order.shipments.filter(tracking_number=number, returns=True).first():
            return known
        shipment = Shipment(
            uuid=uuid7(at),
            order=order,
            carrier=parcel.carrier,
            tracking_number=number,
            salt=salt(),
            dispatched_at=at,
            pieces=order.pieces,
            returns=True,
        )
        data, name = {"shipment": shipment.ref}, f"return.sent:{shipment.uuid}"
        fact = fact_about(shipment, "return.sent", at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
        enact(order.seller, fact, rows=(shipment,), about=(order,), once=True)
    return shipment


def confirm(actor: Actor, order: Order, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Confirm that the goods which were sent back are here. Confirming twice changes nothing. Raises Refused."""
    with CONFIRM.doing(actor, order, at=at) as to_do:
        if to_do:
            fact = fact_about(order, "return.confirmed", at=at, noted_at=noted_at, data={}, actor=actor)
            enact(order.seller, fact, about=(order,), once=True)
