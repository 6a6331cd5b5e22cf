"""Goods on their way back, and what is promised instead: labels, empty boxes, replacements, promises not kept."""

from datetime import timedelta

import pytest

from comity.actions import returns
from comity.actions.disputes import claims, deciding, evidence, offers, opening, returning
from comity.actions.disputes.cases import facts_of
from comity.actions.orders import Line
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.policy.disputes.contradictions import Beside, Claim, contradictions
from comity.policy.disputes.openings import window_of
from comity.records.models import Dispute, Shipment
from tests.disputing import WINDOWS, agent, moment, opened_by, rulebook, scanned, sent, stage, told, values_of
from tests.disputing import Stage as Scene

pytestmark = pytest.mark.django_db
TICK = timedelta(seconds=1)
BACK = Parcel("post", "RR123456785DE", sure=True)


def test_sent_on_the_ninth_day_is_in_time_though_it_arrives_on_the_sixteenth() -> None:
    here = stage(rulebook(zone="Europe/Prague"), currency="CZK", amount=240000, at=moment("2026-02-25T09:00"))
    agreed = moment("2026-03-02T10:00:00+01:00")
    dispute = here.open(moment("2026-03-01T10:00"), amount=240000)
    here.settle(agreed, 240000, "return and refund")
    returning.label(here.cast.li, dispute, at=agreed)
    assert here.waits(agreed) == ("buyer", moment("2026-03-12T10:00:00+01:00"), "decide", "seller")
    scan = moment("2026-03-11T17:00:00+01:00")
    parcel = returning.send_back(here.cast.ana, dispute, BACK, at=scan)
    scanned(here, parcel, "accepted", scan)
    late = moment("2026-03-12T10:00:01+01:00")
    here.turn(late)
    assert (here.case().stage, here.waits(late)[:2]) == (Stage.RETURNING, ("nobody", None))
    sums = here.sums(late)
    assert (sums["refunded"], sums["instructed"], sums["held"]) == (0, 0, 240000)
    scanned(here, parcel, "delivered", moment("2026-03-18T10:00:00+01:00"))
    ends = moment("2026-03-23T10:00:00+01:00")
    assert here.waits(moment("2026-03-19T10:00:00+01:00")) == ("seller", ends, "decide", "buyer")
    assert here.seen(here.cast.li, moment("2026-03-19T10:00:00+01:00")).amount == 240000
    here.turn(ends + TICK)
    assert here.case().stage is Stage.CARRYING_OUT
    assert (here.sums(ends + TICK)["instructed"], here.instructions()) == (240000, [240000])


def test_an_empty_box_pays_nothing_by_itself() -> None:
    phone = Line("phone", 1, Money(150000, "PLN"), weight_g=480)
    confirms = WINDOWS["return"].replace('"5 days"', '"3 days"')
    here = stage(
        rulebook(zone="Europe/Warsaw", **{"return": confirms}), lines=[phone], currency="PLN",
        at=moment("2026-02-20T09:00"),
    )  # fmt: skip
    begun = moment("2026-02-25T10:00:00+01:00")
    dispute = here.open(begun)
    here.settle(begun, 150000, "return and refund")
    returning.label(here.cast.li, dispute, at=begun)
    parcel = returning.send_back(here.cast.ana, dispute, BACK, at=moment("2026-02-27T10:00:00+01:00"))
    scanned(here, parcel, "accepted", moment("2026-02-27T11:00:00+01:00"), weight_g=120)
    scanned(here, parcel, "delivered", moment("2026-03-02T10:00:00+01:00"))
    stated = moment("2026-03-04T10:00:00+01:00")
    (film,) = evidence.give(here.cast.li, dispute, evidence.Given(text="The film of opening it."), at=stated).pieces
    returning.contest(here.cast.li, dispute, state="empty", text="There was nothing in it.", at=stated)
    at = stated + timedelta(minutes=1)
    assert here.case().stage is Stage.RETURNING
    assert here.waits(at) == ("buyer", moment("2026-03-07T10:00:00+01:00"), "escalate", "agent")
    assert {"answer-contest", "give-evidence"} <= here.may(here.cast.ana, at)
    assert film.pk not in here.seen(here.cast.ana, at).hidden
    sums = here.sums(at)
    assert (sums["instructed"], sums["held"]) == (0, 150000)
    answered = moment("2026-03-06T09:00:00+01:00")
    evidence.give(here.cast.ana, dispute, evidence.Given(text="A photo of the packing."), at=answered)
    returning.answer_contest(here.cast.ana, dispute, text="It was in there.", at=answered)
    later = answered + timedelta(minutes=1)
    assert (here.case().stage, here.waits(later)[0], here.instructions()) == (Stage.MEDIATION, "mediator", [])
    seen = here.seen(agent(here.cast, "ada"), later)
    assert [text.kind for text in seen.texts][-2:] == ["contest", "answer"]
    assert [piece.role for piece in seen.evidence] == ["seller", "buyer"]
    pieces = {about.line_id: about.quantity for about in dispute.about.all()}
    beside = Beside(goods_g=returns.goods_weight(here.order, pieces))
    says = Claim("says_contained", "buyer", answered)
    (marked,) = contradictions([says], facts_of(here.order), dispute=dispute.ref, beside=beside)
    assert (marked.code, dict(marked.values)) == ("return_weighed_less", {"weighed_g": 120, "goods_g": 480})


