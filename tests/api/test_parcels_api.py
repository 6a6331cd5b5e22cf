"""Parcels by API: where they were delivered, what they weighed, what goes back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions import returns
from comity.records.models import JournalLine, Order, OrderLine, Scan
from tests.api.client import Api
from tests.cast import Cast

SYDNEY = {"name": "Ana", "street": "1 George St", "city": "Sydney", "country": "AU", "postcode": "2000"}


@pytest.fixture
def parcel(cast: Cast) -> str:
    """The id of a parcel to Sydney, and two lenses in it."""
    shop = Api(cast.platform, cast.platform)
    placed = shop.post("/orders", {
        "buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "AUD", "handling_hours": 72,
        "deliver_by": (datetime.now(UTC) + timedelta(days=20)).isoformat(), "ship_to": SYDNEY,
        "lines": [{"title": "Lens", "quantity": 2, "amount": 30000, "weight_g": 480}],
    })  # fmt: skip
    uuid = json.loads(placed.content)["uuid"]
    shop.post(f"/orders/{uuid}/pay")
    sent = shop.post(f"/orders/{uuid}/shipments", {"carrier": "post", "tracking_number": "RR1"})
    return str(json.loads(sent.content)["uuid"])


def scan(cast: Cast, parcel: str, **data: Any) -> int:
    event = {"at": datetime.now(UTC).isoformat(), "status": "delivered", **data}
    return int(Api(cast.platform, cast.platform).post(f"/shipments/{parcel}/scans", event).status_code)


def test_where_it_was_delivered_and_what_it_weighed(cast: Cast, parcel: str) -> None:
    line, order = OrderLine.objects.get(), Order.objects.get()
    assert (line.weight_g, returns.goods_weight(order), returns.goods_weight(order, {line.pk: 1})) == (480, 960, 480)
    assert scan(cast, parcel, postcode="3000", weight_g=950, signed=True) == 200
    row = Scan.objects.get()
    assert (row.status, row.postcode, row.weight_g, row.signed) == ("delivered_elsewhere", "3000", 950, True)
    assert '"weight_g":950' in JournalLine.objects.get(kind="shipment.scanned").body
    assert Order.objects.get().delivered_at is None
    assert scan(cast, parcel, postcode="2000") == 200
    assert Order.objects.get().delivered_at is not None


@pytest.mark.parametrize("wrong", [{"weight_g": -1}, {"weight_g": 10**9}, {"weight_g": 0.5}, {"postcode": "0" * 21}])
def test_what_cannot_be_is_refused(cast: Cast, parcel: str, wrong: dict[str, Any]) -> None:
    assert scan(cast, parcel, **wrong) == 422
    assert not Scan.objects.exists()


def test_a_return_says_what_it_weighed_at_posting(cast: Cast, parcel: str) -> None:
    scan(cast, parcel)
    order, ana = Order.objects.get(), Api(cast.platform, cast.ana)
    back = {"carrier": "post", "tracking_number": "R2", "weight_g": 120}
    assert ana.post(f"/orders/{order.uuid}/returns", back).status_code == 201
    OrderLine.objects.update(weight_g=None)
    assert returns.goods_weight(order) is None, "nobody said"
    assert '"weight_g":120' in JournalLine.objects.get(kind="return.sent").body
