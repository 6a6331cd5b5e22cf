"""Accounts that become one, points that come with them, and links that are taken back."""

from django.db import migrations, models
from django.db.models import Q

_PROTECT = models.PROTECT


class Migration(migrations.Migration):
    dependencies = [("records", "0024_appeals_of_reviews")]
    operations = [
        migrations.AddField("accountlink", "undoes", models.BooleanField(db_default=False, default=False)),
        migrations.AddIndex(
            model_name="accountlink",
            index=models.Index(condition=Q(undoes=True), fields=["party"], name="account_link_undone"),
        ),
        migrations.AddField("charge", "counts_from", models.DateTimeField(null=True)),
        migrations.AddField(
            "charge", "taken_from", models.CharField(blank=True, db_default="", default="", max_length=200)
        ),
        migrations.CreateModel(
            name="AccountMerge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(editable=False, unique=True)),
                ("fact", models.CharField(max_length=200)),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("declined_at", models.DateTimeField(null=True)),
                ("merged_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=200)),
                ("undo_asked_at", models.DateTimeField(null=True)),
                ("undo_asked_by", models.CharField(blank=True, max_length=200)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.CharField(blank=True, max_length=200)),
                ("passed_at", models.DateTimeField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("into", models.ForeignKey(on_delete=_PROTECT, related_name="taken_over", to="records.party")),
                ("party", models.ForeignKey(on_delete=_PROTECT, related_name="merges", to="records.party")),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddConstraint(
            model_name="accountmerge",
            constraint=models.UniqueConstraint(
                fields=["party"],
                condition=Q(merged_at__isnull=False, undone_at__isnull=True),
                name="account_merge_one_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountmerge",
            constraint=models.UniqueConstraint(
                fields=["party"],
                condition=Q(merged_at__isnull=True, declined_at__isnull=True),
                name="account_merge_one_asked",
            ),
        ),
    ]
