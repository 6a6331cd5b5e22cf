"""Guided openings: who looked whether to open a dispute, and whether one followed."""

from typing import ClassVar

from django.db import models

from comity.records.models.disputes import Dispute
from comity.records.models.fields import NAME_CHARS
from comity.records.models.orders import Order


class GuidedOpening(models.Model):
    """That somebody began the guided opening of an order, once a day. Counted; nothing is decided by it.

    day         of `began_at`, in UTC
    step        how far it went: a code of `actions.disputes.guided.STEPS`
    advised     what was suggested first, a code of `policy.disputes.guide.HELPS`; empty before a reason was chosen
    dispute     the inquiry or claim that followed soon enough; None where nothing did
    claimed_at  when it was, or became, a claim
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="+")
    day = models.DateField()
    began_at = models.DateTimeField()
    step = models.CharField(max_length=10)
    advised = models.CharField(max_length=NAME_CHARS, blank=True, default="")
    dispute = models.ForeignKey(Dispute, models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["order", "day"], name="guided_once_a_day")]
        indexes: ClassVar = [models.Index(fields=["began_at"], name="guided_in_time")]
