"""What was written, decided or closed for good is not got round: by changing, leaving, coming back or mending."""

from datetime import timedelta

import pytest

from comity.actions import money
from comity.actions.disputes import appealing, claims, deciding, due, mediation, mending, opening
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.policy.disputes.case import Stage
from comity.records.models import DraftDecision
from tests.cast import START
from tests.disputing import RULES, agent, rulebook, stage
from tests.disputing import Stage as Scene

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db
CLEAR = {"proof": "clear"}
HELD = RULES.replace('correct_within = "7 days"', 'correct_within = "7 days"\nhold = "2 days"')


def judged(here: Scene, outcome: str, amount: int, **more: object) -> deciding.Judgement:
    given = {"inputs": CLEAR, "text": "By what the photo shows.", "reason": "By what was lost.", **more}
    return deciding.Judgement(outcome, here.cash(amount) if amount else None, **given)  # type: ignore[arg-type]


def drafted(here: Scene, ada: Actor, amount: int = 6000) -> None:
    here.open(START, amount=amount)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, "buyer", amount), at=START + DAY)
    assert here.case().leaves_at == START + 3 * DAY


@pytest.mark.parametrize("how", ["withdrawn", "settled", "arrived"])
def test_a_decision_that_waits_falls_with_its_case(how: str) -> None:
    here = stage(rulebook(rules=HELD))
    ada, at = agent(here.cast, "ada"), START + 2 * DAY
    drafted(here, ada)
    if how == "withdrawn":
        claims.withdraw(here.cast.ana, here.the_dispute, at=at)
    elif how == "arrived":
        claims.arrived(here.cast.ana, here.the_dispute, at=at)
    else:
        here.settle(at, 2000)
    assert not DraftDecision.objects.exists()
    due.look(START + 4 * DAY)
    assert here.case().decision is None
    assert here.instructions() == ([2000] if how == "settled" else [])
    if how == "settled":
        return
    opening.claim_it(here.cast.ana, here.the_dispute, opening.Claim("damaged", amount=here.cash(1000)), at=at)
    claims.reject(here.cast.li, here.the_dispute, text="No.", version=here.case().version, at=at)
    mediation.escalate(here.cast.ana, here.the_dispute, at=at)
    deciding.decide(ada, here.the_dispute, judged(here, "buyer", 1000), at=at)
    due.look(START + 9 * DAY)
    assert here.instructions() == [1000]


def test_after_a_decision_only_a_contested_return_goes_to_the_platform() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    here.open(START, amount=6000)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, "buyer", 6000, goes_back=True), at=START + DAY)
    assert here.case().stage is Stage.RETURNING
    for side in (here.cast.li, here.cast.ana):
        with pytest.raises(NotNow, match="already been decided"):
            mediation.escalate(side, here.the_dispute, at=START + 2 * DAY)


def test_what_was_decided_is_not_opened_again_by_leaving() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    here.open(START, amount=6000)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, "buyer", 3000, goes_back=True), at=START + DAY)
    claims.withdraw(here.cast.ana, here.the_dispute, at=START + 2 * DAY)
    with pytest.raises(NotNow, match="cannot be opened again"):
        opening.claim_it(here.cast.ana, here.the_dispute, opening.Claim("damaged"), at=START + 2 * DAY)
    assert here.instructions() == []


def test_a_quarrel_that_was_decided_is_not_had_again_by_another_door() -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    first = here.open(START, amount=6000)
    claims.withdraw(here.cast.ana, first, at=START)
    here.open(START, amount=6000)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, "seller", 0), at=START + DAY)
    with pytest.raises(NotNow, match="cannot be opened again"):
        opening.claim_it(here.cast.ana, first, opening.Claim("damaged"), at=START + 2 * DAY)
    other = here.open(START + 2 * DAY, reason="not as described")
    with pytest.raises(NotNow, match="cannot be opened again"):
        claims.modify(here.cast.ana, other, opening.Claim("damaged"), at=START + 2 * DAY)


