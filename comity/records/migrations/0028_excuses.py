"""Pauses of every cause are rows, as outages of carriers were."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("records", "0027_seal")]
    operations = [
        migrations.RenameModel("CarrierOutage", "Excuse"),
        migrations.AddField(
            "excuse",
            "cause",
            models.CharField(max_length=30, default="carrier_outage", db_default="carrier_outage"),
        ),
        migrations.AddField(
            "excuse",
            "party",
            models.ForeignKey("records.party", models.PROTECT, null=True, related_name="excuses"),
        ),
        migrations.AddField(
            "excuse", "matter", models.CharField(max_length=200, blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "excuse", "places", models.CharField(max_length=300, blank=True, default="", db_default="")
        ),
        migrations.AddField("excuse", "ended_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "excuse", "ended_by", models.ForeignKey("records.party", models.PROTECT, null=True, related_name="+")
        ),
        migrations.AddField(
            "excuse", "ended_as", models.CharField(max_length=10, blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "excuse", "ended_why", models.CharField(max_length=300, blank=True, default="", db_default="")
        ),
        migrations.AlterField("excuse", "carrier", models.CharField(max_length=50, blank=True)),
        migrations.AddIndex(
            "excuse",
            models.Index(fields=["party", "-begins"], condition=Q(party__isnull=False), name="excuse_of_party"),
        ),
    ]
