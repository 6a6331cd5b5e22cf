"""Money moves outside a dispute, too: refunds by the shop, charge-backs, refunds that fail."""

from datetime import timedelta

import pytest

from comity.actions import reports
from comity.actions.disputes import claims, mediation, offers, view
from comity.actions.doing import NotNow
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records.models import Dispute, Notice, Refund
from tests.cast import START
from tests.disputing import agent, stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_the_shop_refunds_all_while_a_mediator_has_the_case() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    dispute = here.open(START + DAY)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START + DAY)
    mediation.escalate(here.cast.ana, dispute, at=START + 4 * DAY)
    mediation.take(ada, dispute, at=START + 4 * DAY)
    told = reports.Report("refunded", order=here.order, reference="x7", amount=eur(6000))
    for minutes in (20, 30):
        noted_at = START + 5 * DAY + timedelta(minutes=minutes)
        reports.report(here.cast.platform, told, at=START + 5 * DAY, noted_at=noted_at)
    assert here.case().stage is Stage.CLOSED
    assert here.money() == {"paid": 6000, "refunded": 6000, "instructed": 0, "charged_back": 0, "refundable": 0}
    with pytest.raises(NotNow, match="has gone back"):
        mediation.tell_progress(ada, dispute, text="Soon.", at=START + 5 * DAY + timedelta(hours=1))
    assert Notice.objects.filter(party=ada.party, kind="dispute.closed").count() == 1, "the mediator is told, once"


def test_a_dispute_waits_while_the_bank_has_the_money() -> None:
    here = stage(amount=8000)
    dispute = here.open(START + DAY, amount=8000)
    back = reports.Report("charged_back", order=here.order, reference="c1", amount=eur(8000))
    reports.report(here.cast.platform, back, at=START + 3 * DAY)
    whose = view.of(here.cast.li, dispute, at=START + 3 * DAY).turn
    assert (whose.who, whose.waits) == ("nobody", "charge_back")
    with pytest.raises(NotNow, match="bank has taken"):
        claims.accept(here.cast.li, dispute, version=1, at=START + 3 * DAY)
    here.turn(START + 15 * DAY)
    assert here.case().stage is Stage.NEGOTIATION, "silence decides nothing meanwhile"
    again = reports.Report("charge_back_reversed", order=here.order, reference="c1", amount=eur(8000))
    reports.report(here.cast.platform, again, at=START + 20 * DAY)
    whose = view.of(here.cast.li, dispute, at=START + 20 * DAY).turn
    assert (whose.who, whose.until) == ("seller", START + 23 * DAY), "the three days that were left run on"
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", eur(3000)), at=START + 20 * DAY)
    offers.accept(here.cast.ana, dispute, number=number, at=START + 20 * DAY)
    assert here.money()["instructed"] == 3000


def test_an_offer_falls_for_which_too_little_is_left() -> None:
    here = stage(amount=6800)
    dispute = here.open(START + DAY, amount=6000)
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", eur(3800)), at=START + 2 * DAY)
    back = reports.Report("refunded", order=here.order, reference="x1", amount=eur(3800))
    reports.report(here.cast.platform, back, at=START + 3 * DAY)
    assert here.case().offer(number).status == "withdrawn"  # type: ignore[union-attr]
    with pytest.raises(NotNow):
        offers.accept(here.cast.ana, dispute, number=number, at=START + 3 * DAY)
    assert Notice.objects.filter(party=here.cast.seller, kind="dispute.offer_withdrawn").count() == 1
    assert here.money()["refundable"] == 3000


def test_a_case_ends_when_its_refund_is_confirmed_and_goes_on_when_that_fails() -> None:
    """A report of the payment system names the refund, and not the case that had asked for it."""
    here = stage()
    dispute = here.open(START, amount=2500)
    claims.accept(here.cast.li, dispute, version=1, at=START + DAY)
    assert here.case().stage is Stage.CARRYING_OUT
    refund = Refund.objects.get()
    told = reports.Report("refunded", key=str(refund.uuid), reference="r1")
    reports.report(here.cast.platform, told, at=START + 2 * DAY)
    assert (here.case().stage, here.case().paid) == (Stage.CLOSED, 2500)
    assert Dispute.objects.get().ended_how == "settled"
    failed = reports.Report("failed", key=str(refund.uuid), reference="r1", reason="account_closed")
    reports.report(here.cast.platform, failed, at=START + 3 * DAY)
    assert (here.case().stage, here.case().paid) == (Stage.CARRYING_OUT, 0)
