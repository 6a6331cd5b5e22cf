"""Access for programs: tokens, hashed at rest, and the answers kept for idempotency keys."""

from typing import ClassVar

from django.db import models

from comity.records.models.parties import Party


class ApiToken(models.Model):
    """A token by which a program acts as `party` within `scopes`. Only the hash of its secret is kept."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="tokens")
    label = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    scopes = models.JSONField()
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"


class IdempotentAnswer(models.Model):
    """The first answer to a request with an Idempotency-Key, repeated for 24 hours to who asks the same again.

    caller   whose key it is: a token, by a digest of it, or a party
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
