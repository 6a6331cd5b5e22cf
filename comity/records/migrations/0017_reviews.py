"""Reviews have rows; those that only the journal holds have them made."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from comity.records.migrations import _by_engine as by_engine

_PROTECT = django.db.models.deletion.PROTECT
_SIDES = [("buyer", "buyer"), ("seller", "seller")]


def _fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if apps.get_model("records", "JournalLine").objects.filter(kind="review.written").exists():
        by_engine.ask_for_rows(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("records", "0016_measures")]

    operations = [
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(editable=False, unique=True)),
                ("by", models.CharField(choices=_SIDES, max_length=10)),
                ("told", models.BooleanField(default=False)),
                ("name", models.CharField(blank=True, default="", max_length=500)),
                ("score", models.PositiveSmallIntegerField()),
                ("text", models.TextField(blank=True, default="")),
                ("salt", models.BinaryField(default=b"", max_length=16)),
                ("written_at", models.DateTimeField()),
                ("shown_from", models.DateTimeField()),
                ("revised_at", models.DateTimeField(blank=True, null=True)),
                ("answer", models.TextField(blank=True, default="")),
                ("answer_salt", models.BinaryField(default=b"", max_length=16)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("declined_at", models.DateTimeField(blank=True, null=True)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("removed_by", models.CharField(blank=True, default="", max_length=10)),
                ("because", models.CharField(blank=True, default="", max_length=30)),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=_PROTECT, related_name="+", to="records.party"
                    ),
                ),
                ("order", models.ForeignKey(on_delete=_PROTECT, related_name="reviews", to="records.order")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(condition=Q(told=False), fields=("order", "by"), name="review_once_a_side"),
                    models.CheckConstraint(condition=Q(score__gte=1, score__lte=5), name="review_score_in_bounds"),
                ]
            },
        ),
        migrations.RunPython(_fill, by_engine.forget_to_ask),
    ]
