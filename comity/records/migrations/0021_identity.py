"""Links between accounts."""

from django.db import migrations, models

_PROTECT = models.PROTECT


class Migration(migrations.Migration):
    dependencies = [("records", "0020_plans")]
    operations = [
        migrations.CreateModel(
            name="AccountLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kinds", models.CharField(max_length=100)),
                ("at", models.DateTimeField()),
                ("fact", models.CharField(max_length=200)),
                ("other", models.ForeignKey(on_delete=_PROTECT, related_name="links_to", to="records.party")),
                ("party", models.ForeignKey(on_delete=_PROTECT, related_name="links", to="records.party")),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(fields=["party", "fact"], name="account_link_once"),
        ),
    ]
