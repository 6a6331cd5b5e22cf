"""Facts move the rows of the world, whichever door they came through, in whatever order they came."""

import itertools
import random
from datetime import datetime
from typing import Any

import pytest

from comity.actions import clock, facts, orders, parties, pauses, shipments
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.policy.facts import KINDS
from comity.records import rebuild
from comity.records.follow import FOLLOW, STILL
from comity.records.models import (
    CancelRequest,
    Conversation,
    Delay,
    JournalLine,
    Message,
    Order,
    OrderLine,
    Party,
    Pause,
    Review,
    Scan,
    Shipment,
    ShipmentLine,
)
from comity.records.models.orders import MONEY
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db
DAY = 24


def event(
    cast: Cast, kind: str, subject: str, at: datetime, *, party: Party | None = None, **data: Any
) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{kind}|{subject}|{at.isoformat()}", "source": "shop", "type": kind,
        "time": at.isoformat(), "subject": subject, "data": {"party": (party or cast.seller).ref, **data},
    }  # fmt: skip


def tell_all(cast: Cast, events: list[dict[str, Any]], now: datetime) -> list[facts.Recorded]:
    return facts.record_all(cast.platform, events, now=now)


def a_life(cast: Cast) -> list[dict[str, Any]]:
    """All that may happen to an order, as its shop tells it."""
    order, parcel, other = "order:77", "shipment:77-1", "shipment:77-2"
    promise = {"dispatch_by": hours(72).isoformat(), "deliver_by": hours(10 * DAY).isoformat()}

    def of(kind: str, at: float, subject: str = order, **data: Any) -> dict[str, Any]:
        return event(cast, kind, subject, hours(at), matter=order, **data)

    return [
        of("order.placed", 0, buyer="buyer:ana souza", amount=3998, currency="EUR", pieces=2),
        of("order.paid", 1, **promise),
        of("address.asked", 2),
        of("address.changed", 3, by="seller"),
        of("shipment.dispatched", 20, parcel, tracked=True, carrier="post", pieces=1, of_pieces=2),
        of("shipment.scanned", 30, parcel, status="accepted", source="carrier"),
        of("delay.announced", 40, deliver_by=hours(15 * DAY).isoformat(), reason="weather"),
        of("delay.accepted", 50, deliver_by=hours(15 * DAY).isoformat()),
        of("shipment.dispatched", 60, other, tracked=True, carrier="post", pieces=1, of_pieces=2),
        of("shipment.delivered", 100, parcel, pieces=1, of_pieces=2),
        of("shipment.scanned", 110, other, status="in_transit", source="carrier"),
        of("shipment.delivered", 120, other, pieces=1, of_pieces=2),
        of("order.refunded", 150, amount=1000, currency="EUR", reference="r1"),
        of("refund.failed", 160, reference="r1", reason="account_closed"),
        of("order.refunded", 170, amount=500, currency="EUR", reference="r2"),
        of("order.charged_back", 180, amount=998, currency="EUR", reference="c1"),
        of("payout.made", 190, amount=2500, currency="EUR", reference="p1"),
        of("return.sent", 200, order),
        of("return.delivered", 300, order),
    ]


def looks(order: Order) -> dict[str, Any]:
    """What an order's rows say."""
    parcels = order.shipments.order_by("dispatched_at", "external_id")
    return {
        "state": order.state, "buyer": order.buyer.name, "amount": order.amount, "pieces": order.pieces,
        "placed": order.placed_at, "paid": order.paid_at, "dispatch_by": order.dispatch_by, "sent": order.sent_at,
        "deliver_by": order.deliver_by, "delivered": order.delivered_at, "complete": order.complete,
        "parcels": [(each.pieces, each.dispatched_at, each.delivered_at, each.sent, each.returns) for each in parcels],
        "scans": sorted(Scan.objects.filter(shipment__order=order).values_list("at", "status", "source")),
        "delays": sorted(Delay.objects.filter(order=order).values_list("announced_at", "deliver_by", "accepted")),
        "addresses": sorted(order.addresses.values_list("given_at", "state")),
        "lines": list(order.lines.values_list("quantity", flat=True)),
        "money": [getattr(order, name) for name in MONEY],
        "refunds": sorted(order.refunds.values_list("amount", "confirmed", "state", "reference", "failed_code")),
        "charged back": sorted(order.charge_backs.values_list("reference", "amount", "reversed", "at")),
        "reviews": sorted(
            Review.objects.filter(order=order).values_list("by", "score", "written_at", "shown_from", "removed_at", "answered_at", "asked_at")
        ),
        "paid out": sorted(order.pay_outs.values_list("reference", "amount", "netted", "platform", "at")),
    }  # fmt: skip


