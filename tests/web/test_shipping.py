"""Orders to ship: soonest due first with what follows, many numbers at once, what fails comes back, a list to print."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from comity.actions import orders, shipments
from comity.actions.enact import Refused
from comity.lib.money import Money
from comity.records.models import Order, Scan, Shipment
from comity.web.seller import tables
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


#: What a table program made of rows, and what is kept of it; {key} is an order's key.
FILES: list[tuple[str, str | bytes, str, str]] = [
    ("a text as a formula", '{key},ups,"=""1Z5R89390357567127"""', GOOD, ""),
    ("a text as a formula, by its function", '{key};ups;"=T(""1Z5R89390357567127"")"', GOOD, ""),
    ("a link", '{key};ups;"=HYPERLINK(""https://ups.example/?n=1"";""1Z5R89390357567127"")"', GOOD, ""),
    ("kept from being a formula", "'={key},ups,1Z5R89390357567127", "", "You have no order"),
    ("another formula", '{key},post,"=CONCATENATE(""RR"",""1"")"', "", "Format the column as text"),
    ("shortened", "{key},Correos,9.40011E+21", "", "Format the column as text"),
    ("shortened, with a comma", '{key};post;9,40011E+21;sure', "", "Format the column as text"),
    ("shortened, without decimals", "{key},post,9E+21", "", "Format the column as text"),
    ("with decimals", "{key},post,123456789012.0", "123456789012", ""),
    ("in groups", "{key};post;123,456,789,012", "123456789012", ""),
    ("a cell of three lines", 'order,carrier,number,to\n{key},ups,1Z5R89390357567127,"Ana\nMain street 1\n\nBonn"', GOOD, ""),
    ("inches", '{key},ups,1Z5R89390357567127,19" screen\nO-NOTHING,ups,1Z5R89390357567127,21" screen', GOOD, "O-NOTHING"),
    ("a quote that nobody closes", '{key},ups,1Z5R89390357567127,"screen\nO-NOTHING,ups,1Z5R89390357567127', GOOD, "O-NOTHING"),
    ("invisible signs", "\ufeff\u200e{key}\u200b,ups,\u200e1Z-5R8939-0357567127\u00a0", GOOD, ""),
    ("two bytes a sign", "order\tcarrier\tnumber\r\n{key}\tups\t1Z5R89390357567127\r\n".encode("utf-16"), GOOD, ""),
    ("no number at all", "{key},ups,#-", "", "tracking number is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "written", "number", "said"), FILES, ids=[row[0] for row in FILES])
def test_what_table_programs_make_of_a_table(
    cast: Cast, name: str, written: str | bytes, number: str, said: str
) -> None:
    order, seller = cast.order(), sign_in(cast.li)
    if isinstance(written, bytes):
        content = written.replace("{key}".encode("utf-16-le"), order.key.encode("utf-16-le"))
        answers = [seller.post("/sell/ship/", {"file": SimpleUploadedFile("list.csv", content)}, follow=True)]
    else:
        lines = written.replace("{key}", order.key)
        file = SimpleUploadedFile("list.csv", lines.encode())
        answers = [seller.post("/sell/ship/", what, follow=True) for what in ({"file": file}, {"lines": lines})]
    for answer in answers:
        assert answer.status_code == (422 if said else 200)
        assert said in text(answer)
    assert list(Shipment.objects.values_list("tracking_number", flat=True)) == ([number] if number else [])


def test_what_a_table_program_made_of_a_number_is_refused_at_every_door(cast: Cast) -> None:
    with pytest.raises(Refused, match="Format the column as text"):
        shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "9.4E+21", sure=True), at=hours(5))


def test_more_than_is_taken_is_said_before_anything_is_done(cast: Cast) -> None:
    order, seller = cast.order(), sign_in(cast.li)
    row = f"{order.key},ups,{GOOD}\n"
    for address, head in (("/sell/ship/", "order,carrier,number\n"), ("/sell/ship/scans/", "number\n")):
        much = seller.post(address, {"lines": head + row * (tables.MOST_ROWS + 1)})
        assert much.status_code == 422
        assert "At most 500 lines are taken at once; these are 501. Nothing was done" in text(much)
        long = seller.post(address, {"file": SimpleUploadedFile("list.csv", (row + " " * 200_000).encode())})
        assert "too long to be taken at once" in text(long)
    assert not Shipment.objects.exists()
    seller.post("/sell/ship/", {"lines": "order,carrier,number\n" + row * tables.MOST_ROWS})
    assert Shipment.objects.count() == 1


def test_events_by_hand_of_a_day_and_of_a_spoilt_number(cast: Cast) -> None:
    seller = sign_in(cast.li)
    shipments.dispatch(cast.li, cast.order(), shipments.Parcel("ups", GOOD), at=hours(5))
    answer = seller.post(
        "/sell/ship/scans/", {"lines": f'="{GOOD}",in_transit,2026-03-02,Bonn\n9.4E+21,lost,2026-03-03'}
    )
    assert answer.status_code == 422
    assert "Format the column as text" in text(answer)
    assert "9.4E+21,lost,2026-03-03</textarea>" in text(answer)
    assert (Scan.objects.get().at, Scan.objects.get().status) == (hours(5), "in_transit")
