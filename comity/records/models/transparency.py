"""Statements of reasons as they go to the Transparency Database of the European Union."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.errands import Errand
from comity.records.models.sanctions import Sanction


class TransparencyStatement(Errand):
    """The statement of one issue of a measure. What it says is fixed when it is made: each try sends the same.

    accepted_at  when the database took it, or said that it has it
    was_known    it had it already: our note of that was lost
    """

    sanction = models.ForeignKey(Sanction, models.PROTECT, related_name="+")
    issue = models.PositiveIntegerField()
    puid = models.CharField(max_length=500, unique=True)
    body = models.JSONField()
    made_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    was_known = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="transparency_due")
        ]
