"""How much may go back for what: pieces, sets, vouchers, postage, tax, currencies, several means of payment."""

import pytest

from comity.actions import money
from comity.actions.disputes import appealing, claims, deciding, offers
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.orders import Line, LinePart, NewPayment
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records import money as rows
from comity.records.models import Dispute, JournalLine, RefundPart
from tests.disputing import OPENING, agent, moment, opened_by, rulebook, stage, told, values_of

pytestmark = pytest.mark.django_db
CLEAR = {"proof": "clear"}


def line(title: str, paid: int, pieces: int = 1, currency: str = "EUR", **more: object) -> Line:
    each = Money(paid // pieces, currency)
    return Line(title, pieces, each, paid=Money(paid, currency), **more)  # type: ignore[arg-type]


def test_half_of_a_kettle_in_yen() -> None:
    here = stage(rulebook(zone="Asia/Tokyo"), currency="JPY", amount=5800, at=moment("2026-05-25T09:00"))
    asked = moment("2026-06-01T10:00:00+09:00")
    dispute = here.open(asked, amount=2900)
    later = moment("2026-06-01T11:01:00+09:00")
    with pytest.raises(Refused, match="paid in JPY"):
        offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", Money(1700, "EUR")), at=later)
    with pytest.raises(ValueError, match="more than 0 decimal digits"):
        Money.of("1450.50", "JPY")
    assert here.case().offers == ()
    claims.accept(here.cast.li, dispute, version=1, at=moment("2026-06-01T11:05:00+09:00"))
    at = moment("2026-06-01T11:06:00+09:00")
    assert here.case().stage is Stage.CARRYING_OUT
    assert here.sums(at) == {
        "paid": 5800, "refunded": 0, "instructed": 2900, "charged_back": 0, "refundable": 2900, "held": 2900, "due": 0,
        "paid_out": 0, "owed": 0,
    }  # fmt: skip
    assert here.instructions() == [2900]
    assert money.said(here.cash(2900)) == "¥2,900"


def test_a_voucher_is_neither_paid_out_nor_taken_off_twice() -> None:
    listed = Money(10000, "EUR")
    here = stage(lines=[line("bag", 9000, 2, listed=listed)], at=moment("2026-05-01T09:00"))
    with pytest.raises(NotNow, match=r"At most €45\.00"):
        here.about(moment("2026-05-04T08:00"), 5000, bag=1)
    assert not Dispute.objects.exists()
    assert not JournalLine.objects.filter(kind="dispute.opened").exists()
    dispute = here.about(moment("2026-05-04T08:02"), bag=1)
    assert here.case().amount == 4500
    claims.accept(here.cast.li, dispute, version=1, at=moment("2026-05-05T08:00"))
    assert here.confirm(moment("2026-05-05T08:00")) == 1
    sums = here.sums(moment("2026-05-05T09:00"))
    assert (sums["refunded"], sums["refundable"], here.instructions()) == (4500, 4500, [4500])
    assert here.case().stage is Stage.CLOSED


def test_three_glasses_give_back_what_was_paid_for_three() -> None:
    here = stage(lines=[line("glass", 1000, 3)], at=moment("2026-02-01T09:00"))
    went = []
    for day in (2, 3, 4):
        at = moment(f"2026-02-0{day}T10:00")
        here.about(at, glass=1)
        here.settle(at, here.case().amount)
        here.confirm(at)
        went.append(here.sums(at)["refunded"])
    assert went in ([333, 666, 1000], [333, 667, 1000], [334, 667, 1000])
    with pytest.raises(NotNow) as no:
        here.about(moment("2026-02-05T10:00"))
    assert no.value.code == "no_pieces_left"
    with pytest.raises(Refused, match="glass: 0 can be disputed, not 1"):
        here.about(moment("2026-02-05T10:00"), glass=1)
    assert here.sums(moment("2026-02-05T11:00"))["refundable"] == 0


def test_two_of_seven_at_once_and_the_rest_later() -> None:
    here = stage(lines=[line("bowl", 1000, 7)], at=moment("2026-02-01T09:00"))
    for day, count in ((2, 2), (3, 4), (4, 1)):
        at = moment(f"2026-02-0{day}T10:00")
        here.about(at, bowl=count)
        here.settle(at, here.case().amount)
        here.confirm(at)
    sums = here.sums(moment("2026-02-05T10:00"))
    assert (sums["refunded"], sums["refundable"]) == (1000, 0)


def test_tax_and_net_end_where_they_began() -> None:
    tax = Money(958, "EUR")
    rules = rulebook(rules=opened_by(OPENING, "incomplete"))
    here = stage(rules, lines=[line("chair", 6000, tax=tax)], at=moment("2026-03-01T09:00"))
    ada = agent(here.cast, "ada")
    taxes = []
    for day, reason in ((2, "damaged"), (3, "not as described"), (4, "incomplete")):
        at = moment(f"2026-03-0{day}T10:00")
        here.open(at, reason, amount=2000)
        if day < 4:
            here.settle(at, 2000, "discount")
        else:
            judged = deciding.Judgement("buyer", here.cash(2000), inputs=CLEAR, text="The rest.")
            deciding.decide(ada, here.mediate(at, ada), judged, at=at)
        here.confirm(at)
        parts = RefundPart.objects.filter(refund__order=here.order)
        taxes.append(sum(part.tax or 0 for part in parts))
        assert here.sums(at)["refundable"] == 6000 - 2000 * (day - 1)
    assert taxes[0] in (319, 320)
    assert taxes[1] in (638, 639)
    assert taxes[2] == 958
    assert sum(part.amount - (part.tax or 0) for part in RefundPart.objects.all()) == 5042


def test_what_goes_back_goes_back_as_it_was_paid() -> None:
    paid = (NewPayment("gift card", Money(3000, "EUR")), NewPayment("credit card", Money(6000, "EUR")))
    here = stage(
        rulebook(keys='refund_order = "proportion"'), amount=9000, payments=paid, at=moment("2026-03-01T09:00")
    )
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    at = moment("2026-03-02T10:00")
    here.open(at, amount=7500)
    dispute = here.mediate(at, ada)
    judged = deciding.Judgement("buyer", here.cash(7500), inputs=CLEAR, text="It came broken.")
    deciding.decide(ada, dispute, judged, at=at)
    assert here.confirm(at) == 2
    assert {payment.name: gone for payment, gone in rows.by_payment(here.order)} == {
        "gift card": 2500, "credit card": 5000
    }  # fmt: skip
    assert here.sums(at)["refundable"] == 1500
    later = moment("2026-03-09T10:00")
    appealing.appeal(here.cast.ana, dispute, text="It is worth nothing now.", at=later)
    heard = appealing.Heard("changed", "All of it.", outcome="buyer", amount=here.cash(9000), fault="seller")
    appealing.decide(ben, dispute, heard, at=later)
    here.confirm(later)
    assert {payment.name: gone for payment, gone in rows.by_payment(here.order)} == {
        "gift card": 3000, "credit card": 6000
    }  # fmt: skip
    assert here.sums(later)["refundable"] == 0
    assert here.instructions() == [7500, 1500]


def test_postage_goes_back_once_of_two_disputes() -> None:
    lamp_and_shade = [line("lamp", 3999), line("shade", 1999)]
    here = stage(lines=lamp_and_shade, postage=Money(750, "EUR"), at=moment("2026-03-28T09:00"))
    here.about(moment("2026-04-01T07:00"), reason="not as described", lamp=1)
    here.settle(moment("2026-04-01T14:00"), 4749)
    here.confirm(moment("2026-04-01T14:00"))
    with pytest.raises(NotNow, match=r"At most €19\.99 is left for “shade”.*postage went back on April 1"):
        here.about(moment("2026-04-02T07:00"), 2749, shade=1)
    sums = here.sums(moment("2026-04-02T07:01"))
    assert (sums["paid"], sums["refunded"], sums["refundable"]) == (6748, 4749, 1999)
    assert Dispute.objects.count() == 1, "none was opened about the shade"
    here.about(moment("2026-04-02T07:05"), 1999, shade=1)
    with pytest.raises(NotNow, match=r"At most €19\.99"):
        here.offer(moment("2026-04-02T08:00"), 2749)
    here.settle(moment("2026-04-02T08:05"), 1999)
    here.confirm(moment("2026-04-02T08:05"))
    sums = here.sums(moment("2026-04-02T10:00"))
    assert (sums["refunded"], sums["refundable"], here.instructions()) == (6748, 0, [4749, 1999])


def test_an_agreement_on_nothing_sends_nothing() -> None:
    here = stage(amount=2500, at=moment("2026-03-01T09:00"))
    here.open(moment("2026-03-02T10:00"), "not received")
    with pytest.raises(Refused, match="offer nothing"):
        offers.offer(
            here.cast.li, here.the_dispute, offers.NewOffer("partial refund", Money(0, "EUR")),
            at=moment("2026-03-03T10:00"),
        )  # fmt: skip
    here.settle(moment("2026-03-03T12:00"), kind="nothing", text="It came this morning.")
    assert here.case().stage is Stage.CLOSED
    assert here.sums(moment("2026-03-03T12:01")) == {
        "paid": 2500, "refunded": 0, "instructed": 0, "charged_back": 0, "refundable": 2500, "held": 0, "due": 2500,
        "paid_out": 0, "owed": 0,
    }  # fmt: skip
    assert here.instructions() == []
    assert told(here.cast.buyer, "dispute.settled", "order.refunded") == ["dispute.settled"]


def test_a_set_is_refunded_by_its_parts() -> None:
    parts = (LinePart("A", 2, Money(8679, "USD")), LinePart("B", 20, Money(7320, "USD")))
    whole = line("set", 16959, currency="USD", tax=Money(960, "USD"), parts=parts)
    here = stage(rulebook(zone="America/Denver"), lines=[whole], currency="USD", at=moment("2026-03-01T09:00"))
    first, second = moment("2026-03-02T10:00:00-07:00"), moment("2026-03-20T10:00:00-06:00")
    here.about(first, A=2)
    assert here.case().amount == 9200
    here.settle(first, 9200)
    here.confirm(first)
    sums = here.sums(first)
    assert (sums["refunded"], sums["refundable"]) == (9200, 7759)
    here.about(second, reason="not as described", B=20)
    here.settle(second, here.case().amount)
    here.confirm(second)
    sums = here.sums(second)
    assert (sums["paid"], sums["refunded"], sums["refundable"]) == (16959, 16959, 0)
    assert here.instructions() == [9200, 7759]
    assert [values["amount"] for values in values_of(here.cast.buyer, "dispute.opened")] == [9200, 7759]
