"""Answers to idempotency keys belong to a token or a person. Those of before are forgotten, as they are in a day."""

from django.db import migrations, models


def forget(apps, schema_editor):
    apps.get_model("records", "IdempotentAnswer").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("records", "0004_rows_follow_facts")]

    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.RemoveConstraint("idempotentanswer", "idempotency_one_answer"),
        migrations.RemoveField("idempotentanswer", "party"),
        migrations.AddField("idempotentanswer", "caller", models.CharField(default="", max_length=40), preserve_default=False),
        migrations.AlterField("idempotentanswer", "status", models.PositiveSmallIntegerField(default=0), preserve_default=False),
        migrations.AddConstraint(
            "idempotentanswer", models.UniqueConstraint(fields=("caller", "key"), name="idempotency_one_answer")
        ),
    ]
