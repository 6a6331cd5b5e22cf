"""Tokens expire, are rotated, and say when they were last used. Those that were made before expire in a year.

Addresses that people claimed by themselves in the sign-in library are forgotten: whose is whose, the shop says.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def _in_a_year() -> datetime:
    return datetime.now(UTC) + timedelta(days=365)


def _forget_claims(apps: Any, editor: Any) -> None:
    claimed = apps.get_model("account", "EmailAddress").objects.select_related("user")
    theirs = [row.pk for row in claimed if row.email.lower() != row.user.email.lower()]
    claimed.model.objects.filter(pk__in=theirs).delete()


class Migration(migrations.Migration):
    dependencies = [("records", "0007_fewer_indexes"), ("account", "0001_initial")]

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
        migrations.RunPython(_forget_claims, migrations.RunPython.noop),
    ]
