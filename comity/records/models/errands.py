"""Errands: what is tried until it is done or given up, and how the lanes do in which that is tried."""

from django.db import models


class Errand(models.Model):
    """Something that is to be done outside, sooner or later (`records.errands` says how it is tried).

    due_at      when it is tried next; empty once it is over: done, or given up
    attempts    tries in a row that did not succeed, counted before each: one that kills its process counts too
    failed_why  what the last one failed of; it stays where it was given up
    """

    due_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    failed_why = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


class ErrandLane(models.Model):
    """How a lane of errands does.

    at         when it was seen alive last
    failures   rounds in a row in which something of our own failed; `failed_why` what, the last time
    """

    name = models.CharField(primary_key=True, max_length=20)
    at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    failed_why = models.CharField(max_length=300, blank=True)
