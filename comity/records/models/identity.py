"""Accounts that may belong to one person."""

from typing import ClassVar

from django.db import models

from comity.records.models.fields import SUBJECT_CHARS
from comity.records.models.parties import Party


class AccountLink(models.Model):
    """Something that joins an account to another one, as the shop told it by the fact `fact` in the chain of `party`.

    kinds  kinds of links (`policy.identity.links`), with spaces between, the strong ones first
    at     when it was found
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="links")
    other = models.ForeignKey(Party, models.PROTECT, related_name="links_to")
    kinds = models.CharField(max_length=100)
    at = models.DateTimeField()
    fact = models.CharField(max_length=SUBJECT_CHARS)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "fact"], name="account_link_once"),
        ]
        ordering: ClassVar = ["id"]
