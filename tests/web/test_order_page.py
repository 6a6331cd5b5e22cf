"""The order's page: how far it is, what waits for an answer, every verb by form; who may not, and what cannot be."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from comity.actions import orders, promises, scans, shipments
from comity.actions.addresses import ShipTo
from comity.lib.money import Money
from comity.records.models import Address, Delay, Order, Scan, Shipment, ShipmentLine
from comity.web.trade import order_acts
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

NOW = datetime.now(UTC)
ADDRESS = {"name": "Ana", "street": "Torstraße 1", "city": "Berlin", "country": "de", "postcode": "10115", "region": ""}


def ordered(cast: Cast, *, days_ago: float = 1, promised: float = 10, paid: bool = True) -> Order:
    at = NOW - timedelta(days=days_ago)
    lines = [orders.Line("Lampe 灯", 2, Money(1000, "EUR")), orders.Line("Cup", 3, Money(200, "EUR"))]
    order = orders.place(
        cast.platform,
        orders.NewOrder(
            buyer=cast.buyer,
            seller=cast.seller,
            lines=tuple(lines),
            handling_hours=72,
            deliver_by=at + timedelta(days=promised),
            lane=orders.Lane("CN"),
            ship_to=ShipTo("Ana", "Rua 1", "Curitiba", "BR"),
        ),
        at=at,
    )
    return orders.pay(cast.platform, order, at=at) if paid else order


def post(client: Client, order: Order, verb: str, form: dict[str, str] | None = None) -> str:
    return text(client.post(f"/orders/{order.uuid}/{verb}/", form or {}, follow=True))


def page(client: Client, order: Order) -> str:
    return text(client.get(f"/orders/{order.uuid}/"))


def answered(client: Client, order: Order, verb: str) -> str:
    """Say yes by the form that the page shows."""
    form = page(client, order).partition(f'{verb}/"')[2].partition("</form>")[0]
    return post(
        client, order, verb, {"accept": "1", "asked_at": form.partition('name="asked_at" value="')[2].partition('"')[0]}
    )


def test_the_buyer_sees_how_far_it_is(cast: Cast) -> None:
    order, ana = ordered(cast), sign_in(cast.ana)
    said = page(ana, order)
    assert "Arrives by" in said
    assert "Next: the seller sends it" in said
    assert "Lampe 灯" in said
    assert "Curitiba" in said
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    assert "Next: the carrier takes it over" in page(ana, order)
    scans.scan(cast.platform, parcel, scans.Event("in_transit", NOW - timedelta(hours=3), place="São José"))
    said = page(ana, order)
    assert "on its way, <bdi>São José</bdi>" in said
    assert "Next: out for delivery" in said
    assert 'aria-current="step"><span>On its way' in said
    scans.scan(cast.platform, parcel, scans.Event("delivered", NOW - timedelta(hours=1)))
    said = page(ana, order)
    assert "Arrived on" in said
    assert "Next:" not in said
    assert "Did it come in time?" in said
    assert "Thank you. That is noted." in post(ana, order, "judge", {"on_time": "1"})
    assert "Did it come in time?" not in page(ana, order)


def test_some_of_several_parcels_are_there(cast: Cast) -> None:
    order = ordered(cast)
    lamps, cups = (line.pk for line in order.lines.all())
    seller = sign_in(cast.li)
    assert "of 2 <bdi>Lampe 灯</bdi>" in page(seller, order)
    form = {"carrier": "post", "number": "A1", f"line-{lamps}": "2", f"line-{cups}": "0"}
    post(seller, order, "dispatch", form)
    assert "Another parcel" in page(seller, order)
    post(seller, order, "dispatch", {"carrier": "post", "number": "A2", f"line-{cups}": "3"})
    assert [(each.shipment.tracking_number, each.quantity) for each in ShipmentLine.objects.order_by("pk")] == [("A1", 2), ("A2", 3)]  # fmt: skip
    scans.scan(cast.platform, Shipment.objects.get(tracking_number="A1"), scans.Event("delivered", NOW))
    said = page(sign_in(cast.ana), order)
    assert "1 of 2 parcels has arrived" in said
    assert 'aria-current="step"><span>Sent' in said, "the parcel that is behind says how far the order is"


@pytest.mark.parametrize("number", ["-1", "1e3", "99", "²", "9" * 40, "x"])
def test_pieces_that_are_no_number(cast: Cast, number: str) -> None:
    order = ordered(cast)
    first = order.lines.all()[0].pk
    form = {"carrier": "post", "number": "A1", f"line-{first}": number}
    assert 'class="flash error"' in post(sign_in(cast.li), order, "dispatch", form)
    assert not Shipment.objects.exists()


def test_a_delay_by_form(cast: Cast) -> None:
    order, seller, buyer = ordered(cast), sign_in(cast.li), sign_in(cast.ana)
    assert order.deliver_by
    day = (order.deliver_by + timedelta(days=5)).date()
    assert "Choose the new date." in post(seller, order, "announce-delay", {"day": "soon", "reason": "weather"})
    assert "The buyer is told" in post(seller, order, "announce-delay", {"day": day.isoformat(), "reason": "weather"})
    said = page(buyer, order)
    assert "Accept the later date" in said
    assert "weather" in said
    assert "Accept the later date" not in page(seller, order)
    assert seller.post(f"/orders/{order.uuid}/answer-delay/", {"accept": "1"}).status_code == 403
    assert Delay.objects.get().accepted is None, "a seller does not answer for the buyer"
    assert "The later date is the promise now." in answered(buyer, order, "answer-delay")
    found = Order.objects.get()
    assert found.deliver_by
    assert found.deliver_by.date() == day
    said = page(buyer, order)
    assert "Promised first" in said
    assert "The buyer accepted the later date" in said


def test_cancelling_by_form(cast: Cast) -> None:
    order, seller, buyer = ordered(cast), sign_in(cast.li), sign_in(cast.ana)
    assert "Ask to cancel" in page(buyer, order)
    assert "ask the seller" in post(buyer, order, "cancel", {"reason": "changed_mind"})
    assert "The seller is asked" in post(buyer, order, "ask-cancel", {"reason": "changed_mind"})
    assert "Asked to be cancelled" in page(seller, order)
    assert "The order is cancelled." in answered(seller, order, "answer-cancel")
    assert (Order.objects.get().cancelled_by, Order.objects.get().cancel_reason) == ("buyer", "changed_mind")
    assert "Cancelled" in page(buyer, order)
    unpaid = ordered(cast, paid=False)
    assert "The order is cancelled." in post(buyer, unpaid, "cancel", {"reason": "ordered_wrong"})
    other = ordered(cast)
    assert "Being out of stock, a wrong price" in page(seller, other)
    assert "reason must be one of" in post(seller, other, "cancel", {"reason": "mood"})
    assert "The order is cancelled." in post(seller, other, "cancel", {"reason": "no_stock"})


def test_another_address_by_form(cast: Cast) -> None:
    order, seller, buyer = ordered(cast), sign_in(cast.li), sign_in(cast.ana)
    assert "two letters" in post(buyer, order, "ask-address", {**ADDRESS, "country": "Deutschland"})
    assert "The seller is asked" in post(buyer, order, "ask-address", ADDRESS)
    assert "Torstraße 1" in page(seller, order)
    assert "The order goes to the new address." in answered(seller, order, "answer-address")
    assert Address.objects.get(state="in_force").city == "Berlin"
    assert "Berlin" in page(buyer, order)
    listed = text(seller.get("/sell/ship.csv"))
    assert "Torstraße 1,10115,Berlin,,DE" in listed


def test_going_back_by_form(cast: Cast) -> None:
    order, seller, buyer = ordered(cast), sign_in(cast.li), sign_in(cast.ana)
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    scans.scan(cast.platform, parcel, scans.Event("delivered", NOW - timedelta(hours=1)))
    assert "Send it back" in page(buyer, order)
    assert "Give the carrier" in post(buyer, order, "send-back", {"carrier": "post"})
    wrong = {"carrier": "ups", "number": "1Z5R89390357567128"}
    assert "wrong check digit" in post(buyer, order, "send-back", wrong)
    assert "on their way back" in post(buyer, order, "send-back", {**wrong, "sure": "on"})
    assert "The goods are back" in page(seller, order)
    assert "The goods are back" not in page(buyer, order)
    assert "noted that the goods are back" in post(seller, order, "confirm-return")


def test_an_event_by_hand_is_marked(cast: Cast) -> None:
    order, seller = ordered(cast), sign_in(cast.li)
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    form = {"parcel": str(parcel.uuid), "status": "delivered", "place": "家", "at": (NOW - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")}  # fmt: skip
    assert "entered by hand" in post(seller, order, "scan", form)
    assert "entered by the seller" in page(sign_in(cast.ana), order)
    assert Order.objects.get().delivered_at is None, "a seller's word proves no delivery"
    for wrong in ({"parcel": "x"}, {"status": "teleported"}, {"at": "yesterday"}, {"at": "2999-01-01T00:00"}):
        assert 'class="flash error"' in post(seller, order, "scan", form | wrong)
    assert Scan.objects.count() == 1


def test_a_promise_in_doubt_is_shown_to_both(cast: Cast) -> None:
    order = ordered(cast, days_ago=6, promised=7.5)
    promises.warn_buyers(NOW)
    buyer = sign_in(cast.ana)
    assert "It may arrive later than promised: it was not sent in time." in page(buyer, order)
    assert "The buyer was told." in page(sign_in(cast.li), order)
    assert "may be late" in text(buyer.get("/buy/"))
    assert "It may arrive later than promised" in text(buyer.get("/notices/"))


VERBS = tuple(act.deed.slug for act in order_acts.ACTS)


@pytest.mark.parametrize("verb", VERBS)
def test_rivals_may_do_nothing(cast: Cast, verb: str) -> None:
    order = ordered(cast)
    day = (NOW + timedelta(days=30)).date().isoformat()
    form = {"reason": "other", "accept": "1", "day": day, "carrier": "p", "number": "1", **ADDRESS}
    for who in (cast.bea, cast.max):
        answer = sign_in(who).post(f"/orders/{order.uuid}/{verb}/", form)
        assert answer.status_code in (302, 403), answer.status_code
    found = Order.objects.get()
    assert (found.state, found.deliver_by) == ("paid", order.deliver_by)
    assert not Shipment.objects.exists()
    assert not Delay.objects.exists()
    assert Address.objects.count() == 1


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("what", ["", "\x00", "🧨" * 4000])
def test_nothing_typed_breaks_a_page(cast: Cast, verb: str, what: str) -> None:
    order = ordered(cast)
    fields = ("reason", "day", "carrier", "number", "parcel", "status", "place", "at", *ADDRESS)
    for client in (sign_in(cast.ana), sign_in(cast.li)):
        answer = client.post(f"/orders/{order.uuid}/{verb}/", dict.fromkeys(fields, what), follow=True)
        assert answer.status_code in (200, 403, 422)
    assert client.post(f"/orders/{order.uuid}/explode/").status_code == 404
    assert client.get(f"/orders/{order.uuid}/cancel/").status_code == 405


def test_many_events_at_once(cast: Cast) -> None:
    order, seller = ordered(cast), sign_in(cast.li)
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    at = (NOW - timedelta(hours=5)).strftime("%Y-%m-%d %H:%M")
    lines = (
        f"number;status;time;place\nA1;in transit;{at};Łódź\nB9;accepted;{at};\nA1;nowhere;{at};\nA1;accepted;soon;\n"
    )
    answer = seller.post("/sell/ship/scans/", {"lines": lines})
    said = text(answer)
    assert answer.status_code == 422
    assert "1 event is noted." in said
    assert f"B9;accepted;{at}; A1;nowhere;{at}; A1;accepted;soon;</textarea>" in said
    assert "You have no parcel with that number." in said
    assert Scan.objects.get().zone_assumed is True
    assert seller.post("/sell/ship/scans/", {"lines": f"A1,in_transit,{at},Łódź"}).status_code == 302
    assert Scan.objects.count() == 1, "told twice, it counts once"
    assert sign_in(cast.max).post("/sell/ship/scans/", {"lines": f"A1,delivered,{at},"}).status_code == 422
    assert "Write a line for each event" in text(seller.post("/sell/ship/scans/", {"lines": ""}, follow=True))


def test_what_is_awaited_stands_on_the_shipping_page_with_what_follows(cast: Cast) -> None:
    order, seller = ordered(cast), sign_in(cast.li)
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    said = text(seller.get("/sell/ship/"))
    assert "Sent, and awaited from the carrier" in said
    assert "2 points on the ledger Service; at 2: Warning" in said


def test_news_without_a_parcel_has_a_page(cast: Cast) -> None:
    from comity.integrations.tracking.news import read_all, take_in

    take_in("easypost", b"<not json>", at=NOW)
    take_in("shippo", b'{"data": {"tracking_number": "Z9", "tracking_history": [{"status": "TRANSIT", "status_date": "2026-03-04T10:00:00Z"}]}}', at=NOW)  # fmt: skip
    read_all(NOW)
    agent = sign_in(cast.ken)
    said = text(agent.get("/desk/tracking/"))
    assert "<code>Z9</code>" in said
    assert "could not be read" in said
    assert "<code>Z9</code>" not in text(agent.get("/desk/tracking/?outcome=unreadable"))
    assert agent.get("/desk/tracking/?outcome=%00&page=x").status_code == 200
    for who in (cast.li, cast.ana):
        assert sign_in(who).get("/desk/tracking/").status_code == 403


def test_both_see_why_it_has_not_arrived(cast: Cast) -> None:
    order = ordered(cast)
    first = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=NOW - timedelta(hours=20))
    event = scans.Event("delivered", NOW - timedelta(hours=9), place="01000-000 São Paulo", weight_g=480, signed=True)
    scans.scan(cast.platform, first, event)
    ana, li = sign_in(cast.ana), sign_in(cast.li)
    for reader in (ana, li):
        said = page(reader, order)
        assert "delivered to a different place from the order&#x27;s address, <bdi>01000-000 São Paulo</bdi>" in said
        assert "480 g" in said
        assert "signed for" in said
    instead = shipments.Parcel("post", "A2", for_dispute="dispute:d1")
    other = shipments.dispatch(cast.li, order, instead, at=NOW - timedelta(hours=5))
    assert "Sent in place of another parcel" in page(ana, order)
    scans.scan(cast.platform, other, scans.Event("out_for_delivery", NOW - timedelta(hours=2), place="Curitiba"))
    assert "Next: the delivery" in page(ana, order)
