"""What somebody tries who wants more than the rules give: an old decision, another judge, a second go."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from comity.actions import reports
from comity.actions.disputes import (
    appealing,
    claims,
    deciding,
    drafts,
    due,
    evidence,
    interests,
    mediation,
    mending,
    offers,
    opening,
    returning,
)
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.orders import Line
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records import rebuild
from comity.records.models import Charge, DraftDecision, RefundVia
from tests.cast import START
from tests.disputing import OPENING, RULES, agent, rulebook, stage
from tests.disputing import Stage as Scene

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
pytestmark = pytest.mark.django_db


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def judged(outcome: str, minor: int = 0, **more: object) -> deciding.Judgement:
    inputs = {"proof": "clear" if outcome == "buyer" else "unclear"}
    return deciding.Judgement(outcome, eur(minor), inputs=inputs, text="So it is.", **more)  # type: ignore[arg-type]


def mediated(here: Scene, at: datetime, amount: int = 6000) -> None:
    """Let a case of Ana's be with Ken."""
    here.open(at, amount=amount)
    here.mediate(at + HOUR, here.cast.ken)


def refusal(what: object, *args: object, **named: object) -> str:
    """The code with which something is refused."""
    with pytest.raises(NotNow) as refused:
        what(*args, **named)  # type: ignore[operator]
    return refused.value.code


def test_a_draft_decides_only_the_claim_that_it_was_written_for() -> None:
    here = stage(rulebook(keys='hold = "2 days"'))
    ana, ken = here.cast.ana, here.cast.ken
    mediated(here, START)
    dispute, less = here.the_dispute, opening.Claim("damaged", amount=eur(1000))
    deciding.decide(ken, dispute, judged("buyer", 6000), at=START + 2 * HOUR)
    assert refusal(claims.modify, ana, dispute, less, at=START + 3 * HOUR) == "decision_written"
    claims.withdraw(ana, dispute, at=START + 3 * HOUR)
    opening.claim_it(ana, dispute, less, at=START + 4 * HOUR)
    mediation.escalate(ana, dispute, at=START + 5 * HOUR)
    assert (here.case().leaves_at, DraftDecision.objects.count()) == (None, 0)
    due.look(START + 3 * DAY)
    assert here.case().stage is Stage.MEDIATION
    assert here.money()["instructed"] == 0
    deciding.decide(ken, dispute, judged("buyer", 1000), at=START + 3 * DAY)
    due.look(START + 6 * DAY)
    assert here.money()["instructed"] == 1000
    assert rebuild.at_odds(here.cast.seller) == []


def test_a_second_name_stands_on_the_draft_that_was_read() -> None:
    here = stage(rulebook(keys='two_mediators_above = { EUR = 1000 }\nhold = "2 days"'))
    ken, ada = here.cast.ken, agent(here.cast, "ada")
    mediated(here, START)
    dispute = here.the_dispute
    deciding.decide(ken, dispute, judged("seller"), at=START + 2 * HOUR)
    drafts.second(ada, dispute, at=START + 3 * HOUR)
    drafts.stop(ken, dispute, at=START + 4 * HOUR)
    deciding.decide(ken, dispute, judged("buyer", 6000), at=START + 5 * HOUR)
    due.look(START + 4 * DAY)
    assert (here.case().decision, here.case().seconded_by) == (None, "")
    drafts.second(ada, dispute, at=START + 4 * DAY)
    decision = here.case().decision
    assert decision is not None
    assert (decision.outcome, here.case().seconded_by) == ("buyer", ada.party.ref)


def test_an_interest_that_is_declared_later_ends_judging_too() -> None:
    here = stage(rulebook(keys='hold = "2 days"'))
    ken, ada, ben = here.cast.ken, agent(here.cast, "ada"), agent(here.cast, "ben")
    mediated(here, START)
    dispute, at = here.the_dispute, START + 2 * HOUR
    interests.declare(ada, here.cast.seller, at=START)
    deciding.decide(ken, dispute, judged("buyer", 6000), at=at)
    assert refusal(drafts.second, ada, dispute, at=at) == "conflict"
    assert refusal(drafts.stop, ada, dispute, at=at) == "conflict"
    assert here.may(ada, at) <= {"say", "give-evidence"}
    interests.declare(ken, here.cast.seller, at=at)
    assert refusal(drafts.stop, ken, dispute, at=at) == "conflict"
    assert {"hand-over", "give-back"} <= here.may(ken, at)
    mediation.hand_over(ken, dispute, to=ben.party, at=at)
    drafts.stop(ben, dispute, at=at)
    deciding.decide(ben, dispute, judged("seller"), at=at)


