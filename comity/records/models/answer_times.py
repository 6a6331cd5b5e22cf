"""How long all sellers of the marketplace took to answer, measured now and then."""

from typing import ClassVar

from django.db import models


class MarketAnswerTimes(models.Model):
    """One measuring over `days` days up to `at`. Seconds; `days_of_week`: the same for each, Monday first, as JSON."""

    at = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    sellers = models.PositiveIntegerField()
    counted = models.PositiveIntegerField()
    in_time = models.PositiveIntegerField()
    median = models.FloatField(null=True)
    p95 = models.FloatField(null=True)
    days_of_week = models.JSONField()

    class Meta:
        get_latest_by = "at"
        indexes: ClassVar = [models.Index(fields=["-at"], name="market_answers_newest")]
