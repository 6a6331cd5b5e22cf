"""Complaints by listing and lane: one order is one fault, few orders rank below, others' orders are not counted."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import count
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.records.complaints import Complaints, Span, by_lane, by_listing
from comity.records.models import (
    Dispute,
    DisputePiece,
    Listing,
    Order,
    OrderLine,
    Party,
    Review,
    Shipment,
    ShipmentLine,
)
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db
SPAN = Span(START, START + timedelta(days=30))
NUMBERS = count(1)


def listing(seller: Party, title: str) -> Listing:
    return Listing.objects.create(
        uuid=uuid4(), key=f"L{next(NUMBERS)}", seller=seller, title=title, amount=100, currency="EUR",
        handling_hours=24, added_at=START,
    )  # fmt: skip


def ordered(
    cast: Cast, *of: Listing, seller: Party | None = None, carrier: str = "post", to: str = "FR-75", **more: object
) -> Order:
    told: dict[str, object] = {
        "uuid": uuid4(), "key": f"O{next(NUMBERS)}", "buyer": cast.buyer, "seller": seller or cast.seller, "title": "x",
        "amount": 100, "currency": "EUR", "handling_hours": 24, "placed_at": START, "paid_at": START + timedelta(days=1),
        "destination": to,
    }  # fmt: skip
    order = Order.objects.create(**(told | more))
    for each in of:
        OrderLine.objects.create(order=order, listing=each, title=each.title, quantity=1, amount=100)
    parcel(order, carrier)
    return order


def parcel(order: Order, carrier: str = "post", *, returns: bool = False) -> Shipment:
    return Shipment.objects.create(
        uuid=uuid4(), order=order, carrier=carrier, salt=b"", dispatched_at=START, returns=returns
    )  # fmt: skip


def dispute(order: Order, reason: str, *about: OrderLine, stage: str = "negotiation") -> Dispute:
    row = Dispute.objects.create(
        uuid=uuid4(), key=f"D{next(NUMBERS)}", order=order, stage=stage, since=START, opened_at=START, reason=reason
    )  # fmt: skip
    for line in about:
        DisputePiece.objects.create(dispute=row, line=line, quantity=1)
    return row


def review(order: Order, score: int, shown: int = 2) -> None:
    at = START + timedelta(days=shown)
    Review.objects.create(uuid=uuid4(), order=order, by="buyer", score=score, written_at=START, shown_from=at)


def told(cast: Cast) -> Iterator[tuple[str, int, int, int]]:
    for row in by_listing(cast.seller, SPAN, first=0, number=50).rows:
        assert row.listing is not None
        yield row.listing.title, row.orders, row.faulty, row.returns


def only(cast: Cast, title: str) -> Complaints:
    rows = by_listing(cast.seller, SPAN, first=0, number=50).rows
    return next(row for row in rows if row.listing is not None and row.listing.title == title)


def test_one_order_is_one_fault_however_much_went_wrong(cast: Cast) -> None:
    lamp = listing(cast.seller, "lamp")
    bad = ordered(cast, lamp, cancelled_by="seller", cancelled_at=START)
    dispute(bad, "not_received")
    dispute(bad, "damaged")
    parcel(bad, returns=True)
    ordered(cast, lamp, lamp)
    ordered(cast, lamp, cancelled_by="buyer", cancelled_at=START)
    row = only(cast, "lamp")
    assert (row.orders, row.faulty, row.returns, row.rate) == (3, 1, 1, Fraction(1, 3))
    assert row.disputes == (("damaged", 1), ("not_received", 1))
    assert row.bounds == pytest.approx((0.0615, 0.7923), abs=1e-3)


def test_questions_and_what_was_withdrawn_are_no_fault(cast: Cast) -> None:
    lamp = listing(cast.seller, "lamp")
    dispute(ordered(cast, lamp), "damaged", stage="inquiry")
    dispute(ordered(cast, lamp), "damaged", stage="withdrawn")
    row = only(cast, "lamp")
    assert (row.orders, row.faulty, row.disputes) == (2, 0, ())


def test_a_dispute_about_one_piece_says_nothing_of_the_others(cast: Cast) -> None:
    lamp, desk = listing(cast.seller, "lamp"), listing(cast.seller, "desk")
    order = ordered(cast, lamp, desk)
    dispute(order, "damaged", order.lines.get(listing=desk))
    back = parcel(order, returns=True)
    ShipmentLine.objects.create(shipment=back, line=order.lines.get(listing=desk), quantity=1)
    assert {title: (faulty, back) for title, _, faulty, back in told(cast)} == {"lamp": (0, 0), "desk": (1, 1)}
    assert (only(cast, "lamp").disputes, only(cast, "desk").disputes) == ((), (("damaged", 1),))


def test_few_orders_are_shown_and_rank_below_what_is_sure(cast: Cast) -> None:
    rare, often, fine = (listing(cast.seller, title) for title in ("rare", "often", "fine"))
    dispute(ordered(cast, rare), "damaged")
    for number in range(12):
        order = ordered(cast, often)
        if number < 8:
            dispute(order, "damaged")
    ordered(cast, fine)
    assert [row[0] for row in told(cast)] == ["often", "rare", "fine"]
    assert only(cast, "rare").rate > only(cast, "often").rate, "though its rate is higher"


def test_reviews_stand_beside_and_what_is_hidden_does_not_count(cast: Cast) -> None:
    lamp = listing(cast.seller, "lamp")
    review(ordered(cast, lamp, lamp), 5)
    review(ordered(cast, lamp), 2)
    review(ordered(cast, lamp), 1, shown=60)
    row = only(cast, "lamp")
    assert (row.reviews, row.mean) == (2, Fraction(7, 2))


def test_others_orders_unpaid_ones_and_other_times_are_left_out(cast: Cast) -> None:
    lamp = listing(cast.seller, "lamp")
    ordered(cast, lamp, paid_at=None)
    ordered(cast, lamp, paid_at=START + timedelta(days=30))
    ordered(cast, listing(cast.max.party, "other"), seller=cast.max.party)
    assert list(told(cast)) == []
    ordered(cast, lamp, paid_at=START)
    assert list(told(cast)) == [("lamp", 1, 0, 0)]


def test_lanes_are_countries_and_carriers(cast: Cast) -> None:
    lamp = listing(cast.seller, "lamp")
    dispute(ordered(cast, lamp), "not_received")
    review(ordered(cast, lamp, to="FR-13"), 4)
    split = ordered(cast, lamp, to="DE")
    parcel(split, "fast")
    parcel(split, "fast")
    parcel(split, "back", returns=True)
    found = by_lane(cast.seller, SPAN, first=0, number=50)
    assert {(row.country, row.carrier): (row.orders, row.faulty, row.disputes, row.reviews) for row in found.rows} == {
        ("FR", "post"): (2, 1, (("not_received", 1),), 1),
        ("DE", "post"): (1, 1, (), 0),
        ("DE", "fast"): (1, 1, (), 0),
    }  # fmt: skip


def test_pages_cost_the_same_statements_however_many_there_are(cast: Cast) -> None:
    for number in range(7):
        ordered(cast, listing(cast.seller, f"lamp {number}"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(by_listing(cast.seller, SPAN, first=0, number=2).rows) == 2
    with CaptureQueriesContext(connection) as many:
        page = by_listing(cast.seller, SPAN, first=2, number=50)
    assert (len(page.rows), page.total) == (5, 7)
    assert len(few) == len(many) == 4
    assert by_listing(cast.seller, SPAN, first=50, number=50).rows == []
    assert len(by_lane(cast.seller, SPAN, first=0, number=50).rows) == 1
