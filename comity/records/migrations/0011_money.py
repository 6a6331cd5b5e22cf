"""The money of orders: what was paid for each line, what goes back and how, what banks took and sellers got.

Of orders that are there: a line's pieces were paid at their price; what was paid is paid once the order is. Refunds and
charge-backs that only the journal holds have rows made.
"""

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F

from comity.records.migrations import _by_engine as by_engine


def _fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Say what was paid for lines and orders; have rows made of what only the journal held."""
    apps.get_model("records", "OrderLine").objects.update(paid=F("amount") * F("quantity"))
    apps.get_model("records", "Order").objects.exclude(paid_at=None).update(paid=F("amount"))
    lines = apps.get_model("records", "JournalLine").objects.filter(kind__in=["order.refunded", "order.charged_back"])
    if lines.exists():
        by_engine.ask_for_rows(apps, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0010_proven_by_questions'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChargeBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=190)),
                ('amount', models.BigIntegerField()),
                ('reversed', models.BigIntegerField(default=0)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('reference', models.CharField(blank=True, max_length=190)),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='PayOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=190)),
                ('amount', models.BigIntegerField()),
                ('netted', models.BigIntegerField(default=0)),
                ('platform', models.BigIntegerField(default=0)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Refund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('due_at', models.DateTimeField(null=True)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('failed_why', models.CharField(blank=True, max_length=300)),
                ('uuid', models.UUIDField(editable=False, unique=True)),
                ('dispute_ref', models.CharField(blank=True, default='', max_length=200)),
                ('amount', models.BigIntegerField()),
                ('confirmed', models.BigIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('cost', models.CharField(choices=[('seller', 'seller'), ('platform', 'platform'), ('carrier', 'carrier')], default='seller', max_length=10)),
                ('because', models.CharField(blank=True, default='', max_length=40)),
                ('outside', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('instructed', 'instructed'), ('confirmed', 'confirmed'), ('failed', 'failed'), ('cancelled', 'cancelled')], max_length=10)),
                ('reference', models.CharField(blank=True, default='', max_length=190)),
                ('instructed_at', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('failed_code', models.CharField(blank=True, default='', max_length=40)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RefundPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('tax', models.BigIntegerField(null=True)),
                ('pieces', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='RefundVia',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('reference', models.CharField(blank=True, default='', max_length=190)),
                ('state', models.CharField(choices=[('instructed', 'instructed'), ('confirmed', 'confirmed'), ('failed', 'failed')], default='instructed', max_length=10)),
                ('code', models.CharField(blank=True, default='', max_length=40)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddField(
            model_name='order',
            name='charged_back',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='instructed',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='paid',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='paid_out',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='platform_paid',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='platform_pays',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='order',
            name='postage',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='order',
            name='refunded',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='orderline',
            name='bundle',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='records.orderline'),
        ),
        migrations.AddField(
            model_name='orderline',
            name='listed',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='orderline',
            name='paid',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='orderline',
            name='tax',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='order',
            constraint=models.CheckConstraint(condition=models.Q(('charged_back__gte', 0), ('instructed__gte', 0), ('paid__gte', 0), ('paid_out__gte', 0), ('platform_paid__gte', 0), ('platform_pays__gte', 0), ('refunded__gte', 0)), name='order_money_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='orderline',
            constraint=models.CheckConstraint(condition=models.Q(('paid__gte', 0)), name='line_paid_not_negative'),
        ),
        migrations.AddField(
            model_name='chargeback',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charge_backs', to='records.order'),
        ),
        migrations.AddField(
            model_name='payment',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='payments', to='records.order'),
        ),
        migrations.AddField(
            model_name='chargeback',
            name='payment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='charge_backs', to='records.payment'),
        ),
        migrations.AddField(
            model_name='payout',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pay_outs', to='records.order'),
        ),
        migrations.AddField(
            model_name='refund',
            name='order',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='records.order'),
        ),
        migrations.AddField(
            model_name='refund',
            name='replaces',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='records.refund'),
        ),
        migrations.AddField(
            model_name='refundpart',
            name='line',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunded_parts', to='records.orderline'),
        ),
        migrations.AddField(
            model_name='refundpart',
            name='refund',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='records.refund'),
        ),
        migrations.AddField(
            model_name='refundvia',
            name='payment',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='records.payment'),
        ),
        migrations.AddField(
            model_name='refundvia',
            name='refund',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ways', to='records.refund'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('reference', ''), _negated=True), fields=['reference'], name='payment_reference'),
        ),
        migrations.AddConstraint(
            model_name='payment',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='payment_is_some'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='refund_due'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(condition=models.Q(('state__in', ['instructed', 'failed'])), fields=['state', 'id'], name='refund_open'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='refund_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('outside', True), ('amount__gte', 1), _connector='OR'), name='refund_is_some'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('instructed', 'confirmed', 'failed', 'cancelled'))), name='refund_state_known'),
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('cost__in', ('seller', 'platform', 'carrier'))), name='refund_cost_known'),
        ),
        migrations.AddConstraint(
            model_name='refundpart',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='refund_part_is_some'),
        ),
        migrations.AddConstraint(
            model_name='refundvia',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 1)), name='refund_via_is_some'),
        ),
        migrations.AddConstraint(
            model_name='refundvia',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('instructed', 'confirmed', 'failed'))), name='refund_via_state_known'),
        ),
        migrations.RunPython(by_engine.again, migrations.RunPython.noop),
        migrations.RunPython(_fill, by_engine.forget_to_ask),
    ]
