"""Notices: what a party must be told. Codes and values; the sentence is made for the reader."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.fields import NAME_CHARS, SUBJECT_CHARS
from comity.records.models.mails import NoticeMail
from comity.records.models.parties import Party


class Notice(models.Model):
    """One notice to one party, written in the transaction of what it tells.

    unsent   whether it is about a dispute, and nobody has planned a mail yet
    mail     the mail that tells of it, where one does
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=NAME_CHARS)
    matter = models.CharField(max_length=SUBJECT_CHARS)
    at = models.DateTimeField()
    values = models.JSONField()
    read_at = models.DateTimeField(null=True)
    unsent = models.BooleanField(default=False)
    mail = models.ForeignKey(NoticeMail, models.PROTECT, null=True, related_name="notices", db_index=False)

    class Meta:
        indexes: ClassVar = [
            # Counted for the bell on every page; notices that were read are many.
            models.Index(fields=["party", "-at"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["id"], condition=Q(unsent=True), name="notice_unsent"),
            models.Index(fields=["mail"], condition=Q(mail__isnull=False), name="notice_mailed"),
        ]
