"""Shipments: declared sent, scanned by the carrier, delivered."""

from datetime import datetime

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib import tracking
from comity.lib.ids import digest, salt, uuid7
from comity.policy.facts import Fact, Scalar
from comity.records.models import Order, Scan, Shipment

#: Carriers' words in one vocabulary.
STATUSES = (
    "label_made", "accepted", "in_transit", "customs", "out_for_delivery", "attempted", "available_for_pickup",
    "delivered", "returned", "exception", "lost", "unknown",
)  # fmt: skip
#: What a carrier tells of a parcel that it need not have: no scan on the road.
NOTED = ("label_made", "unknown")
OLDER = "older_than_order"
MAX_NUMBER_CHARS = 60
MAX_PLACE_CHARS = 100
MAX_CARRIER_CHARS = 50


class Doubtful(Refused):
    """A number that does not look right. `dispatch` takes it from a seller who is sure; the doubt is then noted."""


def dispatch(
    actor: Actor, order: Order, *, carrier: str, tracking_number: str, at: datetime, noted_at: datetime | None = None,
    sure: bool = False,
) -> Shipment:  # fmt: skip
    """Declare a parcel of an order sent, with its tracking number or with an empty one. Raises Refused, Forbidden.

    Declaring the same number for the same order again returns the shipment that is there. Raises Doubtful for a number
    that speaks against itself, unless `sure`.
    """
    require(actor, "shipment.dispatch", order)
    number = tracking.plain(tracking_number)
    if wrong := _problems(order, carrier, number):
        raise Refused(wrong)
    if number and (known := order.shipments.filter(carrier=carrier, tracking_number=number).first()):
        return known
    found = doubt(carrier, number, order)
    if found and not sure:
        raise Doubtful([explained(found, carrier, number)])
    shipment = Shipment(
        uuid=uuid7(at), order=order, carrier=carrier, tracking_number=number, salt=salt(), dispatched_at=at
    )
    data: dict[str, Scalar] = {"tracked": bool(number)}
    if number:
        data |= {"carrier": carrier, "number": digest(bytes(shipment.salt), number)}
    if found:
        data["doubt"] = found
    _enact(shipment, "shipment.dispatched", f"shipment.dispatched:{shipment.uuid}", at, noted_at, data, (shipment,))
    return shipment


def doubt(carrier: str, number: str, order: Order) -> str:
    """Return what speaks against a number of an order's parcel, as a code; empty for nothing.

    wrong_digit, unknown_form, other_carrier (see lib.tracking), used_twice: it is another order's already.
    """
    number = tracking.plain(number)
    if not number:
        return ""
    if problem := tracking.check(number, carrier).problem:
        return problem
    others = Shipment.objects.filter(tracking_number=number, carrier__iexact=carrier).exclude(order=order)
    return "used_twice" if others.exists() else ""


def explained(found: str, carrier: str, number: str) -> str:
    """Return a sentence about a doubt, with what to do."""
    values = {"number": number[:MAX_NUMBER_CHARS], "carrier": carrier}
    if found == "other_carrier":
        values["others"] = ", ".join(tracking.check(number, carrier).carriers)
    return {
        "wrong_digit": _("%(number)s has a wrong check digit: a digit may be missing or mistyped."),
        "unknown_form": _("%(number)s does not look like a number of %(carrier)s. Compare it with the label."),
        "other_carrier": _("%(number)s looks like a number of %(others)s, not of %(carrier)s."),
        "used_twice": _("%(number)s was given for another order already. Each parcel has a number of its own."),
    }[found] % values  # fmt: skip


def scan(
    actor: Actor,
    shipment: Shipment,
    *,
    status: str,
    place: str = "",
    at: datetime,
    noted_at: datetime | None = None,
    external_id: str | None = None,
    said: str = "",
    zone_assumed: bool = False,
) -> None:
    """Enter one event of a parcel. What a seller enters by hand is marked so. Raises Refused, Forbidden.

    An event told twice (same `external_id`, else same status and moment) changes nothing. What is dated before the
    order was placed is another parcel's: it is noted, and counts as no scan.
    """
    require(actor, "shipment.scan", shipment)
    if status not in STATUSES:
        raise Refused([f"status must be one of {', '.join(STATUSES)}, not {status!r:.60}"])
    source = "seller" if actor.role == "seller" else "carrier"
    name = external_id or f"{status}:{int(at.timestamp() * 1_000_000):x}"
    identity = f"scan:{shipment.uuid}:{source[0]}:{name}"
    kind = "shipment.delivered" if status == "delivered" and source == "carrier" else "shipment.scanned"
    if at < shipment.order.placed_at or status in NOTED:
        kind, status = "shipment.noted", status if status in NOTED else OLDER
    data: dict[str, Scalar] = {} if kind == "shipment.delivered" else {"status": status, "source": source}
    data |= {"zone_assumed": True} if zone_assumed else {}
    with transaction.atomic():
        row = Scan(
            shipment=shipment, at=at, status=status, place=place[:MAX_PLACE_CHARS], source=source, said=said[:300],
            zone_assumed=zone_assumed,
        )  # fmt: skip
        if _enact(shipment, kind, identity, at, noted_at, data, (row,)):
            if kind == "shipment.delivered":
                Shipment.objects.filter(pk=shipment.pk, delivered_at=None).update(delivered_at=at)
                Order.objects.filter(pk=shipment.order_id, delivered_at=None).update(delivered_at=at)


def _problems(order: Order, carrier: str, number: str) -> list[str]:
    wrong = []
    if not order.paid_at:
        wrong.append(_("Order %(order)s is not paid yet; wait with sending it.") % {"order": order.key})
    if order.cancelled_at:
        wrong.append(_("Order %(order)s was cancelled; do not send it.") % {"order": order.key})
    if number and not carrier:
        wrong.append(_("A tracking number needs its carrier."))
    if len(number) > MAX_NUMBER_CHARS or len(carrier) > MAX_CARRIER_CHARS:
        wrong.append(_("The tracking number or the carrier's name is too long."))
    return wrong


def _enact(
    shipment: Shipment,
    kind: str,
    identity: str,
    at: datetime,
    noted_at: datetime | None,
    data: dict[str, Scalar],
    rows: tuple[Model, ...],
) -> bool:
    order = shipment.order
    fact = Fact(
        id=identity, kind=kind, at=at, noted_at=noted_at or at, subject=shipment.ref, matter=order.ref,
        party=order.seller.ref, data=data,
    )  # fmt: skip
    return enact(order.seller, fact, rows=rows, once=True) is not None
