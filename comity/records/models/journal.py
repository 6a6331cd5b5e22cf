"""The journal: facts and rulings, append-only. Triggers in the database refuse every UPDATE and DELETE."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.fields import NAME_CHARS, SUBJECT_CHARS
from comity.records.models.parties import Party


class JournalLine(models.Model):
    """One line of a party's chain. `body` is its canonical JSON, which the hash covers; the columns repeat parts of it.

    `fact_id` is the fact's own id where the line is a fact, so that nothing is noted twice, and empty for a ruling.
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="journal", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=NAME_CHARS)
    matter = models.CharField(max_length=SUBJECT_CHARS)
    fact_id = models.CharField(max_length=SUBJECT_CHARS, null=True)
    at = models.DateTimeField()
    noted_at = models.DateTimeField()
    body = models.TextField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "seq"], name="journal_one_line_a_number"),
            models.UniqueConstraint(
                fields=["party", "fact_id"], condition=Q(fact_id__isnull=False), name="journal_fact_once"
            ),
        ]
        # For timelines, and for the latest moment of a matter: is a fact late?
        indexes: ClassVar = [models.Index(fields=["party", "matter", "at"], name="journal_of_matter")]
        ordering: ClassVar = ["party_id", "seq"]
