"""Money that is asked for, and what becomes of it: lost answers, failures, reports, charge-backs, pay-outs."""

from datetime import timedelta

import pytest

from comity.actions import errands, money, payouts, reports
from comity.actions.disputes import claims, deciding, offers, returning
from comity.actions.doing import NotNow
from comity.actions.orders import Line, NewPayment
from comity.actions.payouts import NewPayOut, PaidLine
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records.models import Refund, RefundVia
from tests.disputing import Stage as Scene
from tests.disputing import agent, moment, rulebook, scanned, stage, told, values_of

pytestmark = pytest.mark.django_db
CLEAR = {"proof": "clear"}


def via_of(here: Scene) -> RefundVia:
    """The way of the refund that was instructed last."""
    ways = RefundVia.objects.filter(refund__order=here.order).select_related("refund__order__seller")
    return ways.order_by("-pk")[0]


def answer(here: Scene, at: str, state: str, reference: str, reason: str = "") -> list[str]:
    told_ = reports.Outcome(state, reference, reason)  # type: ignore[arg-type]
    return [reports.outcome(here.cast.platform, via_of(here), told_, at=moment(at))]


def test_a_lost_answer_never_becomes_a_second_refund() -> None:
    here = stage(rulebook(zone="Europe/Warsaw"), currency="PLN", amount=40000, at=moment("2026-01-08T09:00"))
    here.open(moment("2026-01-11T10:00"), amount=20000)
    number, at = here.offer(moment("2026-01-12T08:00"), 15000), moment("2026-01-12T10:00:00+01:00")
    offers.accept(here.cast.ana, here.the_dispute, number=number, at=at)
    with pytest.raises(NotNow) as again:
        offers.accept(here.cast.ana, here.the_dispute, number=number, at=at + timedelta(seconds=1))
    assert again.value.code == "agreed"
    via = via_of(here)
    assert reports.begin(via, at=at)
    reports.outcome(here.cast.platform, via, reports.Outcome("unknown", "", "time-out"), at=at + timedelta(seconds=2))
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(moment("2026-01-12T10:15:00+01:00"))
    assert (sums["refunded"], sums["instructed"], sums["refundable"]) == (0, 15000, 25000)
    key = via.key
    tried = via_of(here)
    assert tried.key == key, "every further try carries the key of the first"
    reports.outcome(
        here.cast.platform, tried, reports.Outcome("confirmed", "re_1"), at=moment("2026-01-12T10:30:01+01:00")
    )
    assert here.case().stage is Stage.CLOSED
    sums = here.sums(moment("2026-01-12T10:31:00+01:00"))
    assert (sums["refunded"], sums["instructed"], sums["refundable"], here.instructions()) == (15000, 0, 25000, [15000])
    assert told(here.cast.buyer, "order.refunded") == ["order.refunded"]


def test_a_refund_that_fails_two_days_later_counts_nowhere() -> None:
    here = stage(rulebook(zone="Europe/Amsterdam"), amount=9000, at=moment("2026-02-05T09:00"))
    ada = agent(here.cast, "ada")
    decided = moment("2026-02-09T10:00:00+01:00")
    here.open(decided - timedelta(hours=1), amount=3000)
    here.mediate(decided, ada)
    judged = deciding.Judgement("buyer", here.cash(3000), inputs=CLEAR, text="A crack.")
    deciding.decide(ada, here.the_dispute, judged, at=decided)
    assert reports.begin(via_of(here), at=decided)
    answer(here, "2026-02-09T10:01:00+01:00", "pending", "re_1")
    sums = here.sums(moment("2026-02-09T12:00:00+01:00"))
    assert (sums["refunded"], sums["instructed"], sums["refundable"]) == (0, 3000, 6000)
    assert here.case().stage is Stage.CARRYING_OUT
    here.report(moment("2026-02-11T08:00:00+01:00"), "failed", "re_1", reason="account_closed")
    sums = here.sums(moment("2026-02-11T09:00:00+01:00"))
    assert (sums["refunded"], sums["instructed"], sums["refundable"], sums["held"]) == (0, 0, 9000, 9000)
    assert here.case().stage is Stage.CARRYING_OUT, "nothing is lost"
    assert [values["reason"] for values in values_of(here.cast.buyer, "refund.failed")] == ["account_closed"]
    (failed,) = errands.failing(ada, "refund")
    assert failed.failed_code == "account_closed"
    money.again(ada, failed, at=moment("2026-02-11T14:00:00+01:00"))
    assert here.instructions() == [3000, 3000]
    here.confirm(moment("2026-02-12T09:00:00+01:00"), "re_2")
    late = moment("2026-02-12T09:00:05+01:00")
    assert here.report(late, "failed", "re_1", reason="account_closed") == "same"
    assert here.case().stage is Stage.CLOSED
    assert here.sums(moment("2026-02-12T10:00:00+01:00")) == {
        "paid": 9000, "refunded": 3000, "instructed": 0, "charged_back": 0, "refundable": 6000, "held": 0, "due": 6000,
        "paid_out": 0, "owed": 0,
    }  # fmt: skip


