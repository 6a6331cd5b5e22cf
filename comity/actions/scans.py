"""Scans: what happens to a parcel on its way, told by its carrier or entered by hand, in any order."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, require_one_of
from comity.actions.enact import enact
from comity.actions.guard import Actor, require
from comity.actions.shipments import MAX_CARRIER_CHARS, NOTED, STATUSES, part
from comity.actions.telling import fact_about, micros
from comity.policy.facts import Scalar
from comity.records.follow.shipments import BACK, ELSEWHERE
from comity.records.models import Notice, Order, Scan, Shipment

#: What a person may enter: what a carrier would have said.
BY_HAND = tuple(status for status in STATUSES if status not in NOTED)
OLDER = "older_than_order"
#: Where these happen, the parcel is where it was sent to.
AT_THE_END = ("out_for_delivery", "attempted", "available_for_pickup", "delivered")
MAX_PLACE_CHARS = 100


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a parcel.

    status         one of STATUSES, at the moment `at`
    place          where it was; `country` as ISO 3166, empty for unknown
    carrier        which carrier told it, where that is known; `said`: in its own words
    zone_assumed   whether its time came without a zone, and one was taken
    is_day         whether only the day is known, which begins `at`
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


def _against_scanning(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if not order.shipments.exists():
        return WhyNot("no_parcel", _("Order %(order)s has no parcel yet.") % {"order": order.key})
    return None


SCAN = Deed(Order, "scan", "shipment.scan", _against_scanning)


def scan(actor: Actor, shipment: Shipment, event: Event, *, noted_at: datetime | None = None) -> bool:
    """Enter one event of a parcel; return whether it is new. What a seller enters by hand is marked so.

    An event told twice changes nothing. What is dated before the order was placed is another parcel's: it is noted,
    and counts as no scan. Raises Refused, Forbidden.
    """
    require(actor, SCAN.power, shipment)
    require_one_of("status", event.status, STATUSES)
    row = _row(shipment, event, source="seller" if actor.role == "seller" else "carrier")
    kind = _kind(row)
    # By what was told, not by what is made of it: the same event told again is the same.
    name = event.external_id or f"{event.status}:{micros(event.at)}"
    # By its source, too: what a seller entered by hand does not keep the carrier's own word out.
    identity = f"scan:{shipment.uuid}:{row.source[0]}:{name}"
    data = _data(row, kind)
    fact = fact_about(shipment, kind, at=row.at, noted_at=noted_at, data=data, identity=identity, actor=actor)
    with transaction.atomic():
        if enact(shipment.order.seller, fact, rows=(row,), once=True) is None:
            return False
        if not shipment.returns:
            _doubt_aloud(row, noted_at or row.at)
    return True


def _row(shipment: Shipment, event: Event, *, source: str) -> Scan:
    at, status = _within_its_day(shipment, event), event.status
    if at < shipment.order.placed_at and status not in NOTED:
        status = OLDER
    elif status == "delivered" and source == "carrier" and not shipment.returns and _went_back(shipment, at):
        status = BACK
    return Scan(
        shipment=shipment,
        at=at,
        status=status,
        place=event.place[:MAX_PLACE_CHARS],
        source=source,
        said=event.said[:300],
        zone_assumed=event.zone_assumed,
        carrier=event.carrier[:MAX_CARRIER_CHARS],
        country=event.country[:2],
    )


def _within_its_day(shipment: Shipment, event: Event) -> datetime:
    """Return when an event was. Of which only the day is known, it was after what is known to be before it."""
    if not event.is_day:
        return event.at
    ends = event.at + timedelta(days=1)
    known = [shipment.order.placed_at, shipment.dispatched_at, *shipment.scans.values_list("at", flat=True)]
    return max((at for at in known if event.at < at < ends), default=event.at)


def _went_back(shipment: Shipment, at: datetime) -> bool:
    """Whether the carrier said before that it takes the parcel back to its sender."""
    return shipment.scans.filter(source="carrier", status=BACK, at__lt=at).exists()


def _kind(row: Scan) -> str:
    arrived = row.status == "delivered" and row.source == "carrier"
    if row.shipment.returns:
        return "return.delivered" if arrived else "return.scanned"
    if row.status in (*NOTED, OLDER):
        return "shipment.noted"
    return "shipment.delivered" if arrived else "shipment.scanned"


def _data(row: Scan, kind: str) -> dict[str, Scalar]:
    if row.shipment.returns:
        back: dict[str, Scalar] = {"shipment": row.shipment.ref}
        return back if kind == "return.delivered" else {**back, "status": row.status, "source": row.source}
    data = part(row.shipment) if kind == "shipment.delivered" else {"status": row.status, "source": row.source}
    return data | ({"zone_assumed": True} if row.zone_assumed else {})


def _doubt_aloud(row: Scan, noted_at: datetime) -> None:
    """Tell the seller at once, and note, that an event does not fit the order: too old, or in another country."""
    shipment, order = row.shipment, row.shipment.order
    goes_to = order.destination[:2]
    elsewhere = row.status in AT_THE_END and row.country and goes_to and row.country != goes_to
    doubt = ELSEWHERE if elsewhere else OLDER if row.status == OLDER else ""
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