def test_a_buyer_who_does_not_answer_about_the_box_is_not_heard_longer() -> None:
    here = stage(amount=5000, at=moment("2026-02-20T09:00"))
    at = moment("2026-02-25T10:00")
    dispute = here.open(at)
    here.settle(at, 5000, "return and refund")
    returning.label(here.cast.li, dispute, at=at)
    scanned(here, returning.send_back(here.cast.ana, dispute, BACK, at=at), "delivered", moment("2026-03-02T10:00"))
    returning.contest(here.cast.li, dispute, state="different", text="A stone.", at=moment("2026-03-04T10:00"))
    here.turn(moment("2026-03-07T10:00"))
    assert here.case().stage is Stage.RETURNING, "at the deadline itself he is in time"
    here.turn(moment("2026-03-07T10:00:01"))
    assert (here.case().stage, here.instructions()) == (Stage.MEDIATION, [])


REPLACED = """
[[dispute.opening]]
name = "not received"
reasons = ["not received"]
after = { fact = "order.paid" }
until = { fact = "order.paid", plus = "60 days" }

[[dispute.opening]]
name = "damaged"
reasons = ["damaged"]
after = { fact = "shipment.delivered" }
until = { fact = "shipment.delivered", plus = "14 days" }

"""


def test_a_lost_parcel_that_comes_back_is_no_return_of_its_replacement() -> None:
    book = rulebook(rules=opened_by(REPLACED), zone="Europe/Stockholm")
    here = stage(book, currency="SEK", amount=45000, at=moment("2026-02-10T09:00"))
    first = sent(here, moment("2026-02-12T09:00"))
    agreed = moment("2026-03-02T10:00:00+01:00")
    dispute = here.open(agreed, "not received")
    here.settle(agreed, kind="replacement", act_by=moment("2026-03-05T10:00:00+01:00"))
    another = returning.act(
        here.cast.li, dispute, Parcel("post", "RR123456799DE", sure=True), at=moment("2026-03-04T10:00:00+01:00")
    )
    scanned(here, first, "returned", moment("2026-03-06T10:00:00+01:00"))
    scanned(here, first, "delivered", moment("2026-03-09T10:00:00+01:00"))
    at = moment("2026-03-09T11:00:00+01:00")
    here.turn(at)
    assert here.case().stage is Stage.SETTLED
    sums = here.sums(at)
    assert (sums["refunded"], sums["instructed"], sums["refundable"]) == (0, 0, 45000)
    assert here.case().back.arrived_at is None
    assert "confirm-return" not in here.may(here.cast.li, at)
    arrived = moment("2026-03-10T10:00:00+01:00")
    scanned(here, another, "delivered", arrived)
    assert here.case().stage is Stage.CLOSED
    _, rules = opening.rules_for(here.order, arrived)
    found = window_of(rules, "damaged", facts_of(here.order))
    assert found.end == moment("2026-03-24T10:00:00+01:00")
    here.open(moment("2026-03-12T10:00:00+01:00"))
    assert here.case().stage is Stage.NEGOTIATION
    sums = here.sums(moment("2026-03-12T10:01:00+01:00"))
    assert (sums["refundable"], sums["held"]) == (45000, 45000)
    assert Dispute.objects.count() == 2


def test_a_promise_that_is_not_kept_is_decided_for_the_claim() -> None:
    here = stage(rulebook(zone="Europe/Sofia"), amount=2200, at=moment("2026-02-26T09:00"))
    dispute = here.open(moment("2026-03-02T10:00:00+02:00"), amount=2200)
    number = here.offer(moment("2026-03-03T10:00:00+02:00"), kind="resend")
    assert "withdraw" in here.may(here.cast.ana, moment("2026-03-03T11:00:00+02:00"))
    agreed = moment("2026-03-03T12:00:00+02:00")
    offers.accept(here.cast.ana, dispute, number=number, at=agreed)
    ends = moment("2026-03-06T12:00:00+02:00")
    assert here.case().stage is Stage.SETTLED
    assert here.waits(agreed + TICK) == ("seller", ends, "decide", "buyer")
    assert here.seen(here.cast.li, agreed + TICK).amount == 2200
    assert here.sums(agreed + TICK)["held"] == 2200
    here.turn(ends + TICK)
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(ends + TICK)
    assert (sums["instructed"], sums["refundable"], here.instructions()) == (2200, 0, [2200])


POSTAGE = 'return_postage = { "changed mind" = "buyer", "not as described" = "seller" }'


