"""Events of PayPal's that come at the same moment. Run with those of the network (`igm.at_once`), on PostgreSQL."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.actions import orders
from comity.actions.orders import Line, NewOrder, NewPayment
from comity.lib.money import Money
from comity.records.models import Dispute, Order
from comity.records.models.network import NetworkMessage
from tests.disputing import Stage
from tests.integrations.paypal import WEBHOOK, PayPal, post, trusted

AtOnce = Callable[..., list[Any]]


def what_paypal_tells_at_once_counts_once(
    here: Stage, at_once: AtOnce, folder: Path, patch: pytest.MonkeyPatch
) -> None:
    patch.setenv("COMITY_PAYPAL_WEBHOOK", WEBHOOK)
    patch.setenv("COMITY_PAYPAL_CERTIFICATE", trusted(folder))

    def told(bodies: Sequence[bytes]) -> list[str]:
        answers = at_once(*(lambda each=each: post(each) for each in bodies))
        assert {status for status, _ in answers} == {202}
        return sorted(said for _, said in answers)

    asked, there = paid(here, "PAY-1")
    assert told([there.event("CREATED", 0)] * 4) == ["recorded", "same", "same", "same"]
    assert told([there.event("UPDATED", 1) for _ in range(4)]) == ["same"] * 4
    assert Dispute.objects.filter(order=asked).count() == 1

    taken, there = paid(here, "PAY-2")
    assert told([there.stage("CHARGEBACK", 2) for _ in range(4)]) == ["recorded", "same", "same", "same"]
    won, again = there.resolved("RESOLVED_SELLER_FAVOUR", 3), there.stage("PRE_ARBITRATION", 4)
    told([won, again, won, again])
    taken.refresh_from_db()
    assert taken.charged_back == 6000, "the newest word counts, whichever came first"
    assert NetworkMessage.objects.filter(sender="paypal").count() == 5 + 4 + 2


def paid(here: Stage, payment: str) -> tuple[Order, PayPal]:
    began = datetime.now(UTC) - timedelta(days=2)
    new = NewOrder(
        buyer=here.cast.buyer, seller=here.cast.seller, lines=(Line("Clock", 1, Money(6000, "EUR")),),
        handling_hours=72, deliver_by=began + timedelta(days=20), external_id=payment,
        payments=(NewPayment("PayPal", Money(6000, "EUR"), payment),),
    )  # fmt: skip
    order = orders.pay(here.cast.platform, orders.place(here.cast.platform, new, at=began), at=began)
    there = PayPal.about(payment, began + timedelta(hours=1))
    there.dispute["dispute_id"], there.sent = f"PP-{payment}", 100 * int(payment[-1])
    return order, there
