"""Parties: buyers, sellers, agents and the platform itself, and how each of them stands."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from comity.lib import chain, moments
from comity.policy.powers import ROLES
from comity.records.models.things import Thing

#: What a standing says whose party has no rows of any standard.
NO_EVALUATIONS = "{}"


class Party(Thing):
    """Somebody with rights and duties. A person who signs in has a `user`; the shop's own id is `external_id`."""

    uuid = models.UUIDField(unique=True, editable=False)
    role = models.CharField(max_length=10, choices=[(role, role) for role in ROLES])
    name = models.CharField(max_length=200)
    external_id = models.CharField(max_length=190, null=True, blank=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="party")
    time_zone = models.CharField(max_length=50, default="UTC")
    language = models.CharField(max_length=10, default="en")
    joined_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["role", "external_id"], condition=Q(external_id__isnull=False), name="party_external_id"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["buyer", "seller", "agent", "platform"]), name="party_role_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ref(self) -> str:
        """The party as facts name it: role:uuid."""
        return f"{self.role}:{self.uuid}"

    def relation(self, party: "Party") -> str:
        """Return how `party` stands to it."""
        return "itself" if party.pk == self.pk else "none"

    @property
    def whose(self) -> int:
        """Its own."""
        return self.pk


class Standing(models.Model):
    """The row that is locked for everything that concerns a party, with the head of its chain.

    noted_at      when the newest line of its chain was noted; never runs backwards
    next_due      the earliest moment that anything of this party waits for; never later than the true one
    paused_until  the end of the party's or any of its matters' latest pause
    unjudged      the number of the first line of facts that wait to be judged together; None where none do
    judge_at      when these are judged at the latest
    evaluations   for each standard with rows, when it is evaluated next, as JSON
    """

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="standing")
    chain_seq = models.BigIntegerField(default=0)
    chain_hash = models.BinaryField(max_length=32, default=chain.START)
    noted_at = models.DateTimeField(null=True)
    next_due = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    unjudged = models.BigIntegerField(null=True)
    judge_at = models.DateTimeField(null=True)
    evaluations = models.TextField(default=NO_EVALUATIONS)

    @property
    def next_evaluations(self) -> dict[str, datetime]:
        """When each standard is evaluated next."""
        if self.evaluations == NO_EVALUATIONS:
            return {}
        return {name: moments.parse(text) for name, text in json.loads(self.evaluations).items()}

    def set_evaluations(self, evaluations: Mapping[str, datetime]) -> None:
        """Note when each standard is evaluated next."""
        self.evaluations = json.dumps({name: moments.to_text(at) for name, at in sorted(evaluations.items())})

    class Meta:
        indexes: ClassVar = [
            # The clock's one question: whose moment has passed?
            models.Index(fields=["next_due"], condition=Q(next_due__isnull=False), name="standing_next_due")
        ]
