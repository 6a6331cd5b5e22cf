"""What was agreed or decided: goods sent back, another one sent, the platform's own silence."""

from datetime import timedelta

import pytest

from comity.actions import scans
from comity.actions.disputes import claims, mediation, offers, returning, view
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records.models import Dispute
from tests.cast import START, tell
from tests.disputing import Stage as Scene
from tests.disputing import agent, stage

DAY = timedelta(days=1)
TICK = timedelta(seconds=1)
pytestmark = pytest.mark.django_db


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def agreed_return(here: Scene, at: int = 1) -> Dispute:
    dispute = here.open(START + at * DAY)
    number = offers.offer(
        here.cast.li, dispute, offers.NewOffer("return and refund", eur(6000)), at=START + (at + 1) * DAY
    )
    offers.accept(here.cast.ana, dispute, number=number, at=START + (at + 1) * DAY)
    returning.label(here.cast.li, dispute, at=START + (at + 1) * DAY)
    return dispute


def test_sent_in_time_is_in_time_whenever_it_arrives() -> None:
    here = stage()
    dispute = agreed_return(here)
    begun = START + 2 * DAY
    seen = view.of(here.cast.ana, dispute, at=begun)
    assert (seen.turn.who, seen.turn.until, seen.turn.what, seen.turn.value) == (
        "buyer", begun + 10 * DAY, "decide", "seller"
    )  # fmt: skip
    parcel = returning.send_back(here.cast.ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=begun + 9 * DAY)
    here.turn(begun + 12 * DAY)
    assert here.case().stage is Stage.RETURNING
    assert view.of(here.cast.ana, dispute, at=begun + 12 * DAY).turn.who == "nobody"
    tell(here.cast, "return.delivered", here.order.ref, begun + 16 * DAY, shipment=parcel.ref, dispute=dispute.ref)
    whose = view.of(here.cast.li, dispute, at=begun + 17 * DAY).turn
    assert (whose.who, whose.until) == ("seller", begun + 21 * DAY)
    here.turn(begun + 21 * DAY + TICK)
    assert here.case().stage is Stage.CARRYING_OUT
    assert here.money()["instructed"] == 6000


def test_a_return_that_never_comes_is_off() -> None:
    here = stage()
    dispute = agreed_return(here)
    here.turn(START + 12 * DAY + TICK)
    decision = here.case().decision
    assert decision is not None
    assert (decision.outcome, decision.amount, decision.fault) == ("seller", 0, "buyer")
    assert here.case().stage is Stage.CLOSED
    assert here.money()["refundable"] == 6000
    assert Dispute.objects.get().ended_how == "decided"
    assert dispute.ref == here.case().ref


def test_an_empty_box_is_asked_about_and_then_judged() -> None:
    here = stage()
    dispute = agreed_return(here)
    parcel = returning.send_back(here.cast.ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=START + 3 * DAY)
    tell(here.cast, "return.delivered", here.order.ref, START + 5 * DAY, shipment=parcel.ref, dispute=dispute.ref)
    returning.contest(here.cast.li, dispute, state="empty", text="See the film.", at=START + 7 * DAY)
    whose = view.of(here.cast.ana, dispute, at=START + 7 * DAY).turn
    assert (whose.who, whose.until, whose.what) == ("buyer", START + 10 * DAY, "escalate")
    here.turn(START + 9 * DAY)
    assert here.money()["instructed"] == 0
    returning.answer_contest(here.cast.ana, dispute, text="It was in there.", at=START + 9 * DAY)
    assert here.case().stage is Stage.MEDIATION


def test_a_promise_that_is_not_kept_revives_the_claim() -> None:
    here = stage()
    dispute = here.open(START + DAY, amount=2200)
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("resend"), at=START + 2 * DAY)
    offers.accept(here.cast.ana, dispute, number=number, at=START + 2 * DAY)
    seen = view.of(here.cast.li, dispute, at=START + 2 * DAY)
    assert here.case().stage is Stage.SETTLED
    assert (seen.turn.who, seen.turn.until, seen.amount) == ("seller", START + 5 * DAY, 2200)
    here.turn(START + 5 * DAY + TICK)
    assert here.case().stage is Stage.CARRYING_OUT
    assert here.money()["instructed"] == 2200


def test_a_promise_that_is_kept_ends_it_when_the_other_one_arrives() -> None:
    here = stage()
    dispute = here.open(START + DAY)
    number = offers.offer(here.cast.li, dispute, offers.NewOffer("replacement"), at=START + 2 * DAY)
    offers.accept(here.cast.ana, dispute, number=number, at=START + 2 * DAY)
    parcel = returning.act(here.cast.li, dispute, Parcel("post", "RR123456785DE", sure=True), at=START + 3 * DAY)
    here.turn(START + 6 * DAY)
    assert here.case().stage is Stage.SETTLED
    assert view.of(here.cast.ana, dispute, at=START + 6 * DAY).turn.who == "nobody"
    event = scans.Event("delivered", START + 8 * DAY)
    scans.scan(here.cast.platform, parcel, event, noted_at=START + 8 * DAY)
    assert here.case().stage is Stage.CLOSED
    assert here.money() == {"paid": 6000, "refunded": 0, "instructed": 0, "charged_back": 0, "refundable": 6000}


def test_the_platform_itself_is_silent() -> None:
    here = stage()
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    dispute = here.open(START, amount=6000)
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=START)
    mediation.escalate(here.cast.ana, dispute, at=START + DAY)
    mediation.take(ada, dispute, at=START + DAY)
    here.turn(START + 4 * DAY + TICK)
    case = here.case()
    assert (case.holder, case.lost) == (ben.party.ref, (ada.party.ref,))
    seen = view.of(here.cast.ana, dispute, at=START + 4 * DAY + TICK)
    assert (seen.turn.who, seen.turn.until, seen.turn.value, seen.amount) == (
        "mediator", START + 11 * DAY, "buyer cost=platform", 6000,
    )  # fmt: skip
    assert "decide" not in {may.verb for may in view.of(ada, dispute, at=START + 4 * DAY + TICK).may}
    here.turn(START + 11 * DAY + TICK)
    decision = here.case().decision
    assert decision is not None
    assert (decision.fault, decision.cost, decision.silent) == ("nobody", "platform", "platform")
    assert here.money()["instructed"] == 6000
