"""What was promised, what became of it, and what could be promised."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from comity.records.models.orders import Order
from comity.records.models.parties import Party


class Delay(models.Model):
    """A later date that the seller announced; where the buyer accepted it, it is the promise. The first one is kept."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="delays")
    announced_at = models.DateTimeField()
    was = models.DateTimeField()
    deliver_by = models.DateTimeField()
    reason = models.CharField(max_length=20)
    answered_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(deliver_by__gt=F("was")), name="delay_is_later"),
            # One later date waits for an answer; those that were answered, or never were in time, stay on record.
            models.UniqueConstraint(fields=["order"], condition=Q(answered_at=None), name="delay_asked_once"),
        ]
        ordering: ClassVar = ["announced_at", "id"]


class Advice(models.Model):
    """What a seller could promise on a lane with probability `level`, and what the seller does promise there.

    days        from the payment to the end of the promised day
    promised    what was promised on that lane lately, on the average, in days
    kept        the share of those promises that was kept; None where none is over
    parcels     how many parcels of the seller on that lane it is for
    """

    seller = models.ForeignKey(Party, models.PROTECT, related_name="advice")
    origin = models.CharField(max_length=16, blank=True)
    destination = models.CharField(max_length=16, blank=True)
    service = models.CharField(max_length=50, blank=True)
    at = models.DateTimeField()
    level = models.FloatField()
    days = models.FloatField()
    promised = models.FloatField()
    kept = models.FloatField(null=True)
    parcels = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seller", "origin", "destination", "service"], name="advice_of_a_lane")
        ]  # fmt: skip
        ordering: ClassVar = ["-parcels", "id"]


class Watch(models.Model):
    """How the adviser did in the last weeks: of the promises that are over, how many were kept, and the level since.

    wanted   the probability asked for; `level`: the one promised with, higher after a time in which too few were kept
    """

    at = models.DateTimeField()
    wanted = models.FloatField()
    level = models.FloatField()
    judged = models.PositiveIntegerField()
    kept = models.PositiveIntegerField()

    class Meta:
        get_latest_by = "at"
        indexes: ClassVar = [models.Index(fields=["-at"], name="watch_newest")]


class LaneCard(models.Model):
    """How a carrier does on a lane, as it was counted last (`history.cards.Card`); no carrier: all of them."""

    carrier = models.CharField(max_length=50, blank=True)
    origin = models.CharField(max_length=16, blank=True)
    destination = models.CharField(max_length=16, blank=True)
    service = models.CharField(max_length=50, blank=True)
    parcels = models.PositiveIntegerField()
    known = models.PositiveIntegerField()
    on_time = models.PositiveIntegerField()
    median_days = models.FloatField(null=True)
    p90_days = models.FloatField(null=True)
    lost = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    scans = models.FloatField(null=True)
    gap = models.FloatField(null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "destination", "service", "carrier"], name="card_of_a_lane")
        ]  # fmt: skip
