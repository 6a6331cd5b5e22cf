"""Improvement plans as their facts have them; what was written of one is `MeasureText`, under the plan's name."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.policy.plans.fold import OPEN, Stage
from comity.records.models.fields import KEY_CHARS, NAME_CHARS, REF_CHARS, SUBJECT_CHARS
from comity.records.models.parties import Party
from comity.records.models.things import Thing


class ImprovementPlan(Thing):
    """A plan as `policy.plans.fold` unfolds it. `runs` is in seconds, `actions` are codes with spaces between.

    `checked_counted` and `checked_faulty` are what counted while it ran; None until it was held against its standard.
    """

    key = models.CharField(max_length=KEY_CHARS, unique=True)
    party = models.ForeignKey(Party, models.PROTECT, related_name="plans")
    standard = models.CharField(max_length=NAME_CHARS)
    level = models.PositiveSmallIntegerField()
    rulebook = models.CharField(max_length=REF_CHARS)
    runs = models.PositiveIntegerField()
    rating = models.CharField(max_length=KEY_CHARS)
    rated_at = models.DateTimeField()
    counted = models.PositiveIntegerField()
    faulty = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    stage = models.CharField(max_length=10, choices=[(stage.value, stage.value) for stage in Stage])
    since = models.DateTimeField()
    version = models.PositiveSmallIntegerField(default=0)
    actions = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField(null=True)
    sent_back_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    check_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    because = models.CharField(max_length=20, blank=True)
    checked_counted = models.PositiveIntegerField(null=True)
    checked_faulty = models.PositiveIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["party", "standard", "rated_at"], name="plan_of_standard"),
            models.Index(fields=["written_at"], condition=Q(stage="written"), name="plan_to_look_at"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """The plan as facts name it."""
        return f"plan:{self.key}"

    @property
    def rule(self) -> str:
        """The rule that asks for it: its standard."""
        return str(self.standard)

    @property
    def codes(self) -> list[str]:
        """What its party will do, by the newest version, as codes."""
        return self.actions.split()

    @property
    def whose(self) -> int:
        """Its party's matter."""
        return self.party_id

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still to come."""
        return self.stage in OPEN

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.party.relation(party)