def test_what_was_decided_is_appealed_against_and_not_asked_again() -> None:
    here = stage()
    ana, li, ken = here.cast.ana, here.cast.li, here.cast.ken
    mediated(here, START, amount=3000)
    dispute, at = here.the_dispute, START + 3 * HOUR
    deciding.decide(ken, dispute, judged("buyer", 3000, goes_back=True), at=START + 2 * HOUR)
    for side in (ana, li):
        assert refusal(mediation.escalate, side, dispute, at=at) == "decided"
        assert "escalate" not in here.may(side, at)
        assert "appeal" in here.may(side, at)
    claims.withdraw(ana, dispute, at=at)
    more = opening.Claim("damaged", amount=eur(6000))
    assert refusal(opening.claim_it, ana, dispute, more, at=at) == "closed_for_good"
    assert refusal(opening.open_, ana, here.order, more, at=at) == "closed_for_good"
    assert "reopen" not in here.may(ana, at)
    assert rebuild.at_odds(here.cast.seller) == []


def test_how_the_goods_came_back_is_for_the_platform_after_a_decision_too() -> None:
    here = stage()
    ana, li, ken = here.cast.ana, here.cast.li, here.cast.ken
    mediated(here, START)
    dispute, at = here.the_dispute, START + 3 * HOUR
    deciding.decide(ken, dispute, judged("buyer", 6000, goes_back=True), at=START + 2 * HOUR)
    returning.send_back(ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=at)
    returning.contest(li, dispute, state="empty", at=at)
    mediation.escalate(ana, dispute, at=at)
    assert here.case().stage is Stage.MEDIATION


def test_a_quarrel_that_was_decided_does_not_begin_again_by_another_door() -> None:
    here = stage()
    ana, ken = here.cast.ana, here.cast.ken
    first = here.open(START)
    claims.withdraw(ana, first, at=START + HOUR)
    mediated(here, START + 2 * HOUR)
    deciding.decide(ken, here.the_dispute, judged("seller"), at=START + 4 * HOUR)
    same, at = opening.Claim("damaged"), START + 5 * HOUR
    assert refusal(opening.open_, ana, here.order, same, at=at) == "closed_for_good"
    assert refusal(opening.claim_it, ana, first, same, at=at) == "closed_for_good"
    other = here.open(at, reason="not as described")
    assert refusal(claims.modify, ana, other, same, at=at) == "closed_for_good"
    claims.modify(ana, other, opening.Claim("not received"), at=at)


def test_a_seller_does_not_leave_an_agreed_return_by_asking_the_platform() -> None:
    here = stage()
    ana, li, at = here.cast.ana, here.cast.li, START + HOUR
    dispute = here.open(START, amount=6000)
    here.settle(START, 6000, "return and refund")
    assert refusal(mediation.escalate, li, dispute, at=at) == "agreed"
    assert "escalate" not in here.may(li, at)
    assert "escalate" in here.may(ana, at), "no label came"
    returning.send_back(ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=at)
    returning.contest(li, dispute, state="empty", at=at + HOUR)
    mediation.escalate(li, dispute, at=at + HOUR)
    assert here.case().stage is Stage.MEDIATION


def test_a_claim_changes_to_a_reason_only_within_its_window() -> None:
    windows = "".join(
        f'[[dispute.opening]]\nname = "{name}"\nreasons = ["{reason}"]\nafter = {{ fact = "order.paid" }}\n'
        f'until = {{ fact = "order.paid", plus = "{days} days" }}\n\n'
        for name, reason, days in (("short", "damaged", 5), ("long", "not received", 90))
    )
    here = stage(rulebook(rules=RULES.replace(OPENING, windows)))
    dispute, at = here.open(START + 10 * DAY, reason="not received"), START + 10 * DAY
    damaged = opening.Claim("damaged")
    assert refusal(claims.modify, here.cast.ana, dispute, damaged, at=at) == "not_open_any_more"
    claims.modify(here.cast.ana, dispute, opening.Claim("not received", amount=eur(100)), at=at + HOUR)


