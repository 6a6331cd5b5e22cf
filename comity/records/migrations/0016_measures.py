"""Measures know when they were told and placed, and who asked for one that no rule did."""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.models import F

from comity.policy.sanctions.measures import MeasureStatus

_NEVER_PLACED = (MeasureStatus.PROPOSED, MeasureStatus.DECLINED)


def _told_when_issued(apps: Apps, editor: Any) -> None:
    """Measures of before were told when they were issued, for all that anybody knew."""
    measures = apps.get_model("records", "Sanction").objects
    measures.update(told_at=F("at"))
    measures.exclude(status__in=_NEVER_PLACED).update(placed_at=F("at"))


class Migration(migrations.Migration):
    dependencies = [("records", "0015_reached")]

    operations = [
        migrations.AddField("sanction", "told_at", models.DateTimeField(null=True)),
        migrations.AddField("sanction", "placed_at", models.DateTimeField(null=True)),
        migrations.AddField("sanction", "quiet", models.BooleanField(default=False)),
        migrations.AddField("sanction", "asked_by", models.CharField(blank=True, max_length=200)),
        migrations.AddField("sanction", "asked_for", models.PositiveBigIntegerField(default=0)),
        migrations.AddField("sanction", "asked_notice", models.PositiveBigIntegerField(default=0)),
        migrations.AddField("sanction", "of", models.JSONField(default=list)),
        migrations.RunPython(_told_when_issued, migrations.RunPython.noop),
    ]
