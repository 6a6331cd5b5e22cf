"""What is in an order and what was paid for it: it adds up, or a sentence says what does not."""

from typing import Any

import pytest

from comity.actions import orders
from comity.actions.enact import Refused
from comity.actions.orders import Line, LinePart, NewPayment
from comity.lib.money import Money
from comity.records import rebuild
from comity.records.models import Order
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def placed(cast: Cast, *lines: Line, **more: Any) -> Order:
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=lines, handling_hours=24, deliver_by=hours(90), **more
    )
    return orders.place(cast.platform, new, at=hours(0))


def said_of(order: Order) -> list[tuple[Any, ...]]:
    return list(order.lines.values_list("title", "quantity", "paid", "tax", "bundle__title"))


def test_lines_postage_and_payments_are_kept(cast: Cast) -> None:
    order = placed(
        cast,
        Line("Lamp", 1, eur(3999), tax=eur(638)),
        Line("Shade", 1, eur(2500), paid=eur(1999), listed=eur(2500)),
        postage=eur(750),
        payments=(NewPayment("gift card", eur(3000)), NewPayment("card", eur(3748), "pi_1")),
    )
    assert (order.amount, order.postage) == (6748, 750)
    assert said_of(order) == [("Lamp", 1, 3999, 638, None), ("Shade", 1, 1999, None, None)]
    assert list(order.payments.values_list("name", "amount", "reference")) == [
        ("gift card", 3000, ""),
        ("card", 3748, "pi_1"),
    ]
    assert order.paid == 0
    assert orders.pay(cast.platform, order, at=hours(1)).paid == 6748
    assert Order.objects.get().paid == 6748
    assert rebuild.at_odds(cast.seller) == []


def test_a_discount_on_the_order_is_shared_by_its_lines(cast: Cast) -> None:
    order = placed(cast, Line("Bag", 2, eur(5000)), Line("Cup", 1, eur(1)), price=eur(9000))
    assert [paid for _, _, paid, _, _ in said_of(order)] == [8999, 1]
    whole = placed(cast, Line("Bag", 2, eur(5000)), price=eur(9500), postage=eur(500))
    assert [paid for _, _, paid, _, _ in said_of(whole)] == [9000]


def test_a_set_has_its_parts_behind_it_and_is_sent_as_one(cast: Cast) -> None:
    parts = (LinePart("A", 2, Money(8679, "USD")), LinePart("B", 20, Money(7320, "USD")))
    price = Money(16959, "USD")
    order = placed(cast, Line("Set", 1, price, tax=Money(960, "USD"), parts=parts))
    assert said_of(order) == [("Set", 1, 16959, 960, None), ("A", 2, 9200, 521, "Set"), ("B", 20, 7759, 439, "Set")]
    assert [line.title for line in order.goods] == ["Set"]
    assert order.pieces == 1


LAMP = Line("Lamp", 1, eur(1000))


@pytest.mark.parametrize(
    ("lines", "more", "why"),
    [
        ([LAMP], {"price": eur(1500), "postage": eur(400)}, "lines come to 10.00 EUR and the postage to 4.00 EUR: that is "),
        ([Line("Lamp", 1, eur(1000), paid=eur(900))], {"price": eur(1000)}, "not the order's 10.00 EUR"),
        ([LAMP], {"payments": (NewPayment("card", eur(999)),)}, "payments come to 9.99 EUR: that is not the order's 10.00"),
        ([LAMP], {"payments": (NewPayment("card", Money(1000, "USD")),)}, "payment 1: its amount must be more than nothing"),
        ([LAMP], {"payments": (NewPayment(" ", eur(1000)),)}, "payment 1: name must have"),
        ([LAMP], {"payments": (NewPayment("c", eur(1000), "x" * 200),)}, "payment 1: reference has at most"),
        ([LAMP], {"postage": Money(5, "USD"), "price": eur(1000)}, "postage must not be negative, and be in EUR"),
        ([Line("Lamp", 1, eur(1000), tax=eur(1001))], {}, "its tax is 10.01 EUR, and 10.00 EUR was paid"),
        ([Line("Lamp", 1, eur(1000), paid=eur(-1))], {"price": eur(1000)}, "paid must not be negative"),
        ([Line("Set", 1, eur(1000), parts=(LinePart("A", 1, eur(999)),))], {}, "its parts come to 9.99 EUR, and without tax"),
        ([Line("Set", 1, eur(1000), parts=(LinePart("A", 0, eur(1000)),))], {}, "at least 1 piece"),
        ([Line("Set", 1, eur(1), parts=(LinePart("A", 1, Money(1, "USD")),))], {}, "net price of each part"),
        ([Line("Set", 1, eur(101), parts=(LinePart("A", 1, eur(1)),) * 101)], {}, "a set has at most 100 parts"),
    ],
)  # fmt: skip
def test_what_does_not_add_up_is_refused(cast: Cast, lines: list[Line], more: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        placed(cast, *lines, **more)
    assert not Order.objects.exists()


def test_a_buyer_says_none_of_it(cast: Cast) -> None:
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=(Line("Lamp", 1, eur(5), paid=eur(1)),), postage=eur(1),
        payments=(NewPayment("card", eur(5)),),
    )  # fmt: skip
    with pytest.raises(
        Refused, match=r"postage, payments: only the shop says that.*line 1: paid, tax, listed and parts"
    ):
        orders.place(cast.ana, new, at=hours(0))
