"""Webhooks: addresses that are told what happens, line by line of the journal."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.errands import Errand
from comity.records.models.parties import Party


class Webhook(Errand):
    """An address to which journal lines go, signed: the owner's own, or everybody's where the owner runs the platform.

    kinds      beginnings of kinds, such as "duty." or "message.sent"; empty for all
    due_at     when it is told next; empty once it is given up
    """

    uuid = models.UUIDField(unique=True, editable=False)
    owner = models.ForeignKey(Party, models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=80)
    kinds = models.JSONField(default=list)
    made_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # One that was given up is due no more.
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="webhook_due")
        ]  # fmt: skip

    def wants(self, kind: str) -> bool:
        """Whether lines of that kind are sent to it."""
        return not self.kinds or kind.startswith(tuple(self.kinds))


class WebhookCursor(models.Model):
    """Up to which line of a party's chain an address has been told. Chains have no gaps, so nothing is skipped."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="cursors")
    party = models.ForeignKey(Party, models.CASCADE, related_name="+")
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["webhook", "party"], name="webhook_cursor_once")]