def test_every_kind_of_fact_moves_rows_or_is_said_not_to() -> None:
    assert set(FOLLOW) | STILL == set(KINDS)
    assert not set(FOLLOW) & STILL


def test_a_life_told_by_the_shop_is_seen_in_the_rows(cast: Cast) -> None:
    answers = tell_all(cast, a_life(cast), hours(400))
    assert {answer.status for answer in answers} == {"recorded"}, [answer.problems for answer in answers]
    order = Order.objects.get()
    assert (order.state, order.complete, order.title, order.external_id) == ("delivered", True, "77", "77")
    assert (order.buyer, order.seller) == (cast.buyer, cast.seller)
    assert (order.paid_at, order.sent_at, order.delivered_at) == (hours(1), hours(60), hours(120))
    assert (order.dispatch_by, order.deliver_by) == (hours(72), hours(15 * DAY))
    there, back = order.shipments.filter(returns=False), order.shipments.get(returns=True)
    assert {parcel.delivered_at for parcel in there} == {hours(100), hours(120)}
    assert [getattr(order, name) for name in MONEY] == [3998, 500, 0, 998, 2500, 0, 0]
    assert list(order.refunds.order_by("reference").values_list("state", "amount")) == [
        ("failed", 0),
        ("confirmed", 500),
    ]
    assert back.delivered_at == hours(300)
    assert OrderLine.objects.get().quantity == 2
    assert rebuild.at_odds(cast.seller) == []


def test_in_whatever_order_and_requests_it_is_told_the_rows_are_the_same(cast: Cast) -> None:
    life = a_life(cast)
    tell_all(cast, life, hours(400))
    wanted = looks(Order.objects.get())
    chance = random.Random(7)
    for number in range(8):
        seller = _another_seller(cast, number)
        told = [{**each, "data": {**each["data"], "party": seller.ref}} for each in life]
        chance.shuffle(told)
        cuts = sorted(chance.sample(range(1, len(told)), number % 4))
        for first, last in itertools.pairwise([0, *cuts, len(told)]):
            answers = tell_all(cast, [*told[first:last], *told[first:last]], hours(400))
            assert {answer.status for answer in answers} <= {"recorded", "known"}, [each.problems for each in answers]
        assert looks(Order.objects.get(seller=seller)) == wanted
        assert rebuild.at_odds(seller) == []


def _another_seller(cast: Cast, number: int) -> Party:
    return parties.add(
        cast.platform, parties.NewParty(role="seller", name=f"S{number}", external_id=f"s{number}"), at=hours(0)
    )


def test_what_is_told_of_an_order_of_ours_moves_our_row(cast: Cast) -> None:
    placed = orders.place(
        cast.platform,
        orders.NewOrder(
            buyer=cast.buyer, seller=cast.seller, title="Lamp", price=Money(1, "EUR"), handling_hours=24,
            deliver_by=hours(90), external_id="77",
        ),
        at=hours(0),
    )  # fmt: skip
    told = [
        event(cast, "order.paid", "order:77", hours(1)),
        event(cast, "shipment.dispatched", "shipment:9", hours(2), matter="order:77", tracked=False),
    ]
    assert [answer.status for answer in tell_all(cast, told, hours(3))] == ["recorded"] * 2
    assert [answer.status for answer in tell_all(cast, told, hours(3))] == ["known"] * 2
    order = Order.objects.get()
    assert (order.pk, order.state, order.title) == (placed.pk, "sent", "Lamp")
    matters = set(JournalLine.objects.filter(party=cast.seller).values_list("matter", flat=True))
    assert matters == {placed.ref}, "one order is one matter, whatever it is called"
    left = shipments.left_to_send(order)
    assert list(left.values()) == [0], "the parcel that the shop told of holds all"


