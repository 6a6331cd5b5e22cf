"""Orders and their lines. Their state is derived from what happened; nobody sets it by hand."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.lib.money import Money
from comity.records.models.listings import Listing
from comity.records.models.parties import Party
from comity.records.models.things import Named, side_of

#: The columns that hold an order's money, as in `policy.money.Ledger`.
MONEY = ("paid", "refunded", "instructed", "charged_back", "paid_out", "platform_pays", "platform_paid")


class Order(Named):
    """One buyer's order from one seller. `dispatch_by` and `deliver_by` are what is promised.

    What became of it follows from facts (`records.follow`); no verb sets it.

    complete              whether we were told that it was placed; else facts came that name it, and more may come
    pieces                how many pieces of goods its lines have together
    sent_at, delivered_at when all of them were in parcels that were sent, and had arrived
    origin, destination   of its lane, as ISO 3166 with a subdivision where it is known: BR-SP; empty for unknown
    service               how it is sent, as the shop calls it, such as express
    risk, looked_at       why its promise is in doubt, empty for no doubt; and when that was looked at last
    postage               what of its amount is for sending it; None where nobody told
    paid … platform_paid  its money, in minor units of `currency`: see `policy.money.Ledger`
    """

    key = models.CharField(max_length=12, unique=True)
    complete = models.BooleanField(default=True)
    buyer = models.ForeignKey(Party, models.PROTECT, related_name="bought")
    seller = models.ForeignKey(Party, models.PROTECT, related_name="sold")
    title = models.CharField(max_length=200)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    handling_hours = models.PositiveIntegerField()
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    dispatch_by = models.DateTimeField(null=True, blank=True)
    deliver_by = models.DateTimeField(null=True, blank=True)
    pieces = models.PositiveIntegerField(default=1)
    origin = models.CharField(max_length=16, blank=True, default="")
    destination = models.CharField(max_length=16, blank=True, default="")
    service = models.CharField(max_length=50, blank=True, default="")
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.CharField(max_length=10, blank=True)
    cancel_reason = models.CharField(max_length=20, blank=True, default="")
    risk = models.CharField(max_length=20, blank=True, default="")
    looked_at = models.DateTimeField(null=True, blank=True)
    postage = models.BigIntegerField(null=True, blank=True)
    paid = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    instructed = models.BigIntegerField(default=0)
    charged_back = models.BigIntegerField(default=0)
    paid_out = models.BigIntegerField(default=0)
    platform_pays = models.BigIntegerField(default=0)
    platform_paid = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="order_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(**{f"{name}__gte": 0 for name in MONEY}), name="order_money_not_negative"
            ),
            models.UniqueConstraint(fields=["seller", "external_id"], name="order_external_id"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["buyer", "-placed_at"], name="order_of_buyer"),
            models.Index(fields=["seller", "-placed_at"], name="order_of_seller"),
            models.Index(
                # The few orders whose promise may come into doubt (`actions.promises`), among all there ever were.
                fields=["deliver_by"],
                name="order_under_way",
                condition=Q(paid_at__isnull=False, delivered_at=None, cancelled_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return side_of(party, buyer=self.buyer_id, seller=self.seller_id)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.seller_id

    @property
    def price(self) -> Money | None:
        """What the buyer pays; None where the shop told of the order without saying that."""
        if not self.currency or (self.named_by_shop and not self.amount):
            return None
        return Money(self.amount, self.currency)

    @property
    def paid_in(self) -> str:
        """The currency of its sums; XXX (ISO 4217: no currency) where nobody told one, and all of them are nothing."""
        return self.currency or "XXX"

    @property
    def is_untitled(self) -> bool:
        """Whether nobody told what was ordered: then it is called as the shop calls it."""
        return self.named_by_shop and self.title == self.external_id

    @property
    def state(self) -> str:
        """One of cancelled, delivered, sent, paid, placed: the last thing that happened to the order as a whole."""
        if self.cancelled_at:
            return "cancelled"
        if self.delivered_at:
            return "delivered"
        if self.sent_at:
            return "sent"
        return "paid" if self.paid_at else "placed"

    @property
    def goods(self) -> "models.QuerySet[OrderLine]":
        """Its lines as they are sent: sets, not the parts of these."""
        return self.lines.filter(bundle=None)

    @property
    def under_way(self) -> bool:
        """Whether the buyer is still waiting for it: paid, not arrived, not cancelled."""
        return self.state in ("paid", "sent")


class OrderLine(models.Model):
    """Some pieces of one thing, in minor units of the order's currency.

    amount   what one piece costs, before anything is taken off
    paid     what was really paid for all of them: discounts off, tax in; `tax`: what of that is tax, None where unknown
    listed   what they cost without discounts, where that was told
    weight_g of one piece, in grams
    described  what the listing said when it was ordered; empty where nobody told
    bundle   the line of which this is a part: a set that is sold at one price. Only the set is sent
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="lines")
    listing = models.ForeignKey(Listing, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    paid = models.BigIntegerField(default=0)
    tax = models.BigIntegerField(null=True, blank=True)
    listed = models.BigIntegerField(null=True, blank=True)
    described = models.TextField(blank=True, default="")
    bundle = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="parts")
    weight_g = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="line_has_pieces"),
            models.CheckConstraint(condition=Q(paid__gte=0), name="line_paid_not_negative"),
        ]
        ordering: ClassVar = ["id"]

    @property
    def price(self) -> Money:
        """What one piece costs."""
        return Money(self.amount, self.order.currency)


class CancelRequest(models.Model):
    """A buyer asked to cancel an order that was paid; the seller answers."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="cancel_request")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=20)
    answered_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
