"""One way of trying what is done outside: webhooks and drafts have the fields of errands; lanes say how they do."""

from django.db import migrations, models


def drafts_are_due(apps, schema_editor):
    waiting = apps.get_model("records", "Draft").objects.filter(done_at=None)
    waiting.update(due_at=models.F("asked_at"))


class Migration(migrations.Migration):
    dependencies = [("records", "0005_answers_of_callers")]

    operations = [
        migrations.CreateModel(
            name="ErrandLane",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failed_why", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.RemoveIndex(model_name="webhook", name="webhook_due"),
        migrations.RenameField("webhook", "next_at", "due_at"),
        migrations.RenameField("webhook", "failures", "attempts"),
        migrations.AddIndex(
            model_name="webhook",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="webhook_due"),
        ),
        migrations.AlterField("outgoingmail", "attempts", models.PositiveIntegerField(default=0)),
        migrations.RemoveIndex(model_name="draft", name="draft_waiting"),
        migrations.AddField("draft", "due_at", models.DateTimeField(null=True)),
        migrations.AddField("draft", "attempts", models.PositiveIntegerField(default=0)),
        migrations.RunPython(drafts_are_due, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="draft_due"),
        ),
    ]
