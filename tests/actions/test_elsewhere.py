"""Delivered means to the order's address: what goes elsewhere, turns round or is weighed on its way."""

from itertools import permutations
from typing import Any

import pytest

from comity.actions import clock, facts, returns, scans, shipments
from comity.actions.addresses import ShipTo
from comity.actions.enact import Refused
from comity.actions.scans import Event
from comity.policy.disputes.contradictions import place_key
from comity.records import journal, rebuild
from comity.records.models import Duty, JournalLine, Notice, Order, Scan, Shipment
from tests.actions.test_delivery import big
from tests.cast import Cast, hours, tell

pytestmark = pytest.mark.django_db
SYDNEY = ShipTo("Ana Souza", "1 George St", "Sydney", "AU", "2000", "NSW")
DAY = 24


def sent(cast: Cast, ship_to: ShipTo | None = SYDNEY) -> Shipment:
    return shipments.dispatch(cast.li, big(cast, ship_to=ship_to), shipments.Parcel("post", "A1"), at=hours(5))


def bodies(kind: str) -> list[str]:
    return list(JournalLine.objects.filter(kind=kind).order_by("seq").values_list("body", flat=True))


def test_delivered_in_another_town_is_not_delivered(cast: Cast) -> None:
    parcel = sent(cast)
    assert scans.scan(cast.platform, parcel, Event("delivered", hours(80), "3000 Melbourne"))
    order = Order.objects.get()
    assert (order.delivered_at, Shipment.objects.get().delivered_at, order.state) == (None, None, "sent")
    assert bodies("shipment.delivered") == []
    (body,) = bodies("shipment.scanned")
    assert '"status":"delivered_elsewhere"' in body
    assert '"differs":"postcode"' in body
    assert "3000" not in body, "facts hold no places"
    assert Notice.objects.get(party=cast.seller, kind="parcel.doubted").values["status"] == "delivered_elsewhere"
    assert scans.elsewhere(order) == {place_key(parcel.ref, hours(80)): ("3000", "2000")}
    assert rebuild.at_odds(cast.seller) == []
    clock.turn(hours(DAY * 60))
    assert Duty.objects.get(rule="deliver").status == "breached", "the promise was not kept"


def test_the_same_news_again_is_the_same(cast: Cast) -> None:
    parcel = sent(cast)
    assert scans.scan(cast.platform, parcel, Event("delivered", hours(80), "Melbourne"))
    assert not scans.scan(cast.platform, parcel, Event("delivered", hours(80), "Melbourne"))
    assert scans.scan(cast.platform, parcel, Event("delivered", hours(100), "Sydney", signed=True))
    assert Order.objects.get().delivered_at == hours(100), "then it was brought to the right place"
    (body,) = bodies("shipment.delivered")
    assert '"signed":true' in body


@pytest.mark.parametrize(
    ("ship_to", "event"),
    [
        (SYDNEY, Event("delivered", hours(80))),
        (SYDNEY, Event("delivered", hours(80), "Front door")),
        (SYDNEY, Event("delivered", hours(80), "SYDNEY NSW 2000", "AU")),
        (SYDNEY, Event("delivered", hours(80), "Darlinghurst", postcode="2000")),
        (None, Event("delivered", hours(80), "3000 Melbourne")),
    ],
)
def test_where_nothing_is_sure_it_is_delivered(cast: Cast, ship_to: ShipTo | None, event: Event) -> None:
    scans.scan(cast.platform, sent(cast, ship_to), event)
    assert Order.objects.get().delivered_at == hours(80)


def test_a_later_scan_elsewhere_undoes_no_delivery(cast: Cast) -> None:
    parcel = sent(cast)
    scans.scan(cast.platform, parcel, Event("delivered", hours(80), "2000 Sydney"))
    scans.scan(cast.platform, parcel, Event("delivered", hours(120), "3000 Melbourne"))
    assert Order.objects.get().delivered_at == hours(80)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_back_at_the_sender_is_no_delivery(cast: Cast, order: tuple[int, ...]) -> None:
    parcel = sent(cast)
    news = [Event("out_for_delivery", hours(60)), Event("returned", hours(80)), Event("delivered", hours(160))]
    for number in order:
        scans.scan(cast.platform, Shipment.objects.get(pk=parcel.pk), news[number], noted_at=hours(200))
    assert Order.objects.get().delivered_at is None
    assert rebuild.at_odds(cast.seller) == []
    clock.turn(hours(DAY * 60))
    assert Duty.objects.get(rule="deliver").status == "breached", "duties and rows agree, in whichever order it is told"
    if order.index(1) < order.index(2):
        assert list(Scan.objects.order_by("at").values_list("status", flat=True)[1:]) == ["returned", "back_at_sender"]


