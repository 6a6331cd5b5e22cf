"""What carriers' aggregators told, as it came, before anybody read it; and when a carrier could tell nothing."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

OUTCOMES = ("", "taken", "unmatched", "nothing", "unreadable", "failed")


class TrackingBody(models.Model):
    """One body as it came, once. `outcome` is empty until errands have read it.

    number   where it was unmatched: of a parcel that was not declared then; it is read again once it is. Empty where
             several parcels have its number and it fits none of them
    """

    provider = models.CharField(max_length=20)
    digest = models.CharField(max_length=64)
    body = models.BinaryField()
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, blank=True, default="")
    number = models.CharField(max_length=60, blank=True, default="")
    why = models.CharField(max_length=300, blank=True, default="")
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provider", "digest"], name="tracking_body_once")
        ]  # fmt: skip
        indexes: ClassVar = [
            # Both for errands: what nobody has read, and what waits for its parcel.
            models.Index(fields=["id"], condition=Q(outcome=""), name="tracking_body_new"),
            models.Index(fields=["number"], condition=Q(outcome="unmatched"), name="tracking_body_unmatched"),
        ]
