"""Where faults lie: by lane, by listing, by weekday; what is few says nothing; what is telling suggests something."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from comity.actions import clock, listings, orders
from comity.lib.money import Money
from comity.policy.standards.rule import StandardRule
from comity.records import causes, rulebooks
from comity.records.causes import Cause, of_stretch
from comity.records.models import Listing, Order
from tests.actions.plans.rules import BOOK, DAY, staged
from tests.cast import Cast, hours, tell

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]
STRETCH = (hours(-10 * DAY), hours(60 * DAY))


def rule() -> StandardRule:
    book = rulebooks.current().in_force(hours(0))
    assert book is not None
    return book.standards["disputes"]


def offered(cast: Cast, title: str) -> Listing:
    what = listings.Offered(seller=cast.seller, title=title, price=Money(900, "EUR"), handling_hours=24)
    return listings.offer(cast.li, what, at=hours(0))


def sold(cast: Cast, listing: Listing, at: float, *, to: str = "DE", disputed: bool = False) -> Order:
    line = orders.Line(title=listing.title, quantity=1, price=Money(900, "EUR"), listing=listing)
    placed = orders.place(
        cast.platform,
        orders.NewOrder(
            buyer=cast.buyer, seller=cast.seller, lines=(line,), lane=orders.Lane("CN", to),
            handling_hours=24, deliver_by=hours(at) + timedelta(days=20),
        ),
        at=hours(at),
    )  # fmt: skip
    order = orders.pay(cast.platform, placed, at=hours(at))
    if disputed:
        tell(cast, "dispute.opened", order.ref, hours(at + 1))
    return order


def of_kind(found: causes.Causes, kind: str) -> list[Cause]:
    return [group for group in found.groups if group.kind == kind]


def test_the_most_telling_group_comes_first(django_assert_max_num_queries: Queries) -> None:
    cast = staged()
    lamp, vase = offered(cast, "Lamp"), offered(cast, "Vase")
    for n in range(10):
        sold(cast, lamp, n)  # on Monday
    for n in range(6):
        sold(cast, vase, DAY + n, disputed=n < 4)  # on Tuesday
    with django_assert_max_num_queries(12):
        found = of_stretch(cast.seller, rule(), STRETCH, hours(10 * DAY))
    assert (found.counted, found.faulty, len(found.at_fault)) == (16, 4, 4)
    (by_listing,) = of_kind(found, causes.LISTING)
    assert (by_listing.title, by_listing.faulty, by_listing.counted) == ("Vase", 4, 6)
    assert by_listing.name == str(vase.uuid)
    assert by_listing.lift == pytest.approx((4 / 6) / (4 / 16))
    (by_day,) = of_kind(found, causes.WEEKDAY)
    assert (by_day.name, by_day.faulty, by_day.counted) == ("1", 4, 6)
    (lane,) = of_kind(found, causes.LANE)
    assert (lane.name, lane.faulty, lane.counted, lane.is_telling) == ("DE ?", 4, 16, False)
    assert found.groups[-1] is lane, "all go there: that says nothing"
    assert found.suggested == ("correct_listing", "check_before_shipping", "pause_listing", "ship_earlier")


def test_what_is_few_says_nothing_and_comes_last() -> None:
    cast = staged()
    lamp = offered(cast, "Lamp")
    for n in range(8):
        sold(cast, lamp, n, disputed=n == 0)
    for n in range(3):
        sold(cast, lamp, DAY + n, to="BR", disputed=True)
    found = of_stretch(cast.seller, rule(), STRETCH, hours(10 * DAY))
    brazil = next(group for group in of_kind(found, causes.LANE) if group.name.startswith("BR"))
    assert (brazil.faulty, brazil.counted, brazil.is_few, brazil.is_telling) == (3, 3, True, False)
    few = [group.is_few for group in found.groups]
    assert few == sorted(few)
    assert found.suggested == ()


def test_what_a_duty_counts_leads_back_to_its_order() -> None:
    dispatch = """
[[duty]]
name = "dispatch"
title = "Send it"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
by = "dispatch_by"
"""
    counted = """each = "order"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
"""
    assert counted in BOOK
    cast = staged(
        BOOK.replace(counted, 'of_duty = "dispatch"\n').replace("[[standard]]", f"{dispatch}\n[[standard]]", 1)
    )
    lamp = offered(cast, "Lamp")
    late = sold(cast, lamp, 0)
    clock.turn(hours(2 * DAY))
    found = of_stretch(cast.seller, rule(), STRETCH, hours(3 * DAY))
    assert (found.counted, found.faulty, list(found.at_fault)) == (1, 1, [late])


def test_as_things_stood() -> None:
    cast = staged()
    lamp = offered(cast, "Lamp")
    order = sold(cast, lamp, 0, disputed=True)
    assert of_stretch(cast.seller, rule(), STRETCH, hours(0.5)).faulty == 0
    assert of_stretch(cast.seller, rule(), STRETCH, hours(2)).faulty == 1
    tell(cast, "dispute.withdrawn", order.ref, hours(3))
    assert of_stretch(cast.seller, rule(), STRETCH, hours(4)).faulty == 0
    assert of_stretch(cast.seller, rule(), (hours(1), hours(2)), hours(4)).counted == 0
