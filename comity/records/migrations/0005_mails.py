"""Under one Message-ID another content is another mail; mails that could not be read wait, and are counted."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0004_rows_follow_facts")]

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
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(null=True)),
                ("why", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddConstraint(
            "unreadmail", models.UniqueConstraint(fields=["mailbox", "number"], name="unread_mail_once")
        ),
    ]
