"""Issues are told up to a line of the journal, no more by how many facts; and what is personal in them can be forgotten."""

import json

from django.db import migrations, models


def up_to_a_line(apps, schema_editor):
    """Turn how many facts of its dispute an issue was told into the number of the last of these lines."""
    lines = apps.get_model("records", "JournalLine").objects.exclude(kind="deadline.fell")
    for row in apps.get_model("records", "NetworkIssue").objects.exclude(dispute=None).exclude(told=0).iterator():
        order = row.dispute.order
        matter = f"order:{order.external_id if order.named_by_shop else order.uuid}"
        names = {f"dispute:{row.dispute.uuid}", f"dispute:{row.dispute.external_id}"}
        facts = lines.filter(party=order.seller_id, matter=matter, fact_id__isnull=False).order_by("noted_at", "fact_id")
        own = [seq for seq, body in facts.values_list("seq", "body") if json.loads(body).get("subject") in names]
        row.told = max(own[: row.told], default=0)
        row.save(update_fields=["told"])


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0031_sealed_rules'),
    ]

    operations = [
        migrations.AlterField(
            model_name='networkissue',
            name='told',
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.RunPython(up_to_a_line, migrations.RunPython.noop),
        migrations.AddField(
            model_name='networkissue',
            name='forgotten_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='networkissue',
            index=models.Index(condition=models.Q(('forgotten_at__isnull', True)), fields=['at'], name='network_issue_kept'),
        ),
    ]
