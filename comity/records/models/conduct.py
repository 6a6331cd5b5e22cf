"""Conduct as it was found."""

from typing import ClassVar

from django.db import models

from comity.records.models.fields import KEY_CHARS, NAME_CHARS, REF_CHARS, SUBJECT_CHARS
from comity.records.models.parties import Party


class Finding(models.Model):
    """Conduct that was found, with points or without. What was taken back stays, and counts no more."""

    key = models.CharField(max_length=KEY_CHARS)
    party = models.ForeignKey(Party, models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=NAME_CHARS)
    rulebook = models.CharField(max_length=REF_CHARS)
    matter = models.CharField(max_length=SUBJECT_CHARS)
    at = models.DateTimeField()
    severity = models.CharField(max_length=10)
    found_by = models.CharField(max_length=SUBJECT_CHARS)
    overturned_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "key"], name="finding_one_a_key")]
        indexes: ClassVar = [models.Index(fields=["party", "at"], name="finding_of_party")]
