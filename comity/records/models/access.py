"""Access for programs: tokens, hashed at rest, and the answers kept for idempotency keys."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from comity.records.models.parties import Party
from comity.records.models.things import Thing


class ApiToken(Thing):
    """A token by which a program acts as `party` within `scopes`. Only the hash of its secret is kept.

    prefix         what is known of it to all who may list it; it begins the token's text
    last_used_at   to the hour
    old_hash       of the secret that was rotated away, good until `old_until`
    made_with      the token by which a program made it; it is revoked together with that
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    rotated_at = models.DateTimeField(null=True)
    old_hash = models.BinaryField(max_length=32, null=True)
    old_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    made_with = models.ForeignKey("self", models.PROTECT, null=True, related_name="made")

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"

    def relation(self, party: Party) -> str:
        """How `party` stands to it."""
        return self.party.relation(party)

    @property
    def whose(self) -> int:
        """The key of its party."""
        return self.party_id

    def state(self, now: datetime) -> str:
        """Return revoked, expired or in_force."""
        return "revoked" if self.revoked_at else "expired" if self.expires_at <= now else "in_force"


class IdempotentAnswer(models.Model):
    """The first answer to a request with an Idempotency-Key, repeated for 24 hours to who asks the same again.

    caller   whose key it is: a token or a party, by its number
    body     empty where the answer held a secret
    """

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    request_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        # Of two requests at once with the same key, the database lets one end.
        constraints: ClassVar = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_one_answer")]
        indexes: ClassVar = [models.Index(fields=["at"], name="idempotency_age")]
