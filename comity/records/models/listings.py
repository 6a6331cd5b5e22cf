"""Listings: what sellers offer. A conversation may be about one before there is an order."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.lib.money import Money
from comity.records.models.parties import Party
from comity.records.models.things import Thing, side_of


class Listing(Thing):
    """One offer of one seller, as the shop told it last.

    delivery_days   promised from the payment to the end of the day of arrival; None where each order has its own date
    category        as the shop calls it, in small letters; checks before shipping may be asked by it
    ships_from      where it is sent from, as ISO 3166: CN-GD; `service`: how, as the shop calls it
    """

    uuid = models.UUIDField(unique=True, editable=False)
    key = models.CharField(max_length=12, unique=True)
    external_id = models.CharField(max_length=190, null=True, blank=True)
    seller = models.ForeignKey(Party, models.PROTECT, related_name="listings")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    category = models.CharField(max_length=60, blank=True, default="")
    handling_hours = models.PositiveIntegerField()
    delivery_days = models.PositiveSmallIntegerField(null=True, blank=True)
    ships_from = models.CharField(max_length=16, blank=True, default="")
    service = models.CharField(max_length=50, blank=True, default="")
    added_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="listing_amount_not_negative"),
            models.UniqueConstraint(
                fields=["seller", "external_id"], condition=Q(external_id__isnull=False), name="listing_external_id"
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def ref(self) -> str:
        """The listing as facts name it."""
        return f"listing:{self.uuid}"

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return side_of(party, seller=self.seller_id)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.seller_id

    @property
    def price(self) -> Money:
        """What a buyer would pay."""
        return Money(self.amount, self.currency)
