"""Checks before shipping: what a seller answered of the goods of an order, with photos. The journal holds digests."""

from typing import ClassVar

from django.db import models

from comity.records.models.fields import SUBJECT_CHARS
from comity.records.models.orders import Order
from comity.records.models.parties import Party


class Check(models.Model):
    """A checklist, filled in for an order. The newest of a checklist counts.

    fact      id of the fact that says so
    answers   by the item's name: yes, no, or a number as it was written
    salt      of the digests in the journal; erasing both erases what was answered
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="checks")
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    fact = models.CharField(max_length=SUBJECT_CHARS, unique=True)
    checklist = models.CharField(max_length=40)
    rulebook = models.CharField(max_length=100)
    passed = models.BooleanField()
    answers = models.JSONField(default=dict)
    salt = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.order.key}: {self.checklist}"


class CheckPhoto(models.Model):
    """A photo of such a check, made safe before it was kept (`files.uploads`), under its digest (`records.files`)."""

    uuid = models.UUIDField(unique=True, editable=False)
    of = models.ForeignKey(Check, models.PROTECT, related_name="photos")
    item = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["id"]
