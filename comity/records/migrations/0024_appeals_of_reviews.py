"""Appeals of writers against the removal of their reviews."""

from django.db import migrations, models

_MOMENT = {"null": True, "blank": True}


class Migration(migrations.Migration):
    dependencies = [("records", "0023_shortened")]
    operations = [
        migrations.AddField("review", "appealed_at", models.DateTimeField(**_MOMENT)),
        migrations.AddField("review", "appeal_decided_at", models.DateTimeField(**_MOMENT)),
        migrations.AddField("review", "objection", models.TextField(blank=True, default="")),
        migrations.AddField("review", "objection_salt", models.BinaryField(default=b"", max_length=16)),
        migrations.AddField("review", "decision", models.TextField(blank=True, default="")),
        migrations.AddField("review", "decision_salt", models.BinaryField(default=b"", max_length=16)),
    ]
