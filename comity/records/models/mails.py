"""Mail: where a party is written to and how, what is to be sent, and what came in."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.conversations import Message
from comity.records.models.disputes import Dispute
from comity.records.models.errands import Errand
from comity.records.models.parties import Party
from comity.records.models.plans import ImprovementPlan
from comity.records.models.sanctions import Sanction

DIGESTS = ("each", "hourly", "daily")
#: After so many mails in a row that came back, none is sent until the party answers or the shop gives a new address.
MOST_BOUNCES = 3
OUTCOMES = ("accepted", "automatic", "bounce", "loop", "no_token", "forged", "stranger", "refused", "failed", "again")


class Contact(models.Model):
    """A party's address and wishes: each message by itself or gathered, and no mail in the quiet hours.

    quiet_from, quiet_until   whole hours in the party's own zone; over midnight where the first is the larger
    bounced                   mails in a row that came back; after some, none is sent until an answer comes
    """

    party = models.OneToOneField(Party, models.CASCADE, primary_key=True, related_name="contact")
    email = models.EmailField(max_length=254)
    by_mail = models.BooleanField(default=True)
    digest = models.CharField(max_length=6, choices=[(each, each) for each in DIGESTS], default="each")
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True)
    bounced = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__lte=23, quiet_until__lte=23),
                name="contact_quiet_hours",
            )
        ]


class OutgoingMail(Errand):
    """One message that one party is to be told of by mail, once, not before `due_at`."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="mails")
    party = models.ForeignKey(Party, models.PROTECT, related_name="mails")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["message", "party"], name="outgoing_mail_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="outgoing_mail_due")
        ]


class NoticeMail(Errand):
    """One mail that tells a party what happened in its dispute, about a measure on it, or to its improvement plan.

    It tells of one notice or more, once, not before `due_at`.

    made_at      when it was planned
    sent_at      when our mail server took it
    arrived_at   when the reader's mail server said that it was delivered
    bounced_at   when it came back
    """

    dispute = models.ForeignKey(Dispute, models.PROTECT, null=True, related_name="mails")
    measure = models.ForeignKey(Sanction, models.PROTECT, null=True, related_name="mails")
    plan = models.ForeignKey(ImprovementPlan, models.PROTECT, null=True, related_name="mails")
    party = models.ForeignKey(Party, models.PROTECT, related_name="notice_mails")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_mail_due")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(dispute__isnull=False, measure=None, plan=None)
                | Q(dispute=None, measure__isnull=False, plan=None)
                | Q(dispute=None, measure=None, plan__isnull=False),
                name="notice_mail_about_one",
            )
        ]

    @property
    def about(self) -> Dispute | Sanction | ImprovementPlan:
        """The dispute, the measure or the plan that it tells of."""
        found = self.dispute or self.measure or self.plan
        assert found is not None, "the database holds that there is one"
        return found

    @property
    def came_back(self) -> bool:
        """Whether it did not reach its reader: it came back, or no server took it and it is not tried any more."""
        given_up = self.sent_at is None and self.due_at is None and bool(self.failed_why)
        return self.bounced_at is not None or given_up


class IncomingMail(models.Model):
    """A mail that came in, and what became of it.

    mail_id       its Message-ID, or a digest where it has none
    content       digest of what it says: under one Message-ID the same words count once, others are another mail.
                  Empty where it could not be read
    received_at   when our own mail server took it: the time that counts
    raw           digest under which it is kept as it came (records.files); empty where the server never handed it out
    """

    mail_id = models.CharField(max_length=250)
    content = models.CharField(max_length=64, blank=True, default="")
    received_at = models.DateTimeField()
    noted_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=[(each, each) for each in OUTCOMES])
    why = models.CharField(max_length=300, blank=True)
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+")
    raw = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mail_id", "content"], name="incoming_mail_once")]
        indexes: ClassVar = [
            models.Index(fields=["-noted_at"], name="incoming_mail_newest"),
            models.Index(fields=["id"], condition=Q(outcome="again"), name="incoming_mail_again"),
        ]


class UnreadMail(Errand):
    """A mail of the mailbox that could not be read, for our own reasons or the mail server's, and stays unread.

    mailbox, number   the folder, as it was made, and the mail's number in it
    """

    mailbox = models.CharField(max_length=100)
    number = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["mailbox", "number"], name="unread_mail_once")]

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be tried at that moment."""
        return self.due_at is not None and self.due_at <= now
