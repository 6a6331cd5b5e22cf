"""Mails that tell of disputes: which notices each tells of, when it was sent, and whether it arrived or came back."""

import django.db.models.deletion
from django.db import migrations, models

_PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [("records", "0014_guided_openings")]

    operations = [
        migrations.CreateModel(
            name="NoticeMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("failed_why", models.CharField(blank=True, max_length=300)),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("arrived_at", models.DateTimeField(null=True)),
                ("bounced_at", models.DateTimeField(null=True)),
                ("dispute", models.ForeignKey(on_delete=_PROTECT, related_name="mails", to="records.dispute")),
                ("party", models.ForeignKey(on_delete=_PROTECT, related_name="notice_mails", to="records.party")),
            ],
        ),
        migrations.AddIndex(
            "noticemail",
            models.Index(condition=models.Q(("due_at__isnull", False)), fields=["due_at"], name="notice_mail_due"),
        ),
        migrations.AddField("notice", "unsent", models.BooleanField(default=False)),
        migrations.AddField(
            "notice",
            "mail",
            models.ForeignKey(
                db_index=False, null=True, on_delete=_PROTECT, related_name="notices", to="records.noticemail"
            ),
        ),
        migrations.AddIndex(
            "notice", models.Index(condition=models.Q(("unsent", True)), fields=["id"], name="notice_unsent")
        ),
        migrations.AddIndex(
            "notice",
            models.Index(condition=models.Q(("mail__isnull", False)), fields=["mail"], name="notice_mailed"),
        ),
    ]
