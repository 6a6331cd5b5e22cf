"""Shipments: declared sent with what they hold, scanned by the carrier, delivered; and sent back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Model, Sum
from django.utils.translation import gettext as _

from comity.actions import outages
from comity.actions.doubts import Doubtful, doubt, explained
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib.ids import digest, salt, uuid7
from comity.policy import tracking_numbers
from comity.policy.facts import Fact, Scalar
from comity.policy.promises import TROUBLE
from comity.records import statements
from comity.records.models import Notice, Order, OrderLine, Scan, Shipment, ShipmentLine

#: Carriers' words in one vocabulary.
STATUSES = (
    "label_made", "accepted", "in_transit", "customs", "out_for_delivery", "attempted", "available_for_pickup",
    "delivered", "returned", "exception", "lost", "unknown",
)  # fmt: skip
#: What a carrier tells of a parcel that it need not have: no scan on the road.
NOTED = ("label_made", "unknown")
OLDER, ELSEWHERE = "older_than_order", "other_destination"
#: Where these happen, the parcel is where it was sent to.
_AT_THE_END = ("out_for_delivery", "attempted", "available_for_pickup", "delivered")
MAX_NUMBER_CHARS = 60
MAX_PLACE_CHARS = 100
MAX_CARRIER_CHARS = 50


@dataclass(frozen=True, slots=True)
class News:
    """What else is known of an event: where it was, who told it in which words, whether its zone was assumed."""

    place: str = ""
    country: str = ""
    carrier: str = ""
    said: str = ""
    zone_assumed: bool = False


def dispatch(
    actor: Actor, order: Order, *, carrier: str, tracking_number: str, at: datetime, noted_at: datetime | None = None,
    contents: Mapping[int, int] | None = None, sure: bool = False,
) -> Shipment:  # fmt: skip
    """Declare a parcel of an order sent, with its tracking number or with an empty one. Raises Refused, Forbidden.

    `contents`: how many pieces of which line (by its key) it holds; None for all that is left. Declaring the same
    number for the same order again returns the shipment that is there. Raises Doubtful for a number that speaks
    against itself, unless `sure`.
    """
    require(actor, "shipment.dispatch", order)
    number = tracking_numbers.plain(tracking_number)
    if wrong := _problems(order, carrier, number):
        raise Refused(wrong)
    with transaction.atomic():
        statements.lock(order.seller_id)  # two at once: the second finds what the first declared
        return _dispatch(order, carrier, number, contents, at=at, noted_at=noted_at, sure=sure)


def _dispatch(
    order: Order, carrier: str, number: str, contents: Mapping[int, int] | None, *, at: datetime,
    noted_at: datetime | None, sure: bool,
) -> Shipment:  # fmt: skip
    if number and (known := order.shipments.filter(carrier=carrier, tracking_number=number, returns=False).first()):
        return known
    left = left_to_send(order)
    held = _contents(order, contents, left)
    found = doubt(carrier, number, order)
    if found and not sure:
        raise Doubtful([explained(found, carrier, number)])
    pieces = sum(held.values())
    shipment = Shipment(
        uuid=uuid7(at), order=order, carrier=carrier, tracking_number=number, salt=salt(), dispatched_at=at,
        pieces=pieces,
    )  # fmt: skip
    data: dict[str, Scalar] = {"tracked": bool(number), **_part(shipment)}
    if number:
        data |= {"carrier": carrier, "number": digest(bytes(shipment.salt), number)}
    if found:
        data["doubt"] = found
    rows = [ShipmentLine(shipment=shipment, line=line, quantity=quantity) for line, quantity in held.items()]
    identity = f"shipment.dispatched:{shipment.uuid}"
    _enact(shipment, "shipment.dispatched", identity, at, noted_at, data, (shipment, *rows))
    if not order.sent_at and all(held.get(line, 0) >= count for line, count in left.items()):
        order.sent_at = at
        order.risk = "" if order.risk == "not_sent" else order.risk
        Order.objects.filter(pk=order.pk, sent_at=None).update(sent_at=at, risk=order.risk)
    outages.excuse(order, carrier, noted_at or at)
    return shipment


def left_to_send(order: Order, *, unless_scanned: bool = False) -> dict[OrderLine, int]:
    """Return how many pieces of each line are in no parcel.

    `unless_scanned`: in none that the carrier has seen, so that a mistyped or missing number can be given.
    """
    parcels = order.shipments.filter(returns=False)
    if unless_scanned:
        seen = [status for status in STATUSES if status not in NOTED]  # a label alone was seen by nobody
        parcels = parcels.filter(scans__source="carrier", scans__status__in=seen)
    sums = ShipmentLine.objects.filter(shipment__in=parcels.values("pk")).values("line").annotate(sent=Sum("quantity"))
    sent = {row["line"]: row["sent"] for row in sums}
    return {line: max(line.quantity - sent.get(line.pk, 0), 0) for line in order.lines.all()}


def _contents(order: Order, asked: Mapping[int, int] | None, left: dict[OrderLine, int]) -> dict[OrderLine, int]:
    """Return what a new parcel holds; `left`: what no parcel has yet.

    Where all was sent, it is sent anew, or under its right number. Raises Refused for more than there is.
    """
    missing = {line: count for line, count in left.items() if count}
    if asked is None and missing:
        return missing
    free = left_to_send(order, unless_scanned=True)
    if asked is None:
        return {line: count for line, count in free.items() if count} or {line: line.quantity for line in free}
    lines = {line.pk: line for line in free}
    held = {lines[key]: count for key, count in asked.items() if key in lines and count}
    if len(held) < sum(1 for count in asked.values() if count) or not held:
        raise Refused([_("Say how many pieces of which lines of this order the parcel holds.")])
    for line, count in held.items():
        if not 0 < count <= free[line]:
            raise Refused([
                _("%(count)s of “%(title)s” cannot be in this parcel: %(left)s are left to be sent.")
                % {"count": count, "title": line.title, "left": free[line]}
            ])  # fmt: skip
    return held


def _part(shipment: Shipment) -> dict[str, Scalar]:
    """Return how much of its order a parcel holds, where that is not all."""
    if shipment.pieces >= shipment.order.pieces:
        return {}
    return {"pieces": shipment.pieces, "of_pieces": shipment.order.pieces}


def scan(
    actor: Actor,
    shipment: Shipment,
    *,
    status: str,
    place: str = "",
    at: datetime,
    noted_at: datetime | None = None,
    external_id: str | None = None,
    news: News = News(),
) -> bool:
    """Enter one event of a parcel; return whether it is new. What a seller enters by hand is marked so.

    An event told twice (same `external_id`, else same status and moment) changes nothing. What is dated before the
    order was placed is another parcel's: it is noted, and counts as no scan. Raises Refused, Forbidden.
    """
    require(actor, "shipment.scan", shipment)
    if status not in STATUSES:
        raise Refused([f"status must be one of {', '.join(STATUSES)}, not {status!r:.60}"])
    source = "seller" if actor.role == "seller" else "carrier"
    name = external_id or f"{status}:{int(at.timestamp() * 1_000_000):x}"
    identity = f"scan:{shipment.uuid}:{source[0]}:{name}"
    arrived = status == "delivered" and source == "carrier"
    kind = "shipment.delivered" if arrived else "shipment.scanned"
    if at < shipment.order.placed_at or status in NOTED:
        kind, status = "shipment.noted", status if status in NOTED else OLDER
    row = Scan(
        shipment=shipment, at=at, status=status, place=(place or news.place)[:MAX_PLACE_CHARS], source=source,
        said=news.said[:300], zone_assumed=news.zone_assumed, carrier=news.carrier[:MAX_CARRIER_CHARS],
        country=news.country[:2],
    )  # fmt: skip
    if shipment.returns:
        return _scan_of_return(shipment, row, identity, noted_at)
    data: dict[str, Scalar] = (
        _part(shipment) if kind == "shipment.delivered" else {"status": status, "source": source}
    )  # fmt: skip
    data |= {"zone_assumed": True} if news.zone_assumed else {}
    with transaction.atomic():
        if not _enact(shipment, kind, identity, at, noted_at, data, (row,)):
            return False
        if kind == "shipment.delivered":
            _arrived(shipment, at)
        elif kind == "shipment.scanned" and source == "carrier" and status not in TROUBLE:
            heard = ("silent_carrier", "trouble")  # the carrier is heard of again
            Order.objects.filter(pk=shipment.order_id, risk__in=heard).update(risk="")
        _doubt_aloud(shipment, row, noted_at or at)
    return True


def _arrived(shipment: Shipment, at: datetime) -> None:
    """Note when a parcel arrived, by the earliest event that says so, and its order once all pieces have."""
    if shipment.delivered_at is None or at < shipment.delivered_at:
        Shipment.objects.filter(pk=shipment.pk).update(delivered_at=at)
        shipment.delivered_at = at
    order, there = shipment.order, 0
    parcels = order.shipments.filter(returns=False, delivered_at__isnull=False).order_by("delivered_at", "pk")
    for pieces, moment in parcels.values_list("pieces", "delivered_at"):
        there += pieces
        if there >= order.pieces:
            Order.objects.filter(pk=order.pk).update(delivered_at=moment)
            order.delivered_at = moment
            return


def _doubt_aloud(shipment: Shipment, row: Scan, noted_at: datetime) -> None:
    """Tell the seller at once, and note, that an event does not fit the order: too old, or in another country."""
    goes_to = shipment.order.destination[:2]
    elsewhere = row.status in _AT_THE_END and row.country and goes_to and row.country != goes_to
    found = ELSEWHERE if elsewhere else OLDER if row.status == OLDER else ""
    if not found:
        return
    if found == ELSEWHERE:
        data: dict[str, Scalar] = {"status": ELSEWHERE, "source": row.source}
        _enact(shipment, "shipment.noted", f"noted:{shipment.uuid}:{found}", row.at, noted_at, data, ())
    order = shipment.order
    values = {"status": found, "order": order.key, "number": str(shipment)}
    about = Notice.objects.filter(party=order.seller, kind="parcel.doubted", matter=order.ref)
    if not about.filter(values=values).exists():
        Notice.objects.create(
            party=order.seller, kind="parcel.doubted", matter=order.ref, at=noted_at, values=values
        )  # fmt: skip


# Goods that are sent back


def send_back(
    actor: Actor, order: Order, *, carrier: str, tracking_number: str, at: datetime, sure: bool = False
) -> Shipment:  # fmt: skip
    """Declare the goods of a delivered order sent back. The same number again returns the parcel that is there.

    Raises Refused, Doubtful, Forbidden.
    """
    require(actor, "return.send", order)
    number = tracking_numbers.plain(tracking_number)
    if not order.delivered_at:
        raise Refused([_("Only what has arrived can be sent back.")])
    if not number or not carrier or len(number) > MAX_NUMBER_CHARS or len(carrier) > MAX_CARRIER_CHARS:
        raise Refused([_("Give the carrier and the tracking number of the parcel that you send back.")])
    found = tracking_numbers.check(number, carrier).problem
    if found and not sure:
        raise Doubtful([explained(found, carrier, number)])
    with transaction.atomic():
        statements.lock(order.seller_id)
        if known := order.shipments.filter(tracking_number=number, returns=True).first():
            return known
        return _sent_back(order, carrier, number, at)


def _sent_back(order: Order, carrier: str, number: str, at: datetime) -> Shipment:
    shipment = Shipment(
        uuid=uuid7(at), order=order, carrier=carrier, tracking_number=number, salt=salt(), dispatched_at=at,
        pieces=order.pieces, returns=True,
    )  # fmt: skip
    _enact(shipment, "return.sent", f"return.sent:{shipment.uuid}", at, None, {}, (shipment,))
    return shipment


def confirm_return(actor: Actor, order: Order, *, at: datetime) -> None:
    """Confirm that the goods which were sent back are here. Confirming twice changes nothing. Raises Refused."""
    require(actor, "return.confirm", order)
    parcel = order.shipments.filter(returns=True).order_by("dispatched_at").first()
    if parcel is None:
        raise Refused([_("Nothing of order %(order)s was sent back.") % {"order": order.key}])
    _enact(parcel, "return.confirmed", f"return.confirmed:{order.uuid}", at, None, {}, ())


def _scan_of_return(shipment: Shipment, row: Scan, identity: str, noted_at: datetime | None) -> bool:
    arrived = row.status == "delivered" and row.source == "carrier"
    kind = "return.delivered" if arrived else "return.scanned"
    data: dict[str, Scalar] = {} if arrived else {"status": row.status, "source": row.source}
    with transaction.atomic():
        new = _enact(shipment, kind, identity, row.at, noted_at, data, (row,))
        if new and arrived:
            Shipment.objects.filter(pk=shipment.pk, delivered_at=None).update(delivered_at=row.at)
    return new


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
        id=identity, kind=kind, at=at, noted_at=noted_at or at,
        subject=order.ref if shipment.returns else shipment.ref, matter=order.ref, party=order.seller.ref, data=data,
    )  # fmt: skip
    return enact(order.seller, fact, rows=rows, once=True) is not None
