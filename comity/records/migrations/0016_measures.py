"""Measures know when they were told and placed, and who asked for one that no rule did."""

from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.models import F

from comity.policy.sanctions.measures import MeasureStatus

_PROTECT = django.db.models.deletion.PROTECT
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
        migrations.AddField("sanction", "appealed_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "sanction",
            models.Index(
                condition=models.Q(("appealed_at__isnull", False)), fields=["appealed_at"], name="sanction_appealed"
            ),
        ),
        migrations.CreateModel(
            name="MeasureText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matter", models.CharField(max_length=200)),
                ("fact", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("role", models.CharField(max_length=10)),
                ("text", models.TextField(blank=True)),
                ("salt", models.BinaryField(max_length=16)),
                ("at", models.DateTimeField()),
                ("author", models.ForeignKey(on_delete=_PROTECT, related_name="+", to="records.party")),
                ("party", models.ForeignKey(on_delete=_PROTECT, related_name="+", to="records.party")),
            ],
            options={
                "ordering": ["at", "id"],
                "indexes": [models.Index(fields=["party", "matter", "at"], name="measure_text_in_time")],
            },
        ),
        migrations.CreateModel(
            name="MeasureFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(editable=False, unique=True)),
                ("name", models.CharField(max_length=120)),
                ("kind", models.CharField(max_length=60)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("width", models.PositiveIntegerField(default=0)),
                ("height", models.PositiveIntegerField(default=0)),
                ("text", models.ForeignKey(on_delete=_PROTECT, related_name="files", to="records.measuretext")),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AlterField(
            "noticemail",
            "dispute",
            models.ForeignKey(null=True, on_delete=_PROTECT, related_name="mails", to="records.dispute"),
        ),
        migrations.AddField(
            "noticemail",
            "measure",
            models.ForeignKey(null=True, on_delete=_PROTECT, related_name="mails", to="records.sanction"),
        ),
        migrations.AddConstraint(
            "noticemail",
            models.CheckConstraint(
                condition=models.Q(("dispute__isnull", False), ("measure__isnull", False), _connector="XOR"),
                name="notice_mail_about_one",
            ),
        ),
        migrations.RunPython(_told_when_issued, migrations.RunPython.noop),
    ]
