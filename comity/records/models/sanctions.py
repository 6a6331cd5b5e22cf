"""Ledgers and measures as they stand."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.policy.sanctions.measures import MeasureStatus, Origin
from comity.records.models.fields import KEY_CHARS, NAME_CHARS, ORIGIN_CHARS, REF_CHARS, SUBJECT_CHARS
from comity.records.models.parties import Party
from comity.records.models.things import Thing

#: What becomes of those that have taken effect, or may.
_BEGAN = (MeasureStatus.PLACED, MeasureStatus.LIFTED, MeasureStatus.OVERTURNED)


class Charge(models.Model):
    """Points on a ledger; a credit's are below zero. Overturned ones stay, and count no more.

    `taken_from` and `counts_from`: of one that came with another account (`policy.sanctions.taken_over`).
    """

    key = models.CharField(max_length=KEY_CHARS)
    party = models.ForeignKey(Party, models.PROTECT, related_name="charges")
    ledger = models.CharField(max_length=NAME_CHARS)
    points = models.IntegerField()
    rule = models.CharField(max_length=ORIGIN_CHARS)
    rulebook = models.CharField(max_length=REF_CHARS)
    matter = models.CharField(max_length=SUBJECT_CHARS)
    because = models.CharField(max_length=KEY_CHARS)
    at = models.DateTimeField()
    expires_at = models.DateTimeField()
    overturned_at = models.DateTimeField(null=True)
    taken_from = models.CharField(max_length=SUBJECT_CHARS, blank=True, default="", db_default="")
    counts_from = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["party", "key"], name="charge_one_a_key")]
        indexes: ClassVar = [
            models.Index(
                fields=["party", "ledger", "at"], condition=Q(overturned_at__isnull=True), name="charge_in_force"
            )
        ]


class Sanction(Thing):
    """A measure, proposed or placed, with its statement of reasons.

    `origin` is where it comes from, as kind:name (see `policy.sanctions.measures.Origin`).
    `statement` holds codes and values (`policy.sanctions.reasons`). `appealed_at` is when the appeal was filed that
    waits to be decided. All else is as the state has it (`policy.sanctions.measures.MeasureState`).
    """

    key = models.CharField(max_length=KEY_CHARS)
    party = models.ForeignKey(Party, models.PROTECT, related_name="sanctions")
    origin = models.CharField(max_length=ORIGIN_CHARS)
    rung = models.PositiveIntegerField()
    measure = models.CharField(max_length=20)
    points = models.PositiveIntegerField()
    rulebook = models.CharField(max_length=REF_CHARS)
    status = models.CharField(max_length=10, choices=[(status.value, status.value) for status in MeasureStatus])
    at = models.DateTimeField()
    issue = models.PositiveIntegerField(default=0)
    because = models.JSONField()
    statement = models.JSONField(null=True)
    effective_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    seconded_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    restored_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    placed_at = models.DateTimeField(null=True)
    quiet = models.BooleanField(default=False)
    asked_by = models.CharField(max_length=SUBJECT_CHARS, blank=True)
    asked_for = models.PositiveBigIntegerField(default=0)
    asked_notice = models.PositiveBigIntegerField(default=0)
    shortened = models.PositiveBigIntegerField(null=True)
    of = models.JSONField(default=list)
    seen = models.JSONField(default=list)
    appealed_at = models.DateTimeField(null=True)
    stuck_at = models.DateTimeField(null=True)
    stuck_why = models.CharField(max_length=300, blank=True)

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.party.relation(party)

    @staticmethod
    def in_force(at: datetime) -> Q:
        """Return which measures are in force at a moment: by time alone, whether a worker has looked since or not.

        Begun, since their notice has run; and not over, by their length, or because they were lifted or taken back. One
        that asks for something stays until that is done.
        """
        lasting = (Q(ended_at=None) | Q(ended_at__gt=at)) & (Q(next_at=None) | Q(next_at__gt=at))
        return Q(status__in=_BEGAN, effective_at__lte=at) & lasting

    def is_in_force(self, at: datetime) -> bool:
        """Whether it is in force at a moment; the same as `in_force`."""
        if self.status not in _BEGAN or self.effective_at is None or self.effective_at > at:
            return False
        return not any(end is not None and end <= at for end in (self.ended_at, self.next_at))

    def is_over(self, at: datetime) -> bool:
        """Whether the length of a placed measure is over, though nobody has looked at it since."""
        return self.status == MeasureStatus.PLACED and self.next_at is not None and self.next_at <= at

    @property
    def ref(self) -> str:
        """The measure as facts name it."""
        return f"sanction:{self.key}"

    @property
    def whose(self) -> int:
        """Its party's matter."""
        return self.party_id

    @property
    def comes_from(self) -> Origin:
        """Where it comes from."""
        return Origin.read(self.origin)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "key"], name="sanction_one_a_key"),
            models.CheckConstraint(
                condition=~Q(status="placed") | Q(statement__isnull=False), name="sanction_has_its_reasons"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["party", "next_at"], condition=Q(next_at__isnull=False), name="sanction_ends"),
            models.Index(fields=["status"], condition=Q(status="proposed"), name="sanction_proposed"),
            models.Index(fields=["appealed_at"], condition=Q(appealed_at__isnull=False), name="sanction_appealed"),
        ]


class MeasureText(Thing):
    """What somebody wrote of a measure. The journal holds a digest made with `salt`; erasing both erases what was said.

    matter   what it is about: sanction:key, the party whose points were taken off, or the pause that files show
    fact     id of the fact that it belongs to
    kind     asked, answered, approved, declined, released, taken_off, filed, added, decided; recorded
    """

    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    matter = models.CharField(max_length=SUBJECT_CHARS)
    fact = models.CharField(max_length=SUBJECT_CHARS)
    kind = models.CharField(max_length=20)
    author = models.ForeignKey(Party, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    salt = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["party", "matter", "at"], name="measure_text_in_time")]
        ordering: ClassVar = ["at", "id"]

    @property
    def whose(self) -> int:
        """Its party's matter."""
        return self.party_id

    def relation(self, party: Party) -> str:
        """Return how `party` stands to it."""
        return self.party.relation(party)


class MeasureFile(models.Model):
    """A file that came with such a text, made safe before it was kept (`files.uploads`), under its digest (`files`)."""

    uuid = models.UUIDField(unique=True, editable=False)
    text = models.ForeignKey(MeasureText, models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["id"]

    @property
    def is_picture(self) -> bool:
        """Whether pages show it."""
        return self.width > 0