def two_scarves() -> Scene:
    scarves = [Line(name, 1, Money(5000, "DKK")) for name in ("red", "blue")]
    ruled = opened_by('[[dispute.opening]]\nname = "any"\nafter = { fact = "order.paid" }\n\n', "changed mind")
    book = rulebook(rules=ruled, keys=POSTAGE, zone="Europe/Copenhagen")
    return stage(book, lines=scarves, currency="DKK", at=moment("2026-08-25T09:00"))


def on_its_way(here: Scene, at: str, reason: str, number: str, **piece: int) -> Shipment:
    """Have a scarf on its way back, with the platform's label of 4.90."""
    begun = moment(at)
    dispute = here.about(begun, 5000, reason, **piece)
    here.settle(begun, 5000, "return and refund")
    returning.label(here.cast.platform, dispute, cost=here.cash(490), at=begun)
    return returning.send_back(here.cast.ana, dispute, Parcel("post", number, sure=True), at=begun)


def test_who_pays_the_way_back() -> None:
    here = two_scarves()
    red = on_its_way(here, "2026-09-01T08:00", "changed mind", "RR123456785DE", red=1)
    assert (here.case().taken_off, here.case().to_pay) == (490, 4510)
    first = here.the_dispute
    blue = on_its_way(here, "2026-09-01T08:05", "not as described", "RR123456799DE", blue=1)
    assert (here.case().taken_off, here.case().to_pay) == (0, 5000)
    offered = values_of(here.cast.buyer, "dispute.offered")
    assert [each["return_postage"] for each in offered] == ["buyer", "seller"], "he sees it before he chooses"
    for party in (here.cast.buyer, here.cast.seller):
        labelled = values_of(party, "return.labelled")
        assert [(each["amount"], each["pays"]) for each in labelled] == [(490, "buyer"), (490, "seller")]
    back = moment("2026-09-08T08:00")
    for parcel, dispute in ((red, first), (blue, here.the_dispute)):
        scanned(here, parcel, "delivered", back)
        returning.confirm(here.cast.li, dispute, at=back)
    assert here.instructions() == [4510, 5000]
    here.confirm(moment("2026-09-08T18:00"))
    sums = here.sums(moment("2026-09-08T20:00"))
    assert (sums["refunded"], sums["refundable"]) == (9510, 490)
    assert told(here.cast.buyer, "return.confirmed") == ["return.confirmed"] * 2


def test_an_own_label_takes_nothing_off() -> None:
    here = two_scarves()
    at = moment("2026-09-01T08:00")
    dispute = here.about(at, 5000, "changed mind", red=1)
    here.settle(at, 5000, "return and refund")
    parcel = returning.send_back(here.cast.ana, dispute, BACK, at=at)
    scanned(here, parcel, "delivered", moment("2026-09-08T08:00"))
    returning.confirm(here.cast.li, dispute, at=moment("2026-09-08T08:00"))
    assert here.instructions() == [5000]


def test_a_silence_about_the_return_takes_the_label_off_too() -> None:
    here = two_scarves()
    at = moment("2026-09-01T08:00")
    dispute = here.about(at, 5000, "changed mind", red=1)
    here.settle(at, 5000, "return and refund")
    returning.label(here.cast.platform, dispute, cost=here.cash(490), at=at)
    scanned(here, returning.send_back(here.cast.ana, dispute, BACK, at=at), "delivered", moment("2026-09-08T08:00"))
    here.turn(moment("2026-09-14T08:00"))
    assert here.instructions() == [4510]


def test_a_claim_that_is_accepted_with_a_return_names_who_pays_the_way() -> None:
    here = two_scarves()
    at = moment("2026-09-01T08:00")
    dispute = here.about(at, 5000, "changed mind", red=1)
    claims.modify(
        here.cast.ana, dispute, opening.Claim("changed mind", wants="return and refund", amount=here.cash(5000)), at=at
    )
    claims.accept(here.cast.li, dispute, version=2, at=at)
    agreement = here.case().agreement
    assert agreement is not None
    assert (agreement.goes_back, agreement.return_postage) == (True, "buyer")


def test_a_silence_about_a_decided_return_pays_what_was_decided() -> None:
    here = stage(amount=6000, at=moment("2026-02-20T09:00"))
    ada = agent(here.cast, "ada")
    at = moment("2026-02-25T10:00")
    here.open(at, amount=6000)
    dispute = here.mediate(at, ada)
    judged = deciding.Judgement(
        "buyer", here.cash(4000), inputs={"proof": "clear"}, goes_back=True, text="Against the goods.", reason="Worn."
    )
    deciding.decide(ada, dispute, judged, at=at)
    parcel = returning.send_back(here.cast.ana, dispute, BACK, at=at)
    scanned(here, parcel, "delivered", moment("2026-03-02T10:00"))
    assert here.seen(here.cast.li, moment("2026-03-03T10:00")).amount == 4000
    here.turn(moment("2026-03-08T10:00"))
    assert here.instructions() == [4000]
