"""Where an order goes. Personal: it lies in rows of its own, which can be erased; journals hold a digest."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.orders import Order


class Address(models.Model):
    """One address of an order. `asked` waits for the seller's word; `in_force` is where the order goes.

    country   ISO 3166, two letters; `region`: its subdivision without the country, such as SP
    """

    STATES = ("in_force", "asked", "declined", "replaced")

    order = models.ForeignKey(Order, models.PROTECT, related_name="addresses")
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=300)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2)
    salt = models.BinaryField(max_length=16)
    given_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(state, state) for state in STATES])

    class Meta:
        constraints: ClassVar = [
            # One goes, and one may wait: what was replaced or declined stays on record, as often as it comes.
            models.UniqueConstraint(fields=["order"], condition=Q(state="in_force"), name="address_in_force_once"),
            models.UniqueConstraint(fields=["order"], condition=Q(state="asked"), name="address_asked_once"),
        ]

    @property
    def is_kept_by_shop(self) -> bool:
        """Whether the shop told that there is one, and keeps what it says."""
        return not self.salt

    @property
    def lines(self) -> list[str]:
        """The address as it stands on a label, a line each."""
        place = " ".join(part for part in (self.postcode, self.city, self.region) if part)
        return [self.name, self.street, place, self.country]

    @property
    def lane_end(self) -> str:
        """The region as lanes name it: BR-SP, or the country alone."""
        return f"{self.country}-{self.region}" if self.region else self.country
