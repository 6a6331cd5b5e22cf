"""Standards as they stand: one row for each subject, and the evaluations at which a level was reached."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.fields import KEY_CHARS, NAME_CHARS, REF_CHARS, SUBJECT_CHARS
from comity.records.models.parties import Party


class Tally(models.Model):
    """One subject's row by one standard (see `policy.standards.tally.Tally`); moments that have not come are null.

    Beside it stands a row for each fault that is cleared by itself: `fault` names it and the thing that it is about,
    kind:thing; it has the two moments of a fault, and no basis, so that it is never counted. By
    `first_fault_at` of its own row, the earliest of these, nobody looks for faults where there are none.
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="tallies")
    standard = models.CharField(max_length=NAME_CHARS)
    subject = models.CharField(max_length=SUBJECT_CHARS)
    basis = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(null=True)
    faulty_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    excluded_at = models.DateTimeField(null=True)
    value = models.BigIntegerField(null=True)
    buyer = models.CharField(max_length=SUBJECT_CHARS, null=True)
    first_fault_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=KEY_CHARS + 1 + SUBJECT_CHARS, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "standard", "subject", "fault"], name="tally_one_a_fault")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["party", "standard", "basis"],
                include=["counted_at", "faulty_at", "cleared_at", "excluded_at", "value", "first_fault_at"],
                name="tally_by_basis",
            )
        ]


class Rating(models.Model):
    """A level of a standard that was reached at an evaluation. Overturned ones stay, and count no more."""

    key = models.CharField(max_length=KEY_CHARS)
    party = models.ForeignKey(Party, models.PROTECT, related_name="ratings")
    standard = models.CharField(max_length=NAME_CHARS)
    rulebook = models.CharField(max_length=REF_CHARS)
    at = models.DateTimeField()
    level = models.PositiveSmallIntegerField()
    counted = models.PositiveIntegerField()
    faulty = models.PositiveIntegerField()
    overturned_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "key"], name="rating_one_a_key")]
        indexes: ClassVar = [
            models.Index(
                fields=["party", "standard", "at"], condition=Q(overturned_at__isnull=True), name="rating_in_force"
            )
        ]