@pytest.mark.parametrize("late", [False, True])
def test_a_shop_tells_that_it_turned_round(cast: Cast, late: bool) -> None:
    order = cast.order(days=20)
    back: dict[str, Any] = {"status": "returned", "source": "carrier"}
    told = [("shipment.scanned", hours(80), back), ("shipment.delivered", hours(160), {})]
    for kind, at, data in reversed(told) if late else told:
        about = {**data, "party": cast.seller.ref, "matter": order.ref}
        event = {
            "specversion": "1.0", "id": kind, "source": "shop", "type": kind, "time": at.isoformat(),
            "subject": "shipment:s1", "data": about,
        }  # fmt: skip
        assert facts.record(cast.platform, event, now=hours(200)).status == "recorded"
    clock.turn(hours(DAY * 60))
    assert Order.objects.get().delivered_at is None
    assert Duty.objects.get(rule="deliver").status == "breached"


def test_what_was_brought_to_the_door_later_was_not_there(cast: Cast) -> None:
    parcel = sent(cast)
    scans.scan(cast.platform, parcel, Event("delivered", hours(80)))
    assert Duty.objects.get(rule="deliver").status == "met"
    scans.scan(cast.platform, parcel, Event("attempted", hours(120)))
    assert Duty.objects.get(rule="deliver").status == "open"
    scans.scan(cast.platform, parcel, Event("delivered", hours(130)))
    duty = Duty.objects.get(rule="deliver")
    assert (duty.status, duty.ended_at) == ("met", hours(130))
    assert rebuild.at_odds(cast.seller) == []


# Parcels that replace others


def test_a_replacement_is_none_of_the_orders_parcels(cast: Cast) -> None:
    first = sent(cast)
    order = Order.objects.get()
    scans.scan(cast.platform, first, Event("lost", hours(90)))
    parcel = shipments.Parcel("post", "B2", for_dispute="dispute:d1")
    other = shipments.dispatch(cast.li, order, parcel, at=hours(100))
    assert shipments.dispatch(cast.li, order, parcel, at=hours(101)) == other, "a second click"
    assert (other.pieces, other.replaces, first.replaces) == (5, True, False)
    assert '"dispute":"dispute:d1"' in bodies("shipment.dispatched")[-1]
    assert not any(shipments.left_to_send(order).values())
    scans.scan(cast.platform, first, Event("returned", hours(120)))
    scans.scan(cast.platform, first, Event("delivered", hours(130)))
    assert not Shipment.objects.filter(returns=True).exists(), "a lost parcel that comes back is no return"
    scans.scan(cast.platform, other, Event("delivered", hours(150)))
    order.refresh_from_db()
    assert order.delivered_at is None
    assert Shipment.objects.get(pk=other.pk).delivered_at == hours(150)
    assert rebuild.at_odds(cast.seller) == []


def test_a_replacement_of_a_part_holds_what_is_named(cast: Cast) -> None:
    sent(cast)
    order = Order.objects.get()
    lamps, _cups = order.lines.all()
    parcel = shipments.Parcel("post", "B2", {lamps.pk: 1}, for_dispute="dispute:d1")
    other = shipments.dispatch(cast.li, order, parcel, at=hours(100))
    assert (other.pieces, other.contents.get().line) == (1, lamps)
    with pytest.raises(Refused):
        shipments.dispatch(
            cast.li, order, shipments.Parcel("post", "B3", {lamps.pk: 3}, for_dispute="dispute:d1"), at=hours(101)
        )


# Goods that go back for a dispute


