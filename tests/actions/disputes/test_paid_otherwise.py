"""A refund that failed, and what it was for goes back otherwise or no more: nobody sends it again."""

from datetime import timedelta

import pytest

from comity.actions import money, payouts, reports
from comity.actions.disputes import appealing, claims, deciding, returning
from comity.actions.enact import Refused
from comity.actions.orders import Line, NewPayment
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records.models import Refund, RefundVia
from tests.cast import START
from tests.disputing import Stage as Scene
from tests.disputing import agent, stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT = START + 2 * DAY
BACK = Parcel("post", "RR473124829GB", sure=True)
pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Three glasses at 20.00, of which two came broken."""
    scene = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    scene.about(START + DAY, Glass=2)
    return scene


def fails(here: Scene) -> Refund:
    """Let the payment system say no to what was instructed last."""
    via = RefundVia.objects.latest("pk")
    assert reports.begin(via, at=AT)
    reports.outcome(here.cast.platform, via, reports.Outcome("failed", "", "account_closed"), at=AT)
    return via.refund


def test_what_failed_goes_back_with_the_rest_and_not_once_more(here: Scene) -> None:
    here.settle_parts(AT, here.part("return and refund", 2000), here.part("refund", 2000))
    failed = fails(here)
    returning.send_back(here.cast.ana, here.the_dispute, BACK, at=AT + DAY)
    returning.confirm(here.cast.li, here.the_dispute, at=AT + 2 * DAY)
    assert here.instructions() == [2000, 4000]
    failed.refresh_from_db()
    assert failed.state == "cancelled", "nobody is asked to send it again"
    here.confirm(AT + 2 * DAY)
    with pytest.raises(Refused, match="nothing to send again"):
        money.again(here.cast.ken, failed, at=AT + 3 * DAY)
    assert here.sums(AT + 3 * DAY)["refunded"] == 4000
    assert payouts.disputed([here.order]) == frozenset(), "the seller is paid"


@pytest.mark.parametrize(("outcome", "minor", "sent"), [("seller", 0, [2000]), ("buyer", 4000, [2000, 4000])])
def test_what_failed_of_a_decision_that_was_changed(here: Scene, outcome: str, minor: int, sent: list[int]) -> None:
    ada = agent(here.cast, "ada")
    here.mediate(AT, here.cast.ken)
    clear = {"proof": "clear"}
    judged = deciding.Judgement("buyer", here.cash(2000), inputs=clear, text="So it is.", reason="One is whole.")
    deciding.decide(here.cast.ken, here.the_dispute, judged, at=AT)
    failed = fails(here)
    appealing.appeal(here.cast.ana, here.the_dispute, text="Look again.", at=AT)
    heard = appealing.Heard("changed", "It is otherwise.", outcome=outcome, amount=here.cash(minor) if minor else None)
    appealing.decide(ada, here.the_dispute, heard, at=AT + HOUR)
    here.confirm(AT + HOUR)
    failed.refresh_from_db()
    assert (failed.state, here.instructions(), here.case().stage) == ("cancelled", sent, Stage.CLOSED)
    assert here.sums(AT + DAY)["refunded"] == minor
    assert payouts.disputed([here.order]) == frozenset()


def test_trying_again_takes_back_what_is_not_missing(here: Scene) -> None:
    here.settle_parts(AT, here.part("refund", 2000), here.part("replacement"))
    failed = fails(here)
    claims.withdraw(here.cast.ana, here.the_dispute, at=AT + HOUR)
    assert money.again(here.cast.ken, failed, at=AT + DAY) == failed
    failed.refresh_from_db()
    assert (failed.state, here.instructions()) == ("cancelled", [2000])
    assert here.sums(AT + DAY)["refunded"] == 0


def test_what_is_missing_is_sent_again(here: Scene) -> None:
    here.settle(AT, 3000)
    failed = fails(here)
    money.again(here.cast.ken, failed, at=AT + HOUR)
    here.confirm(AT + HOUR)
    assert (here.case().stage, here.instructions()) == (Stage.CLOSED, [3000, 3000])
    assert here.sums(AT + DAY)["refunded"] == 3000


def test_what_had_gone_through_before_it_failed_stands() -> None:
    """Paid by card and by voucher: the voucher's part went back, the card is closed."""
    means = (NewPayment("card", Money(4500, "EUR"), "pi_1"), NewPayment("voucher", Money(1500, "EUR")))
    here = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),), payments=means)
    here.about(START + DAY, Glass=2)
    here.settle_parts(AT, here.part("return and refund", 2000), here.part("refund", 2000))
    card, voucher = RefundVia.objects.order_by("pk")
    for via, told in ((voucher, reports.Outcome("confirmed", "r1")), (card, reports.Outcome("failed", "", "closed"))):
        assert reports.begin(via, at=AT)
        reports.outcome(here.cast.platform, via, told, at=AT)
    failed = Refund.objects.get()
    assert (failed.state, failed.confirmed) == ("failed", 500)
    returning.send_back(here.cast.ana, here.the_dispute, BACK, at=AT + DAY)
    returning.confirm(here.cast.li, here.the_dispute, at=AT + 2 * DAY)
    failed.refresh_from_db()
    assert (failed.state, failed.confirmed, here.instructions()) == ("cancelled", 500, [2000, 3500])
    here.confirm(AT + 2 * DAY)
    assert here.sums(AT + 3 * DAY)["refunded"] == 4000
    assert money.left_for(here.order, {here.line("Glass"): 3}).minor == 2000
