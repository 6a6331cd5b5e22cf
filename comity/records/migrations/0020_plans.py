"""Improvement plans, and mails about them."""

from django.db import migrations, models

_PROTECT = models.PROTECT
_STAGES = ("asked", "written", "sent_back", "running", "kept", "failed", "withdrawn")


class Migration(migrations.Migration):
    dependencies = [("records", "0019_checks")]
    operations = [
        migrations.CreateModel(
            name="ImprovementPlan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=20, unique=True)),
                ("standard", models.CharField(max_length=40)),
                ("level", models.PositiveSmallIntegerField()),
                ("rulebook", models.CharField(max_length=100)),
                ("runs", models.PositiveIntegerField()),
                ("rating", models.CharField(max_length=20)),
                ("rated_at", models.DateTimeField()),
                ("counted", models.PositiveIntegerField()),
                ("faulty", models.PositiveIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("stage", models.CharField(choices=[(each, each) for each in _STAGES], max_length=10)),
                ("since", models.DateTimeField()),
                ("version", models.PositiveSmallIntegerField(default=0)),
                ("actions", models.CharField(blank=True, max_length=300)),
                ("written_at", models.DateTimeField(null=True)),
                ("sent_back_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("accepted_by", models.CharField(blank=True, max_length=200)),
                ("check_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("because", models.CharField(blank=True, max_length=20)),
                ("checked_counted", models.PositiveIntegerField(null=True)),
                ("checked_faulty", models.PositiveIntegerField(null=True)),
                ("party", models.ForeignKey(on_delete=_PROTECT, related_name="plans", to="records.party")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["party", "standard", "rated_at"], name="plan_of_standard"),
                    models.Index(
                        condition=models.Q(("stage", "written")), fields=["written_at"], name="plan_to_look_at"
                    ),
                ]
            },
        ),
        migrations.RemoveConstraint("noticemail", "notice_mail_about_one"),
        migrations.AddField(
            "noticemail",
            "plan",
            models.ForeignKey(null=True, on_delete=_PROTECT, related_name="mails", to="records.improvementplan"),
        ),
        migrations.AddConstraint(
            "noticemail",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dispute__isnull", False), ("measure", None), ("plan", None)),
                    models.Q(("dispute", None), ("measure__isnull", False), ("plan", None)),
                    models.Q(("dispute", None), ("measure", None), ("plan__isnull", False)),
                    _connector="OR",
                ),
                name="notice_mail_about_one",
            ),
        ),
    ]
