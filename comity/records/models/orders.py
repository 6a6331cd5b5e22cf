"""Orders. Their state is derived from moments; nobody sets it by hand."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.lib.money import Money
from comity.records.models.parties import Party


class Order(models.Model):
    """One buyer's order from one seller. `dispatch_by` and `deliver_by` are what was promised at payment."""

    uuid = models.UUIDField(unique=True, editable=False)
    key = models.CharField(max_length=12, unique=True)
    external_id = models.CharField(max_length=190, null=True, blank=True, unique=True)
    buyer = models.ForeignKey(Party, models.PROTECT, related_name="bought")
    seller = models.ForeignKey(Party, models.PROTECT, related_name="sold")
    title = models.CharField(max_length=200)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    handling_hours = models.PositiveIntegerField()
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    dispatch_by = models.DateTimeField(null=True, blank=True)
    deliver_by = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gte=0), name="order_amount_not_negative")]
        indexes: ClassVar = [
            models.Index(fields=["buyer", "-placed_at"], name="order_of_buyer"),
            models.Index(fields=["seller", "-placed_at"], name="order_of_seller"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def ref(self) -> str:
        """The order as facts name it."""
        return f"order:{self.uuid}"

    @property
    def price(self) -> Money:
        """What the buyer pays."""
        return Money(self.amount, self.currency)

    @property
    def state(self) -> str:
        """One of cancelled, delivered, paid, placed: the last thing that happened to the order as a whole."""
        if self.cancelled_at:
            return "cancelled"
        if self.delivered_at:
            return "delivered"
        return "paid" if self.paid_at else "placed"
