"""Mediators, decisions, appeals."""

from datetime import timedelta

import pytest

from comity.actions.disputes import appealing, claims, deciding, drafts, evidence, mediation, offers, view
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor, Forbidden
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records import scorecards
from comity.records.models import Charge, Interest
from tests.cast import START
from tests.disputing import RULES, agent, rulebook, stage
from tests.disputing import Stage as Scene

DAY = timedelta(days=1)
TICK = timedelta(seconds=1)
pytestmark = pytest.mark.django_db
CLEAR = {"proof": "clear"}


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def mediated(here: Scene, ada: Actor, amount: int = 6000) -> None:
    dispute = here.open(START, amount=amount)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START + DAY)
    mediation.take(ada, dispute, at=START + DAY)


def test_one_agent_has_a_case_and_none_with_an_interest() -> None:
    here = stage()
    ada, ben, cleo = (agent(here.cast, name) for name in ("ada", "ben", "cleo"))
    Interest.objects.create(agent=ben.party, party=here.cast.seller)
    dispute = here.open(START)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START + DAY)
    with pytest.raises(NotNow, match="account of your own"):
        mediation.take(ben, dispute, at=START + DAY)
    mediation.take(ada, dispute, at=START + DAY)
    with pytest.raises(NotNow, match="Another agent"):
        mediation.take(cleo, dispute, at=START + DAY)
    with pytest.raises(NotNow, match="Another agent"):
        deciding.decide(
            cleo, dispute, deciding.Judgement("buyer", eur(6000), inputs=CLEAR, text="Paid."), at=START + DAY
        )
    assert here.money()["instructed"] == 0


def test_a_decision_that_is_refused_has_moved_nothing() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    mediated(here, ada, amount=1000)
    dispute = here.dispute
    assert dispute is not None
    judged = deciding.Judgement("buyer", eur(5000), inputs=CLEAR, text="The photo shows it.")
    with pytest.raises(Refused, match="differs from the table's row"):
        deciding.decide(ada, dispute, judged, at=START + 2 * DAY)
    too_much = deciding.Judgement(
        "buyer", eur(6001), inputs=CLEAR, text="The photo shows it.", reason="It is worth more."
    )
    with pytest.raises(NotNow, match="At most"):
        deciding.decide(ada, dispute, too_much, at=START + 2 * DAY)
    with pytest.raises(Refused, match="A blank is not filled in"):
        deciding.decide(
            ada,
            dispute,
            deciding.Judgement("buyer", eur(1000), inputs=CLEAR, text="[name] gets it"),
            at=START + 2 * DAY,
        )
    left = deciding.Judgement("seller", None, inputs=CLEAR, fault="seller", text="It left whole.", reason="It did.")
    with pytest.raises(Refused, match="say whose fault it was"):
        deciding.decide(ada, dispute, left, at=START + 2 * DAY)
    with pytest.raises(Refused, match="what the table asks: proof"):
        deciding.decide(
            ada, dispute, deciding.Judgement("buyer", eur(1000), text="The photo shows it."), at=START + 2 * DAY
        )
    assert here.case().stage is Stage.MEDIATION
    assert here.money()["instructed"] == 0
    reasoned = deciding.Judgement("buyer", eur(3000), inputs=CLEAR, text="The photo shows it.", reason="It was a set.")
    deciding.decide(ada, dispute, reasoned, at=START + 2 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert (decision.amount, decision.deviates, decision.row, bool(decision.record)) == (3000, True, "shown", True)
    assert here.money()["instructed"] == 3000


@pytest.mark.parametrize(
    ("inputs", "says"),
    [({"proof": "maybe"}, "It lists: clear, unclear"), ({"proof": "clear", "moon": "full"}, "asks for no moon")],
)
def test_the_table_is_not_walked_round_by_an_answer_that_it_does_not_list(inputs: dict[str, str], says: str) -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    mediated(here, ada)
    with pytest.raises(Refused, match=says):
        deciding.decide(
            ada, here.the_dispute, deciding.Judgement("buyer", eur(6000), inputs=inputs, text="Paid."), at=START + DAY
        )
    assert here.case().stage is Stage.MEDIATION


def test_they_agree_while_the_mediator_writes() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    mediated(here, ada)
    dispute = here.dispute
    assert dispute is not None
    shown = here.case().last
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("partial refund", eur(4500)), at=START + 2 * DAY)
    offers.accept(here.cast.ana, dispute, number=number, at=START + 2 * DAY)
    judged = deciding.Judgement("buyer", eur(6000), inputs=CLEAR, text="The photo shows it.")
    with pytest.raises(NotNow, match="already agreed"):
        deciding.decide(ada, dispute, judged, at=START + 2 * DAY, shown=shown)
    assert here.money()["instructed"] == 4500


