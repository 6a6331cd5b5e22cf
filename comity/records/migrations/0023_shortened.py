"""How long a measure lasts that an appeal shortened, whenever it begins."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0022_buyers")]
    operations = [migrations.AddField("sanction", "shortened", models.PositiveBigIntegerField(null=True))]