def test_two_returns_of_one_order_are_told_apart(cast: Cast) -> None:
    scans.scan(cast.platform, sent(cast), Event("delivered", hours(80)))
    order = Order.objects.get()
    lamps, cups = order.lines.all()
    one = returns.send(
        cast.ana, order, shipments.Parcel("post", "R1", {lamps.pk: 1}, for_dispute="dispute:a"), at=hours(100)
    )
    parcel = shipments.Parcel("post", "R2", {cups.pk: 2}, for_dispute="dispute:b", weight_g=120)
    two = returns.send(cast.ana, order, parcel, at=hours(101))
    assert (one.pieces, two.pieces, one.dispute_ref, two.dispute_ref) == (1, 2, "dispute:a", "dispute:b")
    assert '"weight_g":120' in bodies("return.sent")[1]
    scans.scan(cast.platform, one, Event("delivered", hours(150), weight_g=300))
    assert '"dispute":"dispute:a"' in bodies("return.delivered")[0]
    returns.confirm(cast.li, order, at=hours(160), dispute="dispute:a")
    returns.confirm(cast.li, order, at=hours(161), dispute="dispute:a")
    assert len(bodies("return.confirmed")) == 1
    assert Shipment.objects.get(pk=two.pk).delivered_at is None
    returns.confirm(cast.li, order, at=hours(170), dispute="dispute:b")
    assert len(bodies("return.confirmed")) == 2
    assert rebuild.at_odds(cast.seller) == []


def test_a_return_told_twice_in_one_breath_arrived_once(cast: Cast) -> None:
    scans.scan(cast.platform, sent(cast), Event("delivered", hours(80)))
    back = returns.send(cast.ana, Order.objects.get(), shipments.Parcel("post", "R1"), at=hours(100))
    for event in (Event("delivered", hours(150), "gate"), Event("delivered", hours(157), "quality check")):
        scans.scan(cast.platform, back, event)  # the same row in hand, as one body of news is read
    assert len(bodies("return.delivered")) == 1


def test_each_return_is_its_disputes(cast: Cast) -> None:
    scans.scan(cast.platform, sent(cast), Event("delivered", hours(80)))
    order = Order.objects.get()
    back = returns.send(cast.ana, order, shipments.Parcel("post", "R1", for_dispute="dispute:a"), at=hours(100))
    scans.scan(cast.platform, back, Event("in_transit", hours(120)))
    scans.scan(cast.platform, back, Event("delivered", hours(150)))
    returns.confirm(cast.li, order, at=hours(160), dispute="dispute:a")
    told = [fact for fact in journal.facts_of(cast.seller, matter=order.ref) if fact.kind.startswith("return.")]
    assert [(fact.kind, fact.subject) for fact in told] == [
        (kind, "dispute:a") for kind in ("return.sent", "return.scanned", "return.delivered", "return.confirmed")
    ]
    with pytest.raises(Refused):
        returns.confirm(cast.li, order, at=hours(170))


@pytest.mark.parametrize("late", [False, True])
def test_a_return_scanned_twice_arrived_once(cast: Cast, late: bool) -> None:
    scans.scan(cast.platform, sent(cast), Event("delivered", hours(80)))
    back = returns.send(cast.ana, Order.objects.get(), shipments.Parcel("post", "R1"), at=hours(100))
    gate, check = Event("delivered", hours(150), "gate"), Event("delivered", hours(157), "quality check")
    for event in (check, gate) if late else (gate, check):
        scans.scan(cast.platform, Shipment.objects.get(pk=back.pk), event, noted_at=hours(160))
    assert Shipment.objects.get(pk=back.pk).delivered_at == hours(150)
    assert rebuild.at_odds(cast.seller) == []
    if not late:
        assert len(bodies("return.delivered")) == 1
        assert '"status":"delivered"' in bodies("return.scanned")[0]


def test_a_shop_tells_of_two_returns(cast: Cast) -> None:
    order = cast.order()
    tell(cast, "shipment.delivered", order.ref, hours(80))
    tell(cast, "return.sent", order.ref, hours(100), dispute="dispute:a")
    tell(cast, "return.sent", order.ref, hours(101), dispute="dispute:b")
    tell(cast, "return.delivered", order.ref, hours(150), dispute="dispute:b")
    rows = Shipment.objects.filter(returns=True).order_by("dispute_ref")
    assert [(row.dispute_ref, row.delivered_at) for row in rows] == [("dispute:a", None), ("dispute:b", hours(150))]
    assert rebuild.at_odds(cast.seller) == []
