"""Shipments: the parcels of an order, and what carriers report of them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.orders import Order, OrderLine
from comity.records.models.parties import Party
from comity.records.models.things import Named


class Shipment(Named):
    """A parcel that was declared sent: by the seller to the buyer, or by the buyer back (`returns`).

    sent        whether it was declared sent, or its carrier has it; else only a label is known
    pieces      how many pieces of the order it holds
    dispute_ref the dispute, as dispute:id, for which it goes back or replaces what was sent before; empty for none
    polled_at   when an aggregator was last asked about it
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="shipments")
    carrier = models.CharField(max_length=50, blank=True)
    tracking_number = models.CharField(max_length=60, blank=True)
    salt = models.BinaryField(max_length=16)
    dispatched_at = models.DateTimeField()
    sent = models.BooleanField(default=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    pieces = models.PositiveIntegerField(default=1)
    returns = models.BooleanField(default=False)
    dispute_ref = models.CharField(max_length=200, blank=True, default="")
    polled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "external_id"], name="shipment_external_id")]
        indexes: ClassVar = [
            # News name a parcel by its number alone; and a number given twice is doubted.
            models.Index(fields=["tracking_number"], condition=~Q(tracking_number=""), name="shipment_number"),
            models.Index(
                # What an aggregator may be asked about, the longest not asked first.
                fields=["polled_at"],
                condition=Q(delivered_at=None) & ~Q(tracking_number=""),
                name="shipment_to_poll",
            ),
        ]

    def __str__(self) -> str:
        return self.tracking_number or str(self.uuid)

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.order.relation(party)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.order.seller_id

    @property
    def replaces(self) -> bool:
        """Whether it replaces what was sent before: then it is none of the order's own parcels."""
        return bool(self.dispute_ref) and not self.returns

    @property
    def last_scan(self) -> "Scan | None":
        """The latest event, by when it happened; from the prefetched scans where there are any."""
        return max(self.scans.all(), key=lambda scan: (scan.at, scan.pk), default=None)


class ShipmentLine(models.Model):
    """How many pieces of a line a parcel holds."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="contents")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="parcels")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["shipment", "line"], name="line_once_in_a_parcel"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="parcel_has_pieces"),
        ]


class Scan(models.Model):
    """One event that a carrier, or the seller by hand, reported for a parcel.

    said           in the words of who told it; `carrier`: which carrier that was, where it is known
    country        where it happened, ISO 3166; empty for unknown, as is `postcode`
    weight_g       what the carrier weighed, in grams; `signed`: whether it has the receiver's signature
    zone_assumed   whether its time came without a zone, and one was taken
    """

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="scans")
    at = models.DateTimeField()
    status = models.CharField(max_length=30)
    place = models.CharField(max_length=100, blank=True)
    source = models.CharField(
        max_length=10, choices=[("carrier", "carrier"), ("seller", "seller"), ("buyer", "buyer")]
    )  # fmt: skip
    carrier = models.CharField(max_length=50, blank=True, default="")
    country = models.CharField(max_length=2, blank=True, default="")
    postcode = models.CharField(max_length=20, blank=True, default="")
    weight_g = models.PositiveIntegerField(null=True, blank=True)
    signed = models.BooleanField(default=False)
    said = models.CharField(max_length=300, blank=True, default="")
    zone_assumed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["shipment", "at"], name="scan_in_time")]
        ordering: ClassVar = ["at", "id"]