def test_an_order_of_which_facts_told_is_completed_when_it_is_placed(cast: Cast) -> None:
    tell_all(cast, [event(cast, "order.paid", "order:77", hours(1))], hours(1))
    known = Order.objects.get()
    assert (known.complete, known.buyer.name, known.state) == (False, "—", "paid")
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, title="Two lamps", handling_hours=24, deliver_by=hours(90),
        lines=(orders.Line("Lamp", 2, Money(5, "EUR")),), external_id="77",
    )  # fmt: skip
    placed = orders.place(cast.platform, new, at=hours(0), noted_at=hours(2))
    assert placed.pk == known.pk
    found = Order.objects.get()
    assert (found.complete, found.buyer, found.state, found.pieces) == (True, cast.buyer, "paid", 2)
    assert (found.title, found.placed_at, found.paid_at, found.deliver_by) == (
        "Two lamps",
        hours(0),
        hours(1),
        hours(90),
    )
    assert list(found.lines.values_list("title", "quantity")) == [("Lamp", 2)]
    assert orders.place(cast.platform, new, at=hours(0), noted_at=hours(3)).pk == known.pk
    assert rebuild.at_odds(cast.seller) == []


def test_paid_and_cancelled_by_facts_it_is_cancelled_and_cannot_be_paid_again(cast: Cast) -> None:
    told = [
        event(cast, "order.placed", "order:5", hours(0), buyer="buyer:ana souza", amount=5, currency="EUR"),
        event(cast, "order.paid", "order:5", hours(1)),
        event(cast, "order.cancelled", "order:5", hours(2), by="buyer", reason="changed_mind"),
    ]
    tell_all(cast, told, hours(3))
    order = Order.objects.select_related("seller", "buyer").get()
    assert (order.state, order.cancelled_by) == ("cancelled", "buyer")
    with pytest.raises(Refused, match="was cancelled"):
        orders.pay(cast.platform, order, at=hours(4))


def test_what_contradicts_is_refused_alone_with_a_sentence(cast: Cast) -> None:
    told = [
        event(cast, "order.placed", "order:5", hours(0), buyer="buyer:ana souza", amount=5, currency="EUR"),
        event(cast, "order.placed", "order:5", hours(1), buyer="buyer:bea klein", amount=5, currency="EUR"),
        event(cast, "order.paid", "order:5", hours(2)),
    ]
    answers = tell_all(cast, told, hours(3))
    assert [answer.status for answer in answers] == ["recorded", "refused", "recorded"]
    assert "was placed already, with another buyer" in answers[1].problems[0]
    foreign = Order.objects.get()
    stolen = event(cast, "order.cancelled", foreign.ref, hours(3), party=cast.max.party)
    (answer,) = tell_all(
        cast, [event(cast, "order.paid", f"order:{foreign.uuid}", hours(4), party=cast.max.party)], hours(5)
    )
    assert (answer.status, stolen["subject"]) == ("refused", "order:5")
    assert "another seller's" in answer.problems[0]
    assert [a.status for a in tell_all(cast, [stolen], hours(5))] == ["recorded"], "the shop's id is each seller's own"
    assert Order.objects.get(pk=foreign.pk).state == "paid"


def test_a_conversation_told_by_the_shop(cast: Cast) -> None:
    told = [
        event(cast, "order.placed", "order:5", hours(0), buyer="buyer:ana souza", amount=5, currency="EUR"),
        event(cast, "message.sent", "conversation:c1", hours(1), by="buyer", automatic=False, order="order:5"),
        event(cast, "message.sent", "conversation:c1", hours(2), by="seller", automatic=False),
        event(cast, "message.sent", "conversation:c1", hours(3), by="buyer", automatic=False),
        event(cast, "message.sent", "conversation:c2", hours(3), by="buyer", automatic=False, buyer="buyer:new-one"),
    ]
    answers = tell_all(cast, told, hours(3))
    assert {answer.status for answer in answers} == {"recorded"}, [answer.problems for answer in answers]
    talk = Conversation.objects.get(external_id="c1")
    assert (talk.buyer, talk.order, talk.turn) == (cast.buyer, Order.objects.get(), "seller")
    assert talk.due_at is not None
    assert talk.last_message == Message.objects.get(at=hours(3), conversation=talk)
    assert Conversation.objects.get(external_id="c2").buyer.name == "new-one", "a buyer nobody told of joins"
    tell_all(cast, [event(cast, "conversation.closed", "conversation:c1", hours(5), by="buyer")], hours(5))
    talk.refresh_from_db()
    assert (talk.closed_at, rebuild.at_odds(cast.seller)) == (hours(5), [])


