"""Orders of several lines and parcels; delays, cancellations, addresses, returns, outages, doubts told in time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions import (
    addresses,
    cancellations,
    clock,
    delays,
    deliveries,
    doubts,
    listings,
    orders,
    outages,
    promises,
    returns,
    scans,
    shipments,
)
from comity.actions.addresses import ShipTo
from comity.actions.enact import Refused, enact
from comity.actions.excuses import spreading
from comity.actions.excuses.asked import LONGEST
from comity.actions.guard import Forbidden
from comity.lib.money import Money
from comity.policy.facts import Fact
from comity.records import journal, rebuild, scorecards
from comity.records.models import (
    Address,
    CancelRequest,
    Charge,
    Delay,
    Duty,
    Excuse,
    JournalLine,
    LaneCard,
    Notice,
    Order,
    Party,
    Pause,
    Scan,
    Shipment,
)
from tests.cast import Cast, hours

HOME = ShipTo("Ana Souza", "Rua XV 12", "Curitiba", "BR", "80010-000", "PR")
DAY = 24


def big(cast: Cast, *, at: float = 0, paid: bool = True, days: int = 20, ship_to: ShipTo | None = HOME) -> Order:
    """Two lamps and three cups."""
    lines = [orders.Line("Lamp", 2, Money(1000, "EUR")), orders.Line("Cup", 3, Money(200, "EUR"))]
    order = orders.place(
        cast.platform,
        orders.NewOrder(
            buyer=cast.buyer,
            seller=cast.seller,
            lines=tuple(lines),
            handling_hours=72,
            deliver_by=hours(at) + timedelta(days=days),
            ship_to=ship_to,
            lane=orders.Lane("CN"),
        ),
        at=hours(at),
    )
    return orders.pay(cast.platform, order, at=hours(at)) if paid else order


def status(rule: str) -> str:
    return Duty.objects.get(rule=rule).status


def lamps_and_cups(order: Order) -> tuple[int, int]:
    first, second = order.lines.all()
    return first.pk, second.pk


def kinds(kind: str) -> int:
    return JournalLine.objects.filter(kind=kind).count()


# Lines and parcels


def test_an_order_of_lines(cast: Cast) -> None:
    order = big(cast)
    assert (order.title, order.amount, order.pieces, order.destination) == ("Lamp and 1 more", 2600, 5, "BR-PR")
    assert [(line.title, line.quantity, line.price.minor) for line in order.lines.all()] == [
        ("Lamp", 2, 1000), ("Cup", 3, 200)
    ]  # fmt: skip
    assert '"pieces":5' in JournalLine.objects.get(kind="order.placed").body
    assert "Rua" not in "".join(JournalLine.objects.values_list("body", flat=True)), "no address in the journal"


def test_a_part_is_not_the_whole(cast: Cast) -> None:
    order = big(cast)
    lamps, cups = lamps_and_cups(order)
    first = shipments.dispatch(
        cast.li, order, shipments.Parcel("post", "A1", contents={lamps: 2, cups: 1}), at=hours(5)
    )
    assert (first.pieces, status("dispatch"), Order.objects.get().state) == (3, "open", "paid")
    assert {line.title: left for line, left in shipments.left_to_send(order).items()} == {"Lamp": 0, "Cup": 2}
    second = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A2"), at=hours(30))
    assert [(each.line.title, each.quantity) for each in second.contents.all()] == [("Cup", 2)]
    assert (status("dispatch"), Order.objects.get().state) == ("met", "sent")
    scans.scan(cast.platform, second, scans.Event("delivered", hours(90)))
    assert (status("deliver"), Order.objects.get().delivered_at) == ("open", None)
    scans.scan(cast.platform, first, scans.Event("delivered", hours(80)), noted_at=hours(95))
    found = Order.objects.get()
    assert (status("deliver"), found.delivered_at, found.state) == ("met", hours(90), "delivered")
    assert Duty.objects.get(rule="deliver").ended_at == hours(90)


def test_what_is_half_sent_is_late_and_charged(cast: Cast) -> None:
    order = big(cast)
    lamps, _ = lamps_and_cups(order)
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1", contents={lamps: 2}), at=hours(5))
    clock.turn(hours(73))
    assert status("dispatch") == "breached"
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A2"), at=hours(74))
    assert status("dispatch") == "cured"
    assert Charge.objects.get(rule="dispatch").points == 2


def test_more_than_there_is_cannot_be_sent(cast: Cast) -> None:
    order = big(cast)
    lamps, cups = lamps_and_cups(order)
    for contents in ({lamps: 3}, {cups: 4}, {lamps: 0}, {10**9: 1}, {}):
        with pytest.raises(Refused):
            shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1", contents=contents), at=hours(5))
    assert not Shipment.objects.exists()


def test_a_mistyped_number_is_given_anew_until_the_carrier_has_seen_the_parcel(cast: Cast) -> None:
    order = big(cast)
    wrong = shipments.dispatch(cast.li, order, shipments.Parcel("post", "WRONG"), at=hours(5))
    right = shipments.dispatch(cast.li, order, shipments.Parcel("post", "RIGHT"), at=hours(6))
    assert (wrong.pieces, right.pieces) == (5, 5)
    scans.scan(cast.platform, right, scans.Event("delivered", hours(90)))
    assert (status("deliver"), Order.objects.get().state) == ("met", "delivered")


def test_the_earliest_arrival_counts_in_whichever_order_it_is_told(cast: Cast) -> None:
    order = cast.order()
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(5))
    scans.scan(cast.platform, parcel, scans.Event("delivered", hours(60), external_id="b"))
    scans.scan(cast.platform, parcel, scans.Event("delivered", hours(50), external_id="a"), noted_at=hours(61))
    assert Order.objects.get().delivered_at == Shipment.objects.get().delivered_at == hours(50)
    assert Duty.objects.get(rule="deliver").ended_at == hours(50)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "at least one line"),
        ([("Lamp", 0, "EUR")], "quantity must be at least 1"),
        ([(" ", 1, "EUR")], "line 1: title must have"),
        ([("Lamp", 1, "EUR"), ("Cup", 1, "USD")], "one currency"),
        ([("Lamp", 200_000, "EUR")], "at most 100000 pieces"),
    ],
)
def test_lines_that_are_none_are_refused(cast: Cast, lines: list[tuple[str, int, str]], said: str) -> None:
    made = [orders.Line(title, count, Money(1, currency)) for title, count, currency in lines]
    with pytest.raises(Refused, match=said):
        orders.place(
            cast.platform,
            orders.NewOrder(
                buyer=cast.buyer, seller=cast.seller, lines=tuple(made), handling_hours=1, deliver_by=hours(9)
            ),
            at=hours(0),
        )


def test_what_listings_promise_is_promised(cast: Cast) -> None:
    listing = listings.offer(
        cast.li,
        listings.Offered(
            seller=cast.seller,
            title="Lamp",
            price=Money(900, "EUR"),
            handling_hours=48,
            delivery=listings.Delivery(9, "CN-GD", "express"),
        ),
        at=hours(0),
    )
    line = orders.Line(listing.title, 1, listing.price, listing)
    order = orders.place(
        cast.platform, orders.NewOrder(buyer=cast.buyer, seller=cast.seller, lines=(line,)), at=hours(0)
    )
    assert (order.handling_hours, order.origin, order.service) == (48, "CN-GD", "express")
    assert order.deliver_by
    assert order.deliver_by.isoformat() == "2026-03-11T23:59:59+00:00", "the ninth day counts to its end"
    others = listings.offer(
        cast.max,
        listings.Offered(seller=cast.max.party, title="Cup", price=Money(1, "EUR"), handling_hours=1),
        at=hours(0),
    )
    with pytest.raises(Refused, match="another seller's"):
        orders.place(
            cast.platform,
            orders.NewOrder(
                buyer=cast.buyer,
                seller=cast.seller,
                deliver_by=hours(99),
                lines=(orders.Line("Cup", 1, others.price, others),),
            ),
            at=hours(0),
        )
    with pytest.raises(Refused, match="deliver_by is missing"):
        orders.place(
            cast.platform,
            orders.NewOrder(buyer=cast.buyer, seller=cast.seller, title="x", price=Money(1, "EUR"), handling_hours=1),
            at=hours(0),
        )


# Delays


def test_a_delay_that_the_buyer_accepts_moves_the_promise_and_both_are_kept(cast: Cast) -> None:
    order = cast.order(days=5)
    delay = delays.announce(cast.li, order, deliver_by=hours(9 * DAY), reason="weather", at=hours(10))
    assert delays.announce(cast.li, order, deliver_by=hours(9 * DAY), reason="weather", at=hours(11)) == delay
    assert Notice.objects.get(party=cast.buyer, kind="delay.announced").values["order"] == order.key
    for _ in range(2):
        delays.answer(cast.ana, order, accepted=True, at=hours(12))
    found, kept = Order.objects.get(), Delay.objects.get()
    assert (found.deliver_by, kept.was, kept.accepted) == (hours(9 * DAY), hours(5 * DAY), True)
    duty = Duty.objects.get(rule="deliver")
    assert (duty.due, duty.status) == (hours(9 * DAY), "open")
    assert kinds("delay.accepted") == 1
    assert JournalLine.objects.filter(kind="duty.moved").exists()
    assert '"deliver_by":"2026-03-07' in JournalLine.objects.get(kind="order.paid").body, "the first is still there"
    clock.turn(hours(6 * DAY))
    assert status("deliver") == "open"
    assert list(journal.verify(cast.seller)) == []


def test_a_delay_that_is_not_accepted_moves_nothing(cast: Cast) -> None:
    order = cast.order(days=5)
    delays.announce(cast.li, order, deliver_by=hours(9 * DAY), reason="weather", at=hours(10))
    delays.answer(cast.ana, order, accepted=False, at=hours(12))
    delays.announce(cast.li, order, deliver_by=hours(8 * DAY), reason="weather", at=hours(20))
    with pytest.raises(Refused, match="has passed"):
        delays.answer(cast.ana, order, accepted=True, at=hours(5 * DAY + 1))
    clock.turn(hours(5 * DAY + 2))
    assert (status("deliver"), Order.objects.get().deliver_by) == ("breached", hours(5 * DAY))


def test_a_second_delay_counts_from_the_promise_as_it_stands(cast: Cast) -> None:
    order, stale = cast.order(days=5), Order.objects.select_related("seller", "buyer").get()
    delays.announce(cast.li, order, deliver_by=hours(9 * DAY), reason="weather", at=hours(10))
    delays.answer(cast.ana, order, accepted=True, at=hours(12))
    with pytest.raises(Refused, match="after the promised one"):
        delays.announce(cast.li, stale, deliver_by=hours(8 * DAY), reason="weather", at=hours(13))
    second = delays.announce(cast.li, stale, deliver_by=hours(12 * DAY), reason="weather", at=hours(14))
    assert second.was == hours(9 * DAY)


def test_a_delay_that_cannot_be(cast: Cast) -> None:
    order = cast.order(days=5)
    for at, by, reason, said in (
        (10, 4 * DAY, "weather", "after the promised one"), (10, 300 * DAY, "weather", "at most 180"),
        (6 * DAY, 9 * DAY, "weather", "has passed"), (10, 9 * DAY, "mood", "reason must be"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=said):
            delays.announce(cast.li, order, deliver_by=hours(by), reason=reason, at=hours(at))
    for who in (cast.max, cast.ana, cast.ken):
        with pytest.raises(Forbidden):
            delays.announce(who, order, deliver_by=hours(9 * DAY), reason="weather", at=hours(10))
    delays.answer(cast.ana, order, accepted=True, at=hours(11))
    assert not Delay.objects.exists()
    with pytest.raises(Forbidden):
        delays.answer(cast.bea, order, accepted=True, at=hours(11))


# Cancellations


def test_who_cancels_and_why_counts_differently(cast: Cast) -> None:
    def cancelled(who: str, reason: str) -> Order:
        order = cast.order(paid=who != "ana")
        return orders.cancel(getattr(cast, who), order, reason=reason, at=hours(1))

    for who, reason in (("ana", "changed_mind"), ("li", "no_stock"), ("ken", "suspected_fraud")):
        order = cancelled(who, reason)
        assert (order.cancelled_by, order.cancel_reason) == (getattr(cast, who).role, reason)
    asked = cast.order()
    cancellations.ask(cast.ana, asked, reason="changed_mind", at=hours(2))
    cancellations.answer(cast.li, asked, accepted=True, at=hours(3))
    assert Order.objects.get(pk=asked.pk).cancelled_by == "buyer"
    cards = {card.rule.name: card for card in scorecards.scorecards(cast.seller, hours(24))}
    seen = cards["cancellations"].projected.seen
    assert (seen.faulty, seen.counted) == (1, 3), "the seller's own reasons count, the buyer's and the agent's do not"


def test_a_paid_order_is_asked_to_be_cancelled(cast: Cast) -> None:
    order = cast.order()
    with pytest.raises(Refused, match="ask the seller"):
        orders.cancel(cast.ana, order, reason="changed_mind", at=hours(1))
    with pytest.raises(Refused, match="reason must be one of"):
        cancellations.ask(cast.ana, order, reason="no_stock", at=hours(1))
    for _ in range(2):
        cancellations.ask(cast.ana, order, reason="too_slow", at=hours(1))
    assert (CancelRequest.objects.count(), kinds("cancellation.requested")) == (1, 1)
    with pytest.raises(Forbidden):
        cancellations.answer(cast.ana, order, accepted=True, at=hours(2))
    for accepted in (False, True):
        cancellations.answer(cast.li, order, accepted=accepted, at=hours(2))
    assert (CancelRequest.objects.get().accepted, Order.objects.get().state) == (False, "paid")
    assert status("answer cancellation") == "met"


def test_a_wish_that_nobody_answers_cancels_by_the_rule(cast: Cast) -> None:
    order = cast.order()
    cancellations.ask(cast.ana, order, reason="too_slow", at=hours(1))
    clock.turn(hours(49))
    assert Order.objects.get().state == "paid", "at the deadline itself an answer is in time"
    clock.turn(hours(50))
    clock.turn(hours(51))
    found = Order.objects.get()
    assert (found.state, found.cancelled_by, found.cancel_reason) == ("cancelled", "buyer", "too_slow")
    assert found.cancelled_at == hours(49), "dated when it fell, not when the clock looked"
    assert kinds("order.cancelled") == 1


def test_what_was_sent_is_not_cancelled(cast: Cast) -> None:
    order = cast.order()
    cancellations.ask(cast.ana, order, reason="too_slow", at=hours(1))
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(2))
    with pytest.raises(Refused, match="was sent"):
        orders.cancel(cast.li, Order.objects.get(), reason="no_stock", at=hours(3))
    cancellations.answer(cast.li, Order.objects.get(), accepted=True, at=hours(3))
    assert Order.objects.get().state == "sent"
    with pytest.raises(Refused, match="not sent yet"):
        cancellations.ask(cast.ana, Order.objects.get(), reason="too_slow", at=hours(4))


# Addresses


def test_another_address_is_asked_for_and_agreed_to(cast: Cast) -> None:
    order, other = big(cast), ShipTo("Ana Souza", "Torstraße 1", "Berlin", "DE", "10115")
    addresses.ask(cast.ana, order, HOME, at=hours(1))
    addresses.ask(cast.ana, order, other, at=hours(2))
    for _ in range(2):
        addresses.answer(cast.li, order, accepted=True, at=hours(3))
    assert Address.objects.get(state="in_force").city == "Berlin"
    assert sorted(Address.objects.values_list("state", flat=True)) == ["in_force", "replaced", "replaced"]
    assert Order.objects.get().destination == "DE"
    assert (kinds("address.asked"), kinds("address.changed")) == (2, 1)
    assert "Berlin" not in "".join(JournalLine.objects.values_list("body", flat=True))
    addresses.ask(cast.ana, order, HOME, at=hours(4))
    addresses.answer(cast.li, order, accepted=False, at=hours(5))
    assert Order.objects.get().destination == "DE"
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(6))
    with pytest.raises(Refused, match="cannot be changed any more"):
        addresses.ask(cast.ana, Order.objects.get(), HOME, at=hours(7))
    with pytest.raises(Forbidden):
        addresses.ask(cast.bea, order, HOME, at=hours(7))


@pytest.mark.parametrize("wrong", [{"country": "Brazil"}, {"name": " "}, {"city": "x" * 101}, {"street": "\x00"}, {"region": "sp!"}])  # fmt: skip
def test_an_address_that_is_none(cast: Cast, wrong: dict[str, str]) -> None:
    fields = {"name": "A", "street": "B", "city": "C", "country": "DE", **wrong}
    with pytest.raises(Refused):
        addresses.ask(cast.ana, big(cast), ShipTo(**fields), at=hours(1))
    assert Address.objects.filter(state="asked").count() == 0


# What does not fit


def test_a_number_for_another_place_is_doubted_while_it_is_typed(cast: Cast) -> None:
    order = big(cast)
    with pytest.raises(doubts.Doubtful, match="a different place"):
        shipments.dispatch(cast.li, order, shipments.Parcel("ontrac", "C11031500001879"), at=hours(5))
    sent = shipments.dispatch(cast.li, order, shipments.Parcel("ontrac", "C11031500001879", sure=True), at=hours(5))
    assert sent.pieces == 5
    assert '"doubt":"other_destination"' in JournalLine.objects.get(kind="shipment.dispatched").body


def test_an_arrival_in_another_country_is_told_and_noted(cast: Cast) -> None:
    parcel = shipments.dispatch(cast.li, big(cast), shipments.Parcel("post", "A1"), at=hours(5))
    for at, status_, country in ((60, "in_transit", "PT"), (70, "out_for_delivery", "PT"), (80, "delivered", "PT")):
        scans.scan(cast.platform, parcel, scans.Event(status_, hours(at), "Porto", country))
    told = Notice.objects.filter(party=cast.seller, kind="parcel.doubted").order_by("pk")
    assert [notice.values["status"] for notice in told] == ["other_destination", "delivered_elsewhere"]
    assert '"status":"other_destination"' in JournalLine.objects.get(kind="shipment.noted").body
    assert Order.objects.get().state == "sent", "what was handed over in another country has not arrived"


def test_a_first_event_from_before_the_order_is_told(cast: Cast) -> None:
    parcel = shipments.dispatch(cast.li, cast.order(at=10), shipments.Parcel("post", "A1"), at=hours(15))
    scans.scan(cast.platform, parcel, scans.Event("in_transit", hours(2)), noted_at=hours(16))
    assert Scan.objects.get().status == "older_than_order"
    assert Notice.objects.get(party=cast.seller, kind="parcel.doubted").values["status"] == "older_than_order"


# Goods that go back


def test_goods_go_back(cast: Cast) -> None:
    order = big(cast)
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(5))
    with pytest.raises(Refused, match="has arrived"):
        returns.send(cast.ana, Order.objects.get(), shipments.Parcel("post", "B1"), at=hours(6))
    scans.scan(cast.platform, parcel, scans.Event("delivered", hours(80)))
    order = Order.objects.get()
    with pytest.raises(Refused, match="Nothing of order"):
        returns.confirm(cast.li, order, at=hours(90))
    back = returns.send(cast.ana, order, shipments.Parcel("post", "B1"), at=hours(100))
    assert returns.send(cast.ana, order, shipments.Parcel("post", "B1"), at=hours(101)) == back
    scans.scan(cast.platform, back, scans.Event("in_transit", hours(120)))
    scans.scan(cast.platform, back, scans.Event("delivered", hours(150)))
    for _ in range(2):
        returns.confirm(cast.li, order, at=hours(160))
    assert [kinds(f"return.{verb}") for verb in ("sent", "scanned", "delivered", "confirmed")] == [1, 1, 1, 1]
    assert Order.objects.get().delivered_at == hours(80), "what goes back changes nothing of what arrived"
    with pytest.raises(Forbidden):
        returns.send(cast.bea, order, shipments.Parcel("post", "B2"), at=hours(170))


# The buyer's word


def test_the_buyers_word_counts_once_and_not_before_its_time(cast: Cast) -> None:
    order = cast.order(days=5)
    with pytest.raises(Refused, match="can be said once"):
        deliveries.judge(cast.ana, order, on_time=True, at=hours(9))
    for on_time in (False, True):
        deliveries.judge(cast.ana, order, on_time=on_time, at=hours(6 * DAY))
    assert '"on_time":false' in JournalLine.objects.get(kind="delivery.judged").body
    with pytest.raises(Forbidden):
        deliveries.judge(cast.li, order, on_time=True, at=hours(6 * DAY))


# Outages


def test_an_outage_of_a_carrier_excuses_its_parcels_and_no_others(cast: Cast) -> None:
    mine, other = cast.order(), cast.order(at=1)
    for order, carrier in ((mine, "Post"), (other, "swift")):
        shipments.dispatch(cast.li, order, shipments.Parcel(carrier, f"{carrier}1"), at=hours(5))
    clock.turn(hours(9 * DAY))
    assert Charge.objects.filter(overturned_at=None).count() == 2
    outages.record(cast.ken, carrier="post", begins=hours(6), ends=hours(8 * DAY), evidence="status page", at=hours(9 * DAY))  # fmt: skip
    assert spreading.spread(hours(9 * DAY)) == 1
    assert spreading.spread(hours(9 * DAY)) == 0
    states = {duty.matter: duty.status for duty in Duty.objects.filter(rule="first scan")}
    assert states == {mine.ref: "open", other.ref: "breached"}
    assert Charge.objects.filter(overturned_at=None).count() == 1
    assert Excuse.objects.get().spread_at == hours(9 * DAY)


def test_an_order_of_its_time_that_is_told_late_gets_an_outage_that_is_over(cast: Cast) -> None:
    outages.record(cast.ken, carrier="post", begins=hours(1), ends=hours(5 * DAY), at=hours(2))
    spreading.spread(hours(2))
    spreading.spread(hours(6 * DAY))
    late, after = cast.order(), cast.order(at=6 * DAY)
    for order, at in ((late, 3), (after, 6 * DAY)):
        parcel = shipments.Parcel("post", f"P{at}")
        shipments.dispatch(cast.li, order, parcel, at=hours(at), noted_at=hours(6 * DAY + 1))
    clock.turn(hours(9 * DAY))
    assert spreading.spread(hours(9 * DAY)) == 1
    assert [pause.matter for pause in Pause.objects.all()] == [late.ref]
    assert spreading.spread(hours(9 * DAY + 7)) == 0
    assert list(journal.verify(late.seller)) == []


def test_an_outage_that_lasts_excuses_what_is_given_to_the_carrier_meanwhile(cast: Cast) -> None:
    outages.record(cast.ken, carrier="post", begins=hours(1), ends=hours(10 * DAY), at=hours(2))
    spreading.spread(hours(2))
    shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "P1"), at=hours(5))
    clock.turn(hours(9 * DAY))
    assert status("first scan") == "open"
    for who in (cast.li, cast.ana):
        with pytest.raises(Forbidden):
            outages.record(who, carrier="post", begins=hours(1), ends=hours(2), at=hours(3))
    for carrier, begins, ends in ((" ", 1, 2), ("post", 3, 2), ("post", 20, 30)):
        with pytest.raises(Refused):
            outages.record(cast.ken, carrier=carrier, begins=hours(begins), ends=hours(ends), at=hours(5))


def test_an_outage_that_ends_early_stops_no_more_and_accuses_nobody_anew(cast: Cast) -> None:
    def scan(order: Order) -> Duty:
        return Duty.objects.get(rule="first scan", matter=order.ref)

    broken, going = cast.order(), cast.order(at=6 * DAY)
    shipments.dispatch(cast.li, broken, shipments.Parcel("post", "P1"), at=hours(1))
    shipments.dispatch(cast.li, going, shipments.Parcel("post", "P2"), at=hours(6 * DAY))
    clock.turn(hours(9 * DAY))
    plain = scan(going).due
    assert (scan(broken).status, scan(going).status) == ("breached", "open")
    outage = outages.record(cast.ken, carrier="post", begins=hours(0), ends=hours(40 * DAY), at=hours(9 * DAY))
    assert spreading.spread(hours(9 * DAY)) == 2
    with pytest.raises(Forbidden):
        outages.end(cast.li, outage, at=hours(10 * DAY))
    assert outages.end(cast.ken, outage, at=hours(10 * DAY)).ends == hours(10 * DAY)
    assert (spreading.spread(hours(10 * DAY)), spreading.spread(hours(10 * DAY))) == (2, 0)
    assert scan(going).due == hours(17 * DAY) > plain, "five working days from when the outage was over"
    assert scan(broken).status == "open", "what it excused until then stays excused"
    assert list(journal.verify(going.seller)) == []
    assert rebuild.at_odds(going.seller) == []
    with pytest.raises(Refused, match="over already"):
        outages.end(cast.ken, outage, at=hours(11 * DAY))


def test_an_outage_without_end_is_refused_and_one_that_is_there_excuses_for_a_while(cast: Cast) -> None:
    far = datetime.max.replace(tzinfo=UTC)
    for ends, said in ((hours(0) + LONGEST + timedelta(seconds=1), "90 days at most"), (far, "between 1970 and 2999")):
        with pytest.raises(Refused, match=said):
            outages.record(cast.ken, carrier="post", begins=hours(0), ends=ends, at=hours(1))
    outage = outages.record(cast.ken, carrier="po\x00st\ud800", begins=hours(0), ends=hours(2), at=hours(1))
    assert outage.carrier == "post"
    Excuse.objects.update(ends=datetime.max.replace(tzinfo=UTC))
    shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "P1"), at=hours(5))
    assert kinds("pause.recorded") == 1
    assert spreading.spread(hours(9)) == 0, "it was noted with the parcel"


def test_what_fails_in_one_order_stops_no_other_and_a_round_is_bounded(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = [cast.order(at=number) for number in range(4)]
    for order in sent:
        shipments.dispatch(cast.li, order, shipments.Parcel("post", f"P{order.pk}"), at=hours(5))
    for begins in (6, 7):
        outages.record(cast.ken, carrier="post", begins=hours(begins), ends=hours(8), at=hours(9))
    tries: list[str] = []

    def odd(party: Party, fact: Fact, **more: Any) -> Any:
        tries.append(fact.matter)
        if fact.matter == sent[1].ref:
            raise ValueError("odd")
        return enact(party, fact, **more)

    monkeypatch.setattr(spreading, "enact", odd)
    monkeypatch.setattr(spreading, "MOST_IN_A_ROUND", 2)
    rounds = [spreading.spread(hours(10)) for _ in range(4)]
    assert rounds == [2, 2, 2, 0]
    assert kinds("pause.recorded") == 6
    assert len(tries) < 12, "what was noted is not tried again"
    assert not Excuse.objects.filter(spread_at=None).exists()


# Doubts, told before anybody asks


def doubted(cast: Cast, order: Order, now: float) -> str:
    promises.warn_buyers(hours(now))
    return Order.objects.get(pk=order.pk).risk


def test_a_buyer_is_told_once_when_the_promise_is_in_doubt(cast: Cast) -> None:
    order = cast.order(days=9)
    assert doubted(cast, order, 80) == "", "nobody asked yet where it is; there is time"
    assert doubted(cast, order, 7 * DAY) == "not_sent"
    assert doubted(cast, order, 7 * DAY + 1) == "not_sent"
    told = Notice.objects.filter(kind="promise.at_risk")
    assert sorted(told.values_list("party__role", flat=True)) == ["buyer", "seller"]
    assert kinds("promise.at_risk") == 1
    delays.announce(cast.li, order, deliver_by=hours(15 * DAY), reason="weather", at=hours(7 * DAY + 2))
    delays.answer(cast.ana, order, accepted=True, at=hours(7 * DAY + 3))
    assert Order.objects.get().risk == "", "a new promise is not in doubt"


@pytest.mark.parametrize(
    ("told", "now", "expected"),
    [
        ([(20, "accepted")], 8 * DAY, "silent_carrier"),
        ([(20, "accepted"), (7 * DAY, "in_transit")], 8 * DAY, ""),
        ([(20, "accepted"), (60, "exception")], 8 * DAY, "trouble"),
        ([(20, "accepted"), (60, "out_for_delivery")], 8 * DAY, ""),
        ([(20, "accepted")], 3, ""),
    ],
)
def test_why_a_promise_is_in_doubt(cast: Cast, told: list[tuple[int, str]], now: int, expected: str) -> None:
    order = cast.order(days=9)
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(5))
    for at, said in told:
        scans.scan(cast.platform, parcel, scans.Event(said, hours(at)))
    assert doubted(cast, order, now) == expected


def test_a_lane_that_takes_longer_than_was_promised(cast: Cast) -> None:
    order = big(cast, days=6)
    LaneCard.objects.create(origin="CN", destination="BR-PR", parcels=90, known=90, on_time=1, p90_days=15.0, lost=0, failed=0, at=hours(0))  # fmt: skip
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(5))
    assert doubted(cast, order, 10) == "slow"


def test_a_doubt_ends_when_the_carrier_is_heard_of_and_is_told_once_for_each_reason(cast: Cast) -> None:
    order = cast.order(days=12)
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(5))
    scans.scan(cast.platform, parcel, scans.Event("accepted", hours(20)))
    assert doubted(cast, order, 8 * DAY) == "silent_carrier"
    scans.scan(cast.platform, parcel, scans.Event("in_transit", hours(8 * DAY + 1)))
    assert Order.objects.get().risk == ""
    assert doubted(cast, order, 8 * DAY + 2) == "", "heard of, it is on its way"
    scans.scan(cast.platform, parcel, scans.Event("exception", hours(8 * DAY + 3)))
    assert doubted(cast, order, 8 * DAY + 2.5) == "", "looked at an hour ago at most"
    assert doubted(cast, order, 8 * DAY + 4) == "trouble"
    scans.scan(cast.platform, parcel, scans.Event("in_transit", hours(8 * DAY + 5)))
    scans.scan(cast.platform, parcel, scans.Event("exception", hours(8 * DAY + 6)))
    assert doubted(cast, order, 8 * DAY + 8) == "trouble"
    told = Notice.objects.filter(kind="promise.at_risk", party=cast.buyer)
    assert (kinds("promise.at_risk"), told.count()) == (3, 2), "noted each time, for the row follows; told once"


def test_all_orders_are_looked_at_in_their_turn(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "MOST", 2)
    made = [cast.order(at=number, days=6) for number in range(5)]
    for round_ in range(3):
        promises.warn_buyers(hours(4 * DAY) + timedelta(minutes=round_))
    assert set(Order.objects.values_list("risk", flat=True)) == {"not_sent"}
    assert len(made) == kinds("promise.at_risk") == 5


def test_a_label_does_not_keep_a_mistyped_number(cast: Cast) -> None:
    order = big(cast)
    lamps, cups = lamps_and_cups(order)
    wrong = shipments.dispatch(cast.li, order, shipments.Parcel("post", "WRONG"), at=hours(5))
    scans.scan(cast.platform, wrong, scans.Event("label_made", hours(6)))
    right = shipments.dispatch(
        cast.li, order, shipments.Parcel("post", "RIGHT", contents={lamps: 2, cups: 3}), at=hours(7)
    )
    assert right.pieces == 5
    scans.scan(cast.platform, right, scans.Event("accepted", hours(20)))
    with pytest.raises(Refused, match="0 are left"):
        shipments.dispatch(cast.li, order, shipments.Parcel("post", "MORE", contents={lamps: 1}), at=hours(21))
