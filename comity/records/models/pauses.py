"""Pauses as somebody recorded them: one row each, whomever it excuses."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.fields import SUBJECT_CHARS
from comity.records.models.parties import Party
from comity.records.models.things import Thing


class Excuse(Thing):
    """A time that counts against nobody, as it was recorded; facts note it in each matter that it excuses.

    cause       a code of `policy.facts.PAUSE_CAUSES`
    party       whose matters it excuses, all of them or one (`matter`); None where it is for many
    carrier     of many: those of whose orders this carrier had a parcel
    places      of many: those whose orders come from, or go to, one of these; ISO 3166 codes with a blank between
    spread_at   when it had been noted for all it was for then; None where that is to be done, or done again
    ended_as    over or mistaken, where it ended before the end that it was given
    """

    OVER, MISTAKEN = "over", "mistaken"

    uuid = models.UUIDField(unique=True, editable=False)
    cause = models.CharField(max_length=30, default="carrier_outage", db_default="carrier_outage")
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="excuses")
    matter = models.CharField(max_length=SUBJECT_CHARS, blank=True, default="", db_default="")
    carrier = models.CharField(max_length=50, blank=True)
    places = models.CharField(max_length=300, blank=True, default="", db_default="")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    evidence = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(Party, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    spread_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    ended_as = models.CharField(max_length=10, blank=True, default="", db_default="")
    ended_why = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["carrier", "ends"], name="outage_of_carrier"),
            models.Index(fields=["party", "-begins"], condition=Q(party__isnull=False), name="excuse_of_party"),
        ]
        ordering: ClassVar = ["-begins", "-id"]

    @property
    def ref(self) -> str:
        """The row as facts and texts name it."""
        return f"outage:{self.uuid}"

    @property
    def is_wide(self) -> bool:
        """Whether it is for many parties."""
        return self.party_id is None

    @property
    def where(self) -> list[str]:
        """Its places, a code each."""
        return self.places.split()

    def is_going_on(self, at: datetime) -> bool:
        """Whether it can still be ended."""
        return self.ends > at and not self.ended_as

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return "itself" if party.pk == self.party_id else "none"

    @property
    def whose(self) -> int:
        """Whose matters it excuses; of one for many, who recorded it."""
        return self.party_id or self.recorded_by_id