def test_an_appeal_takes_everything_back() -> None:
    here = stage()
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    mediated(here, ada)
    dispute = here.dispute
    assert dispute is not None
    deciding.decide(
        ada, dispute, deciding.Judgement("buyer", eur(6000), inputs=CLEAR, text="So it is."), at=START + 2 * DAY
    )
    assert [charge.points for charge in Charge.objects.filter(overturned_at=None)] == [2]
    here.confirm(START + 2 * DAY)
    appealing.appeal(here.cast.li, dispute, text="The carrier's proof.", at=START + 9 * DAY)
    with pytest.raises(NotNow, match="somebody else hears"):
        appealing.decide(ada, dispute, appealing.Heard("upheld", "It stands."), at=START + 10 * DAY)
    heard = appealing.Heard("changed", "It was there.", outcome="seller", fault="nobody")
    appealing.decide(ben, dispute, heard, at=START + 10 * DAY)
    assert not Charge.objects.filter(overturned_at=None).exists()
    assert here.case().stage is Stage.CLOSED
    here.order.refresh_from_db()
    assert here.order.platform_pays == 6000
    with pytest.raises(NotNow, match="No further appeal"):
        appealing.appeal(here.cast.ana, dispute, text="No.", at=START + 10 * DAY)
    assert scorecards  # the rate is looked at in tests/journeys


def test_an_appeal_comes_in_time_or_not_at_all() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    mediated(here, ada)
    dispute = here.dispute
    assert dispute is not None
    deciding.decide(
        ada, dispute, deciding.Judgement("buyer", eur(6000), inputs=CLEAR, text="So it is."), at=START + 2 * DAY
    )
    assert view.of(here.cast.li, dispute, at=START + 9 * DAY).appeal_until == START + 9 * DAY
    with pytest.raises(NotNow, match="time to appeal is over"):
        appealing.appeal(here.cast.li, dispute, text="New facts.", at=START + 9 * DAY + TICK)
    appealing.appeal(here.cast.li, dispute, text="New facts.", at=START + 9 * DAY)
    assert here.case().appeal is not None


def test_evidence_until_the_exact_moment() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    mediated(here, ada)
    dispute = here.dispute
    assert dispute is not None
    asked = START + DAY
    mediation.ask(ada, dispute, of="seller", text="How was it packed?", at=asked)
    for minutes in (71 * 60 + 36, 72 * 60 - 10, 72 * 60):
        evidence.give(here.cast.li, dispute, evidence.Given(text="A word."), at=asked + timedelta(minutes=minutes))
    with pytest.raises(NotNow, match="time to give this ended"):
        evidence.give(
            here.cast.li, dispute, evidence.Given(text="Late."), at=asked + 72 * 60 * timedelta(minutes=1) + TICK
        )
    assert dispute.evidence.count() == 3
    assert view.of(here.cast.li, dispute, at=asked + 3 * DAY).evidence_until == asked + 3 * DAY


def test_who_heard_private_talk_does_not_decide() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    mediated(here, ada)
    dispute = here.dispute
    assert dispute is not None
    mediation.say(here.cast.li, dispute, text="Between us.", sees="seller", at=START + 2 * DAY)
    mediation.say(ada, dispute, text="What is it?", sees="seller", at=START + 2 * DAY)
    assert [
        text.text for text in view.of(here.cast.ana, dispute, at=START + 2 * DAY).texts if text.kind == "talk"
    ] == []
    judged = deciding.Judgement("buyer", eur(6000), inputs=CLEAR, text="So it is.")
    with pytest.raises(NotNow, match="somebody else decides"):
        deciding.decide(ada, dispute, judged, at=START + 2 * DAY)


def test_a_silent_seller_with_a_reason_is_heard_after_all() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    dispute = here.open(START)
    here.turn(START + 6 * DAY)
    assert here.case().stage is Stage.CARRYING_OUT
    with pytest.raises(Forbidden):
        appealing.ask_set_aside(here.cast.max, dispute, reason="Ill.", answer="It was fine.", at=START + 7 * DAY)
    appealing.ask_set_aside(here.cast.li, dispute, reason="I was ill.", answer="It was fine.", at=START + 7 * DAY)
    appealing.set_aside(ada, dispute, granted=True, text="The seller was ill.", at=START + 8 * DAY)
    assert here.case().stage is Stage.MEDIATION
    assert not Charge.objects.filter(overturned_at=None).exists()


def test_a_decision_is_held_until_it_leaves() -> None:
    rules = RULES.replace('correct_within = "7 days"', 'correct_within = "7 days"\nhold = "12 hours"')
    here = stage(rulebook(rules=rules))
    ada = agent(here.cast, "ada")
    mediated(here, ada)
    dispute = here.dispute
    assert dispute is not None
    judged = deciding.Judgement("buyer", eur(6000), inputs=CLEAR, text="So it is.")
    leaves = deciding.decide(ada, dispute, judged, at=START + 2 * DAY)
    assert leaves == START + 2 * DAY + timedelta(hours=12)
    assert here.money()["instructed"] == 0
    dispute.refresh_from_db()
    assert not drafts.release(dispute, now_is=START + 2 * DAY + timedelta(hours=11))
    assert drafts.release(dispute, now_is=START + 3 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert (decision.at, decision.agent) == (leaves, ada.party.ref)
