"""A dispute among the two: offers, yes and no, silence."""

from datetime import timedelta

import pytest

from comity.actions.disputes import cases, claims, offers, opening, reaching
from comity.actions.doing import NotNow
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records.models import Contact, Notice
from tests.cast import START
from tests.disputing import stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def test_an_offer_that_is_taken_is_paid() -> None:
    here = stage()
    dispute = here.open(START + DAY, amount=6000)
    assert here.case().stage is Stage.NEGOTIATION
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", eur(4000)), at=START + 2 * DAY)
    offers.accept(here.cast.ana, dispute, number=number, at=START + 3 * DAY)
    assert here.case().stage is Stage.CARRYING_OUT
    assert here.money() == {"paid": 6000, "refunded": 0, "instructed": 4000, "charged_back": 0, "refundable": 2000}
    with pytest.raises(NotNow, match="already agreed"):
        offers.take_back(here.cast.li, dispute, number=number, at=START + 3 * DAY)


def test_silence_decides_at_the_deadline() -> None:
    here = stage()
    dispute = here.open(START + DAY, amount=2500)
    here.turn(START + 6 * DAY)
    assert here.case().stage is Stage.NEGOTIATION, "at the deadline itself an answer is in time"
    here.turn(START + 9 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert (decision.at, decision.outcome, decision.amount, decision.because) == (
        START + 6 * DAY,
        "buyer",
        2500,
        "silence",
    )
    assert here.money()["instructed"] == 2500
    with pytest.raises(NotNow):
        claims.reject(here.cast.li, dispute, text="No.", version=1, at=START + 9 * DAY)


def test_a_yes_names_the_claim_that_was_shown() -> None:
    here = stage()
    dispute = here.open(START + DAY, amount=1500)
    claims.modify(here.cast.ana, dispute, opening.Claim("damaged", amount=eur(2500)), at=START + 4 * DAY)
    with pytest.raises(NotNow, match="changed the claim") as refused:
        claims.accept(here.cast.li, dispute, version=1, at=START + 4 * DAY + timedelta(seconds=5))
    assert refused.value.code == "claim_changed"
    here.turn(START + 9 * DAY)
    assert here.case().stage is Stage.NEGOTIATION, "five days since it was changed are not over"
    here.turn(START + 9 * DAY + timedelta(seconds=1))
    assert here.money()["instructed"] == 2500


def test_nobody_loses_by_a_silence_who_was_never_reached() -> None:
    here = stage()
    Contact.objects.create(party=here.cast.seller, email="gone@example.com", bounced=3)
    dispute = here.open(START + DAY)
    here.turn(START + 7 * DAY)
    case = here.case()
    assert (case.stage, case.decision, case.escalated_by) == (Stage.MEDIATION, None, "platform")
    assert case.escalated_at == START + 6 * DAY
    assert not reaching.reach(cases.held(dispute), "seller").is_reached


def test_who_read_the_notice_was_reached_whatever_came_back() -> None:
    here = stage()
    Contact.objects.create(party=here.cast.seller, email="gone@example.com", bounced=3)
    here.open(START + DAY, amount=2500)
    Notice.objects.filter(party=here.cast.seller).update(read_at=START + 2 * DAY)
    here.turn(START + 7 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert (decision.because, decision.amount) == ("silence", 2500)


def test_an_act_that_is_told_late_finds_what_silence_has_decided() -> None:
    here = stage()
    dispute = here.open(START + DAY, amount=2500)
    with pytest.raises(NotNow, match="already been decided"):
        claims.accept(here.cast.li, dispute, version=1, at=START + 4 * DAY, noted_at=START + 9 * DAY)
    here.turn(START + 9 * DAY)
    case = here.case()
    assert ([each.because for each in case.decisions], here.money()["instructed"]) == (["silence"], 2500)
