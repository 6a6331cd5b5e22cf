"""What the two agreed on for money, and what was paid, is over for that reason, and for no other."""

from datetime import timedelta

import pytest

from comity.actions.disputes import claims, deciding, opening, returning
from comity.actions.doing import NotNow
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.records import rebuild
from tests.cast import START
from tests.disputing import Stage as Scene
from tests.disputing import agent, stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """Two glasses at €20.00; of a dispute about both, as damaged, €10.00 were agreed on and paid."""
    scene = stage(lines=[Line("Glass", 2, Money(2000, "EUR"))])
    scene.open(START)
    scene.settle(START, 1000, "discount")
    scene.confirm(START)
    assert scene.case().is_paid_off
    return scene


def code(call: object, *args: object, **more: object) -> str:
    with pytest.raises(NotNow) as no:
        call(*args, **more)  # type: ignore[operator]
    return no.value.code


def test_not_again_for_the_same_reason_by_any_door(here: Scene) -> None:
    ana, first, same, at = here.cast.ana, here.the_dispute, opening.Claim("damaged"), START + DAY
    assert code(opening.claim_it, ana, first, same, at=at) == "paid_as_agreed"
    assert code(opening.open_, ana, here.order, same, at=at) == "paid_as_agreed"
    other = here.open(at, "not as described")
    assert code(claims.modify, ana, other, same, at=at) == "paid_as_agreed"
    assert (here.case().reason, here.case().worth) == ("not as described", 3000)


def test_for_another_reason_beside_what_was_paid(here: Scene) -> None:
    ana, first, at = here.cast.ana, here.the_dispute, START + DAY
    opening.claim_it(ana, first, opening.Claim("not as described", amount=here.cash(500)), at=at)
    case = here.case()
    assert (case.stage, case.kept, case.amount, case.worth) == (Stage.NEGOTIATION, 1000, 500, 3000)
    assert code(claims.modify, ana, first, opening.Claim("damaged"), at=at) == "paid_as_agreed"
    here.settle(at, 500)
    here.confirm(at)
    assert (here.case().to_pay, here.instructions()) == (1500, [1000, 500])
    for reason in ("damaged", "not as described"):
        assert code(opening.claim_it, ana, first, opening.Claim(reason), at=at) == "paid_as_agreed"
    assert rebuild.at_odds(here.cast.seller) == []


def test_what_was_agreed_and_paid_is_borne_by_nobody_else_where_the_seller_wins(here: Scene) -> None:
    at, ada = START + DAY, agent(here.cast, "ada")
    opening.claim_it(here.cast.ana, here.the_dispute, opening.Claim("not as described"), at=at)
    judged = deciding.Judgement("seller", inputs={"proof": "unclear"}, text="It is as it was described.")
    deciding.decide(ada, here.mediate(at, ada), judged, at=at)
    here.order.refresh_from_db()
    assert (here.case().stage, here.order.platform_pays, here.money()["refunded"]) == (Stage.CLOSED, 0, 1000)


def test_another_piece_and_what_was_sent_anew_can_be_claimed() -> None:
    here = stage(lines=[Line("Glass", 3, Money(2000, "EUR"))])
    line = here.line("Glass").pk
    here.open(START, pieces={line: 2})
    here.settle_parts(START, here.part("partial refund", 1000), here.part("replacement"))
    here.confirm(START)
    first = here.the_dispute
    returning.fulfil(here.cast.ana, first, at=START + DAY)
    assert here.case().is_paid_off
    assert code(opening.open_, here.cast.ana, here.order, opening.Claim("damaged"), at=START + DAY) == "paid_as_agreed"
    here.open(START + DAY, pieces={line: 2})
    assert (here.case().stage, here.case().pieces) == (Stage.NEGOTIATION, 2)


def test_an_agreement_on_nothing_bars_nothing() -> None:
    here = stage(lines=[Line("Glass", 1, Money(2000, "EUR"))])
    here.open(START)
    here.settle(START, kind="nothing")
    opening.claim_it(here.cast.ana, here.the_dispute, opening.Claim("damaged"), at=START + DAY)
    assert here.case().stage is Stage.NEGOTIATION
