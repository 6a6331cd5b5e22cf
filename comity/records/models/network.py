"""Complaints by an open network's protocol: issues as they stand, what was taken in, and what is to be answered."""

from typing import ClassVar

from django.db import models

from comity.records.models.disputes import Dispute
from comity.records.models.errands import Errand
from comity.records.models.orders import Order

ID_CHARS = 255


class NetworkIssue(models.Model):
    """An issue between two participants of the network (integrations.igm), as its messages say.

    complainant, respondent   subscriber ids: who raised it, who answers it
    ours                      which of the two is this installation: complainant or respondent
    about                     order, items and category: no second one is open about the same
    at                        when it was first heard of here
    body                      the issue as the next message tells it, with names and contacts: no journal has it
    told                      the line of its seller's journal up to which its dispute was looked at for the network
    forgotten_at              when all was taken out of it that somebody wrote, or that says who they are
    """

    number = models.CharField(max_length=ID_CHARS)
    transaction = models.CharField(max_length=ID_CHARS)
    complainant = models.CharField(max_length=ID_CHARS)
    respondent = models.CharField(max_length=ID_CHARS)
    ours = models.CharField(max_length=11)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")
    dispute = models.ForeignKey(Dispute, models.SET_NULL, null=True, related_name="network_issues")
    level = models.CharField(max_length=10)
    status = models.CharField(max_length=10)
    about = models.CharField(max_length=1_000)
    at = models.DateTimeField()
    context = models.JSONField()
    body = models.JSONField()
    told = models.PositiveBigIntegerField(default=0)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["complainant", "number"], name="network_issue_once")]
        indexes: ClassVar = [
            models.Index(fields=["status"], name="network_issue_status"),
            models.Index(fields=["at"], condition=models.Q(forgotten_at__isnull=True), name="network_issue_kept"),
        ]


class NetworkMessage(models.Model):
    """A message that was taken in: one that comes again changes nothing. `digest`: of its bytes, as it was signed.

    So are events of payment systems about disputes there (api "dispute"): `at` is then when the dispute stood so.
    """

    sender = models.CharField(max_length=ID_CHARS)
    api = models.CharField(max_length=15)
    number = models.CharField(max_length=ID_CHARS)
    message = models.CharField(max_length=ID_CHARS)
    digest = models.CharField(max_length=88)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "api", "number", "message"], name="network_message_once")
        ]


class NetworkReply(Errand):
    """A message that is to be sent to a participant: its call, and what it says."""

    issue = models.ForeignKey(NetworkIssue, models.PROTECT, null=True, related_name="replies")
    to = models.CharField(max_length=ID_CHARS)
    api = models.CharField(max_length=15)
    body = models.JSONField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="network_reply_due")
        ]
