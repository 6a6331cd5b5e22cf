"""Each fault of a subject that is cleared by itself has a row of its own; `comity rebuild` makes them of earlier facts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0025_merges")]
    operations = [
        migrations.AddField(
            "tally", "fault", models.CharField(blank=True, db_default="", default="", max_length=221)
        ),
        migrations.AddField("tally", "first_fault_at", models.DateTimeField(null=True)),
        migrations.RemoveIndex("tally", "tally_by_basis"),
        migrations.AddIndex(
            "tally",
            models.Index(
                fields=("party", "standard", "basis"),
                include=("counted_at", "faulty_at", "cleared_at", "excluded_at", "value", "first_fault_at"),
                name="tally_by_basis",
            ),
        ),
        migrations.RemoveConstraint("tally", "tally_one_a_subject"),
        migrations.AddConstraint(
            "tally",
            models.UniqueConstraint(fields=("party", "standard", "subject", "fault"), name="tally_one_a_fault"),
        ),
    ]
