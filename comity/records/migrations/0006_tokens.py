"""Tokens expire, are rotated, and say when they were last used. Those that were made before expire in a year."""

from datetime import UTC, datetime, timedelta

import django.db.models.deletion
from django.db import migrations, models


def _in_a_year() -> datetime:
    return datetime.now(UTC) + timedelta(days=365)


class Migration(migrations.Migration):
    dependencies = [("records", "0004_rows_follow_facts")]

    operations = [
        migrations.AddField(
            "apitoken", "expires_at", models.DateTimeField(default=_in_a_year), preserve_default=False
        ),
        migrations.AddField("apitoken", "last_used_at", models.DateTimeField(null=True)),
        migrations.AddField("apitoken", "rotated_at", models.DateTimeField(null=True)),
        migrations.AddField("apitoken", "old_hash", models.BinaryField(max_length=32, null=True)),
        migrations.AddField("apitoken", "old_until", models.DateTimeField(null=True)),
        migrations.AddField(
            "apitoken",
            "made_with",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="made",
                to="records.apitoken",
            ),
        ),
    ]
