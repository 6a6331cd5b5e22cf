"""Drafts that a helper writes when it is asked; a person sends, changes or drops them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.conversations import Conversation
from comity.records.models.parties import Party


class Draft(models.Model):
    """What a helper was asked to draft. `text` once it is there, or `failed_why`."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="drafts")
    asked_by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    failed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["asked_at"], condition=Q(done_at__isnull=True), name="draft_waiting")
        ]  # fmt: skip
