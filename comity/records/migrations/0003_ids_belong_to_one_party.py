"""A key is one party's: two sellers judged at one moment each have a row. What the old key cost is made anew."""

from typing import Any

from django.db import migrations, models
from django.db.models import Max, OuterRef, Subquery

from comity.records.migrations import _by_engine as by_engine

_STATES = ("charge", "duty", "finding", "rating", "sanction")


def note_when(apps: Any, schema_editor: Any) -> None:
    """Say of every standing when the newest line of its chain was noted."""
    lines = apps.get_model("records", "JournalLine").objects.filter(party=OuterRef("party"))
    newest = lines.order_by().values("party").annotate(newest=Max("noted_at")).values("newest")
    apps.get_model("records", "Standing").objects.update(noted_at=Subquery(newest))


class Migration(migrations.Migration):
    dependencies = [("records", "0002_lives")]

    operations = [
        migrations.AddField("standing", "noted_at", models.DateTimeField(null=True)),
        *(migrations.AlterField(state, "key", models.CharField(max_length=20)) for state in _STATES),
        *(
            migrations.AddConstraint(
                state, models.UniqueConstraint(fields=["party", "key"], name=f"{state}_one_a_key")
            )
            for state in _STATES
        ),
        migrations.RunPython(note_when, migrations.RunPython.noop),
        migrations.RunPython(by_engine.ask_for_rows, by_engine.forget_to_ask),
    ]