def test_what_they_agree_on_after_a_decision_is_what_is_paid() -> None:
    """The goods came back empty, the platform is asked again, and meanwhile the two find their peace."""
    here = stage()
    ana, li, ken = here.cast.ana, here.cast.li, here.cast.ken
    mediated(here, START)
    dispute, at = here.the_dispute, START + 3 * HOUR
    deciding.decide(ken, dispute, judged("buyer", 6000, goes_back=True), at=START + 2 * HOUR)
    assert Charge.objects.filter(overturned_at=None).count() == 1
    returning.send_back(ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=at)
    returning.contest(li, dispute, state="incomplete", at=at)
    mediation.escalate(ana, dispute, at=at)
    here.settle(at + HOUR, 2000)
    assert (here.case().to_pay, here.money()["instructed"]) == (2000, 2000)
    assert not Charge.objects.filter(overturned_at=None).exists()
    assert rebuild.at_odds(here.cast.seller) == []


def test_a_correction_mends_a_slip_and_decides_nothing() -> None:
    here = stage()
    ken, at = here.cast.ken, START + 3 * HOUR
    mediated(here, START, amount=1000)
    dispute = here.the_dispute
    deciding.decide(ken, dispute, judged("seller"), at=START + 2 * HOUR)
    for minor in (1000, 6000):
        with pytest.raises(Refused, match="no slip"):
            mending.correct(ken, dispute, text="A slip.", amount=eur(minor), at=at)
    mending.correct(ken, dispute, text="The name is Ana.", at=at)
    assert here.money()["instructed"] == 0


def test_a_correction_gives_no_more_than_the_pieces_are_worth_and_none_under_appeal() -> None:
    here = stage(lines=(Line("Clock", 1, eur(3000)), Line("Lamp", 1, eur(3000))))
    ken, at = here.cast.ken, START + 3 * HOUR
    dispute = here.about(START, Clock=1)
    here.mediate(START + HOUR, ken)
    deciding.decide(ken, dispute, judged("buyer", 2000, reason="A part."), at=START + 2 * HOUR)
    with pytest.raises(Refused, match=r"at most €30\.00"):
        mending.correct(ken, dispute, text="A slip.", amount=eur(6000), at=at)
    mending.correct(ken, dispute, text="A slip.", amount=eur(3000), at=at)
    assert here.money()["instructed"] == 3000
    appealing.appeal(here.cast.li, dispute, text="Look again.", at=at)
    assert refusal(mending.correct, ken, dispute, text="A slip.", amount=eur(2500), at=at) == "under_appeal"
    mending.clarify(ken, dispute, text="All of it.", at=at)


def test_a_correction_is_paid_where_the_goods_are_back_already() -> None:
    here = stage()
    ken, at = here.cast.ken, START + 3 * HOUR
    mediated(here, START)
    dispute = here.the_dispute
    deciding.decide(ken, dispute, judged("buyer", 3000, goes_back=True, reason="A part."), at=START + 2 * HOUR)
    returning.send_back(here.cast.ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=at)
    returning.confirm(here.cast.li, dispute, at=at)
    here.confirm(at)
    mending.correct(ken, dispute, text="A slip.", amount=eur(4000), at=at + HOUR)
    assert here.money()["instructed"] == 1000
    here.confirm(at + HOUR)
    assert here.case().stage is Stage.CLOSED


def test_sealed_limits_are_not_searched_by_opening_again() -> None:
    here = stage(lines=(Line("Clock", 1, eur(6000)), Line("Lamp", 1, eur(4000))))
    ana, li = here.cast.ana, here.cast.li
    first = here.about(START, Clock=1)
    for round_ in (1, 2):
        offers.bid(ana, first, limit=eur(6000), at=START + HOUR)
        assert offers.bid(li, first, limit=eur(round_), at=START + HOUR) == "apart"
    claims.withdraw(ana, first, at=START + 2 * HOUR)
    second, at = here.about(START + 3 * HOUR, Clock=1), START + 4 * HOUR
    for side in (ana, li):
        assert refusal(offers.bid, side, second, limit=eur(3000), at=at) == "no_round_left"
        assert "bid" not in here.may(side, at)
    here.about(at, Lamp=1)
    assert "bid" in here.may(ana, at), "of another thing nothing was searched"


