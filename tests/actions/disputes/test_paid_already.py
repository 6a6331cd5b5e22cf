"""A decision that was paid falls, and the case is heard again: what it brought is its own, and counts as such."""

from datetime import datetime, timedelta

import pytest

from comity.actions.disputes import appealing, claims, deciding, mediation, mending, offers, opening
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from tests.cast import START
from tests.disputing import Stage as Scene
from tests.disputing import agent, stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT = START + 7 * DAY
pytestmark = pytest.mark.django_db


def fallen(about: int, postage: int = 0) -> Scene:
    """Three glasses at 20.00; a silence gave back what so many are worth, was paid, and set aside. Ken has the case."""
    here = stage(
        lines=(Line("Glass", 3, Money(2000, "EUR")),), postage=Money(postage, "EUR") if postage else None
    )  # fmt: skip
    here.about(START + DAY, Glass=about)
    here.turn(AT)
    here.confirm(AT)
    appealing.ask_set_aside(here.cast.li, here.the_dispute, reason="Ill.", answer="It is fine.", at=AT)
    appealing.set_aside(agent(here.cast, "ada"), here.the_dispute, granted=True, text="He was ill.", at=AT)
    mediation.take(here.cast.ken, here.the_dispute, at=AT)
    assert (here.case().stage, here.case().paid, here.case().to_pay) == (Stage.MEDIATION, 2000 * about, 0)
    return here


def decide(here: Scene, minor: int, reason: str = "", at: datetime = AT + HOUR) -> None:
    sum_ = here.cash(minor) if minor else None
    judged = deciding.Judgement("buyer", sum_, inputs={"proof": "clear"}, text="So it is.", reason=reason)
    deciding.decide(here.cast.ken, here.the_dispute, judged, at=at)


@pytest.mark.parametrize("about", [1, 2, 3])
def test_it_can_be_decided_as_before(about: int) -> None:
    here = fallen(about)
    decide(here, 2000 * about)
    case = here.case()
    assert (case.stage, case.to_pay, here.instructions()) == (Stage.CLOSED, 2000 * about, [2000 * about])
    assert case.decision is not None
    assert (case.decision.row, case.decision.deviates) == ("shown", False)
    assert here.sums(AT + DAY)["refunded"] == 2000 * about


def test_no_more_than_the_pieces_are_worth() -> None:
    here = fallen(2, postage=500)
    with pytest.raises(NotNow, match=r"At most €45\.00"):
        decide(here, 4501, "All of it.")
    decide(here, 4500, "With the postage.")
    assert here.instructions() == [4000, 500]


def test_the_platforms_silence_gives_what_was_asked_for() -> None:
    here = fallen(3)
    here.turn(AT + 11 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert (decision.outcome, decision.amount, here.instructions()) == ("buyer", 6000, [6000])


def test_the_two_agree_on_what_the_buyer_has_or_on_more() -> None:
    here = fallen(2)
    here.offer(AT, 4000, "refund")
    claims.modify(here.cast.ana, here.the_dispute, opening.Claim("damaged", amount=here.cash(3000)), at=AT)
    with pytest.raises(NotNow, match=r"At most €40\.00"):
        here.offer_parts(AT, here.part("refund", 4001, count=2))
    number = here.offer_parts(AT, here.part("refund", 2000), here.part("refund", 2000))
    offers.accept(here.cast.ana, here.the_dispute, number=number, at=AT)
    assert (here.case().stage, here.case().to_pay, here.instructions()) == (Stage.CLOSED, 4000, [4000])
    assert here.sums(AT + DAY)["refunded"] == 4000


def test_the_seller_gives_back_all_of_it() -> None:
    here = fallen(3)
    claims.refund_in_full(here.cast.li, here.the_dispute, at=AT)
    assert (here.case().stage, here.case().to_pay, here.instructions()) == (Stage.CLOSED, 6000, [6000])


def test_a_correction_and_an_appeal_give_no_more_than_the_pieces_are_worth() -> None:
    here = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    dispute = here.about(START, Glass=1)
    here.mediate(START, here.cast.ken)
    decide(here, 1000, "A part.", START + HOUR)
    here.confirm(START + HOUR)
    with pytest.raises(Refused, match=r"at most €20\.00"):
        mending.correct(here.cast.ken, dispute, text="A slip.", amount=here.cash(3000), at=START + HOUR)
    appealing.appeal(here.cast.ana, dispute, text="More.", at=START + DAY)
    heard = appealing.Heard("changed", "It is more.", outcome="buyer", amount=here.cash(3000))
    with pytest.raises(Refused, match=r"At most €20\.00"):
        appealing.decide(agent(here.cast, "ada"), dispute, heard, at=START + DAY)


def pays(here: Scene) -> int:
    """What the platform pays the seller of its own money."""
    here.order.refresh_from_db()
    return here.order.platform_pays


def test_who_lost_by_a_silence_and_is_right_after_all_is_paid_by_the_platform() -> None:
    here = fallen(2)
    judged = deciding.Judgement("seller", inputs={"proof": "unclear"}, text="Nothing shows it.")
    deciding.decide(here.cast.ken, here.the_dispute, judged, at=AT + HOUR)
    assert (here.case().stage, pays(here)) == (Stage.CLOSED, 4000)
    assert here.sums(AT + DAY)["refunded"] == 4000


def test_the_platform_pays_once_for_what_went_back_at_its_cost() -> None:
    here = stage(lines=(Line("Glass", 3, Money(2000, "EUR")),))
    dispute = here.about(START, Glass=2)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START)
    here.turn(START + 11 * DAY)
    here.confirm(START + 11 * DAY)
    assert pays(here) == 4000
    appealing.appeal(here.cast.li, dispute, text="It is fine.", at=START + 12 * DAY)
    heard = appealing.Heard("changed", "It is fine.", outcome="seller")
    appealing.decide(agent(here.cast, "ada"), dispute, heard, at=START + 12 * DAY)
    assert pays(here) == 4000
