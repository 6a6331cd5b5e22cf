"""Under one Message-ID another content is another mail; mails that could not be read wait, and are counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0008_tokens")]

    operations = [
        migrations.AddField("incomingmail", "content", models.CharField(blank=True, default="", max_length=64)),
        migrations.AlterField("incomingmail", "mail_id", models.CharField(max_length=250)),
        migrations.AlterField("incomingmail", "raw", models.CharField(blank=True, max_length=64)),
        migrations.AddConstraint(
            "incomingmail", models.UniqueConstraint(fields=["mail_id", "content"], name="incoming_mail_once")
        ),
        migrations.CreateModel(
            name="UnreadMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mailbox", models.CharField(max_length=100)),
                ("number", models.BigIntegerField()),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("failed_why", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AlterField(
            "incomingmail",
            "outcome",
            models.CharField(
                choices=[
                    (each, each)
                    for each in (
                        "accepted", "automatic", "bounce", "loop", "no_token", "forged", "stranger", "refused",
                        "failed", "again",
                    )
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            "incomingmail",
            models.Index(condition=models.Q(("outcome", "again")), fields=["id"], name="incoming_mail_again"),
        ),
        migrations.AddConstraint(
            "unreadmail", models.UniqueConstraint(fields=["mailbox", "number"], name="unread_mail_once")
        ),
    ]
