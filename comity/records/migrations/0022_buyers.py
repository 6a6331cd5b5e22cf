"""Who bought, for the standards that ask how many different buyers were at the faulty end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0021_identity")]
    operations = [migrations.AddField("tally", "buyer", models.CharField(max_length=200, null=True))]
