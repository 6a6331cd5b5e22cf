"""Orders that are excused together: what they were late with goes at once, and nothing comes and goes in between."""

from datetime import timedelta

import pytest

from comity.actions import clock, orders, pauses, rulebooks, shipments
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.lib.money import Money
from comity.records.models import Charge, Duty, JournalLine, Order, Rating, Sanction
from tests.cast import START, Cast, assemble, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
BOOK = """
name = "late"
version = "1"
in_force_from = 2026-01-01
[[duty]]
name = "dispatch"
title = "Sent within a day"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
within = "24 hours"
[[standard]]
name = "late dispatch"
title = "Few are late"
of_duty = "dispatch"
basis = "due"
window = ["10 days", "30 days"]
limit = { rate = "< 40%" }
breach = { measure = { measure = "restriction", notice = "1 day", length = "30 days", decided_by = "automatic" } }
"""


@pytest.fixture
def cast() -> Cast:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK, at=START)
    return cast


def sent(cast: Cast, at: float, after: float) -> Order:
    order = cast.order(at=at)
    clock.turn(hours(at + after))
    shipments.dispatch(cast.li, order, shipments.Parcel("post", f"RR{at}"), at=hours(at + after))
    return order


def test_orders_excused_together_are_late_in_no_window_and_bring_nothing_on_the_way(cast: Cast) -> None:
    late = [sent(cast, 60 * number, 50) for number in range(3)]
    sent(cast, 200, 5)
    clock.turn(hours(15 * 24))
    (measure,) = Sanction.objects.all()
    assert (measure.status, Rating.objects.filter(overturned_at=None).count()) == ("placed", 1)
    issued = JournalLine.objects.filter(kind="sanction.placed").count()
    at = hours(15 * 24 + 1)
    # Our clock had been set wrong since the first was paid, until the last was sent.
    pauses.record_of_several(
        cast.ken, late, begins=hours(0), ends=hours(171), cause="platform_outage", at=at
    )  # fmt: skip
    assert set(Duty.objects.values_list("status", flat=True)) == {"met"}
    assert not Rating.objects.filter(overturned_at=None).exists()
    (measure,) = Sanction.objects.all()
    assert (measure.status, measure.ended_at) == ("overturned", at)
    assert JournalLine.objects.filter(kind="sanction.placed").count() == issued, "no other measure came meanwhile"
    assert not Charge.objects.filter(overturned_at=None).exists()
    clock.turn(hours(40 * 24))
    assert Sanction.objects.count() == 1
    assert replayed(cast.seller, until=hours(40 * 24)) == ruled(cast.seller)


def test_who_may_excuse_and_what_is_refused(cast: Cast) -> None:
    mine = cast.order(at=0)
    what = orders.NewOrder(
        buyer=cast.buyer, seller=cast.max.party, title="Cup", price=Money(100, "EUR"), handling_hours=24, deliver_by=hours(99),
    )  # fmt: skip
    other = orders.place(cast.platform, what, at=hours(0))
    span = {"begins": hours(0), "ends": hours(9), "cause": "platform_outage", "at": hours(10)}
    with pytest.raises(Forbidden):
        pauses.record_of_several(cast.li, [mine], **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="orders of one seller"):
        pauses.record_of_several(cast.ken, [mine, other], **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="orders of one seller"):
        pauses.record_of_several(cast.ken, [], **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="cause must be one of"):
        pauses.record_of_several(
            cast.ken, [mine], begins=hours(0), ends=hours(1), cause="our mood", at=hours(0) + timedelta(hours=2)
        )
    assert not JournalLine.objects.filter(kind="pause.recorded").exists()
