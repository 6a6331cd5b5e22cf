"""Findings have rows; a measure says by itself whether it comes from a ledger, a standard or a duty."""

import json
from typing import Any

from django.db import migrations, models


def name_origins(apps: Any, schema_editor: Any) -> None:
    """A ledger was named without its kind."""
    sanctions = apps.get_model("records", "Sanction").objects
    for sanction in sanctions.exclude(origin__contains=":").iterator():
        sanctions.filter(pk=sanction.pk).update(origin=f"ledger:{sanction.origin}")


def forget_kinds(apps: Any, schema_editor: Any) -> None:
    """Name ledgers without their kind again."""
    sanctions = apps.get_model("records", "Sanction").objects
    for sanction in sanctions.filter(origin__startswith="ledger:").iterator():
        sanctions.filter(pk=sanction.pk).update(origin=sanction.origin.removeprefix("ledger:"))


def take_up_findings(apps: Any, schema_editor: Any) -> None:
    """Findings were kept in the journal alone."""
    rows: dict[str, Any] = {}
    lines = apps.get_model("records", "JournalLine").objects
    for line in lines.filter(kind__in=["conduct.found", "ruling.overturned"]).order_by("party_id", "seq").iterator():
        body = json.loads(line.body)
        if line.kind == "conduct.found":
            rows[body["key"]] = apps.get_model("records", "Finding")(
                key=body["key"], party_id=line.party_id, rule=body["rule"], rulebook=body["rulebook"],
                matter=body["matter"], at=line.at, severity=body["severity"], found_by=body["found_by"],
            )
        elif body["what"] == "finding" and body["key"] in rows:
            rows[body["key"]].overturned_at = line.at
    apps.get_model("records", "Finding").objects.bulk_create(rows.values(), batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_tables")]

    operations = [
        migrations.CreateModel(
            name="Finding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20, unique=True)),
                ("rule", models.CharField(max_length=40)),
                ("rulebook", models.CharField(max_length=100)),
                ("matter", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                ("severity", models.CharField(max_length=10)),
                ("found_by", models.CharField(max_length=200)),
                ("overturned_at", models.DateTimeField(null=True)),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=models.deletion.PROTECT, related_name="findings", to="records.party"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["party", "at"], name="finding_of_party")]},
        ),
        migrations.RenameField("Sanction", "ledger", "origin"),
        migrations.RunPython(name_origins, forget_kinds),
        migrations.RunPython(take_up_findings, migrations.RunPython.noop),
    ]
