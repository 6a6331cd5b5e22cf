"""The money of orders: how they were paid, what goes back and by which way, what banks took, what sellers got."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.lib.money import Money
from comity.policy.facts import COSTS
from comity.records.models.errands import Errand
from comity.records.models.orders import Order, OrderLine
from comity.records.models.parties import Party
from comity.records.models.things import Thing

REFUND_STATES = ("instructed", "confirmed", "failed", "cancelled")
VIA_STATES = ("instructed", "confirmed", "failed")
REFERENCE_CHARS, CODE_CHARS = 190, 40


def _one_of(field: str, values: tuple[str, ...], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": values}), name=name)


class Payment(models.Model):
    """One of the means by which an order was paid. `reference`: the payment system's id of the payment."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    name = models.CharField(max_length=100)
    reference = models.CharField(max_length=REFERENCE_CHARS, blank=True)
    amount = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gte=1), name="payment_is_some")]
        indexes: ClassVar = [
            # Reports of the payment system name a payment by its id alone.
            models.Index(fields=["reference"], condition=~Q(reference=""), name="payment_reference")
        ]
        ordering: ClassVar = ["id"]


class Refund(Errand, Thing):
    """Money that goes back to a buyer: on our instruction, or made outside, where the payment system told of it.

    As an errand it is sent to the payment system, always under the same key. Its state follows from facts.

    dispute_ref   the dispute from which it follows, as dispute:id; empty for none
    amount        what was instructed; of one made outside, what it gave. `confirmed`: what has gone back of it
    reference     the payment system's id of it, the newest
    sent_at       when it was first sent; from then on the payment system may have carried it out
    failed_code   why it failed, as a code
    replaces      the one that failed, in whose place it is
    """

    uuid = models.UUIDField(unique=True, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    dispute_ref = models.CharField(max_length=200, blank=True, default="")
    amount = models.BigIntegerField()
    confirmed = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    cost = models.CharField(max_length=10, choices=[(cost, cost) for cost in COSTS], default="seller")
    because = models.CharField(max_length=CODE_CHARS, blank=True, default="")
    outside = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=[(state, state) for state in REFUND_STATES])
    reference = models.CharField(max_length=REFERENCE_CHARS, blank=True, default="")
    instructed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failed_code = models.CharField(max_length=CODE_CHARS, blank=True, default="")
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_not_negative"),
            # Nothing is never an instruction: zero was read as all.
            models.CheckConstraint(condition=Q(outside=True) | Q(amount__gte=1), name="refund_is_some"),
            _one_of("state", REFUND_STATES, "refund_state_known"),
            _one_of("cost", COSTS, "refund_cost_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="refund_due"),
            models.Index(fields=["state", "id"], condition=Q(state__in=["instructed", "failed"]), name="refund_open"),
        ]
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """As facts name it."""
        return f"refund:{self.uuid}"

    @property
    def money(self) -> Money:
        """How much it is."""
        return Money(self.amount, self.currency)

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.order.relation(party)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.order.seller_id


class RefundPart(models.Model):
    """What of a refund is for a line of the order (None: for the postage), and the tax in it.

    pieces   of how many pieces of the line it is
    """

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="parts")
    line = models.ForeignKey(OrderLine, models.PROTECT, null=True, related_name="refunded_parts")
    amount = models.BigIntegerField()
    tax = models.BigIntegerField(null=True)
    pieces = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gte=1), name="refund_part_is_some")]
        ordering: ClassVar = ["id"]


class RefundVia(models.Model):
    """By which payment a refund, or a part of it, goes back. None: the order's only one, of which nobody told.

    code   why it failed
    """

    refund = models.ForeignKey(Refund, models.CASCADE, related_name="ways")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="refunds")
    amount = models.BigIntegerField()
    reference = models.CharField(max_length=REFERENCE_CHARS, blank=True, default="")
    state = models.CharField(max_length=10, choices=[(state, state) for state in VIA_STATES], default="instructed")
    code = models.CharField(max_length=CODE_CHARS, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=1), name="refund_via_is_some"),
            _one_of("state", VIA_STATES, "refund_via_state_known"),
        ]
        ordering: ClassVar = ["id"]

    @property
    def key(self) -> str:
        """The idempotency key under which it is sent, at every try the same."""
        return f"{self.refund.uuid}-{self.pk}"


class ChargeBack(models.Model):
    """What a buyer's bank took of an order's payment, and gave back; of which payment, where that was told."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="charge_backs")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="charge_backs")
    reference = models.CharField(max_length=REFERENCE_CHARS)
    amount = models.BigIntegerField()
    reversed = models.BigIntegerField(default=0)
    at = models.DateTimeField()


class PayOut(models.Model):
    """What a pay-out brought the seller for an order, took off for what was owed, and brought from the platform."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="pay_outs")
    reference = models.CharField(max_length=REFERENCE_CHARS)
    amount = models.BigIntegerField()
    netted = models.BigIntegerField(default=0)
    platform = models.BigIntegerField(default=0)
    at = models.DateTimeField()