@pytest.mark.parametrize(
    ("model", "change", "found"),
    [
        (Order, {"paid_at": None}, "order"),
        (Order, {"amount": 1}, "order"),
        (Order, {"cancelled_at": hours(1)}, "order"),
        (Shipment, {"delivered_at": None}, "shipment"),
        (Shipment, {"sent": False}, "shipment"),
        (Delay, {"accepted": False}, "delay"),
        (Scan, None, "scan"),
        (Message, None, "message"),
        (Conversation, {"closed_at": hours(1)}, "conversation"),
        (CancelRequest, {"accepted": True}, "cancellation"),
    ],
)
def test_what_is_changed_beside_the_facts_is_found_and_mended(
    cast: Cast, model: Any, change: dict[str, Any] | None, found: str
) -> None:
    tell_all(cast, a_life(cast), hours(400))
    more = [
        event(cast, "message.sent", "conversation:c1", hours(401), by="buyer", automatic=False),
        event(cast, "order.placed", "order:5", hours(300), amount=5, currency="EUR"),
        event(cast, "order.paid", "order:5", hours(301)),
        event(cast, "cancellation.requested", "order:5", hours(302)),
        event(cast, "cancellation.answered", "order:5", hours(303), accepted=False),
    ]
    tell_all(cast, more, hours(402))
    assert rebuild.at_odds(cast.seller) == []
    rows = model.objects.filter(pk=model.objects.order_by("pk").values("pk")[:1])
    if change is not None:
        rows.update(**change)
    else:
        if model is Message:
            Conversation.objects.update(last_message=None)
        model.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
    assert found in {each.life for each in rebuild.at_odds(cast.seller)}
    rebuild.rebuild(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_a_pause_has_its_row_once(cast: Cast) -> None:
    order = cast.order()
    pauses.record(cast.platform, order, begins=hours(1), ends=hours(5), cause="force_majeure", at=hours(6))
    clock.turn(hours(7))
    assert Pause.objects.count() == 1
    rebuild.rebuild(cast.seller)
    assert (Pause.objects.count(), rebuild.at_odds(cast.seller)) == (1, [])


def test_an_actor_of_another_shop_is_not_told(cast: Cast) -> None:
    with pytest.raises(PermissionError):
        facts.record_all(Actor(cast.seller), a_life(cast), now=hours(400))


def shop_says(cast: Cast, *requests: list[dict[str, Any]]) -> None:
    """Tell requests one after another; everything is taken, and rows follow from the chain."""
    for request in requests:
        answers = tell_all(cast, request, hours(900))
        assert {answer.status for answer in answers} <= {"recorded", "known"}, [answer.problems for answer in answers]
        assert rebuild.at_odds(cast.seller) == []


def test_an_order_with_a_message_told_under_it_goes_on(cast: Cast) -> None:
    message = event(cast, "message.sent", "conversation:c1", hours(1), matter="order:5", by="buyer", automatic=False)
    sent = event(cast, "shipment.dispatched", "shipment:s1", hours(3), matter="order:5", tracked=True)
    placed = event(cast, "order.placed", "order:5", hours(0), buyer="buyer:ana souza", amount=5, currency="EUR")
    shop_says(cast, [message], [sent], [placed])
    assert Conversation.objects.get().buyer == cast.buyer, "nobody had said whose it was"
    assert Conversation.objects.get().order == Order.objects.get()


def test_how_many_pieces_there_are_may_be_told_last(cast: Cast) -> None:
    sent = event(
        cast, "shipment.dispatched", "shipment:s1", hours(24), matter="order:5", tracked=True, pieces=1, of_pieces=2
    )
    placed = event(cast, "order.placed", "order:5", hours(48), pieces=2)
    shop_says(cast, [sent])
    assert Order.objects.get().state == "placed", "one of two pieces"
    shop_says(cast, [placed], [event(cast, "order.paid", "order:5", hours(36))])
    assert Order.objects.get().state == "paid"
    scanned = event(cast, "shipment.scanned", "shipment:s9", hours(1), matter="order:6", source="carrier")
    shop_says(cast, [scanned], [event(cast, "order.placed", "order:6", hours(2), pieces=3)])
    assert Shipment.objects.get(external_id="s9").pieces == 3, "where nobody says how much, it is all"


def test_wishes_and_later_dates_are_told_in_any_order(cast: Cast) -> None:
    later = hours(50 * DAY).isoformat()
    told = [
        event(cast, "order.placed", "order:5", hours(0)),
        event(cast, "order.paid", "order:5", hours(1), deliver_by=hours(21 * DAY).isoformat()),
        event(cast, "delay.announced", "order:5", hours(2), deliver_by=later),
        event(cast, "delay.accepted", "order:5", hours(3), deliver_by=later),
        event(cast, "cancellation.requested", "order:5", hours(4), reason="one"),
        {**event(cast, "cancellation.requested", "order:5", hours(5), reason="two"), "id": "again"},
        event(cast, "cancellation.answered", "order:5", hours(6), accepted=False),
        event(cast, "delay.announced", "order:5", hours(7), deliver_by=hours(20 * DAY).isoformat()),
    ]
    shop_says(cast, [told[7]], [told[6]], [told[3]], [told[5]], [told[2]], [told[1]], [told[4]], [told[0]])
    asked = CancelRequest.objects.get()
    assert (asked.asked_at, asked.reason, asked.accepted) == (hours(4), "one", False)
    assert Order.objects.get().deliver_by == hours(50 * DAY)
    assert [(delay.was, delay.accepted) for delay in Delay.objects.all()] == [(hours(21 * DAY), True)]


def test_completing_an_order_gives_it_its_own_lines(cast: Cast) -> None:
    told = [
        event(cast, "order.paid", "order:77", hours(1)),
        event(cast, "shipment.dispatched", "shipment:1", hours(2), matter="order:77", tracked=True),
        event(cast, "shipment.delivered", "shipment:1", hours(3), matter="order:77"),
    ]
    shop_says(cast, told)
    lines = (orders.Line("a", 2, Money(500, "EUR")), orders.Line("b", 1, Money(5, "EUR")))
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, handling_hours=24, deliver_by=hours(9000), lines=lines, external_id="77",
    )  # fmt: skip
    for at in (hours(901), hours(902)):
        order = orders.place(cast.platform, new, at=at)
    assert list(order.lines.values_list("title", "quantity", "amount")) == [("a", 2, 500), ("b", 1, 5)]
    assert sorted(ShipmentLine.objects.values_list("line__title", "quantity")) == [("a", 2), ("b", 1)]
    order.refresh_from_db()
    assert (order.state, order.amount, order.pieces, rebuild.at_odds(cast.seller)) == ("delivered", 1005, 3, [])


