"""Returns: the goods of an order that arrived, sent back by the buyer and confirmed by the seller."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot
from comity.actions.doubts import Doubtful, explained
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor
from comity.actions.shipments import Parcel, for_dispute, require_whole, returned
from comity.actions.telling import fact_about
from comity.lib.ids import salt, uuid7
from comity.policy import tracking_numbers
from comity.policy.facts import Scalar
from comity.records import statements
from comity.records.models import Order, Shipment, ShipmentLine


def goods_weight(order: Order, pieces: Mapping[int, int] | None = None) -> int | None:
    """Return what pieces of an order weigh, packed, in grams; None where of one of them nobody said.

    `pieces`: how many of which line (by its key); None for all.
    """
    lines = {line.pk: line for line in order.lines.all()}
    wanted = {key: line.quantity for key, line in lines.items()} if pieces is None else pieces
    weights = [(lines[key].weight_g, count) for key, count in wanted.items() if count and key in lines]
    known = [weight * count for weight, count in weights if weight is not None]
    return sum(known) if known and len(known) == len(weights) else None


def _against_sending(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.delivered_at:
        return WhyNot("not_delivered", _("Only what has arrived can be sent back."))
    if _is_confirmed(order, ""):
        return WhyNot("returned", _("The goods have already gone back, and the seller has confirmed it."))
    return None


def _against_confirming(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.shipments.filter(returns=True, dispute_ref="").exists():
        return WhyNot("nothing_sent_back", _("Nothing of order %(order)s was sent back.") % {"order": order.key})
    if _is_confirmed(order, ""):
        return WhyNot("confirmed_already", _("The return has already been confirmed."), done=True)
    return None


def _against_sending_for(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    # The two agreed that it goes back: whether anybody saw it arrive matters no more.
    return None


def _against_confirming_for(dispute: str) -> Callable[[Actor, Order, datetime], WhyNot | None]:
    def against(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
        if not order.shipments.filter(returns=True, dispute_ref=dispute).exists():
            return WhyNot("nothing_sent_back", _("Nothing of order %(order)s was sent back.") % {"order": order.key})
        if _is_confirmed(order, dispute):
            return WhyNot("confirmed_already", _("The return has already been confirmed."), done=True)
        return None

    return against


def _is_confirmed(order: Order, dispute: str) -> bool:
    facts = statements.facts_of_matter(order.seller_id, order.ref)
    return any(fact.kind == "return.confirmed" and (fact.data.get("dispute") or "") == dispute for fact in facts)


SEND = Deed(Order, "send-back", "return.send", _against_sending)
CONFIRM = Deed(Order, "confirm-return", "return.confirm", _against_confirming)


def send(actor: Actor, order: Order, parcel: Parcel, *, at: datetime, noted_at: datetime | None = None) -> Shipment:
    """Declare the goods of a delivered order sent back. The same number again returns the parcel that is there.

    With `for_dispute`, those pieces that it names, else all: returns of several disputes are told apart. Whether the
    dispute asks for that, whoever calls this has seen to. Raises Refused, Doubtful, Forbidden.
    """
    deed = replace(SEND, against=_against_sending_for) if parcel.for_dispute else SEND
    with deed.doing(actor, order, at=at):
        require_whole(parcel.number)
        number = tracking_numbers.kept(parcel.number)
        if not number or not parcel.carrier or parcel.is_too_long:
            raise Refused([_("Give the carrier and the tracking number of the parcel that you send back.")])
        problem = tracking_numbers.check(parcel.number, parcel.carrier).problem
        if problem and not parcel.sure:
            raise Doubtful([explained(problem, parcel.carrier, parcel.number)])
        if known := order.shipments.filter(
            tracking_number=number, returns=True, dispute_ref=parcel.for_dispute
        ).first():
            return known
        contents = returned(order, parcel)
        shipment = Shipment(
            uuid=uuid7(at),
            order=order,
            carrier=parcel.carrier,
            tracking_number=number,
            salt=salt(),
            dispatched_at=at,
            pieces=sum(contents.values()) or order.pieces,
            returns=True,
            dispute_ref=parcel.for_dispute,
        )
        data: dict[str, Scalar] = {"shipment": shipment.ref, **for_dispute(shipment)}
        data |= {"pieces": shipment.pieces} if shipment.pieces < order.pieces else {}
        data |= {"weight_g": parcel.weight_g} if parcel.weight_g is not None else {}
        name = f"return.sent:{shipment.uuid}"
        held = [ShipmentLine(shipment=shipment, line=line, quantity=count) for line, count in contents.items()]
        fact = fact_about(shipment, "return.sent", at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
        enact(order.seller, fact, rows=(shipment, *held), about=(order,), once=True)
    return shipment


def confirm(actor: Actor, order: Order, *, at: datetime, noted_at: datetime | None = None, dispute: str = "") -> None:
    """Confirm that the goods which were sent back are here. Confirming twice changes nothing. Raises Refused.

    `dispute`: for which they were, as dispute:id; empty for those that are sent back without one.
    """
    deed = replace(CONFIRM, against=_against_confirming_for(dispute)) if dispute else CONFIRM
    with deed.doing(actor, order, at=at) as to_do:
        if to_do:
            kind, data = "return.confirmed", {"dispute": dispute} if dispute else {}
            name = f"{kind}:{order.uuid}:{dispute}" if dispute else ""
            # One for a dispute is about that dispute, as its parcel is.
            parcel = order.shipments.filter(returns=True, dispute_ref=dispute).first() if dispute else None
            fact = fact_about(parcel or order, kind, at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
            enact(order.seller, fact, about=(order,), once=True)
