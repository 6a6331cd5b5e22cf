"""Scans: what happens to a parcel on its way, told by its carrier or entered by hand, in any order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.shipments import MAX_CARRIER_CHARS, NOTED, STATUSES, for_dispute, part
from comity.actions.telling import fact_about, micros
from comity.policy import deliveries, places
from comity.policy.disputes.contradictions import place_key
from comity.policy.facts import MAX_GRAMS, Scalar, reference
from comity.policy.places import Place
from comity.records import refs
from comity.records.follow.shipments import ELSEWHERE
from comity.records.models import Address, Dispute, Notice, Order, Scan, Shipment

#: What a person may enter: what a carrier would have said.
BY_HAND = tuple(status for status in STATUSES if status not in NOTED)
OLDER = "older_than_order"
#: Where these happen, the parcel is where it was sent to.
AT_THE_END = ("out_for_delivery", "attempted", "available_for_pickup", "delivered")
MAX_PLACE_CHARS, MAX_POSTCODE_CHARS = 100, 20


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a parcel.

    status         one of STATUSES, at the moment `at`
    place          where it was; `country` as ISO 3166, empty for unknown, as is `postcode`
    carrier        which carrier told it, where that is known; `said`: in its own words
    zone_assumed   whether its time came without a zone, and one was taken
    is_day         whether only the day is known, which begins `at`
    weight_g       what the carrier weighed, in grams; `signed`: whether it has the receiver's signature
    external_id    its id where it comes from; without one, status and moment say whether it was told before
    """

    status: str
    at: datetime
    place: str = ""
    country: str = ""
    carrier: str = ""
    said: str = ""
    zone_assumed: bool = False
    is_day: bool = False
    external_id: str | None = None
    postcode: str = ""
    weight_g: int | None = None
    signed: bool = False


