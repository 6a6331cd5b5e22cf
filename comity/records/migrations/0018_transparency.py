"""What measures rest on beside points, kept with them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0016_measures")]
    operations = [
        migrations.AddField("sanction", "seen", models.JSONField(default=list)),
    ]