def test_nobody_wishes_for_nothing() -> None:
    here = stage()
    with pytest.raises(Refused, match="no such wish"):
        here.open(START, wants="nothing")


@pytest.mark.parametrize(
    ("outcome", "decided", "mended", "why"),
    [
        ("seller", 0, 6000, "no slip"),
        ("buyer", 3000, 0, "no slip"),
        ("buyer", 3000, 2900, "which has gone back"),
        ("buyer", 3000, 6001, "at most €60.00"),
    ],
)
def test_a_slip_is_mended_and_no_more(outcome: str, decided: int, mended: int, why: str) -> None:
    here = stage()
    ada = agent(here.cast, "ada")
    here.open(START, amount=3000)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, outcome, decided), at=START + DAY)
    with pytest.raises(Refused, match=why):
        mending.correct(ada, here.the_dispute, text="A slip.", amount=here.cash(mended), at=START + DAY)
    assert here.instructions() == ([decided] if decided else [])


def test_what_was_paid_otherwise_meanwhile_ends_what_was_decided() -> None:
    here = stage(rulebook(rules=HELD))
    drafted(here, agent(here.cast, "ada"))
    here.report(START + 2 * DAY, "refunded", "by-hand", 3000)
    due.look(START + 4 * DAY)
    assert here.instructions() == [3000], "what is left, and no more"
    here.confirm(START + 4 * DAY)
    assert (here.case().stage, here.case().closed_because) == (Stage.CLOSED, "refunded_in_full")
    assert here.money()["refundable"] == 0


def test_a_slip_is_mended_within_a_week_where_the_rules_do_not_say_it() -> None:
    here = stage(rulebook(rules=RULES.replace('correct_within = "7 days"\n', "")))
    ada = agent(here.cast, "ada")
    here.open(START, amount=6000)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, "buyer", 3000), at=START + DAY)
    with pytest.raises(NotNow):
        mending.correct(ada, here.the_dispute, text="A slip.", at=START + 9 * DAY)


def test_what_nobody_could_ever_break_is_no_promise() -> None:
    here = stage()
    here.open(START, amount=6000)
    with pytest.raises(Refused, match="within 180 days"):
        here.offer(START, kind="replacement", act_by=START + 200 * DAY)
    ada = agent(here.cast, "ada")
    here.mediate(START + DAY, ada)
    with pytest.raises(Refused, match="within 180 days"):
        mediation.ask(ada, here.the_dispute, of="seller", text="When?", until=START + 999 * DAY, at=START + DAY)


def test_a_part_refund_does_not_go_beside_an_open_dispute() -> None:
    here = stage()
    here.open(START, amount=6000)
    part, whole = (money.Instruction(here.cash(amount)) for amount in (1000, 6000))
    with pytest.raises(NotNow, match="A dispute about it is open"):
        money.instruct(here.cast.li, here.order, part, at=START + DAY)
    money.instruct(here.cast.li, here.order, whole, at=START + DAY)
    assert here.instructions() == [6000]


def test_what_was_not_sent_yet_stays_where_an_appeal_takes_the_decision_back() -> None:
    here = stage()
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    here.open(START, amount=6000)
    here.mediate(START + DAY, ada)
    deciding.decide(ada, here.the_dispute, judged(here, "buyer", 6000), at=START + DAY)
    appealing.appeal(here.cast.li, here.the_dispute, text="It was whole.", at=START + 2 * DAY)
    half = appealing.Heard("changed", "Half of it.", outcome="both", amount=here.cash(2000), fault="nobody")
    appealing.decide(ben, here.the_dispute, half, at=START + 3 * DAY)
    assert here.money()["instructed"] == 2000
    here.confirm(START + 3 * DAY)
    here.order.refresh_from_db()
    assert (here.money()["refunded"], here.order.platform_pays, here.case().stage) == (2000, 0, Stage.CLOSED)
