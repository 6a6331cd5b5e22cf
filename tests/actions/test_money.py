"""The money of an order: each kind of trouble that public reports tell of, through the verbs, by rows and journal."""

from typing import Any

import pytest

from comity.actions import money, orders, payouts, reports
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.money import Instruction, Part
from comity.actions.orders import Line, LinePart, NewPayment
from comity.actions.reports import Outcome, Report
from comity.lib.money import Money
from comity.records import money as rows
from comity.records import rebuild
from comity.records.models import JournalLine, Order, OrderLine, Refund, RefundVia
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db


def order(cast: Cast, *lines: Line, currency: str = "EUR", **more: Any) -> Order:
    """A paid order."""
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=lines, handling_hours=24, deliver_by=hours(900), **more
    )
    return orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(0)), at=hours(0))


def one(cast: Cast, minor: int, quantity: int = 1, currency: str = "EUR", **more: Any) -> Order:
    """A paid order of one line, for which `minor` was paid."""
    paid = Money(minor, currency)
    return order(cast, Line("Thing", quantity, Money(minor // quantity, currency), paid=paid, **more))


def give(cast: Cast, found: Order, minor: int, *parts: Part, at: float = 1, **more: Any) -> Refund:
    what = Instruction(Money(minor, found.currency), parts, **more)
    return money.instruct(cast.platform, found, what, at=hours(at))


def answer(cast: Cast, refund: Refund, state: Any, reference: str = "", at: float = 2, reason: str = "") -> list[str]:
    """Send a refund by each of its ways, with that answer."""
    told: list[str] = []
    for via in RefundVia.objects.filter(refund=refund).select_related("refund__order__seller"):
        if reports.begin(via, at=hours(at)):
            told.append(reports.outcome(cast.platform, via, Outcome(state, reference, reason), at=hours(at)))
    return told


def tell(
    cast: Cast, found: Order, kind: str, reference: str, minor: int | None = None, at: float = 3, **more: Any
) -> str:
    amount = None if minor is None else Money(minor, found.currency)
    what = Report(kind, order=found, reference=reference, amount=amount, **more)
    return reports.report(cast.platform, what, at=hours(at)).told


def sums(cast: Cast, found: Order) -> tuple[int, int, int, int]:
    """Refunded, instructed, charged back, refundable; and all rows follow from the facts."""
    found.refresh_from_db()
    seen = money.of(found)
    due = payouts.of_order(cast.platform, found, now=hours(999))
    gone = seen.refunded + seen.instructed + seen.charged_back
    assert seen.paid == gone + due.held + due.due + seen.paid_out - due.owed
    assert rebuild.at_odds(cast.seller) == []
    return seen.refunded, seen.instructed, seen.charged_back, seen.refundable


def kinds(found: Order) -> list[str]:
    lines = JournalLine.objects.filter(matter=found.ref).order_by("seq")
    return [kind for kind in lines.values_list("kind", flat=True) if "refund" in kind]


def line_of(found: Order) -> OrderLine:
    return found.lines.get()


def test_nothing_is_nothing_and_no_other_currency(cast: Cast) -> None:
    found = one(cast, 5800, currency="JPY")
    for amount, why in (
        (Money(0, "JPY"), "more than nothing"),
        (Money(1700, "EUR"), "paid in JPY; nothing goes back in EUR"),
    ):
        with pytest.raises(Refused, match=why):
            money.instruct(cast.platform, found, Instruction(amount), at=hours(1))
    assert not Refund.objects.exists()
    give(cast, found, 2900)
    assert sums(cast, found) == (0, 2900, 0, 2900)


def test_an_instruction_is_a_row_a_fact_and_due_to_be_sent(cast: Cast) -> None:
    found = one(cast, 9000)
    refund = give(cast, found, 3000, because="agreed", dispute_ref="dispute:d1")
    assert (refund.state, refund.due_at, refund.order.instructed) == ("instructed", hours(1), 3000)
    line = JournalLine.objects.get(kind="refund.instructed")
    assert f'"refund":"{refund.ref}"' in line.body
    assert '"dispute":"dispute:d1"' in line.body
    assert sums(cast, found) == (0, 3000, 0, 6000)


def test_the_same_instruction_again_is_the_same(cast: Cast) -> None:
    found = one(cast, 9000)
    first, second = (give(cast, found, 3000, once="k1") for _ in range(2))
    assert first.pk == second.pk
    assert kinds(found) == ["refund.instructed"]


def test_never_more_than_is_left(cast: Cast) -> None:
    found = order(
        cast, Line("left", 1, Money(3000, "EUR")), Line("right", 1, Money(3000, "EUR")), postage=Money(800, "EUR")
    )  # fmt: skip
    left, right = found.lines.all()
    give(cast, found, 3800, Part(left, 3000, 1), Part(None, 800))
    with pytest.raises(
        NotNow, match=r"At most €30.00 is left of order O-\w+\. The postage went back on March 2\."
    ) as no:
        give(cast, found, 3800, Part(right, 3000, 1), Part(None, 800))
    assert no.value.code == "more_than_is_left"
    assert sums(cast, found) == (0, 3800, 0, 3000)
    give(cast, found, 3000, Part(right, 3000, 1))
    assert sums(cast, found) == (0, 6800, 0, 0)


def test_postage_goes_back_once(cast: Cast) -> None:
    found = order(
        cast, Line("lamp", 1, Money(3999, "EUR")), Line("shade", 1, Money(1999, "EUR")), postage=Money(750, "EUR")
    )  # fmt: skip
    lamp, shade = found.lines.all()
    assert money.left_of_postage(found) == Money(750, "EUR")
    answer(cast, give(cast, found, 4749, Part(lamp, 3999, 1), Part(None, 750)), "confirmed", "r1")
    assert sums(cast, found) == (4749, 0, 0, 1999)
    assert money.left_for(found, {shade: 1}) == Money(1999, "EUR")
    assert money.left_of_postage(found) == Money(0, "EUR")
    assert money.postage_went_back_at(found) == hours(2)
    with pytest.raises(NotNow, match="postage went back on March 2"):
        give(cast, found, 1000, Part(shade, 250, 1), Part(None, 750))
    with pytest.raises(NotNow, match=r"At most €19.99 is left"):
        give(cast, found, 2749, Part(shade, 2749, 1))
    answer(cast, give(cast, found, 1999, Part(shade, 1999, 1)), "confirmed", "r2")
    assert sums(cast, found) == (6748, 0, 0, 0)


def test_three_for_ten(cast: Cast) -> None:
    found = one(cast, 1000, 3)
    line = line_of(found)
    for number in range(3):
        worth = money.left_for(found, {line: 1})
        answer(cast, give(cast, found, worth.minor, Part(line, worth.minor, 1)), "confirmed", f"r{number}")
        assert sums(cast, found)[0] in ((333, 334), (666, 667), (1000,))[number]
    assert money.left_for(found, {line: 1}).minor == 0
    with pytest.raises(NotNow, match=r"At most €0.00 is left"):
        give(cast, found, 333, Part(line, 333, 1))
    with pytest.raises(Refused, match="has 3 pieces of “Thing”"):
        money.left_for(found, {line: 4})


def test_a_piece_is_worth_what_was_paid_for_it(cast: Cast) -> None:
    found = order(cast, Line("bag", 2, Money(5000, "EUR")), price=Money(9000, "EUR"))
    line = line_of(found)
    assert money.worth(line, 1) == money.left_for(found, {line: 1}) == Money(4500, "EUR")
    with pytest.raises(NotNow, match=r"At most €45.00 is left for “bag”"):
        give(cast, found, 5000, Part(line, 5000, 1))
    give(cast, found, 4500, Part(line, 4500, 1))
    assert sums(cast, found) == (0, 4500, 0, 4500)


def test_tax_and_net_end_where_they_began(cast: Cast) -> None:
    found = one(cast, 6000, tax=Money(958, "EUR"))
    line = line_of(found)
    seen = []
    for number in range(3):
        answer(cast, give(cast, found, 2000, Part(line, 2000, 1)), "confirmed", f"r{number}")
        seen.append(rows.by_line(found)[line.pk].tax)
    assert seen == [319, 639, 958]


def test_tax_of_a_refund_that_failed_goes_back_with_the_next(cast: Cast) -> None:
    found = one(cast, 6000, tax=Money(958, "EUR"))
    line = line_of(found)
    answer(cast, give(cast, found, 2000, Part(line, 2000, 1)), "failed")
    give(cast, found, 6000, Part(line, 6000, 1))
    assert rows.by_line(found)[line.pk] == rows.WentBack(6000, 958)


def test_a_set_goes_back_by_its_parts_or_as_a_whole(cast: Cast) -> None:
    usd = [LinePart("A", 2, Money(8679, "USD")), LinePart("B", 20, Money(7320, "USD"))]
    found = one(cast, 16959, currency="USD", tax=Money(960, "USD"), parts=tuple(usd))
    bundle, a, b = found.lines.all()
    assert [money.left_for(found, {line: line.quantity}).minor for line in (bundle, a, b)] == [16959, 9200, 7759]
    answer(cast, give(cast, found, 9200, Part(a, 9200, 2)), "confirmed", "r1")
    assert sums(cast, found)[3] == 7759
    assert [money.left_for(found, {line: line.quantity}).minor for line in (bundle, a, b)] == [7759, 0, 7759]
    answer(cast, give(cast, found, 7759, Part(b, 7759, 20)), "confirmed", "r2")
    assert sums(cast, found) == (16959, 0, 0, 0)


def test_two_ways_of_paying(cast: Cast) -> None:
    payments = (NewPayment("gift card", Money(3000, "EUR"), "p1"), NewPayment("card", Money(6000, "EUR"), "p2"))
    found = order(cast, Line("stove", 1, Money(9000, "EUR")), payments=payments)
    for number, (amount, back) in enumerate([(7500, [2500, 5000]), (1500, [3000, 6000])]):
        refund = give(cast, found, amount)
        for via in refund.ways.select_related("refund__order__seller"):
            reports.outcome(cast.platform, via, Outcome("confirmed", f"r{number}{via.payment_id}"), at=hours(2))
        assert [went for _, went in rows.by_payment(found)] == back
    assert sums(cast, found) == (9000, 0, 0, 0)


def test_one_of_two_ways_fails_and_the_rest_is_sent_again(cast: Cast) -> None:
    payments = (NewPayment("gift card", Money(3000, "EUR")), NewPayment("card", Money(6000, "EUR")))
    found = order(cast, Line("stove", 1, Money(9000, "EUR")), payments=payments)
    line = line_of(found)
    refund = give(cast, found, 9000, Part(line, 9000, 1))
    gift, card = refund.ways.select_related("refund__order__seller")
    reports.outcome(cast.platform, gift, Outcome("failed", reason="account_closed"), at=hours(2))
    assert sums(cast, found) == (0, 6000, 0, 3000)
    reports.outcome(cast.platform, card, Outcome("confirmed", "r1"), at=hours(3))
    assert sums(cast, found) == (6000, 0, 0, 3000)
    refund.refresh_from_db()
    assert (refund.state, refund.confirmed) == ("failed", 6000)
    rest = money.again(cast.ken, refund, at=hours(4))
    assert (rest.amount, rest.replaces) == (3000, refund)
    assert list(rest.ways.values_list("payment__name", "amount")) == [("gift card", 3000)]
    assert [part.amount for part in rest.parts.all()] == [3000]
    assert sums(cast, found) == (6000, 3000, 0, 0)


def test_a_lost_answer_is_asked_for_under_the_same_key(cast: Cast) -> None:
    found = one(cast, 40000, currency="PLN")
    refund = give(cast, found, 15000)
    key = refund.ways.get().key
    assert answer(cast, refund, "unknown", reason="time-out") == ["same"]
    assert sums(cast, found) == (0, 15000, 0, 25000)
    assert money.again(cast.ken, refund, at=hours(2)).ways.get().key == key
    assert answer(cast, refund, "confirmed", "r1") == ["recorded"]
    assert answer(cast, refund, "confirmed", "r1") == [], "there is nothing to send any more"
    assert sums(cast, found) == (15000, 0, 0, 25000)
    assert Refund.objects.count() == 1


def test_it_fails_two_days_later_and_is_instructed_anew(cast: Cast) -> None:
    found = one(cast, 9000)
    refund = give(cast, found, 3000)
    answer(cast, refund, "pending", "r1")
    assert sums(cast, found) == (0, 3000, 0, 6000)
    assert tell(cast, found, "failed", "r1", at=47, reason="account_closed") == "recorded"
    assert sums(cast, found) == (0, 0, 0, 9000)
    refund.refresh_from_db()
    assert (refund.state, refund.failed_code, refund.due_at) == ("failed", "account_closed", None)
    new = money.again(cast.ken, refund, at=hours(53))
    assert new.ref != refund.ref
    assert money.again(cast.ken, refund, at=hours(54)).pk == new.pk, "once"
    answer(cast, new, "pending", "r2", at=55)
    assert tell(cast, found, "refunded", "r2", at=72) == "recorded"
    assert tell(cast, found, "failed", "r1", at=73, reason="account_closed") == "same"
    assert sums(cast, found) == (3000, 0, 0, 6000)
    assert payouts.of_order(cast.platform, found, now=hours(999)).due == 6000
    assert kinds(found) == ["refund.instructed", "refund.failed", "refund.instructed", "order.refunded"]
    with pytest.raises(Refused, match="did not fail"):
        money.again(cast.ken, Refund.objects.get(state="confirmed"), at=hours(80))


def test_what_failed_is_not_sent_again_for_what_went_back_meanwhile(cast: Cast) -> None:
    found = order(cast, Line("lamp", 1, Money(3000, "EUR")), Line("shade", 1, Money(6000, "EUR")))
    lamp, _shade = found.lines.all()
    refund = give(cast, found, 3000, Part(lamp, 3000, 1))
    answer(cast, refund, "failed")
    give(cast, found, 3000, Part(lamp, 3000, 1))
    with pytest.raises(NotNow, match=r"At most €0.00 is left for “lamp”"):
        money.again(cast.ken, refund, at=hours(5))
    assert sums(cast, found) == (0, 3000, 0, 6000)


def test_one_that_fails_after_it_was_confirmed_is_owed_to_nobody(cast: Cast) -> None:
    found = one(cast, 9000)
    refund = give(cast, found, 3000)
    answer(cast, refund, "confirmed", "r1")
    assert tell(cast, found, "failed", "r1") == "recorded"
    assert sums(cast, found) == (0, 0, 0, 9000)
    assert tell(cast, found, "failed", "r1") == "same"
    assert tell(cast, found, "refunded", "r1", 3000, at=2) == "same", "an old report, once more"
    assert sums(cast, found) == (0, 0, 0, 9000)


def test_reports_come_first_twice_and_name_the_sum_so_far(cast: Cast) -> None:
    found = one(cast, 6000, 6, currency="USD")
    first = give(cast, found, 1000)
    via = RefundVia.objects.select_related("refund__order__seller").get(refund=first)
    assert reports.begin(via, at=hours(2))
    assert tell(cast, found, "refunded", "r1", 1000) == "recorded"
    assert sums(cast, found) == (1000, 0, 0, 5000)
    assert reports.outcome(cast.platform, via, Outcome("confirmed", "r1"), at=hours(3)) == "same"
    assert tell(cast, found, "refunded", "r1", 1000) == "same"
    answer(cast, give(cast, found, 1500), "confirmed", "r2")
    assert tell(cast, found, "refunded", "r2", total=Money(2500, "USD")) == "same"
    assert tell(cast, found, "refunded", "r1", total=Money(1000, "USD")) == "same"
    assert sums(cast, found) == (2500, 0, 0, 3500)
    assert kinds(found) == ["refund.instructed", "order.refunded"] * 2
    assert tell(cast, found, "refunded", "r3", total=Money(3100, "USD")) == "recorded"
    assert sums(cast, found) == (3100, 0, 0, 2900)
    assert Refund.objects.get(outside=True).amount == 600


def test_a_guess_that_was_wrong_is_taken_back(cast: Cast) -> None:
    found = one(cast, 6000)
    first, second = give(cast, found, 1000), give(cast, found, 1000)
    ways = [RefundVia.objects.select_related("refund__order__seller").get(refund=each) for each in (first, second)]
    assert all(reports.begin(via, at=hours(2)) for via in ways)
    tell(cast, found, "refunded", "r2", 1000)
    assert sums(cast, found) == (1000, 1000, 0, 4000)
    reports.outcome(cast.platform, ways[1], Outcome("confirmed", "r2"), at=hours(4))
    assert sums(cast, found) == (1000, 1000, 0, 4000)
    first.refresh_from_db()
    assert (first.state, first.due_at) == ("instructed", hours(4)), "it is still to be sent"
    reports.outcome(cast.platform, ways[0], Outcome("confirmed", "r1"), at=hours(5))
    assert sums(cast, found) == (2000, 0, 0, 4000)


def test_what_was_taken_for_a_refund_outside_turns_out_to_be_ours(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PAYMENTS", "fake")
    found = order(cast, Line("kite", 1, Money(6000, "EUR")), payments=(NewPayment("card", Money(6000, "EUR"), "pi_1"),))
    refund = give(cast, found, 1000)
    tell(cast, found, "refunded", "r1", 1000, payment="pi_1")
    assert sums(cast, found) == (1000, 1000, 0, 4000), "not sent yet, so it was made outside"
    assert [gone for _, gone in rows.by_payment(found)] == [2000]
    answer(cast, refund, "confirmed", "r1")
    assert sums(cast, found) == (1000, 0, 0, 5000)
    assert Refund.objects.get() == refund
    assert [gone for _, gone in rows.by_payment(found)] == [1000]


def test_what_went_back_outside_or_to_the_bank_is_of_its_payment(cast: Cast) -> None:
    payments = (NewPayment("gift card", Money(3000, "EUR"), "g1"), NewPayment("card", Money(6000, "EUR"), "c1"))
    found = order(cast, Line("stove", 1, Money(9000, "EUR")), payments=payments)
    tell(cast, found, "refunded", "x1", 3000, payment="g1")
    tell(cast, found, "charged_back", "b1", 1000, payment="c1")
    assert [gone for _, gone in rows.by_payment(found)] == [3000, 1000]
    assert list(give(cast, found, 5000).ways.values_list("payment__name", "amount")) == [("card", 5000)]
    tell(cast, found, "charge_back_reversed", "b1", 400)
    tell(cast, found, "failed", "x1")
    assert [gone for _, gone in rows.by_payment(found)] == [0, 5600]
    assert sums(cast, found) == (0, 5000, 600, 3400)


def test_one_payment_for_the_orders_of_two_sellers(cast: Cast) -> None:
    paid = (NewPayment("card", Money(5000, "EUR"), "pi_1"),)
    first, second = (order(cast, Line(title, 1, Money(5000, "EUR")), payments=paid) for title in ("cup", "plate"))
    what = Report("refunded", payment="pi_1", reference="r1", amount=Money(700, "EUR"))
    with pytest.raises(Refused, match="names no order"):
        reports.report(cast.platform, what, at=hours(1))
    give(cast, second, 700)
    assert reports.report(cast.platform, what, at=hours(2)).order == second
    tell(cast, first, "refunded", "r2", total=Money(1500, "EUR"), payment="pi_1")
    assert (sums(cast, first), sums(cast, second)) == ((800, 0, 0, 4200), (700, 0, 0, 4300))


def test_a_report_by_our_key_is_ours_whatever_else_it_says(cast: Cast) -> None:
    found = one(cast, 6000)
    refund = give(cast, found, 1000)
    for key in (refund.ways.get().key, str(refund.uuid), refund.ref):
        reports.report(cast.platform, Report("refunded", key=key, reference="r1"), at=hours(3))
        assert sums(cast, found) == (1000, 0, 0, 5000)
    for key in ("x", "refund:x", f"{refund.uuid}-9", f"{refund.uuid}-x"):
        with pytest.raises(Refused, match="names no order that is known"):
            reports.report(cast.platform, Report("refunded", key=key, reference="r9"), at=hours(3))


def test_the_shop_refunds_outside_and_tells_by_the_payment(cast: Cast) -> None:
    found = order(cast, Line("kite", 1, Money(5000, "EUR")), payments=(NewPayment("card", Money(5000, "EUR"), "pi_1"),))
    for told in ("recorded", "same"):
        what = Report("refunded", payment="pi_1", reference="x7", amount=Money(5000, "EUR"))
        assert reports.report(cast.platform, what, at=hours(3), noted_at=hours(4)).told == told
    assert sums(cast, found) == (5000, 0, 0, 0)
    refund = Refund.objects.get()
    assert (refund.outside, refund.confirmed_at, refund.state) == (True, hours(3), "confirmed")
    with pytest.raises(NotNow, match=r"At most €0.00"):
        give(cast, found, 5000, at=5)
    assert tell(cast, found, "failed", "x7") == "recorded"
    assert sums(cast, found) == (0, 0, 0, 5000)


def test_the_bank_takes_the_payment_and_gives_it_back(cast: Cast) -> None:
    found = one(cast, 8000, currency="USD")
    assert [tell(cast, found, "charged_back", "c1", 8000) for _ in range(2)] == ["recorded", "same"]
    assert sums(cast, found) == (0, 0, 8000, 0)
    with pytest.raises(NotNow, match=r"At most \$0.00 is left .* bank has taken \$80.00"):
        give(cast, found, 8000, at=4)
    assert tell(cast, found, "charge_back_reversed", "c1", 3000, event="e1") == "recorded"
    assert tell(cast, found, "charge_back_reversed", "c1", 3000, event="e1") == "same"
    assert sums(cast, found) == (0, 0, 5000, 3000)
    assert tell(cast, found, "charge_back_reversed", "c1") == "recorded"
    assert tell(cast, found, "charge_back_reversed", "c1", 3000, event="e2") == "same"
    assert sums(cast, found) == (0, 0, 0, 8000)
    answer(cast, give(cast, found, 3000, at=5), "confirmed", "r1", at=6)
    assert sums(cast, found) == (3000, 0, 0, 5000)
    with pytest.raises(Refused, match="No charge-back c9"):
        tell(cast, found, "charge_back_reversed", "c9")


@pytest.mark.parametrize(
    ("kind", "reference", "minor", "why"),
    [
        ("refunded", "r1", None, "neither how much was refunded nor how much in all"),
        ("charged_back", "c1", None, "amount is missing"),
        ("refunded", "", 5, "reference is missing"),
        ("refunded", "r1", 0, "amount must be from 1"),
        ("burnt", "r1", 5, "kind must be one of"),
        ("failed", "x" * 200, None, "at most 190 characters"),
    ],
)
def test_a_report_that_does_not_say_what_it_should_is_refused(
    cast: Cast, kind: str, reference: str, minor: int | None, why: str
) -> None:
    found = one(cast, 5000)
    with pytest.raises(Refused, match=why):
        tell(cast, found, kind, reference, minor)
    assert sums(cast, found) == (0, 0, 0, 5000)


def test_another_currency_and_another_order_are_refused(cast: Cast) -> None:
    found, other = one(cast, 5000), one(cast, 5000)
    refund = give(cast, other, 1000)
    with pytest.raises(Refused, match="is in EUR, the report in USD"):
        reports.report(
            cast.platform, Report("refunded", order=found, reference="r", amount=Money(5, "USD")), at=hours(3)
        )
    with pytest.raises(Refused, match="refund of another order"):
        tell(cast, found, "refunded", "r", 1000, key=str(refund.uuid))


def test_a_reported_long_id_is_one_all_the_same(cast: Cast) -> None:
    found = one(cast, 5000)
    assert [tell(cast, found, "refunded", "x" * 190, 1000) for _ in range(2)] == ["recorded", "same"]
    assert sums(cast, found) == (1000, 0, 0, 4000)


def test_what_was_not_sent_can_be_taken_back(cast: Cast) -> None:
    found = one(cast, 5000)
    refund = give(cast, found, 1000)
    for _ in range(2):
        money.withdraw(cast.platform, refund, at=hours(2))
    assert (sums(cast, found), kinds(found)) == ((0, 0, 0, 5000), ["refund.instructed", "refund.failed"])
    assert Refund.objects.get().state == "cancelled"
    assert answer(cast, refund, "confirmed") == [], "nobody sends it"
    sent = give(cast, found, 1000)
    answer(cast, sent, "unknown")
    with pytest.raises(Refused, match="was sent already"):
        money.withdraw(cast.platform, sent, at=hours(3))


def test_the_pay_out_run(cast: Cast) -> None:
    found = one(cast, 9000, 3, currency="SGD")
    refund = give(cast, found, 3000, dispute_ref="dispute:d1")
    held = payouts.of_order(cast.platform, found, now=hours(999))
    assert (held.held, held.due, held.why_held) == (6000, 0, "dispute")
    answer(cast, refund, "confirmed", "r1")
    (due,) = payouts.due(cast.li, cast.seller, currency="SGD", now=hours(999))
    assert (due.held, due.due) == (0, 6000)
    assert payouts.due(cast.li, cast.seller, currency="EUR", now=hours(999)) == []
    run = payouts.NewPayOut("po1", "SGD", (payouts.PaidLine(found, due.due),))
    assert payouts.paid_out(cast.platform, cast.seller, run, at=hours(9)) == {found.pk: True}
    assert payouts.paid_out(cast.platform, cast.seller, run, at=hours(9)) == {found.pk: False}
    assert payouts.due(cast.li, cast.seller, currency="SGD", now=hours(999)) == []
    assert sums(cast, found) == (3000, 0, 0, 6000)
    assert (found.paid_out, JournalLine.objects.filter(kind="payout.made").count()) == (6000, 1)


def test_what_is_owed_is_netted_once_as_a_line_of_its_own(cast: Cast) -> None:
    old, new = one(cast, 9000), one(cast, 2500)
    first = payouts.NewPayOut("po1", "EUR", (payouts.PaidLine(old, 9000),))
    payouts.paid_out(cast.platform, cast.seller, first, at=hours(2))
    answer(cast, give(cast, old, 3000), "confirmed", "r1")
    due = payouts.due(cast.li, cast.seller, currency="EUR", now=hours(999))
    assert [(each.order, each.due, each.owed, each.netted) for each in due] == [(old, 0, 3000, 2500), (new, 2500, 0, 0)]
    too_much = payouts.NewPayOut("po2", "EUR", (payouts.PaidLine(old, netted=3001),))
    with pytest.raises(Refused, match="3000 is owed for it"):
        payouts.paid_out(cast.platform, cast.seller, too_much, at=hours(9))
    run = payouts.NewPayOut("po2", "EUR", tuple(payouts.PaidLine(each.order, each.due, each.netted) for each in due))
    for _ in range(2):
        payouts.paid_out(cast.platform, cast.seller, run, at=hours(9))
    assert (sums(cast, old), old.paid_out) == ((3000, 0, 0, 6000), 6500)
    (left,) = payouts.due(cast.li, cast.seller, currency="EUR", now=hours(999))
    assert (left.owed, left.netted) == (500, 0)


def test_what_the_platform_bears_goes_to_the_seller_beside_all_this(cast: Cast) -> None:
    found = one(cast, 6000)
    answer(cast, give(cast, found, 6000), "confirmed", "r1")
    for _ in range(2):
        money.bear(cast.platform, found, Money(6000, "EUR"), reference="dispute:d", because="reversed", at=hours(5))
    assert sums(cast, found) == (6000, 0, 0, 0)
    (due,) = payouts.due(cast.li, cast.seller, currency="EUR", now=hours(999))
    assert (due.due, due.platform) == (0, 6000)
    run = payouts.NewPayOut("po", "EUR", (payouts.PaidLine(found, platform=6000),))
    payouts.paid_out(cast.platform, cast.seller, run, at=hours(6))
    assert payouts.due(cast.li, cast.seller, currency="EUR", now=hours(999)) == []


def test_of_a_cancelled_order_nothing_is_paid_out(cast: Cast) -> None:
    found = one(cast, 180000)
    orders.cancel(cast.li, found, reason="no_stock", at=hours(1))
    assert payouts.of_order(cast.ana, found, now=hours(999)).why_held == "cancelled"
    refund = give(cast, found, 180000, at=2)
    assert sums(cast, found) == (0, 180000, 0, 0)
    answer(cast, refund, "failed", reason="low_balance", at=3)
    assert sums(cast, found) == (0, 0, 0, 180000)
    assert found.state == "cancelled"


def test_a_failure_without_our_key_is_of_the_refund_that_is_under_way(cast: Cast) -> None:
    found = one(cast, 5000)
    refund = give(cast, found, 1000)
    assert tell(cast, found, "failed", "r1", reason="low_balance") == "recorded"
    assert tell(cast, found, "failed", "r1", reason="low_balance") == "same"
    assert sums(cast, found) == (0, 0, 0, 5000)
    refund.refresh_from_db()
    assert (refund.state, refund.failed_code, Refund.objects.count()) == ("failed", "low_balance", 1)
    for _ in range(2):
        give(cast, found, 700)
    assert tell(cast, found, "failed", "r2") == "recorded", "nobody knows of which"
    assert sums(cast, found) == (0, 1400, 0, 3600)
    assert tell(cast, found, "failed", "r3", 700) == "recorded"
    assert sums(cast, found) == (0, 700, 0, 4300)


def test_a_failure_that_was_of_another_refund_does_not_hide_that_ours_went_through(cast: Cast) -> None:
    found = one(cast, 5000)
    refund = give(cast, found, 1000)
    via = RefundVia.objects.select_related("refund__order__seller").get(refund=refund)
    assert reports.begin(via, at=hours(2))
    assert tell(cast, found, "failed", "x9", 1000) == "recorded"
    assert sums(cast, found) == (0, 0, 0, 5000)
    assert reports.outcome(cast.platform, via, Outcome("confirmed", "x9"), at=hours(4)) == "same", "it failed since"
    assert reports.outcome(cast.platform, via, Outcome("confirmed", "r1"), at=hours(4)) == "recorded"
    assert sums(cast, found) == (1000, 0, 0, 4000)


def test_what_the_buyer_paid_later_is_paid(cast: Cast) -> None:
    found = one(cast, 5000)
    assert [tell(cast, found, "paid_more", "m1", 700) for _ in range(2)] == ["recorded", "same"]
    assert (sums(cast, found)[3], found.paid) == (5700, 5700)


def test_who_may_do_what_with_money(cast: Cast) -> None:
    found = one(cast, 5000)
    what = Instruction(Money(1000, "EUR"))
    for who in (cast.ana, cast.ken, cast.max):
        with pytest.raises(Forbidden):
            money.instruct(who, found, what, at=hours(1))
    refund = money.instruct(cast.li, found, what, at=hours(1))
    for who in (cast.ana, cast.li, cast.max):
        with pytest.raises(Forbidden):
            money.again(who, refund, at=hours(1))
        with pytest.raises(Forbidden):
            reports.report(who, Report("refunded", order=found, reference="r", amount=Money(5, "EUR")), at=hours(1))
        with pytest.raises(Forbidden):
            payouts.paid_out(who, cast.seller, payouts.NewPayOut("p", "EUR", ()), at=hours(1))
    with pytest.raises(Forbidden):
        payouts.due(cast.max, cast.seller, currency="EUR", now=hours(999))
    with pytest.raises(Forbidden):
        payouts.of_order(cast.bea, found, now=hours(999))


def test_parts_that_do_not_come_to_the_amount_are_refused(cast: Cast) -> None:
    found, other = one(cast, 5000), one(cast, 5000)
    line = line_of(found)
    for parts, why in (
        ((Part(line, 900, 1),), "do not come to €10.00"),
        ((Part(line, 1000, 1), Part(None, 0)), "Each part of a refund is more than nothing"),
        ((Part(None, 1000),), "At most €0.00 is left of the postage"),
        ((Part(line_of(other), 1000, 1),), "has 1 piece of"),
    ):
        with pytest.raises(Refused, match=why):
            give(cast, found, 1000, *parts)
    assert not Refund.objects.exists()


def test_rows_of_money_that_do_not_follow_are_found_and_made_anew(cast: Cast) -> None:
    found = one(cast, 9000)
    line = line_of(found)
    answer(cast, give(cast, found, 1000, Part(line, 1000, 1)), "confirmed", "r1")
    answer(cast, give(cast, found, 2000, Part(line, 2000, 1)), "confirmed", "r2")
    tell(cast, found, "charged_back", "c1", 500)
    Refund.objects.filter(reference="r1").update(state="failed")
    Order.objects.filter(pk=found.pk).update(refunded=7)
    found.charge_backs.update(amount=1)
    assert {each.life for each in rebuild.at_odds(cast.seller)} == {"order", "refund", "charge-back"}
    rebuild.rebuild(cast.seller)
    assert sums(cast, found) == (3000, 0, 500, 5500)
    assert [part.amount for part in found.refunds.get(reference="r2").parts.all()] == [2000], "what no fact holds stays"
