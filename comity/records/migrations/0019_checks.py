"""Checks before shipping, asked by a listing's category."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0018_transparency'),
    ]

    operations = [
        migrations.AddField(
            model_name='listing',
            name='category',
            field=models.CharField(blank=True, default='', max_length=60),
        ),
        migrations.CreateModel(
            name='Check',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fact', models.CharField(max_length=200, unique=True)),
                ('checklist', models.CharField(max_length=40)),
                ('rulebook', models.CharField(max_length=100)),
                ('passed', models.BooleanField()),
                ('answers', models.JSONField(default=dict)),
                ('salt', models.BinaryField(max_length=16)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.party')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='records.order')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='CheckPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(editable=False, unique=True)),
                ('item', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=60)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='records.check')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
    ]
