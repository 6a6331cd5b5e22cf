"""Disputes and what belongs to them: pieces, words, evidence. Where one stands follows from facts."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.lib.money import Money
from comity.records.models.fields import NAME_CHARS, SUBJECT_CHARS
from comity.records.models.orders import Order, OrderLine
from comity.records.models.parties import Party
from comity.records.models.things import Named, Thing, side_of


class Dispute(Named):
    """A case between the buyer and the seller of an order. All but its key is what `policy.disputes.fold` says of it.

    stage, since            of `policy.disputes.case.Stage`, and since when
    reason, wants           codes of the rulebook: why it was opened, which kind of offer it asks for
    asked, worth            minor units of `currency`: what is asked for, and the most that can go back for its pieces
    version                 how often the claim was put
    holder                  the agent who has it; empty in the queue
    escalated_at            when the platform was asked
    outcome, fault, amount  of the decision that stands, or of what was agreed; `by_row`: of the decision table
    ended_how               settled, decided, withdrawn, or why it was closed; empty while it is open
    gone                    whether its pieces are gone: sent back, or paid for in full
    again                   whether it may be opened again
    leaves_at               when a decision that is written leaves
    keeping_told_at         when both sides were told until when its evidence stays
    """

    key = models.CharField(max_length=12, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="disputes")
    stage = models.CharField(max_length=20)
    since = models.DateTimeField()
    opened_at = models.DateTimeField()
    reason = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    wants = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    asked = models.BigIntegerField(default=0)
    worth = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    holder = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    escalated_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True, default="")
    fault = models.CharField(max_length=10, blank=True, default="")
    by_row = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    amount = models.BigIntegerField(default=0)
    ended_how = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    ended_at = models.DateTimeField(null=True, blank=True)
    gone = models.BooleanField(default=False)
    again = models.BooleanField(default=True)
    leaves_at = models.DateTimeField(null=True, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    set_aside_asked_at = models.DateTimeField(null=True, blank=True)
    keeping_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "external_id"], name="dispute_external_id")]
        indexes: ClassVar = [
            models.Index(
                # The mediators' queue.
                fields=["escalated_at"],
                condition=Q(stage="mediation"),
                name="dispute_in_mediation",
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False, keeping_told_at__isnull=True),
                name="dispute_keeping_untold",
            ),
            models.Index(fields=["leaves_at"], condition=Q(leaves_at__isnull=False), name="dispute_leaves"),
            models.Index(fields=["reason", "ended_at"], condition=Q(ended_at__isnull=False), name="dispute_ended"),
        ]

    def __str__(self) -> str:
        return self.key

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        if self.holder_id == party.pk:
            return "has_joined"
        return side_of(party, buyer=self.order.buyer_id, seller=self.order.seller_id)

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.order.seller_id

    @property
    def paid_back(self) -> Money | None:
        """What goes back by what was agreed or decided; None where nobody said in which currency."""
        return Money(self.amount, self.currency) if self.currency else None

    @property
    def claim(self) -> Money | None:
        """What the buyer asks for; None where the shop did not say."""
        return Money(self.asked, self.currency) if self.currency else None


class DisputePiece(models.Model):
    """How many pieces of a line a dispute is about."""

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="about")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dispute", "line"], name="line_once_in_a_dispute"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="dispute_has_pieces"),
        ]


class DisputeText(Thing):
    """What somebody wrote in a case. The journal holds a digest made with `salt`; erasing both erases what was said.

    fact    id of the fact that it belongs to; empty for what is said in mediation
    kind    claim, answer, offer, decision, deviation, appeal …: what it is
    sees    who may read it: all, or with the agents alone buyer, seller or agent (for agents only)
    """

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="texts")
    fact = models.CharField(max_length=SUBJECT_CHARS, blank=True, default="")
    kind = models.CharField(max_length=20)
    author = models.ForeignKey(Party, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    text = models.TextField()
    salt = models.BinaryField(max_length=16)
    sees = models.CharField(max_length=10, default="all")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dispute", "at"], name="dispute_text_in_time")]
        ordering: ClassVar = ["at", "id"]

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.dispute.whose

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.dispute.relation(party)


class Evidence(Thing):
    """A piece of evidence, hashed on arrival and never changed.

    kind      file, message, scan, listing or statement
    item      which of the pieces that the reason asks for it is; empty for none of them
    name, media, size, sha256, width, height   of a file
    text      of a statement; of a message or listing as it stood, codes and values as JSON
    digest    salted digest of what it holds, as the journal has it
    sees      all, or mediator: then `why` says for what reason the other side sees only that it is there
    weighed   cited or set_aside by the decision, with `weighed_why`; empty before
    """

    uuid = models.UUIDField(unique=True, editable=False)
    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="evidence")
    by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    item = models.CharField(max_length=60, blank=True, default="")
    name = models.CharField(max_length=120, blank=True, default="")
    media = models.CharField(max_length=60, blank=True, default="")
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    text = models.TextField(blank=True, default="")
    salt = models.BinaryField(max_length=16)
    digest = models.CharField(max_length=64)
    sees = models.CharField(max_length=10, default="all")
    why = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField()
    late = models.BooleanField(default=False)
    weighed = models.CharField(max_length=10, blank=True, default="")
    weighed_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["dispute", "at"], name="evidence_in_time")]
        ordering: ClassVar = ["at", "id"]

    @property
    def is_picture(self) -> bool:
        """Whether pages show it."""
        return self.width > 0

    @property
    def whose(self) -> int:
        """Its seller's matter."""
        return self.dispute.whose

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.dispute.relation(party)


