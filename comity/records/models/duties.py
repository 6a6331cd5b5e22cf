"""Duties as they stand, and pauses."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.policy.duties.matter import DutyStatus
from comity.records.models.fields import KEY_CHARS, NAME_CHARS, REF_CHARS, SUBJECT_CHARS
from comity.records.models.parties import Party


class Duty(models.Model):
    """One duty. `current`: the newest of its rule and subject. `stuck_at`: judging it failed, and it stepped aside."""

    key = models.CharField(max_length=KEY_CHARS)
    party = models.ForeignKey(Party, models.PROTECT, related_name="duties", db_index=False)
    rule = models.CharField(max_length=NAME_CHARS)
    rulebook = models.CharField(max_length=REF_CHARS)
    matter = models.CharField(max_length=SUBJECT_CHARS)
    subject = models.CharField(max_length=SUBJECT_CHARS)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=SUBJECT_CHARS)
    due = models.DateTimeField()
    status = models.CharField(max_length=10, choices=[(status.value, status.value) for status in DutyStatus])
    warned = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    current = models.BooleanField(default=True)
    stuck_at = models.DateTimeField(null=True)
    stuck_why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "key"], name="duty_one_a_key"),
            models.UniqueConstraint(
                fields=["party", "matter", "subject", "rule"], condition=Q(current=True), name="duty_one_current"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["party", "next_at"],
                condition=Q(next_at__isnull=False, stuck_at__isnull=True),
                name="duty_falls_due",
            ),
            models.Index(fields=["party", "matter"], name="duty_of_matter"),
            models.Index(fields=["stuck_at"], condition=Q(stuck_at__isnull=False), name="duty_stuck"),
        ]


class Pause(models.Model):
    """A stretch of time that counts against nobody. Only ever appended. `matter` empty: all matters of the party.

    One that ends another early has "-" before its cause, and the same end (`policy.time.deadlines.without_ended`).
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="pauses")
    matter = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    cause = models.CharField(max_length=30)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends__gt=models.F("begins")), name="pause_has_length")
        ]
        indexes: ClassVar = [models.Index(fields=["party", "ends"], name="pause_of_party")]