def test_what_was_confirmed_and_fails_after_all_is_paid_again() -> None:
    here = stage(amount=9000, at=moment("2026-02-05T09:00"))
    at = moment("2026-02-09T10:00")
    here.open(at, amount=3000)
    here.settle(at, 3000)
    here.confirm(at)
    assert here.case().stage is Stage.CLOSED
    reference = via_of(here).reference
    here.report(moment("2026-02-11T08:00"), "failed", reference, reason="account_closed")
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(moment("2026-02-11T09:00"))
    assert (sums["refunded"], sums["held"], sums["due"]) == (0, 9000, 0)
    money.again(agent(here.cast, "ada"), Refund.objects.get(), at=moment("2026-02-11T10:00"))
    here.confirm(moment("2026-02-12T10:00"))
    assert here.case().stage is Stage.CLOSED
    assert here.sums(moment("2026-02-12T11:00"))["due"] == 6000


def test_one_of_two_ways_is_not_all_of_a_refund() -> None:
    paid = (NewPayment("gift card", Money(3000, "EUR")), NewPayment("credit card", Money(6000, "EUR")))
    here = stage(amount=9000, payments=paid, at=moment("2026-02-05T09:00"))
    at = moment("2026-02-09T10:00")
    here.open(at, amount=7500)
    here.settle(at, 7500)
    card, gift = RefundVia.objects.select_related("refund__order__seller").order_by("-amount")
    assert reports.begin(card, at=at)
    reports.outcome(here.cast.platform, card, reports.Outcome("confirmed", "r1"), at=at)
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(at)
    assert (sums["refunded"], sums["instructed"], sums["held"]) == (5000, 2500, 1500)
    reports.outcome(here.cast.platform, gift, reports.Outcome("failed", "", "expired"), at=at)
    assert here.case().stage is Stage.CARRYING_OUT
    assert (here.sums(at)["refunded"], here.sums(at)["refundable"]) == (5000, 4000)
    money.again(agent(here.cast, "ada"), Refund.objects.get(), at=at)
    here.confirm(moment("2026-02-10T10:00"))
    assert here.case().stage is Stage.CLOSED
    assert here.sums(moment("2026-02-10T10:00"))["refunded"] == 7500


def test_what_goes_back_after_the_pay_out_is_owed_and_taken_off() -> None:
    here = stage(amount=9000, at=moment("2026-02-05T09:00"))
    run = NewPayOut("po-1", "EUR", (PaidLine(here.order, 9000),))
    payouts.paid_out(here.cast.platform, here.cast.seller, run, at=moment("2026-02-06T02:00"))
    at = moment("2026-02-09T10:00")
    here.open(at, amount=3000)
    here.settle(at, 3000)
    here.confirm(at)
    sums = here.sums(at)
    assert (sums["refunded"], sums["paid_out"], sums["owed"], sums["due"]) == (3000, 9000, 3000, 0)
    taken = NewPayOut("po-2", "EUR", (PaidLine(here.order, netted=3000),))
    payouts.paid_out(here.cast.platform, here.cast.seller, taken, at=moment("2026-02-13T02:00"))
    sums = here.sums(moment("2026-02-13T03:00"))
    assert (sums["paid_out"], sums["owed"]) == (6000, 0)


def test_reports_that_come_early_twice_late_and_as_a_sum() -> None:
    here = stage(
        lines=[Line("plate", 6, Money(1000, "USD"))], currency="USD", at=moment("2026-03-01T09:00"),
    )  # fmt: skip
    at = moment("2026-03-02T10:00")
    here.about(at, plate=1)
    here.settle(at, 1000)
    via = via_of(here)
    assert reports.begin(via, at=at)
    assert here.report(at + timedelta(seconds=1), "refunded", "r1", 1000) == "recorded"
    reports.outcome(here.cast.platform, via, reports.Outcome("confirmed", "r1"), at=at + timedelta(seconds=2))
    assert here.report(at + timedelta(seconds=30), "refunded", "r1", 1000) == "same"
    next_ = moment("2026-03-03T10:00")
    here.about(next_, 1500, plate=2)
    here.settle(next_, 1500)
    assert reports.begin(via_of(here), at=next_)
    answer(here, "2026-03-03T10:00", "confirmed", "r2")
    for second, total, reference in ((5, 2500, "r2"), (6, 1000, "r1")):
        late = next_ + timedelta(seconds=second)
        assert here.report(late, "refunded", reference, total=here.cash(total)) == "same"
    sums = here.sums(moment("2026-03-03T11:00"))
    assert (sums["refunded"], sums["instructed"], sums["refundable"]) == (2500, 0, 3500)
    assert here.instructions() == [1000, 1500]
    assert [values["amount"] for values in values_of(here.cast.buyer, "order.refunded")] == [1000, 1500]