def _against_scanning(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.shipments.exists():
        return WhyNot("no_parcel", _("Order %(order)s has no parcel yet.") % {"order": order.key})
    return None


SCAN = Deed(Order, "scan", "shipment.scan", _against_scanning)


def scan(actor: Actor, shipment: Shipment, event: Event, *, noted_at: datetime | None = None) -> bool:
    """Enter one event of a parcel; return whether it is new. What a seller enters by hand is marked so.

    An event told twice changes nothing. What is dated before the order was placed is another parcel's: it is noted,
    and counts as no scan. What a carrier surely delivered elsewhere than to the order's address has not arrived, nor
    has what it delivered after it had turned round. Raises Refused, Forbidden.
    """
    require(actor, SCAN.power, shipment)
    require_one_of("status", event.status, STATUSES)
    if event.weight_g is not None and not 0 <= event.weight_g <= MAX_GRAMS:
        raise Refused([_("A weight is written in whole grams.")])
    row, by = _row(shipment, event, source="seller" if actor.role == "seller" else "carrier")
    kind = _kind(row)
    # By what was told, not by what is made of it: the same event told again is the same.
    name = event.external_id or f"{event.status}:{micros(event.at)}"
    # By its source, too: what a seller entered by hand does not keep the carrier's own word out.
    identity = f"scan:{shipment.uuid}:{row.source[0]}:{name}"
    data = _data(row, kind) | ({"differs": by} if by else {})
    fact = fact_about(shipment, kind, at=row.at, noted_at=noted_at, data=data, identity=identity, actor=actor)
    with transaction.atomic():
        if enact(shipment.order.seller, fact, rows=(row,), once=True) is None:
            return False
        if not shipment.returns:
            _doubt_aloud(row, noted_at or row.at)
        if kind == deliveries.DELIVERED and shipment.dispute_ref:
            _kept_the_promise(shipment, row.at, noted_at or row.at)
    return True


def _kept_the_promise(shipment: Shipment, at: datetime, noted_at: datetime) -> None:
    """Tell the dispute for which a parcel was sent that it arrived."""
    from comity.actions.disputes import returning  # it sends parcels

    uuid = refs.uuid_of(reference(shipment.dispute_ref)[1])
    if uuid is None:
        return
    disputes = Dispute.objects.filter(uuid=uuid, order=shipment.order_id)
    if (dispute := disputes.select_related("order__seller", "order__buyer").first()) is not None:
        returning.arrived(dispute, at=at, noted_at=noted_at)


def _row(shipment: Shipment, event: Event, *, source: str) -> tuple[Scan, str]:
    """Return the row of an event; and of what was delivered elsewhere, by what that is known."""
    at, status, by = _within_its_day(shipment, event), event.status, ""
    if at < shipment.order.placed_at and status not in NOTED:
        status = OLDER
    elif status == "delivered" and source == "carrier" and not shipment.returns:
        if _went_back(shipment, at):
            status = deliveries.AT_SENDER
        elif by := _differs(shipment.order, event):
            status = deliveries.ELSEWHERE
    row = Scan(
        shipment=shipment,
        at=at,
        status=status,
        place=event.place[:MAX_PLACE_CHARS],
        source=source,
        said=event.said[:300],
        zone_assumed=event.zone_assumed,
        carrier=event.carrier[:MAX_CARRIER_CHARS],
        country=event.country[:2],
        postcode=event.postcode.strip()[:MAX_POSTCODE_CHARS],
        weight_g=event.weight_g,
        signed=event.signed,
    )
    return row, by


def _differs(order: Order, event: Event) -> str:
    """Return by what an event is surely elsewhere than the order goes: country, postcode or town; else empty."""
    told = Place(event.country, event.postcode, event.place)
    return places.differs(told, _goes_to(order))


def _goes_to(order: Order) -> Place:
    """Return where an order goes; of an address that the shop keeps, the country alone may be known."""
    address = Address.objects.filter(order=order, state="in_force").first()
    if address is None or address.is_kept_by_shop:
        return Place(order.destination[:2])
    return Place(address.country, address.postcode, address.city, address.region)


def elsewhere(order: Order) -> dict[str, tuple[str, str]]:
    """Return where the order's parcels were delivered elsewhere, and where they were to go, by parcel and moment.

    Keys are those of `policy.disputes.contradictions.place_key`; values are a postcode each, else a town or a country.
    """
    wanted = _goes_to(order)
    rows = Scan.objects.filter(shipment__order=order, status=deliveries.ELSEWHERE).select_related("shipment")
    told = {(scan.shipment.ref, scan.at): Place(scan.country, scan.postcode, scan.place) for scan in rows}
    return {place_key(subject, at): places.both(place, wanted) for (subject, at), place in told.items()}


def _within_its_day(shipment: Shipment, event: Event) -> datetime:
    """Return when an event was. Of which only the day is known, it was after what is known to be before it."""
    if not event.is_day:
        return event.at
    ends = event.at + timedelta(days=1)
    known = [shipment.order.placed_at, shipment.dispatched_at, *shipment.scans.values_list("at", flat=True)]
    return max((at for at in known if event.at < at < ends), default=event.at)


def _went_back(shipment: Shipment, at: datetime) -> bool:
    """Whether the carrier said before that it takes the parcel back to its sender."""
    return shipment.scans.filter(source="carrier", status__in=deliveries.TURNED_ROUND, at__lt=at).exists()


def _kind(row: Scan) -> str:
    arrived = row.status == "delivered" and row.source == "carrier"
    if row.shipment.returns:
        # Scanned at the gate and once more at the check of its quality: it arrived once.
        there = Shipment.objects.values_list("delivered_at", flat=True).get(pk=row.shipment.pk) if arrived else None
        return "return.delivered" if arrived and (there is None or row.at < there) else "return.scanned"
    if row.status in (*NOTED, OLDER):
        return "shipment.noted"
    return "shipment.delivered" if arrived else "shipment.scanned"


def _data(row: Scan, kind: str) -> dict[str, Scalar]:
    said: dict[str, Scalar] = {} if kind.endswith(".delivered") else {"status": row.status, "source": row.source}
    said |= {"weight_g": row.weight_g} if row.weight_g is not None and kind != "shipment.noted" else {}
    if row.shipment.returns:
        return {"shipment": row.shipment.ref, **said} | for_dispute(row.shipment)
    said |= part(row.shipment) if kind == "shipment.delivered" else {}
    said |= {"signed": True} if row.signed and kind != "shipment.noted" else {}
    return said | ({"zone_assumed": True} if row.zone_assumed else {})


def _doubt_aloud(row: Scan, noted_at: datetime) -> None:
    """Tell the seller at once, and note, that an event does not fit the order: too old, or in another country."""
    shipment, order = row.shipment, row.shipment.order
    goes_to = order.destination[:2]
    is_elsewhere = row.status in AT_THE_END and row.country and goes_to and row.country != goes_to
    doubt = ELSEWHERE if is_elsewhere else row.status if row.status in (OLDER, deliveries.ELSEWHERE) else ""
    if not doubt:
        return
    if doubt == ELSEWHERE:
        data: dict[str, Scalar] = {"status": ELSEWHERE, "source": row.source}
        identity = f"noted:{shipment.uuid}:{doubt}"
        fact = fact_about(shipment, "shipment.noted", at=row.at, noted_at=noted_at, data=data, identity=identity)
        enact(order.seller, fact, once=True)
    values = {"status": doubt, "order": order.key, "number": str(shipment)}
    about = Notice.objects.filter(party=order.seller, kind="parcel.doubted", matter=order.ref)
    if not about.filter(values=values).exists():
        Notice.objects.create(party=order.seller, kind="parcel.doubted", matter=order.ref, at=noted_at, values=values)
