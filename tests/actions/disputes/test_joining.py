"""Cases that are decided together: of one seller, with a reason, and none that the agent may not judge."""

from datetime import timedelta

import pytest

from comity.actions import orders
from comity.actions.disputes import cases, claims, interests, mediation, offers, opening
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.orders import Line
from comity.lib.money import Money
from comity.records.models import Dispute, JournalLine, Party
from tests.cast import START
from tests.disputing import Stage as Scene
from tests.disputing import stage

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Scene:
    """A case that Ken has."""
    scene = stage()
    scene.open(START)
    scene.mediate(START, scene.cast.ken)
    return scene


def of_bea(here: Scene, seller: Party) -> Dispute:
    """A dispute of another buyer with a seller."""
    bea, price = here.cast.bea, Money(700, "EUR")
    until = START + timedelta(days=20)
    new = orders.NewOrder(
        buyer=bea.party, seller=seller, lines=(Line("Vase", 1, price),), handling_hours=72, deliver_by=until
    )
    order = orders.pay(here.cast.platform, orders.place(here.cast.platform, new, at=START), at=START)
    return opening.open_(bea, order, opening.Claim("damaged"), at=START)


def join(here: Scene, other: Dispute, because: str = "same_batch") -> tuple[str, ...]:
    mediation.join(here.cast.ken, here.the_dispute, other, because=because, at=START)
    return cases.held(here.the_dispute).case.joined


def test_another_buyers_case_is_joined_once(here: Scene) -> None:
    other = of_bea(here, here.cast.seller)
    assert join(here, other) == join(here, other) == (other.ref,)
    assert JournalLine.objects.filter(kind="dispute.joined").count() == 1


def test_a_case_of_another_seller_is_not(here: Scene) -> None:
    with pytest.raises(Refused, match="same seller"):
        join(here, of_bea(here, here.cast.max.party))


def test_not_without_a_reason_and_not_one_that_the_agent_may_not_judge(here: Scene) -> None:
    other = of_bea(here, here.cast.seller)
    with pytest.raises(Refused, match="why they belong together"):
        join(here, other, " ")
    interests.declare(here.cast.ken, here.cast.bea.party, at=START)
    with pytest.raises(NotNow, match="take another case"):
        join(here, other)


@pytest.mark.parametrize("end", ["withdrawn", "settled"])
def test_a_case_that_is_over_is_not(here: Scene, end: str) -> None:
    other = of_bea(here, here.cast.seller)
    if end == "withdrawn":
        claims.withdraw(here.cast.bea, other, at=START)
    else:
        number = offers.offer(here.cast.li, other, offers.NewOffer("nothing"), at=START)
        offers.accept(here.cast.bea, other, number=number, at=START)
    with pytest.raises(Refused, match="That case is over"):
        join(here, other)
    assert cases.held(here.the_dispute).case.joined == ()
