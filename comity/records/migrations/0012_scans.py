"""What carriers weigh, where and to whose hand they deliver; parcels that replace others, or go back for a dispute."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0011_money")]

    operations = [
        migrations.AddField("scan", "postcode", models.CharField(blank=True, default="", max_length=20)),
        migrations.AddField("scan", "weight_g", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("scan", "signed", models.BooleanField(default=False)),
        migrations.AddField("orderline", "weight_g", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("shipment", "dispute_ref", models.CharField(blank=True, default="", max_length=200)),
    ]
