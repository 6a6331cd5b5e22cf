"""What measures rest on beside points, kept with them; statements of reasons for the Transparency Database."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0017_reviews")]
    operations = [
        migrations.AddField("sanction", "seen", models.JSONField(default=list)),
        migrations.CreateModel(
            name="TransparencyStatement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("failed_why", models.CharField(blank=True, max_length=300)),
                ("issue", models.PositiveIntegerField()),
                ("puid", models.CharField(max_length=500, unique=True)),
                ("body", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("was_known", models.BooleanField(default=False)),
                (
                    "sanction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.sanction"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="transparency_due"
                    )
                ]
            },
        ),
    ]
