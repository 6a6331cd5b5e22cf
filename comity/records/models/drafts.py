"""Drafts that a helper writes when it is asked; a person sends, changes or drops them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.conversations import Conversation
from comity.records.models.errands import Errand
from comity.records.models.parties import Party


class Draft(Errand):
    """What a helper was asked to draft. `text` once it is there, or `failed_why`."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts")
    asked_by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="draft_due")
        ]  # fmt: skip
