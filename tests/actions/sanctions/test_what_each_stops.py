"""Each measure really stops something, and nothing else; who is stopped is told until when, and why."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from comity.actions import conversations, listings, messages, orders, payouts, sanctions, shipments
from comity.actions.disputes import interests
from comity.actions.guard import Forbidden
from comity.lib.money import Money
from comity.records.models import Listing, Order, Sanction
from tests.actions.sanctions.rules import agent, in_force, staged, violation
from tests.api.client import Api
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in

pytestmark = pytest.mark.django_db
DAY = 24
CAPPED = """
[[ledger.rung]]
at = 6
measure = "orders capped"
most = 2
length = "7 days"
notice = "1 hour"
decided_by = "automatic"
"""
LIMITED = """
[[ledger.rung]]
at = 6
measure = "messages limited"
length = "24 hours"
notice = "1 hour"
decided_by = "automatic"
"""


def offered(cast: Cast, at: float) -> Listing:
    what = listings.Offered(seller=cast.seller, title="Lamp", price=Money(900, "EUR"), handling_hours=24, delivery=listings.Delivery(days=5))  # fmt: skip
    return listings.offer(cast.li, what, at=hours(at))


def placed(cast: Cast, listing: Listing, at: float) -> Order:
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=(orders.Line(listing.title, 1, listing.price, listing=listing),)
    )
    return orders.place(cast.ana, new, at=hours(at))


def put_under(cast: Cast, measure: str, **more: object) -> Sanction:
    rule = "spam"
    wanted = sanctions.Wanted(measure, rule, "Seen.", timedelta(days=7), **more)  # type: ignore[arg-type]
    row = sanctions.ask(agent(cast, "Noor"), cast.seller, wanted, at=hours(0))
    sanctions.approve(agent(cast, "Omar"), row, at=hours(0))
    return Sanction.objects.get(pk=row.pk)


def why(cast: Cast, tries: object) -> tuple[str, str]:
    with pytest.raises(Forbidden) as caught:
        tries()  # type: ignore[operator]
    by = caught.value.by
    assert by is not None
    return caught.value.reason, by.measure


def test_no_new_listings_leaves_those_that_are_there() -> None:
    cast = staged()
    lamp = offered(cast, 0)
    put_under(cast, "no new listings")
    assert why(cast, lambda: offered(cast, 1)) == ("no_new_listings", "no new listings")
    assert placed(cast, lamp, 1).state == "placed"
    assert offered(cast, 7 * DAY).title == "Lamp"


def test_a_listing_that_is_off_is_not_sold_and_others_are() -> None:
    cast = staged()
    lamp, other = offered(cast, 0), offered(cast, 0)
    row = put_under(cast, "listing off", of=(lamp,))
    assert row.of == [lamp.ref]
    assert why(cast, lambda: placed(cast, lamp, 1)) == ("listing_off", "listing off")
    assert placed(cast, other, 1).state == "placed"
    assert placed(cast, lamp, 7 * DAY).state == "placed"


def test_a_cap_counts_the_orders_of_a_day() -> None:
    cast = staged(CAPPED)
    lamp = offered(cast, 0)
    placed(cast, lamp, 0.5)
    violation(cast, hours(0), 6)
    placed(cast, lamp, 2)
    assert why(cast, lambda: placed(cast, lamp, 3)) == ("orders_capped", "orders capped")
    next_day = 15  # START is nine in the morning, UTC
    assert placed(cast, lamp, next_day).state == "placed"
    assert placed(cast, lamp, next_day + 1).state == "placed"
    assert why(cast, lambda: placed(cast, lamp, next_day + 2)) == ("orders_capped", "orders capped")


def test_limited_messages_reach_nobody_new_and_a_try_prolongs_nothing() -> None:
    cast = staged(LIMITED)
    violation(cast, hours(0), 6, of=cast.buyer)
    limited = Sanction.objects.get(party=cast.buyer)
    new = messages.NewConversation(buyer=cast.buyer, seller=cast.seller, topic="Buy my pills")
    for at in (2, 14, 24.5):
        assert why(cast, lambda at=at: messages.open_conversation(cast.ana, new, at=hours(at))) == (
            "messages_limited", "messages limited",
        )  # fmt: skip
    assert (Sanction.objects.get().until, limited.points) == (hours(25), 6)
    assert messages.open_conversation(cast.ana, new, at=hours(25)).topic == "Buy my pills"


def test_who_has_an_order_may_be_written_to_and_who_asks_is_answered() -> None:
    cast = staged()
    talk = cast.conversation()
    about = cast.conversation(cast.order())
    put_under(cast, "messages limited")
    messages.send(cast.ana, talk, text="Do you have it in blue?", at=hours(1))
    assert messages.send(cast.li, talk, text="Yes.", at=hours(2)).text == "Yes."
    assert messages.send(cast.li, about, text="It is on its way.", at=hours(3)).role == "seller"


def test_what_a_seller_is_due_is_held_and_comes_back() -> None:
    cast = staged()
    order = cast.order()
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(0))
    put_under(cast, "payout held")
    said = [(1, ("measure", 0, 1999)), (7 * DAY, ("", 1999, 0))]
    for at, (why_held, due, held) in said:
        (line,) = payouts.due(cast.li, cast.seller, currency="EUR", now=hours(at))
        assert (line.why_held, line.due, line.held) == (why_held, due, held), at


def test_a_frozen_seller_does_all_that_is_owed_and_reads_why() -> None:
    cast = staged()
    order = cast.order()
    talk = cast.conversation(order)
    messages.send(cast.ana, talk, text="Where is it?", at=hours(0))
    row = put_under(cast, "freeze")
    assert in_force(cast, 1) == [("freeze", hours(7 * DAY))]
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "A1"), at=hours(2))
    messages.send(cast.li, talk, text="On its way.", at=hours(2))
    assert why(cast, lambda: offered(cast, 2)) == ("seller_frozen", "freeze")
    assert why(cast, lambda: cast.order(at=2)) == ("seller_frozen", "freeze")
    assert row.is_in_force(hours(3))


def test_a_frozen_buyer_orders_nothing_from_anybody() -> None:
    cast = staged('[[ledger.rung]]\nat = 6\nmeasure = "freeze"\nlength = "7 days"\nnotice = "1 hour"\n'
                  'decided_by = "automatic"')  # fmt: skip
    lamp = offered(cast, 0)
    violation(cast, hours(0), 6, of=cast.buyer)
    assert why(cast, lambda: placed(cast, lamp, 2)) == ("buyer_frozen", "freeze")
    assert offered(cast, 2).title == "Lamp", "the seller is under nothing"


def test_who_is_stopped_reads_until_when_why_and_how_to_object() -> None:
    cast, now = staged(), datetime.now(UTC)
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")
    rows = []
    for party, measure, rule in (
        (cast.seller, "no new listings", "spam"),
        (cast.buyer, "messages limited", "buyer spam"),
    ):
        row = sanctions.ask(noor, party, sanctions.Wanted(measure, rule, "Seen.", timedelta(days=7)), at=now)
        sanctions.approve(omar, row, at=now)
        rows.append(row)
    api = Api(cast.platform, cast.li)
    lamp = {"seller": str(cast.seller.uuid), "title": "Lamp", "amount": 900, "currency": "EUR", "handling_hours": 24}
    told = api.post("/listings", lamp)
    assert told.status_code == 403
    measure = json.loads(told.content)["measure"]
    assert (measure["measure"], measure["key"]) == ("no new listings", rows[0].key)
    assert measure["until"].startswith((now + timedelta(days=7)).isoformat()[:16])
    read = api.get(measure["reasons"].removeprefix("/api/v1"))
    assert (read.status_code, json.loads(read.content)["in_force"]) == (200, True)

    shown = Listing.objects.create(
        uuid=uuid4(),
        key="L-1",
        seller=cast.seller,
        title="Lamp",
        amount=900,
        currency="EUR",
        handling_hours=24,
        added_at=now,
    )
    page = sign_in(cast.ana).post(f"/listings/{shown.uuid}/", {"text": "Buy my pills"})
    said = page.content.decode()
    assert page.status_code == 403
    assert "Messages limited until" in said
    assert f"/measures/{cast.buyer.uuid}/{rows[1].key}/" in said


def test_an_agent_whose_own_account_is_frozen_decides_nothing_meanwhile() -> None:
    cast = staged()
    violation(cast, hours(1), 12)
    measure = Sanction.objects.select_related("party").get()
    interests.declare(cast.ken, cast.max.party, at=hours(2))
    violation(cast, hours(3), 12, of=cast.max.party)
    his = Sanction.objects.select_related("party").get(party=cast.max.party)
    sanctions.approve(agent(cast, "Ada"), his, at=hours(4))
    his.refresh_from_db()
    assert his.effective_at == hours(51)
    assert sanctions.APPROVE.why_not(cast.ken, measure, at=hours(50)) is None, "not in force yet"
    with pytest.raises(Forbidden) as no:
        sanctions.approve(cast.ken, measure, at=hours(60))
    assert (no.value.reason, no.value.by) == ("staff_suspended", his)
    with pytest.raises(Forbidden):
        conversations.join(cast.ken, cast.conversation(), at=hours(60))
    sanctions.approve(cast.ken, measure, at=hours(51 + 7 * 24))
    measure.refresh_from_db()
    assert measure.status == "placed"
