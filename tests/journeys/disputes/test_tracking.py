"""What the carrier's word is worth to who decides: delivered, but where?"""

import pytest

from comity.actions import scans
from comity.actions.addresses import ShipTo
from comity.actions.disputes import carriers, claims, deciding, mediation
from comity.actions.disputes.cases import facts_of, held
from comity.actions.enact import Refused
from comity.policy.disputes.case import Stage
from comity.policy.disputes.contradictions import Beside, Claim, contradictions
from tests.disputing import Stage as Scene
from tests.disputing import agent, moment, opened_by, rulebook, scanned, sent, stage

pytestmark = pytest.mark.django_db

TABLE = """[dispute.inputs]
tracking = ["delivered at the order's place", "delivered elsewhere", "in transit", "none"]

[[dispute.row]]
name = "here"
when = { tracking = "delivered at the order's place" }
outcome = "seller"
offer = "nothing"
fault = "nobody"

[[dispute.row]]
name = "elsewhere"
when = { tracking = "delivered elsewhere" }
outcome = "buyer"
offer = "refund"
fault = "seller"

[[dispute.row]]
name = "on its way"
when = { tracking = ["in transit", "none"] }
outcome = "nobody"
"""


def sydney(keys: str = "") -> Scene:
    rules = opened_by('[[dispute.opening]]\nname = "any"\nafter = { fact = "order.paid" }\n\n')
    begun, ended = rules.index("[dispute.inputs]"), rules.index("[[conduct]]")
    rules = rules[:begun] + TABLE + "\n" + rules[ended:]
    to = ShipTo(name="Ana Souza", street="1 George Street", city="Sydney", postcode="2000", country="AU")
    book = rulebook(rules=rules, keys=keys, zone="Australia/Sydney")
    return stage(book, currency="AUD", amount=60000, at=moment("2026-03-01T09:00"), ship_to=to)


def escalated(here: Scene, postcode: str, place: str) -> None:
    """Delivered there; the buyer says that it never came, the seller that it did."""
    parcel = sent(here, moment("2026-03-03T09:00"))
    scanned(
        here, parcel, "delivered", moment("2026-03-10T14:00:00+11:00"), postcode=postcode, place=place, country="AU"
    )
    at = moment("2026-03-16T10:00:00+11:00")
    dispute = here.open(at, "not received", 60000)
    claims.reject(here.cast.li, dispute, text="It is there.", says=("says_delivered",), version=1, at=at)


def test_delivered_in_another_town_is_no_proof() -> None:
    here = sydney()
    escalated(here, "3000", "Melbourne")
    at = moment("2026-03-16T12:00:00+11:00")
    now = held(here.the_dispute)
    known = deciding.known(now, at=at)
    assert known["tracking"].value == "delivered elsewhere"
    found = deciding.considered(now, {}, at=at)
    assert found.row is not None
    assert (found.row.name, deciding.by_row(now, found.row)) == ("elsewhere", 60000)
    says = Claim("says_delivered", "seller", at)
    marked = contradictions([says], facts_of(here.order), beside=Beside(places=scans.elsewhere(here.order)))
    assert [(each.code, each.values["told"], each.values["wanted"]) for each in marked] == [
        ("delivered_elsewhere", "3000", "2000")
    ]
    here.order.refresh_from_db()
    assert here.order.delivered_at is None
    carriers.claim(here.cast.li, here.the_dispute, carrier="post", text="It went to Melbourne.", at=at)
    mediation.escalate(here.cast.ana, here.the_dispute, at=at)
    assert here.case().stage is Stage.MEDIATION
    ada = agent(here.cast, "ada")
    mediation.take(ada, here.the_dispute, at=at)
    assert "decide" in here.may(ada, at)
    otherwise = deciding.Judgement("seller", text="It was redirected.")
    with pytest.raises(Refused, match="differs from the table's row"):
        deciding.decide(ada, here.the_dispute, otherwise, at=at)
    by_row = deciding.Judgement("buyer", here.cash(60000), text="It went to another town.")
    deciding.decide(ada, here.the_dispute, by_row, at=at)
    decision = here.case().decision
    assert decision is not None
    assert (decision.row, decision.deviates, here.instructions()) == ("elsewhere", False, [60000])


def test_delivered_where_it_was_to_go_is_for_the_seller() -> None:
    here = sydney(keys="by_facts = true")
    escalated(here, "2000", "Sydney")
    mediation.escalate(here.cast.ana, here.the_dispute, at=moment("2026-03-16T12:00:00+11:00"))
    decision = here.case().decision
    assert decision is not None
    assert (decision.row, decision.because, decision.outcome, here.instructions()) == ("here", "facts", "seller", [])
