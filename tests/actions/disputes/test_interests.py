"""Agents who trade here as well declare it, and take no case of the own."""

from datetime import timedelta

import pytest

from comity.actions.disputes import deciding, drafts, due, interests, mediation
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.policy.disputes.case import Stage
from comity.records import rebuild
from comity.records.models import DraftDecision, Interest
from tests.cast import START
from tests.disputing import agent, rulebook, stage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
pytestmark = pytest.mark.django_db


def test_who_declares_an_account_takes_no_case_of_it_or_of_whom_it_traded_with() -> None:
    set_ = stage()
    dispute = set_.open(START)
    mediation.escalate(set_.cast.li, dispute, at=START + timedelta(hours=1))
    for _ in range(2):
        interests.declare(set_.cast.ken, set_.cast.buyer, at=START)
    assert [each.party for each in interests.of(set_.cast.ken.party)] == [set_.cast.buyer]
    with pytest.raises(NotNow, match="You have traded with one of the two"):
        mediation.take(set_.cast.ken, dispute, at=START + timedelta(hours=2))
    assert set_.case().holder == ""


def test_only_agents_declare_and_only_accounts_that_trade() -> None:
    cast = stage().cast
    for nobody in (cast.ana, cast.li):
        with pytest.raises(Forbidden):
            interests.declare(nobody, cast.buyer, at=START)
    with pytest.raises(Refused, match="a buyer or a seller"):
        interests.declare(cast.ken, cast.ken.party, at=START)
    assert not Interest.objects.exists()


@pytest.mark.parametrize("whose", ["the author's", "the second's"])
def test_a_decision_does_not_leave_with_the_name_of_who_has_an_interest(whose: str) -> None:
    here = stage(rulebook(keys='two_mediators_above = { EUR = 1000 }\nhold = "2 days"'))
    ken, ada, ben = here.cast.ken, agent(here.cast, "ada"), agent(here.cast, "ben")
    here.open(START, amount=6000)
    dispute = here.mediate(START + HOUR, ken)
    judged = deciding.Judgement("buyer", here.cash(6000), inputs={"proof": "clear"}, text="So it is.")
    deciding.decide(ken, dispute, judged, at=START + 2 * HOUR)
    drafts.second(ada, dispute, at=START + 3 * HOUR)
    interests.declare(ken if whose == "the author's" else ada, here.cast.seller, at=START + 4 * HOUR)
    due.look(START + 3 * DAY)
    case = here.case()
    assert (case.stage, case.decision, case.leaves_at, case.seconded_by) == (Stage.MEDIATION, None, None, "")
    assert not DraftDecision.objects.exists()
    assert here.money()["instructed"] == 0
    if whose == "the author's":
        assert case.holder == "", "it is for another agent now"
        mediation.take(ben, dispute, at=START + 3 * DAY)
    decider, other = (ben, ada) if whose == "the author's" else (ken, ben)
    deciding.decide(decider, dispute, judged, at=START + 3 * DAY)
    drafts.second(other, dispute, at=START + 3 * DAY)
    due.look(START + 6 * DAY)
    assert here.money()["instructed"] == 6000
    assert rebuild.at_odds(here.cast.seller) == []
