"""Accounts that may belong to one person."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.fields import SUBJECT_CHARS
from comity.records.models.parties import Party
from comity.records.models.things import Thing


class AccountLink(models.Model):
    """Something that joins an account to another one, as the shop told it by the fact `fact` in the chain of `party`.

    kinds   kinds of links (`policy.identity.links`), with spaces between, the strong ones first
    at      when it was found, or taken back
    undoes  whether it takes back what was told before
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="links")
    other = models.ForeignKey(Party, models.PROTECT, related_name="links_to")
    kinds = models.CharField(max_length=100)
    at = models.DateTimeField()
    fact = models.CharField(max_length=SUBJECT_CHARS)
    undoes = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "fact"], name="account_link_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["party"], condition=Q(undoes=True), name="account_link_undone"),
        ]
        ordering: ClassVar = ["id"]


class AccountMerge(Thing):
    """That an account (`party`) is taken over into another one of the same person: asked for, decided, and undone.

    fact       id of the fact in the chain of `party` by which it was asked for
    passed_at  when points last came by it with which the other account's sum passed a rung: somebody looks at that
    looked_at  when somebody last did
    """

    uuid = models.UUIDField(unique=True, editable=False)
    party = models.ForeignKey(Party, models.PROTECT, related_name="merges")
    into = models.ForeignKey(Party, models.PROTECT, related_name="taken_over")
    fact = models.CharField(max_length=SUBJECT_CHARS)
    asked_by = models.CharField(max_length=SUBJECT_CHARS)
    asked_at = models.DateTimeField()
    declined_at = models.DateTimeField(null=True)
    merged_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    undo_asked_at = models.DateTimeField(null=True)
    undo_asked_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    passed_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)

    @staticmethod
    def in_force() -> Q:
        """Return which merges hold."""
        return Q(merged_at__isnull=False, undone_at=None)

    @staticmethod
    def asked() -> Q:
        """Return which wait to be decided."""
        return Q(merged_at=None, declined_at=None)

    @staticmethod
    def waiting() -> Q:
        """Return which wait for a second agent: to be decided, or to be undone."""
        return AccountMerge.asked() | Q(undo_asked_at__isnull=False, undone_at=None)

    @property
    def stage(self) -> str:
        """Where it stands: asked, declined, merged, undo_asked or undone."""
        if self.undone_at is not None:
            return "undone"
        if self.merged_at is not None:
            return "merged" if self.undo_asked_at is None else "undo_asked"
        return "asked" if self.declined_at is None else "declined"

    @property
    def is_to_be_looked_at(self) -> bool:
        """Whether the other account's sum has passed a rung by it, and nobody has looked at that since."""
        if self.passed_at is None or self.stage not in ("merged", "undo_asked"):
            return False
        return self.looked_at is None or self.looked_at < self.passed_at

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.party.relation(party)

    @property
    def whose(self) -> int:
        """The matter of the account that is taken over."""
        return self.party_id

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(merged_at__isnull=False, undone_at__isnull=True),
                name="account_merge_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["party"],
                condition=Q(merged_at__isnull=True, declined_at__isnull=True),
                name="account_merge_one_asked",
            ),
        ]
        ordering: ClassVar = ["id"]