def test_the_bank_takes_all_and_gives_it_back() -> None:
    chicago = rulebook(zone="America/Chicago")
    here = stage(chicago, currency="USD", amount=8000, at=moment("2026-06-28T09:00"))
    dispute = here.open(moment("2026-07-01T09:00:00-05:00"), amount=8000)
    here.report(moment("2026-07-03T09:00:00-05:00"), "charged_back", "cb1", 8000)
    with pytest.raises(NotNow, match="bank has taken"):
        claims.accept(here.cast.li, dispute, version=1, at=moment("2026-07-03T10:00:00-05:00"))
    at = moment("2026-07-07T09:00:00-05:00")
    here.turn(at)
    turn = here.seen(here.cast.li, at).turn
    assert (turn.who, turn.until, turn.waits) == ("nobody", None, "charge_back")
    assert here.sums(at) == {
        "paid": 8000, "refunded": 0, "instructed": 0, "charged_back": 8000, "refundable": 0, "held": 0, "due": 0,
        "paid_out": 0, "owed": 0,
    }  # fmt: skip
    for party in (here.cast.buyer, here.cast.seller):
        assert told(party, "order.charged_back") == ["order.charged_back"]
    here.report(moment("2026-07-20T09:00:00-05:00"), "charge_back_reversed", "cb1", 8000)
    assert here.waits(moment("2026-07-20T09:30:00-05:00"))[:2] == ("seller", moment("2026-07-23T09:00:00-05:00"))
    here.settle(moment("2026-07-20T11:00:00-05:00"), 3000)
    here.confirm(moment("2026-07-20T11:00:00-05:00"))
    assert here.case().stage is Stage.CLOSED
    sums = here.sums(moment("2026-07-20T12:00:00-05:00"))
    assert (sums["refunded"], sums["refundable"], sums["due"], here.instructions()) == (3000, 5000, 5000, [3000])


def test_the_bank_takes_a_part_and_the_rest_is_argued() -> None:
    here = stage(currency="USD", amount=8000, at=moment("2026-06-28T09:00"))
    dispute = here.open(moment("2026-07-01T09:00"), amount=5000)
    here.report(moment("2026-07-02T09:00"), "charged_back", "cb1", 5000)
    assert here.waits(moment("2026-07-02T10:00"))[0] == "seller", "a part is left to be argued about"
    with pytest.raises(NotNow, match=r"At most \$30\.00"):
        claims.accept(here.cast.li, dispute, version=1, at=moment("2026-07-02T10:00"))
    here.settle(moment("2026-07-02T11:00"), 3000)
    assert here.sums(moment("2026-07-02T12:00"))["refundable"] == 0


def test_what_was_agreed_is_paid_once_the_bank_has_given_it_back() -> None:
    here = stage(currency="USD", amount=8000, at=moment("2026-06-28T09:00"))
    at = moment("2026-07-01T09:00")
    dispute = here.open(at, amount=8000)
    here.settle(at, 8000, "return and refund")
    returning.label(here.cast.li, dispute, at=at)
    parcel = returning.send_back(here.cast.ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=at)
    here.report(moment("2026-07-02T09:00"), "charged_back", "cb1", 8000)
    scanned(here, parcel, "delivered", moment("2026-07-03T09:00"))
    returning.confirm(here.cast.li, dispute, at=moment("2026-07-04T09:00"))
    assert (here.case().stage, here.instructions()) == (Stage.CARRYING_OUT, [])
    here.report(moment("2026-07-20T09:00"), "charge_back_reversed", "cb1", 8000)
    assert here.instructions() == [8000]
    here.confirm(moment("2026-07-20T10:00"))
    assert here.case().stage is Stage.CLOSED
    assert here.sums(moment("2026-07-20T10:00"))["refundable"] == 0