def test_nobodys_order_goes_to_nobody_else(cast: Cast) -> None:
    guest = parties.add(cast.platform, parties.NewParty(role="buyer", name="Guest"), at=hours(0))
    told = [
        event(cast, "order.placed", "order:1", hours(0), buyer=guest.ref),
        event(cast, "order.placed", "order:2", hours(0), buyer="buyer:None"),
        event(cast, "order.placed", "order:3", hours(0), buyer=f"buyer:{cast.max.party.uuid}"),
    ]
    shop_says(cast, told)
    assert [order.buyer.name for order in Order.objects.order_by("external_id")] == [
        "Guest",
        "None",
        str(cast.max.party.uuid),
    ]
    assert not Order.objects.filter(buyer__role="seller").exists()


@pytest.mark.parametrize(
    ("kind", "subject", "data", "says"),
    [
        ("order.placed", "order:1", {"buyer": "seller:max roth"}, "data.buyer must be written buyer:id"),
        ("order.placed", "order:1", {"buyer": "buyer:" + 191 * "x"}, "with 1 to 190 characters"),
        ("order.placed", "order:1", {"amount": 5}, "data.amount needs its data.currency"),
        ("order.placed", "order:1", {"pieces": 3_000_000_000}, "at most 100000"),
        ("order.placed", "order:1", {"matter": "order:2"}, "cannot be judged under 'order:2'"),
        ("order.placed", "order:  ", {}, "must be written kind:id"),
        ("shipment.dispatched", "shipment:1", {"matter": "order:1", "tracked": True, "pieces": 2**61}, "at most 100000"),
        ("return.sent", "order:1", {"shipment": "shipment:" + 480 * "x"}, "data.shipment must be written shipment:id"),
        ("message.sent", "conversation:1", {"by": "buyer", "automatic": False, "order": "conversation:2"}, "order:id"),
        ("conversation.agent_joined", "conversation:1", {"agent": "buyer:ana souza"}, "agent:id"),
    ],
)  # fmt: skip
def test_what_names_the_wrong_thing_is_refused_alone(
    cast: Cast, kind: str, subject: str, data: dict[str, Any], says: str
) -> None:
    good = event(cast, "order.paid", "order:9", hours(1))
    answers = tell_all(cast, [good, event(cast, kind, subject, hours(0), **data)], hours(2))
    assert [answer.status for answer in answers] == ["recorded", "refused"]
    assert says in " ".join(answers[1].problems)


