"""The seal of the journal: a Merkle tree over the lines of all chains, its tiles and its signed checkpoints."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from comity.records.models.parties import Party
from comity.records.models.rulebooks import RulebookVersion


class Seal(models.Model):
    """The one log of an installation: whoever seals holds the lock on this row.

    origin    its name, for ever; the name of its keys, too
    secret    what chains are named and lines are salted by; who knows it can tell which entries are whose
    size      how many entries there are
    stated_at when the heads of all chains were stated last
    trouble   why nothing is sealed since `trouble_since`; empty where all is well
    """

    origin = models.CharField(max_length=200)
    secret = models.BinaryField(max_length=32)
    size = models.BigIntegerField(default=0)
    stated_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=500, blank=True, default="")
    trouble_since = models.DateTimeField(null=True)


class SealedEntry(models.Model):
    """One leaf, by its place from 0: the entry, and of which line it is, where it is of one."""

    place = models.BigIntegerField(primary_key=True)
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+", db_index=False)
    seq = models.BigIntegerField(null=True)
    entry = models.BinaryField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["party", "seq"], condition=Q(party__isnull=False), name="sealed_line_once")
        ]


class SealedHead(models.Model):
    """Up to which line a party's chain is sealed."""

    party = models.OneToOneField(Party, models.PROTECT, primary_key=True, related_name="+")
    seq = models.BigIntegerField()


class SealedRulebook(models.Model):
    """A published version of the rules, and the place of its entry in the log."""

    version = models.OneToOneField(RulebookVersion, models.PROTECT, primary_key=True, related_name="sealed")
    place = models.BigIntegerField()


class SealTile(models.Model):
    """The hashes of a tile as far as the tree has them; a tile grows until it is full and never changes."""

    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "number"], name="seal_tile_once")]


class Checkpoint(models.Model):
    """A signed head of the tree: the note as it was signed.

    stamp       what a time-stamp authority answered (RFC 3161), where one was asked
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    at = models.DateTimeField()
    stamp = models.BinaryField(null=True)


class Cosignature(models.Model):
    """What a witness signed of a checkpoint: its line of the note."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    name = models.CharField(max_length=200)
    line = models.CharField(max_length=400)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkpoint", "name"], name="cosigned_once")]


class SealKey(models.Model):
    """A key that checkpoints are or were signed with, as its verifier is written; what it signs begins at `from_size`.

    ended_at  since when it signs no more
    lost      whether it was lost, so that it could not sign for the one that came after it
    """

    verifier = models.CharField(max_length=300, unique=True)
    from_size = models.BigIntegerField()
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    lost = models.BooleanField(default=False)
