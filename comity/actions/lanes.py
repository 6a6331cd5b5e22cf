"""Lanes, counted anew now and then: parcels written in columns, carriers' scorecards, what sellers could promise."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import isnan
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from comity.actions.parties import platform
from comity.history import cards as scorecards
from comity.history.cards import Card
from comity.history.promise import TooFewParcels
from comity.lib import options
from comity.policy.promises import TROUBLE
from comity.records import statements
from comity.records.lanes import cards_of
from comity.records.models import Advice, LaneCard, Party, Scan, Shipment, Watch

#: How often lanes are counted, and how long measurings are kept.
EVERY, KEPT = timedelta(hours=1), timedelta(days=90)
#: With this probability the promises that sellers are advised are kept.
LEVEL = 0.95
OWN_FILE = "parcels.parquet"


def files() -> list[Path]:
    """Return the files of parcels in the data folder: our own, and imported ones (parcels-NAME.parquet)."""
    return sorted((options.data_folder() / "history").glob("parcels*.parquet"))


def is_due(now: datetime) -> bool:
    """Whether lanes were counted an hour ago, or never, and there is something to count."""
    return not Watch.objects.filter(at__gt=now - EVERY).exists() and Shipment.objects.exists()


def refresh(now: datetime) -> int:
    """Count lanes and advise promises, if that is an hour ago; return how many lanes. Called by errands."""
    if not is_due(now):
        return 0
    from comity.history import parcels  # with DuckDB and pyarrow: only who counts loads them

    own = options.data_folder() / "history" / OWN_FILE
    if not parcels.write(own, _rows()):
        own.unlink()
        return 0
    count = _count(now)
    _advise(own, now)
    return count


def recommended(origin: str, destination: str, service: str) -> list[Card]:
    """Return the carriers of a lane by what was counted last, the surest first; none with too few parcels."""
    cards = [
        Card(**{name: getattr(row, name) for name in Card.__dataclass_fields__})
        for row in cards_of(origin, destination, service)
    ]
    return scorecards.recommended(cards, origin, destination, service)


def _count(now: datetime) -> int:
    from comity.history import carriers

    cards = carriers.scorecards(files(), now=now.replace(tzinfo=None).isoformat(" "))
    rows = [LaneCard(**asdict(card), at=now) for card in [*cards.by_lane, *cards.of_lanes]]
    with transaction.atomic():
        _alone(now)
        LaneCard.objects.all().delete()
        LaneCard.objects.bulk_create(rows, batch_size=500)
    return len(cards.of_lanes)


def _advise(own: Path, now: datetime) -> None:
    """Keep what each seller could promise on each lane, and how the adviser did; nothing where parcels are too few."""
    from comity.history import parcels

    watch = Watch(at=now, wanted=LEVEL, level=LEVEL, judged=0, kept=0)
    rows: list[Advice] = []
    try:
        advised = parcels.advise([own], now=now, level=LEVEL)
    except TooFewParcels:
        pass
    else:
        sellers = {str(uuid): key for key, uuid in Party.objects.filter(role="seller").values_list("pk", "uuid")}
        rows = [
            Advice(
                seller_id=sellers[lane.seller],
                origin=lane.origin,
                destination=lane.destination,
                service=lane.service,
                at=now,
                level=LEVEL,
                days=lane.days,
                promised=lane.promised,
                kept=lane.kept,
                parcels=lane.parcels,
            )
            for lane in advised.lanes
            if lane.seller in sellers and not isnan(lane.promised)
        ]
        watch.level, watch.judged, watch.kept = advised.level, advised.judged, advised.kept
    with transaction.atomic():
        _alone(now)
        Advice.objects.all().delete()
        Advice.objects.bulk_create(rows, batch_size=500)
        Watch.objects.filter(at__lt=now - KEPT).delete()
        watch.save()


def _alone(now: datetime) -> None:
    """Wait for another process that writes what was counted, until the transaction ends."""
    statements.lock(platform(now).pk)


def _rows() -> Iterator[dict[str, Any]]:
    """Yield every parcel that was sent to a buyer, with what its carrier told, by two reads side by side.

    Without those that replace others: nobody promised by when, and they would count from the payment of the first.
    """
    shipments = Shipment.objects.filter(returns=False, dispute_ref="").exclude(tracking_number="").order_by("pk")
    columns = (
        "pk",
        "order__seller__uuid",
        "carrier",
        "order__origin",
        "order__destination",
        "order__service",
        "order__paid_at",
        "dispatched_at",
        "order__deliver_by",
        "delivered_at",
    )
    scans = Scan.objects.filter(source="carrier", shipment__returns=False).order_by("shipment_id", "at")
    told = groupby(scans.values_list("shipment_id", "at", "status").iterator(10_000), key=lambda row: row[0])
    following = next(told, None)
    for key, seller, carrier, origin, destination, service, placed, sent, promised, delivered in shipments.values_list(
        *columns
    ).iterator(10_000):
        while following is not None and following[0] < key:
            following = next(told, None)
        events: list[tuple[int, datetime, str]] = []
        if following is not None and following[0] == key:
            events = list(following[1])
        yield {
            "seller": str(UUID(str(seller))),
            "carrier": " ".join(carrier.lower().split()),
            "origin": origin,
            "destination": destination,
            "service": service,
            "placed": _plain(placed),
            "sent": _plain(sent),
            "promised": _plain(promised),
            "delivered": _plain(delivered),
            "scans": len(events),
            "failed": any(status in TROUBLE for _, _, status in events),
            "gap": _gap(sent, [at for _, at, _ in events], delivered),
        }


def _gap(sent: datetime, events: Iterable[datetime], delivered: datetime | None) -> float | None:
    """Return the longest silence of a parcel that arrived, in days."""
    if delivered is None:
        return None
    moments = sorted({sent, delivered, *(at for at in events if sent < at < delivered)})
    gaps = [(after - before).total_seconds() for before, after in pairwise(moments)]
    return max(gaps, default=0.0) / 86_400


def _plain(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=None) if moment is not None else None
