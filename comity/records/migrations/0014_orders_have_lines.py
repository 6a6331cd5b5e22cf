"""Orders of before have one line each, and were sent when their first parcel with a number was."""

from django.db import migrations
from django.db.models import Min


def fill(apps, schema_editor):
    Order, OrderLine = apps.get_model("records", "Order"), apps.get_model("records", "OrderLine")
    ShipmentLine = apps.get_model("records", "ShipmentLine")
    for order in Order.objects.filter(lines=None).iterator(500):
        line = OrderLine.objects.create(order=order, title=order.title, quantity=1, amount=order.amount)
        parcels = order.shipments.all()
        ShipmentLine.objects.bulk_create(ShipmentLine(shipment=each, line=line, quantity=1) for each in parcels)
        sent = parcels.exclude(tracking_number="").aggregate(at=Min("dispatched_at"))["at"]
        if sent is not None or order.delivered_at is not None:
            Order.objects.filter(pk=order.pk).update(sent_at=sent or order.delivered_at)


class Migration(migrations.Migration):

    dependencies = [("records", "0013_delivery")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
