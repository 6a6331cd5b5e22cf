"""Orders, parcels and conversations that facts alone tell of have rows; facts of the past wait to be judged together.

What was told before there were such rows has them made from the chains.
"""

from django.db import migrations, models

from comity.records.migrations import _by_engine as by_engine


def _external_id() -> models.CharField:  # type: ignore[type-arg]
    return models.CharField(blank=True, max_length=200, null=True)


class Migration(migrations.Migration):
    dependencies = [("records", "0003_ids_belong_to_one_party")]

    operations = [
        migrations.AddField("conversation", "external_id", _external_id()),
        migrations.AddField("conversation", "named_by_shop", models.BooleanField(default=False)),
        migrations.AddField("order", "complete", models.BooleanField(default=True)),
        migrations.AddField("order", "named_by_shop", models.BooleanField(default=False)),
        migrations.AddField("shipment", "external_id", _external_id()),
        migrations.AddField("shipment", "named_by_shop", models.BooleanField(default=False)),
        migrations.AddField("standing", "unjudged", models.BigIntegerField(null=True)),
        migrations.AddField("standing", "judge_at", models.DateTimeField(null=True)),
        migrations.AddField("shipment", "sent", models.BooleanField(default=True)),
        migrations.AlterField("order", "deliver_by", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("order", "external_id", _external_id()),
        *(
            migrations.AddConstraint(
                name, models.UniqueConstraint(fields=[whose, "external_id"], name=f"{name}_external_id")
            )
            for name, whose in (("conversation", "seller"), ("order", "seller"), ("shipment", "order"))
        ),
        migrations.RunPython(by_engine.again, migrations.RunPython.noop),
        migrations.RunPython(by_engine.ask_for_rows, by_engine.forget_to_ask),
    ]
