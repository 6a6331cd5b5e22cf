"""Orders to ship: soonest due first with what follows, many numbers at once, what fails comes back, a list to print."""

import csv
import io

from django.core.files.uploadedfile import SimpleUploadedFile

from comity.actions import orders
from comity.lib.money import Money
from comity.records.models import Order, Shipment
from tests.cast import Cast, hours
from tests.web.test_pages import sign_in, text

GOOD, WRONG = "1Z5R89390357567127", "1Z5R89390357567128"


def test_the_soonest_due_stands_first_with_what_follows(cast: Cast) -> None:
    later, sooner, unpaid = cast.order(at=20), cast.order(at=1), cast.order(at=0, paid=False)
    page = text(sign_in(cast.li).get("/sell/ship/"))
    assert page.index(sooner.key) < page.index(later.key)
    assert unpaid.key not in page
    assert "2 orders are to be sent" in page
    assert "on the ledger Service" in page


def test_many_at_once_and_what_fails_comes_back(cast: Cast) -> None:
    one, two, three = (cast.order(at=at) for at in (1, 2, 3))
    seller = sign_in(cast.li)
    lines = f"order;carrier;number\n{one.key};ups;{GOOD}\n{two.key};ups;{WRONG}\nO-NOTHING;ups;{GOOD}\n{three.key};;\n"
    answer = seller.post("/sell/ship/", {"lines": lines})
    assert answer.status_code == 422
    assert "1 parcel is noted as sent." in text(answer)
    assert f"{two.key};ups;{WRONG} O-NOTHING;ups;{GOOD}</textarea>" in text(answer)
    assert "wrong check digit" in text(answer)
    assert "You have no order O-NOTHING." in text(answer)
    assert Shipment.objects.get().order == one
    assert seller.post("/sell/ship/", {"lines": f"{two.key};ups;{WRONG};sure"}).status_code == 302
    assert Shipment.objects.count() == 2
    again = seller.post("/sell/ship/", {"lines": f"{one.key},ups,{GOOD}"}, follow=True)
    assert Shipment.objects.count() == 2, "the same line again is the same parcel"
    assert again.status_code == 200


def test_another_sellers_order_is_none_of_mine(cast: Cast) -> None:
    order = cast.order()
    answer = sign_in(cast.max).post("/sell/ship/", {"lines": f"{order.key},ups,{GOOD}"})
    assert "You have no order" in text(answer)
    assert not Shipment.objects.exists()
    assert sign_in(cast.ana).get("/sell/ship/").status_code == 403


def test_the_list_goes_out_and_comes_back(cast: Cast) -> None:
    orders.pay(
        cast.platform,
        orders.place(
            cast.platform,
            orders.NewOrder(
                buyer=cast.buyer,
                seller=cast.seller,
                title="=HYPERLINK(1)",
                price=Money(1, "EUR"),
                handling_hours=24,
                deliver_by=hours(99),
            ),
            at=hours(0),
        ),
        at=hours(0),
    )
    seller = sign_in(cast.li)
    sent = seller.get("/sell/ship.csv")
    assert sent["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(sent.content.decode())))
    assert rows[1][3] == "'=HYPERLINK(1)"
    rows[1][1:3] = ["ups", GOOD]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    file = SimpleUploadedFile("list.csv", b"\xef\xbb\xbf" + out.getvalue().encode())
    assert seller.post("/sell/ship/", {"file": file}).status_code == 302
    assert Order.objects.get().shipments.get().tracking_number == GOOD


def test_nothing_and_nonsense_are_said(cast: Cast) -> None:
    cast.order()
    seller = sign_in(cast.li)
    assert "Write a line for each parcel" in text(seller.post("/sell/ship/", {"lines": "  "}, follow=True))
    for lines in ('"', "\x00", "a\n" * 2000, "ключ,почта,№1", "x" * 300_000):
        assert seller.post("/sell/ship/", {"lines": lines}, follow=True).status_code in (200, 422)
    assert not Shipment.objects.exists()