def test_a_conversation_of_one_buyer_is_not_about_anothers_order(cast: Cast) -> None:
    shop_says(cast, [
        event(cast, "order.placed", "order:1", hours(0), buyer="buyer:ana souza"),
        event(cast, "message.sent", "conversation:c", hours(1), by="buyer", automatic=False, buyer="buyer:bea klein"),
    ])  # fmt: skip
    more = event(cast, "message.sent", "conversation:c", hours(2), matter="order:1", by="buyer", automatic=False)
    (answer,) = tell_all(cast, [more], hours(3))
    assert answer.status == "refused"
    assert "is another buyer's" in answer.problems[0]


def test_two_sources_and_ids_are_two_events(cast: Cast) -> None:
    one, two = event(cast, "order.paid", "order:1", hours(0)), event(cast, "order.paid", "order:2", hours(0))
    answers = tell_all(
        cast, [{**one, "source": "shop|eu", "id": "1"}, {**two, "source": "shop", "id": "eu|1"}], hours(1)
    )
    assert [answer.status for answer in answers] == ["recorded", "recorded"]


def test_a_second_click_sends_no_second_parcel(cast: Cast) -> None:
    order = cast.order()
    first = shipments.dispatch(cast.li, order, shipments.Parcel(), at=hours(2))
    assert shipments.dispatch(cast.li, order, shipments.Parcel(), at=hours(2)) == first
    assert Shipment.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "arrived"),
    [
        ([(2, "delivered")], 2),
        ([(2, "delivered"), (3, "out_for_delivery"), (4, "delivered")], 4),
        ([(2, "delivered"), (3, "attempted")], None),
        ([(2, "delivered"), (3, "out_for_delivery"), (4, "delivered"), (5, "attempted"), (6, "delivered")], 6),
        ([(2, "delivered"), (2.4, "out_for_delivery"), (4, "delivered")], 2),  # one day, told in an odd order
        ([(2, "delivered"), (3, "in_transit"), (4, "delivered")], 2),
        ([(2, "delivered"), (3, "returned"), (4, "delivered")], 2),
        ([(1, "returned"), (3, "delivered")], None),
        ([(1, "returned"), (2, "out_for_delivery"), (3, "delivered")], None),
    ],
)
def test_what_a_carrier_takes_back_had_not_arrived(
    cast: Cast, told: list[tuple[float, str]], arrived: float | None
) -> None:
    life = [event(cast, "shipment.dispatched", "shipment:5", hours(1), matter="order:5", tracked=True)]
    for day, status in told:
        data: dict[str, Any] = {} if status == "delivered" else {"status": status, "source": "carrier"}
        kind = "scanned" if data else status
        life.append(event(cast, f"shipment.{kind}", "shipment:5", hours(DAY * day), matter="order:5", **data))
    wanted = None if arrived is None else hours(DAY * arrived)
    for number, (in_order, size) in enumerate(itertools.product((life, life[::-1]), (1, 2, 6))):
        seller = _another_seller(cast, number)
        mine = [{**each, "data": {**each["data"], "party": seller.ref}} for each in in_order]
        for first in range(0, len(mine), size):
            answers = tell_all(cast, mine[first : first + size], hours(400))
            assert {answer.status for answer in answers} == {"recorded"}, [answer.problems for answer in answers]
        order = Order.objects.get(seller=seller)
        assert (order.delivered_at, order.shipments.get().delivered_at) == (wanted, wanted)
        assert rebuild.at_odds(seller) == []