def test_a_decision_ends_once_nothing_is_left_to_pay() -> None:
    """While it was held back, the shop refunded half by itself: the other half is all that there is."""
    here = stage(rulebook(keys='hold = "2 days"'))
    mediated(here, START)
    deciding.decide(here.cast.ken, here.the_dispute, judged("buyer", 6000), at=START + 2 * HOUR)
    here.report(START + 3 * HOUR, "refunded", "x1", 3000)
    due.look(START + 3 * DAY)
    assert (here.case().stage, here.money()["instructed"]) == (Stage.CARRYING_OUT, 3000)
    here.confirm(START + 3 * DAY)
    assert (here.case().stage, here.case().closed_because) == (Stage.CLOSED, "refunded_in_full")
    assert here.sums(START + 4 * DAY)["refunded"] == 6000


def test_a_side_takes_no_mediator_out_by_writing_in_private() -> None:
    here = stage()
    ana, ken, ada = here.cast.ana, here.cast.ken, agent(here.cast, "ada")
    dispute = here.open(START)
    mediation.say(ana, dispute, text="Before anybody has it.", sees="buyer", at=START)
    here.mediate(START + HOUR, ken)
    mediation.say(ana, dispute, text="To who has it.", sees="buyer", at=START + 2 * HOUR)
    mediation.say(ada, dispute, text="Tell me.", sees="buyer", at=START + 2 * HOUR)
    seen = {who: here.seen(who, START + 3 * HOUR) for who in (ana, ken, ada)}
    talk = {who: len([each for each in view.texts if each.kind == "talk"]) for who, view in seen.items()}
    assert talk == {ana: 3, ken: 0, ada: 3}
    assert [seen[who].unheard for who in (ana, ken, ada)] == [False, True, False]
    assert here.case().heard == (ada.party.ref,)
    deciding.decide(ken, dispute, judged("seller"), at=START + 3 * HOUR)


def silent(here: Scene) -> datetime:
    """Let the seller's silence decide; when that is known."""
    here.open(START, amount=6000)
    here.turn(START + 6 * DAY)
    return START + 6 * DAY


def test_an_appeal_falls_with_the_silence_that_is_set_aside() -> None:
    here = stage()
    li, ken, ada = here.cast.li, here.cast.ken, agent(here.cast, "ada")
    at = silent(here)
    dispute = here.the_dispute
    appealing.appeal(li, dispute, text="Look again.", at=at)
    appealing.ask_set_aside(li, dispute, reason="Ill.", answer="It is fine.", at=at)
    appealing.set_aside(ada, dispute, granted=True, text="He was ill.", at=at + HOUR)
    assert (here.case().stage, here.case().appeal) == (Stage.MEDIATION, None)
    assert "take-appeal" not in here.may(ada, at + HOUR)
    mediation.take(ken, dispute, at=at + HOUR)
    deciding.decide(ken, dispute, judged("seller"), at=at + 2 * HOUR)
    appealing.appeal(here.cast.ana, dispute, text="Look again.", at=at + 3 * HOUR)
    assert rebuild.at_odds(here.cast.seller) == []


def test_what_an_appeal_decided_is_not_set_aside_as_a_silence() -> None:
    here = stage()
    li, ada = here.cast.li, agent(here.cast, "ada")
    at = silent(here)
    dispute = here.the_dispute
    appealing.ask_set_aside(li, dispute, reason="Ill.", answer="It is fine.", at=at)
    appealing.appeal(li, dispute, text="Look again.", at=at)
    appealing.decide(ada, dispute, appealing.Heard("changed", "It is fine.", outcome="seller"), at=at + HOUR)
    assert refusal(appealing.set_aside, ada, dispute, granted=True, text="Ill.", at=at + 2 * HOUR) == "nobody_asked"
    decision = here.case().decision
    assert decision is not None
    assert decision.outcome == "seller"


def test_what_the_bank_has_taken_is_not_sent_beside_it() -> None:
    here = stage()
    here.open(START, amount=6000)
    here.settle(START + HOUR, 6000, "refund")
    here.report(START + 2 * HOUR, "charged_back", "c1", 6000)
    assert here.confirm(START + 3 * HOUR) == 0, "nothing is sent any more"
    assert here.sums(START + 3 * HOUR)["charged_back"] == 6000
    assert (here.case().stage, here.money()["instructed"]) == (Stage.CARRYING_OUT, 0)
    here.report(START + DAY, "charge_back_reversed", "c1", 6000)
    assert (here.money()["instructed"], here.confirm(START + DAY)) == (6000, 1)
    assert here.case().stage is Stage.CLOSED
    assert here.sums(START + DAY)["refunded"] == 6000


