"""The seal of the journal."""

from django.db import migrations, models
from django.db.models import Q

_PARTY = {"on_delete": models.PROTECT, "related_name": "+", "to": "records.party"}


def _id() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("records", "0026_faults")]
    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", _id()),
                ("origin", models.CharField(max_length=200)),
                ("secret", models.BinaryField(max_length=32)),
                ("size", models.BigIntegerField(default=0)),
                ("stated_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, default="", max_length=500)),
                ("trouble_since", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="SealedEntry",
            fields=[
                ("place", models.BigIntegerField(primary_key=True, serialize=False)),
                ("seq", models.BigIntegerField(null=True)),
                ("entry", models.BinaryField(max_length=400)),
                ("party", models.ForeignKey(db_index=False, null=True, **_PARTY)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(party__isnull=False), fields=("party", "seq"), name="sealed_line_once"
                    )
                ]
            },
        ),
        migrations.CreateModel(
            name="SealedHead",
            fields=[
                ("party", models.OneToOneField(primary_key=True, serialize=False, **_PARTY)),
                ("seq", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="SealTile",
            fields=[
                ("id", _id()),
                ("level", models.PositiveSmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("level", "number"), name="seal_tile_once")]},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField(max_length=32)),
                ("note", models.TextField()),
                ("at", models.DateTimeField()),
                ("stamp", models.BinaryField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", _id()),
                ("name", models.CharField(max_length=200)),
                ("line", models.CharField(max_length=400)),
                ("at", models.DateTimeField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=models.PROTECT, related_name="cosignatures", to="records.checkpoint"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("checkpoint", "name"), name="cosigned_once")]},
        ),
        migrations.CreateModel(
            name="SealKey",
            fields=[
                ("id", _id()),
                ("verifier", models.CharField(max_length=300, unique=True)),
                ("from_size", models.BigIntegerField()),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("lost", models.BooleanField(default=False)),
            ],
        ),
    ]
