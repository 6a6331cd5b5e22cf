"""A decision that was paid falls, and the case is heard again: what it brought is its own, and counts as such."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from comity.actions import payouts
from comity.actions.disputes import appealing, claims, deciding, mediation, mending, offers, opening
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records import rebuild
from comity.records.models import JournalLine
from tests.cast import START
from tests.disputing import Stage as Scene
from tests.disputing import agent, rulebook, stage

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


def again(here: Scene, who: Actor, days: int, outcome: str, amount: int = 0) -> None:
    """Let a side appeal, and another agent than before change the decision."""
    appealing.appeal(who, here.the_dispute, text="Look again.", at=START + days * DAY)
    heard = appealing.Heard(
        "changed", "So it is.", outcome=outcome, amount=here.cash(amount) if amount else None, fault="nobody"
    )
    appealing.decide(agent(here.cast, f"ada{days}"), here.the_dispute, heard, at=START + days * DAY)


def twice_heard() -> Scene:
    """Two glasses, €40.00 decided and paid; the seller wins his appeal, and there is a second one."""
    here = stage(rulebook(keys='appeals = ["7 days", "7 days"]'), lines=(Line("Glass", 2, Money(2000, "EUR")),))
    here.about(START, Glass=2)
    here.mediate(START, here.cast.ken)
    decide(here, 4000, "", START + HOUR)
    here.confirm(START + HOUR)
    again(here, here.cast.li, 1, "seller")
    assert (here.case().to_pay, pays(here)) == (0, 4000)
    return here


def test_what_the_platform_bears_follows_from_the_decision_that_stands() -> None:
    here = twice_heard()
    again(here, here.cast.ana, 2, "buyer", 3000)
    decision = here.case().decision
    assert decision is not None
    assert (decision.cost, pays(here)) == ("platform", 1000)
    assert [each["amount"] for each in borne(here)] == [4000, 1000]
    assert rebuild.at_odds(here.cast.seller) == []


def test_what_the_platform_had_paid_already_the_seller_owes() -> None:
    here = twice_heard()
    (due,) = payouts.due(here.cast.li, here.cast.seller, currency="EUR", now=AT + 30 * DAY)
    run = payouts.NewPayOut("p1", "EUR", (payouts.PaidLine(here.order, platform=due.platform),))
    payouts.paid_out(here.cast.platform, here.cast.seller, run, at=START + 30 * HOUR)
    assert payouts.due(here.cast.li, here.cast.seller, currency="EUR", now=AT + 30 * DAY) == []
    again(here, here.cast.ana, 2, "buyer", 4000)
    decision = here.case().decision
    assert decision is not None
    assert (decision.cost, pays(here)) == ("seller", 0)
    (due,) = payouts.due(here.cast.li, here.cast.seller, currency="EUR", now=AT + 30 * DAY)
    assert (due.due, due.platform, due.owed) == (0, 0, 4000)
    back = payouts.NewPayOut("p2", "EUR", (payouts.PaidLine(here.order, netted=4001),))
    with pytest.raises(Refused, match="4000 is owed"):
        payouts.paid_out(here.cast.platform, here.cast.seller, back, at=START + 3 * DAY)
    back = payouts.NewPayOut("p2", "EUR", (payouts.PaidLine(here.order, netted=4000),))
    for _ in range(2):
        payouts.paid_out(here.cast.platform, here.cast.seller, back, at=START + 3 * DAY)
    assert payouts.due(here.cast.li, here.cast.seller, currency="EUR", now=AT + 30 * DAY) == []
    assert here.sums(AT + 30 * DAY)["paid_out"] == 0


def test_what_the_two_agree_on_is_borne_by_nobody_else() -> None:
    here = twice_heard()
    appealing.appeal(here.cast.ana, here.the_dispute, text="Look again.", at=START + 2 * DAY)
    heard = appealing.Heard("sent_back", "Hear it anew.")
    appealing.decide(agent(here.cast, "ada2"), here.the_dispute, heard, at=START + 2 * DAY)
    assert pays(here) == 4000
    here.settle(START + 3 * DAY, 2500)
    assert (here.case().to_pay, pays(here), here.instructions()) == (2500, 1500, [4000])


def borne(here: Scene) -> list[dict[str, Any]]:
    lines = JournalLine.objects.filter(kind="platform.paid").order_by("pk")
    assert {line.party_id for line in lines} == {here.cast.seller.pk}
    return [json.loads(line.body)["data"] for line in lines]