def test_what_was_sent_before_the_bank_took_it_is_waited_for() -> None:
    here = stage()
    here.open(START, amount=6000)
    here.settle(START + HOUR, 6000, "refund")
    assert reports.begin(RefundVia.objects.select_related("refund__order").get(), at=START + HOUR)
    here.report(START + 2 * HOUR, "charged_back", "c1", 6000)
    assert here.money()["instructed"] == 6000


@pytest.mark.parametrize("nothing", ["  \n", "\u200b", "\u2066\u2069", "\ufeff \u00ad"])
def test_words_that_show_nothing_are_none(nothing: str) -> None:
    here = stage()
    li, ken = here.cast.li, here.cast.ken
    dispute = here.open(START)
    for who, given in ((li, evidence.Given(text=nothing)), (here.cast.ana, evidence.Given(text=nothing))):
        with pytest.raises(Refused, match="Nothing could be kept"):
            evidence.give(who, dispute, given, at=START)
    with pytest.raises(Refused, match="why you reject"):
        claims.reject(li, dispute, text=nothing, version=1, at=START)
    here.mediate(START, ken)
    with pytest.raises(Refused, match="plain words"):
        deciding.decide(ken, dispute, replace(judged("seller"), text=nothing), at=START)
    mediation.say(li, dispute, text="\U0001f44d", at=START)
    mediation.say(li, dispute, text="\u202bשלום\u202c", at=START)


def test_a_draft_by_which_nobody_stands_does_not_keep_a_case_for_ever() -> None:
    here = stage(rulebook(keys="two_mediators_above = { EUR = 1000 }"))
    mediated(here, START)
    dispute = here.the_dispute
    deciding.decide(here.cast.ken, dispute, judged("seller"), at=START + 2 * HOUR)
    for days in (9, 12):
        here.turn(START + days * DAY)
        due.look(START + days * DAY)
        decisions = [(each.outcome, each.because, each.cost) for each in here.case().decisions]
        assert decisions == ([] if days == 9 else [("buyer", "silence", "platform")])
    assert drafts.draft_of(here.seen(here.cast.ken, START + 12 * DAY).now) is None
    assert refusal(drafts.second, agent(here.cast, "ada"), dispute, at=START + 12 * DAY) == "decided"
    assert rebuild.at_odds(here.cast.seller) == []


def test_a_draft_that_leaves_by_itself_is_waited_for() -> None:
    here = stage(rulebook(keys='hold = "9 days"'))
    mediated(here, START)
    deciding.decide(here.cast.ken, here.the_dispute, judged("seller"), at=START + 3 * DAY)
    for days in (11, 13):
        here.turn(START + days * DAY)
        due.look(START + days * DAY)
    assert [(each.outcome, each.because) for each in here.case().decisions] == [("seller", "mediator")]


def test_nobody_stands_by_the_own_draft_whoever_has_the_case_by_then() -> None:
    here = stage(rulebook(keys="two_mediators_above = { EUR = 1000 }"))
    ken, ada, ben = here.cast.ken, agent(here.cast, "ada"), agent(here.cast, "ben")
    mediated(here, START)
    dispute, at = here.the_dispute, START + 3 * HOUR
    deciding.decide(ken, dispute, judged("seller"), at=START + 2 * HOUR)
    mediation.hand_over(ken, dispute, to=ada.party, at=at)
    for who in (ken, ada):
        assert refusal(drafts.second, who, dispute, at=at) == "your_own_draft"
    drafts.second(ben, dispute, at=at)
    assert here.case().decision is not None


def test_nobody_leaves_with_the_money_of_a_decision_that_was_taken_back() -> None:
    here = stage()
    ana, li, ken, ada = here.cast.ana, here.cast.li, here.cast.ken, agent(here.cast, "ada")
    at = silent(here)
    dispute = here.the_dispute
    here.confirm(at)
    appealing.ask_set_aside(li, dispute, reason="Ill.", answer="It is fine.", at=at)
    appealing.set_aside(ada, dispute, granted=True, text="He was ill.", at=at + HOUR)
    for way_out in (claims.withdraw, claims.arrived):
        assert refusal(way_out, ana, dispute, at=at + HOUR) == "money_went_back"
    assert not {"withdraw", "arrived"} & here.may(ana, at + HOUR)
    mediation.ask_needed(ken, dispute, at=at + HOUR)
    mediation.needed(ana, dispute, needed=False, at=at + HOUR)
    assert here.case().stage is Stage.MEDIATION
