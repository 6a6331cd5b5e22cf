"""Reviews: what the two sides of an order say of each other. Where one stands follows from facts; texts are here."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.policy.facts.reviews import BEST, WORST, WRITERS
from comity.records.models.orders import Order
from comity.records.models.parties import Party
from comity.records.models.things import Thing, side_of


class Review(Thing):
    """One side's review of an order. All but its texts is what `policy.reviews.fold` says of it.

    by           buyer or seller: who wrote it
    told         whether the shop told of it; then the shop keeps its text
    name         how facts call it; empty where the shop told it without an id
    shown_from   from when on it is shown
    removed_by   writer, agent or agreement; `because`: why, a code; `agent`: who, where an agent did
    asked_at     when the side that was rated asked to take it away; `declined_at`: when the writer said no
    appealed_at  when its writer objected to an agent's removal; `appeal_decided_at`: when another agent decided
    text, answer, objection, decision are personal, and can be erased: the journal holds salted digests of them
    """

    uuid = models.UUIDField(unique=True, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="reviews")
    by = models.CharField(max_length=10, choices=[(side, side) for side in WRITERS])
    told = models.BooleanField(default=False)
    name = models.CharField(max_length=500, blank=True, default="")
    score = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, default="")
    salt = models.BinaryField(max_length=16, default=b"")
    written_at = models.DateTimeField()
    shown_from = models.DateTimeField()
    revised_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True, default="")
    answer_salt = models.BinaryField(max_length=16, default=b"")
    answered_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.CharField(max_length=10, blank=True, default="")
    because = models.CharField(max_length=30, blank=True, default="")
    agent = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="+")
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_decided_at = models.DateTimeField(null=True, blank=True)
    objection = models.TextField(blank=True, default="")
    objection_salt = models.BinaryField(max_length=16, default=b"")
    decision = models.TextField(blank=True, default="")
    decision_salt = models.BinaryField(max_length=16, default=b"")

    class Meta:
        constraints: ClassVar = [
            # Each side rates an order once. Of what a shop tells, it is the shop that knows.
            models.UniqueConstraint(fields=["order", "by"], condition=Q(told=False), name="review_once_a_side"),
            models.CheckConstraint(condition=Q(score__gte=WORST, score__lte=BEST), name="review_score_in_bounds"),
        ]

    def __str__(self) -> str:
        return f"{self.order.key}: {self.by}"

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return side_of(party, buyer=self.order.buyer_id, seller=self.order.seller_id)

    @property
    def whose(self) -> int:
        """Its order's seller's matter."""
        return self.order.seller_id

    @property
    def of(self) -> str:
        """The side that was rated."""
        return "seller" if self.by == "buyer" else "buyer"

    @property
    def writer(self) -> Party:
        """Who wrote it."""
        party: Party = getattr(self.order, self.by)
        return party

    @property
    def rated(self) -> Party:
        """Who was rated."""
        party: Party = getattr(self.order, self.of)
        return party

    @staticmethod
    def visible_at(at: datetime) -> Q:
        """Return which reviews everybody sees at a moment: by time alone. Pages, API and means all ask this."""
        return Q(shown_from__lte=at) & (Q(removed_at=None) | Q(removed_at__gt=at))

    def is_visible(self, at: datetime) -> bool:
        """Whether everybody sees it at a moment; the same as `visible_at`."""
        return self.is_shown(at) and not self.is_removed(at)

    def is_shown(self, at: datetime) -> bool:
        """Whether it hides no more from the side that was rated."""
        return self.shown_from <= at

    def is_removed(self, at: datetime) -> bool:
        """Whether it was removed by then."""
        return self.removed_at is not None and self.removed_at <= at