class DraftDecision(models.Model):
    """A decision that is written and has not left yet: its data as the fact will have them, and its words."""

    dispute = models.OneToOneField(Dispute, models.CASCADE, related_name="draft")
    agent = models.ForeignKey(Party, models.PROTECT, related_name="+")
    data = models.JSONField()
    text = models.TextField()
    reason = models.TextField(blank=True, default="")
    written_at = models.DateTimeField()
    leaves_at = models.DateTimeField()


class Interest(models.Model):
    """An agent's own account as a buyer or seller: cases of it, or of whom it traded with, are not for that agent."""

    agent = models.ForeignKey(Party, models.CASCADE, related_name="interests")
    party = models.ForeignKey(Party, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["agent", "party"], name="interest_once")]


class SealedBid(models.Model):
    """How far a side would go. Nobody sees it but the reckoning."""

    dispute = models.ForeignKey(Dispute, models.CASCADE, related_name="bids")
    role = models.CharField(max_length=10)
    round = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    salt = models.BinaryField(max_length=16)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dispute", "role", "round"], name="bid_once_a_round")]


class ClosedCase(models.Model):
    """A dispute that ended, as it is looked for by who has one like it.

    ended_at   of the end that is kept here: a case that is opened again, or changed on appeal, is kept anew
    share      what went back, in thousandths of what was asked
    size       what was asked, as the power of two of minor units that it lies under
    lane       from where to where it was sent, where that is known
    proven     whether the buyer, the seller, both or nobody gave evidence
    words      what was said in it to both sides, with signs of Chinese and the like apart
    """

    dispute = models.OneToOneField(Dispute, models.CASCADE, related_name="closed_case")
    ended_at = models.DateTimeField()
    reason = models.CharField(max_length=NAME_CHARS)
    how = models.CharField(max_length=NAME_CHARS)
    outcome = models.CharField(max_length=10, blank=True, default="")
    currency = models.CharField(max_length=3, blank=True, default="")
    size = models.PositiveSmallIntegerField(default=0)
    share = models.PositiveSmallIntegerField(null=True)
    lane = models.CharField(max_length=40, blank=True, default="")
    proven = models.CharField(max_length=10)
    words = models.TextField(blank=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["reason", "currency", "size", "-ended_at"], name="closed_case_like"),
        ]
