"""An order on its way, as a buyer sees it: when it arrives, where it is, what comes next. No map."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from comity.policy.promises import STEPS, step
from comity.records.models import Order, Scan

WORDS = {
    "paid": _("Paid"), "sent": _("Sent"), "in_transit": _("On its way"), "out_for_delivery": _("Out for delivery"),
    "delivered": _("Delivered"),
}  # fmt: skip
NEXT = {
    "paid": _("the payment"), "sent": _("the seller sends it"), "in_transit": _("the carrier takes it over"),
    "out_for_delivery": _("out for delivery"), "delivered": _("the delivery"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """How far an order is: every step with its name and whether it is reached; the newest event; what comes next.

    late   the promised moment has passed, and it is not there
    """

    steps: list[tuple[str, bool]]
    here: int
    newest: Scan | None
    next: str
    late: bool
    arrived: bool
    parcels: int
    there: int

    @property
    def some_there(self) -> bool:
        """Whether some of several parcels have arrived, and not all."""
        return 0 < self.there < self.parcels


def way_of(order: Order, now: datetime) -> Way:
    """Return how far an order is, from the prefetched shipments and scans where there are any."""
    all_parcels = [parcel for parcel in order.shipments.all() if not parcel.returns]
    # Where the first did not arrive, the way is that of what was sent in its place.
    instead = [parcel for parcel in all_parcels if parcel.replaces] if order.delivered_at is None else []
    parcels = instead or [parcel for parcel in all_parcels if not parcel.replaces]
    scans = [scan for parcel in parcels for scan in parcel.scans.all() if scan.source == "carrier"]
    arrived = order.delivered_at is not None or bool(instead and all(parcel.delivered_at for parcel in instead))
    # Of several parcels, the one that is behind says how far the order is.
    reached = [
        step(
            frozenset(scan.status for scan in parcel.scans.all() if scan.source == "carrier"),
            sent=True,
            delivered=parcel.delivered_at is not None,
        )
        for parcel in parcels
    ]
    here = len(STEPS) - 1 if arrived else min([*reached, len(STEPS) - 2] if order.sent_at else [0])
    paid = order.paid_at is not None
    names = [name for name, _ in STEPS]
    following = names[0] if not paid else names[here + 1] if here + 1 < len(names) else ""
    return Way(
        steps=[(str(WORDS[name]), paid and number <= here) for number, name in enumerate(names)],
        here=here,
        newest=max(scans, key=lambda scan: (scan.at, scan.pk), default=None),
        next=str(NEXT[following]) if following else "",
        late=not arrived and order.deliver_by is not None and order.deliver_by < now,
        arrived=arrived,
        parcels=len(parcels),
        there=sum(parcel.delivered_at is not None for parcel in parcels),
    )