def test_the_shop_refunds_all_outside_while_it_is_mediated() -> None:
    here = stage(amount=5000, at=moment("2026-03-01T09:00"))
    ada = agent(here.cast, "ada")
    dispute = here.open(moment("2026-03-02T10:00"), "not received", 5000)
    here.mediate(moment("2026-03-05T10:00"), ada)
    shown = here.case().last
    out, noted = moment("2026-03-06T10:00"), moment("2026-03-06T10:20")
    assert here.report(out, "refunded", "x7", 5000, noted_at=noted) == "recorded"
    judged = deciding.Judgement("buyer", here.cash(5000), inputs=CLEAR, text="It never came.")
    with pytest.raises(NotNow) as no:
        deciding.decide(ada, dispute, judged, at=moment("2026-03-06T10:21"), shown=shown)
    assert no.value.code == "refunded_in_full"
    assert here.report(out, "refunded", "x7", 5000, noted_at=moment("2026-03-06T10:30")) == "same"
    at = moment("2026-03-06T11:00")
    assert here.case().stage is Stage.CLOSED
    assert here.waits(at)[0] == "nobody"
    assert here.sums(at) == {
        "paid": 5000, "refunded": 5000, "instructed": 0, "charged_back": 0, "refundable": 0, "held": 0, "due": 0,
        "paid_out": 0, "owed": 0,
    }  # fmt: skip
    assert here.instructions() == []
    assert [values["because"] for values in values_of(ada.party, "dispute.closed")] == ["refunded_in_full"]
    outside = Refund.objects.get(order=here.order)
    assert (outside.outside, outside.confirmed_at) == (True, out)


def test_the_weekly_pay_out_leaves_a_disputed_order_alone() -> None:
    pillows = [Line("pillow", 3, Money(3000, "SGD"))]
    here = stage(rulebook(zone="Asia/Singapore"), lines=pillows, currency="SGD", at=moment("2026-08-05T09:00"))
    here.about(moment("2026-08-08T10:00:00+08:00"), pillow=1)
    monday = moment("2026-08-10T02:00:00+08:00")
    (line,) = payouts.due(here.cast.li, here.cast.seller, currency="SGD", now=monday)
    assert (line.due, line.held, line.why_held) == (0, 9000, "dispute")
    assert here.case().stage is Stage.NEGOTIATION
    assert here.sums(moment("2026-08-10T03:00:00+08:00"))["held"] == 9000
    here.settle(moment("2026-08-12T10:00:00+08:00"), 3000)
    here.confirm(moment("2026-08-12T10:00:00+08:00"))
    next_ = moment("2026-08-17T02:00:00+08:00")
    (line,) = payouts.due(here.cast.li, here.cast.seller, currency="SGD", now=next_)
    assert line.due == 6000
    run = NewPayOut("po-33", "SGD", (PaidLine(here.order, line.due),))
    payouts.paid_out(here.cast.platform, here.cast.seller, run, at=next_)
    assert here.sums(moment("2026-08-17T03:00:00+08:00")) == {
        "paid": 9000, "refunded": 3000, "instructed": 0, "charged_back": 0, "refundable": 6000, "held": 0, "due": 0,
        "paid_out": 6000, "owed": 0,
    }  # fmt: skip


def test_of_two_offers_that_are_not_both_possible_the_second_is_refused() -> None:
    racks = [Line("left", 1, Money(3000, "USD")), Line("right", 1, Money(3000, "USD"))]
    here = stage(lines=racks, currency="USD", postage=Money(800, "USD"), at=moment("2026-03-08T09:00"))
    at = moment("2026-03-10T10:00")
    left, number = here.about(at, left=1), here.offer(moment("2026-03-10T11:00"), 3800)
    right, other = here.about(at, right=1), here.offer(moment("2026-03-10T11:00"), 3800)
    both = moment("2026-03-10T12:00")
    offers.accept(here.cast.ana, left, number=number, at=both)
    with pytest.raises(NotNow, match=r"At most \$30\.00 is left for “right”") as no:
        offers.accept(here.cast.ana, right, number=other, at=both)
    assert no.value.code == "more_than_is_left"
    sums = here.sums(moment("2026-03-10T12:00:01"))
    assert (sums["instructed"], sums["refundable"], here.instructions()) == (3800, 3000, [3800])
    withdrawn = values_of(here.cast.seller, "dispute.offer_withdrawn")
    assert [(values["by"], values["number"], values["left"]) for values in withdrawn] == [("platform", other, 3000)]
    assert {"offer", "escalate"} & here.may(here.cast.ana, both) == {"offer", "escalate"}
    assert "offer" in here.may(here.cast.li, both)
    here.settle(moment("2026-03-10T13:00"), 3000)
    assert here.instructions() == [3800, 3000]
