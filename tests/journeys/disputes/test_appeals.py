"""After a decision: once, in time, heard by somebody else; and what a changed decision takes back."""

from datetime import timedelta

import pytest

from comity.actions.disputes import appealing, deciding
from comity.actions.doing import NotNow
from comity.policy.disputes.case import Stage
from comity.records.models import Charge, Sanction
from tests.cast import tell
from tests.disputing import Stage as Scene
from tests.disputing import agent, moment, rulebook, stage, told, values_of

pytestmark = pytest.mark.django_db
TICK = timedelta(seconds=1)
CLEAR = {"proof": "clear"}


def decided(here: Scene, at: str, amount: int, asked: int | None = None) -> None:
    """Let Ada decide for the buyer, and the payment system confirm."""
    ada = agent(here.cast, "ada")
    here.open(moment(at) - timedelta(hours=2), amount=asked or amount)
    dispute = here.mediate(moment(at) - timedelta(hours=1), ada)
    judged = deciding.Judgement("buyer", here.cash(amount), inputs=CLEAR, text="The screen is broken.")
    deciding.decide(ada, dispute, judged, at=moment(at))
    here.confirm(moment(at))
    here.ada = ada  # type: ignore[attr-defined]


OTHER = """
[[conduct]]
name = "harassment"
title = "No harassment"
severity = "high"
proved_by = ["reviewer"]
charge = { ledger = "service", points = [1, 12] }
"""


def points() -> int:
    """The points that count."""
    return sum(charge.points for charge in Charge.objects.filter(overturned_at=None))


def test_until_the_same_time_of_the_seventh_day_and_once() -> None:
    here = stage(
        rulebook(zone="America/New_York"), currency="USD", amount=20000, at=moment("2026-03-05T09:00")
    )  # fmt: skip
    decided(here, "2026-03-10T14:00:00-04:00", 8000)
    ends = moment("2026-03-17T14:00:00-04:00")
    assert here.case().stage is Stage.CLOSED
    for side in (here.cast.li, here.cast.ana):
        assert here.seen(side, ends - TICK).appeal_until == ends
        assert "appeal" in here.may(side, ends - TICK)
        assert "appeal" not in here.may(side, ends + TICK)
    appealing.appeal(here.cast.li, here.the_dispute, text="New facts.", at=ends)
    ada, ben = here.ada, agent(here.cast, "ben")  # type: ignore[attr-defined]
    upheld = appealing.Heard("upheld", "The decision stands.")
    with pytest.raises(NotNow) as no:
        appealing.decide(ada, here.the_dispute, upheld, at=moment("2026-03-18T09:00:00-04:00"))
    assert no.value.code == "decided_it"
    appealing.decide(ben, here.the_dispute, upheld, at=moment("2026-03-20T09:00:00-04:00"))
    for side in (here.cast.li, here.cast.ana):
        with pytest.raises(NotNow) as no:
            appealing.appeal(side, here.the_dispute, text="Again.", at=moment("2026-03-20T10:00:00-04:00"))
        assert no.value.code == "no_appeal_left"
    at = moment("2026-03-20T11:00:00-04:00")
    assert (here.case().stage, here.seen(here.cast.li, at).appeal_until) == (Stage.CLOSED, None)
    sums = here.sums(at)
    assert (sums["refunded"], sums["refundable"], here.instructions()) == (8000, 12000, [8000])
    for party in (here.cast.buyer, here.cast.seller):
        kinds = ("dispute.decided", "dispute.appealed", "dispute.appeal_decided")
        assert told(party, *kinds) == list(kinds)


def test_a_decision_that_falls_takes_everything_back() -> None:
    book = rulebook(keys='reversal_of_money = "platform"', more=OTHER)
    here = stage(book, currency="USD", amount=6000, at=moment("2026-02-20T09:00"))
    before = moment("2026-02-26T09:00")
    tell(here.cast, "violation.found", here.order.ref, before, rule="harassment", by="reviewer", points=11)
    assert points() == 11
    decided(here, "2026-03-02T10:00", 6000)
    here.turn(moment("2026-03-03T10:00"))
    assert points() == 13
    assert [each.measure for each in Sanction.objects.filter(status="placed")] == ["warning"]
    appealing.appeal(here.cast.li, here.the_dispute, text="The carrier's proof.", at=moment("2026-03-05T10:00"))
    heard = appealing.Heard("changed", "It was delivered.", outcome="seller", fault="nobody")
    appealing.decide(agent(here.cast, "ben"), here.the_dispute, heard, at=moment("2026-03-06T10:00"))
    at = moment("2026-03-06T10:00:01")
    assert points() == 11
    assert not Sanction.objects.filter(status="placed").exists()
    assert here.case().stage is Stage.CLOSED
    sums = here.sums(at)
    assert (sums["paid"], sums["refunded"], sums["refundable"]) == (6000, 6000, 0)
    assert here.order.platform_pays == 6000
    here.dispute.refresh_from_db()  # type: ignore[union-attr]
    assert (here.the_dispute.outcome, here.the_dispute.fault) == ("seller", "nobody")
    for party in (here.cast.buyer, here.cast.seller):
        (changed,) = values_of(party, "dispute.appeal_decided")
        assert (changed["result"], changed["outcome"], changed["bears"]) == ("changed", "seller", "platform")


def test_a_smaller_sum_on_appeal_leaves_the_rest_to_who_bears_it() -> None:
    here = stage(rulebook(keys='reversal_of_money = "platform"'), amount=6000, at=moment("2026-02-20T09:00"))
    decided(here, "2026-03-02T10:00", 6000)
    appealing.appeal(here.cast.li, here.the_dispute, text="A part was whole.", at=moment("2026-03-05T10:00"))
    heard = appealing.Heard("changed", "Half.", outcome="buyer", amount=here.cash(2500), fault="seller")
    appealing.decide(agent(here.cast, "ben"), here.the_dispute, heard, at=moment("2026-03-06T10:00"))
    assert (here.sums(moment("2026-03-06T11:00"))["refunded"], here.order.platform_pays) == (6000, 3500)
    assert here.case().stage is Stage.CLOSED
    assert points() == 2, "still the seller's fault"


def test_an_appeal_while_the_refund_is_under_way_never_pays_twice() -> None:
    here = stage(amount=6000, at=moment("2026-02-20T09:00"))
    ada = agent(here.cast, "ada")
    at = moment("2026-03-02T10:00")
    here.open(at, amount=6000)
    dispute = here.mediate(at, ada)
    deciding.decide(ada, dispute, deciding.Judgement("buyer", here.cash(6000), inputs=CLEAR, text="So it is."), at=at)
    appealing.appeal(here.cast.li, dispute, text="No.", at=at + timedelta(days=1))
    later = at + timedelta(days=2)
    appealing.decide(agent(here.cast, "ben"), dispute, appealing.Heard("upheld", "It stands."), at=later)
    here.confirm(later)
    assert (here.instructions(), here.case().stage) == ([6000], Stage.CLOSED)
    assert here.sums(later)["refunded"] == 6000
