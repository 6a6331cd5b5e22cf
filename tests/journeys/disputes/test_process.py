"""How a case goes: who acts, who is told, who has it, what a refusal leaves behind, when it is quiet again."""

from datetime import timedelta

import pytest

from comity.actions import listings, money, orders
from comity.actions.disputes import claims, deciding, evidence, mediation, offers, opening, returning, view
from comity.actions.disputes.cases import facts_of
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Forbidden
from comity.actions.money import Instruction
from comity.actions.orders import Line
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes.case import Stage
from comity.policy.disputes.guide import guide
from comity.policy.disputes.rule import DisputeRules
from comity.policy.facts import Fact
from comity.records.models import Charge, Dispute, Duty, Interest, JournalLine, Notice, Refund
from comity.records.models import Listing as ListingRow
from tests.cast import tell
from tests.disputing import WINDOWS, agent, moment, opened_by, rulebook, scanned, sent, stage, told, values_of
from tests.disputing import Stage as Scene

pytestmark = pytest.mark.django_db
TICK = timedelta(seconds=1)
CLEAR = {"proof": "clear"}

CANCELLED = """
[[dispute.opening]]
name = "late"
reasons = ["not received"]
after = { fact = "order.paid" }
until = { fact = "order.paid", plus = "60 days" }
unless = { fact = "order.cancelled" }

[[dispute.opening]]
name = "the money did not come"
reasons = ["refund not received"]
after = { fact = "order.cancelled", plus = "5 days" }
until = { fact = "order.cancelled", plus = "60 days" }

"""


def test_a_cancelled_order_of_which_the_money_never_came() -> None:
    book = rulebook(rules=opened_by(CANCELLED, "refund not received"), zone="America/Mexico_City")
    here = stage(book, currency="MXN", amount=180000, at=moment("2026-02-27T09:00"))
    cancelled = moment("2026-03-02T10:00:00-06:00")
    orders.cancel(here.cast.li, here.order, reason="no_stock", at=cancelled)
    money.instruct(here.cast.platform, here.order, Instruction(here.cash(180000), because="cancelled"), at=cancelled)
    asked = moment("2026-03-04T10:00:00-06:00")
    with pytest.raises(NotNow) as no:
        here.open(asked, "not received")
    assert no.value.code == "not_open_here"
    sums = here.sums(moment("2026-03-04T10:01:00-06:00"))
    assert (sums["instructed"], sums["refundable"]) == (180000, 0)
    rules, facts = _rules_and_facts(here)
    back = moment("2026-03-07T10:00:00-06:00")
    found = guide(rules, facts, at=asked, refund_until=back)
    (opens,) = [each for each in found.opens if each.reason == "refund not received"]
    assert (opens.state, opens.begin) == ("ahead", back)
    said = [(each.code, each.values.get("until")) for each in found.now]
    assert said == [("cancelled", None), ("refund_under_way", back)]
    refund = Refund.objects.get()
    here.report(moment("2026-03-05T10:00:00-06:00"), "failed", "", key=f"refund:{refund.uuid}", reason="no_balance")
    found = guide(*_rules_and_facts(here), at=back - TICK, refund_until=back)
    assert [each.code for each in found.now] == ["cancelled", "refund_awaited"], "what failed is not under way"
    with pytest.raises(NotNow) as no:
        here.open(back - TICK, "refund not received")
    assert no.value.code in ("not_open_yet", "not_open_here")
    here.open(back + TICK, "refund not received")
    at = moment("2026-03-07T11:00:00-06:00")
    assert here.case().stage is Stage.NEGOTIATION
    sums = here.sums(at)
    assert [sums[name] for name in ("paid", "refunded", "instructed", "charged_back", "refundable")] == [
        180000, 0, 0, 0, 180000
    ]  # fmt: skip
    here.order.refresh_from_db()
    assert here.order.cancelled_at == cancelled, "a dispute does not revive it"


def test_the_money_of_a_cancelled_order_comes_after_all() -> None:
    book = rulebook(rules=opened_by(CANCELLED, "refund not received"))
    here = stage(book, amount=9000, at=moment("2026-02-27T09:00"))
    cancelled = moment("2026-03-02T10:00")
    orders.cancel(here.cast.li, here.order, reason="no_stock", at=cancelled)
    money.instruct(here.cast.platform, here.order, Instruction(here.cash(9000), because="cancelled"), at=cancelled)
    with pytest.raises(Refused, match="Nothing is left"):
        here.open(moment("2026-03-07T10:00:01"), "refund not received")
    refund = Refund.objects.get()
    here.report(moment("2026-03-07T11:00"), "failed", "", key=f"refund:{refund.uuid}", reason="no_balance")
    here.open(moment("2026-03-07T12:00"), "refund not received")
    money.again(agent(here.cast, "ada"), Refund.objects.get(), at=moment("2026-03-08T10:00"))
    here.confirm(moment("2026-03-08T11:00"))
    assert (here.case().stage, here.case().closed_because) == (Stage.CLOSED, "refunded_in_full")
    assert here.sums(moment("2026-03-08T12:00"))["refunded"] == 9000
    assert told(here.cast.buyer, "dispute.closed") == ["dispute.closed"]
    here.turn(moment("2026-03-20T12:00"))
    assert here.instructions() == [9000, 9000], "a silence decides nothing any more"


def _rules_and_facts(here: Scene) -> tuple[DisputeRules, tuple[Fact, ...]]:
    return opening.rules_for(here.order, here.order.placed_at)[1], facts_of(here.order)


def test_four_of_five_are_left_however_often_a_return_is_scanned() -> None:
    here = stage(lines=[Line("tiles", 5, Money(1200, "EUR"))], at=moment("2026-02-26T09:00"))
    at = moment("2026-03-02T10:00")
    dispute = here.about(at, tiles=1)
    here.settle(at, 1200, "return and refund")
    returning.label(here.cast.li, dispute, at=at)
    parcel = returning.send_back(here.cast.ana, dispute, Parcel("post", "RR123456785DE", sure=True), at=at)
    scanned(here, parcel, "delivered", moment("2026-03-05T08:00"), place="Gate")
    scanned(here, parcel, "delivered", moment("2026-03-05T15:00"), place="Quality check")
    returning.confirm(here.cast.li, dispute, at=moment("2026-03-05T16:00"))
    assert here.confirm(moment("2026-03-05T16:00")) == 1
    assert here.case().back.arrived_at == moment("2026-03-05T08:00")
    with pytest.raises(Refused, match="tiles: 4 can be disputed, not 5"):
        here.about(moment("2026-03-06T10:00"), reason="not as described", tiles=5)
    here.about(moment("2026-03-06T10:01"), reason="not as described", tiles=4)
    with pytest.raises(Refused, match="tiles: 0 can be disputed, not 1"):
        here.about(moment("2026-03-06T10:02"), tiles=1)
    sums = here.sums(moment("2026-03-06T10:05"))
    assert (sums["refunded"], sums["instructed"], sums["refundable"], here.instructions()) == (1200, 0, 4800, [1200])
    assert here.case().amount == 4800


def test_the_platform_itself_is_silent() -> None:
    here = stage(rulebook(zone="Europe/Athens"), amount=15000, at=moment("2026-02-26T09:00"))
    ada, ben = agent(here.cast, "ada"), agent(here.cast, "ben")
    here.open(moment("2026-03-01T09:00:00+02:00"), amount=15000)
    here.mediate(moment("2026-03-02T09:00:00+02:00"), ada)
    first, last = moment("2026-03-05T09:00:00+02:00"), moment("2026-03-12T09:00:00+02:00")
    here.turn(first + TICK)
    assert here.case().stage is Stage.MEDIATION
    assert here.waits(first + TICK) == ("mediator", last, "decide", "buyer cost=platform")
    assert here.seen(here.cast.ana, first + TICK).amount == 15000
    assert here.case().holder == ben.party.ref
    assert told(here.cast.buyer, "dispute.taken", "dispute.handed_over") == ["dispute.taken", "dispute.handed_over"]
    assert values_of(here.cast.buyer, "dispute.taken")[0]["agent"] == ada.party.ref
    assert values_of(here.cast.buyer, "dispute.handed_over")[0]["to"] == ben.party.ref
    assert "decide" not in here.may(ada, first + TICK)
    here.turn(last + TICK)
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(last + TICK)
    assert (sums["instructed"], sums["refundable"]) == (15000, 0)
    assert here.order.platform_pays == 15000
    decision = here.case().decision
    assert decision is not None
    assert (decision.fault, decision.cost, decision.at) == ("nobody", "platform", last)
    assert not Charge.objects.exists()


WARNED = WINDOWS["answer"].replace("repeats = true", 'repeats = true\nwarn_before = ["24 hours", "4 hours"]')


def test_it_is_quiet_after_the_end() -> None:
    here = stage(rulebook(answer=WARNED), amount=8000, at=moment("2026-02-24T09:00"))
    parcel = sent(here, moment("2026-02-25T09:00"))
    scanned(here, parcel, "delivered", moment("2026-03-01T10:00"))
    dispute = here.open(moment("2026-03-02T10:00"), "not as described")
    due = Duty.objects.get(rule="answer dispute")
    assert due.due == moment("2026-03-07T10:00")
    claims.withdraw(here.cast.ana, dispute, reason="mistake", at=moment("2026-03-04T10:00"))
    before = list(Notice.objects.values_list("party", "kind"))
    here.turn(moment("2026-03-20T10:00"))
    assert list(Notice.objects.values_list("party", "kind")) == before, "nobody is told anything any more"
    at = moment("2026-03-20T10:00")
    assert here.case().stage is Stage.WITHDRAWN
    assert here.waits(at)[:2] == ("nobody", None)
    assert here.sums(at) == {
        "paid": 8000, "refunded": 0, "instructed": 0, "charged_back": 0, "refundable": 8000, "held": 0, "due": 8000,
        "paid_out": 0, "owed": 0,
    }  # fmt: skip
    for party in (here.cast.buyer, here.cast.seller):
        of_the_case = [kind for kind in told(party) if kind.startswith("dispute.")]
        assert of_the_case == ["dispute.opened", "dispute.withdrawn"]
    here.order.refresh_from_db()
    assert here.order.delivered_at == moment("2026-03-01T10:00")
    due.refresh_from_db()
    assert due.status == "voided"


def test_warnings_come_while_it_is_open_and_each_once() -> None:
    here = stage(rulebook(answer=WARNED), amount=8000, at=moment("2026-02-24T09:00"))
    here.open(moment("2026-03-02T10:00"))
    for day in ("2026-03-06T10:30", "2026-03-06T11:30", "2026-03-07T06:30", "2026-03-07T07:00"):
        here.turn(moment(day))
    warned = [kind for kind in told(here.cast.seller) if "warn" in kind]
    assert len(warned) == 2
    here.turn(moment("2026-03-08T10:00"))
    assert [kind for kind in told(here.cast.seller) if "warn" in kind] == warned


def test_a_decision_that_is_refused_has_moved_nothing() -> None:
    here = stage(amount=50000, at=moment("2026-02-26T09:00"))
    ada = agent(here.cast, "ada")
    here.open(moment("2026-03-01T10:00"), amount=10000)
    dispute = here.mediate(moment("2026-03-01T12:00"), ada)
    lines = JournalLine.objects.count()
    unreasoned = deciding.Judgement("buyer", here.cash(50000), inputs=CLEAR, text="All of it.")
    with pytest.raises(Refused, match="differs from the table's row"):
        deciding.decide(ada, dispute, unreasoned, at=moment("2026-03-02T10:00"))
    too_much = deciding.Judgement("buyer", here.cash(50001), inputs=CLEAR, text="All of it.", reason="It is bad.")
    with pytest.raises(NotNow, match="At most"):
        deciding.decide(ada, dispute, too_much, at=moment("2026-03-02T10:10"))
    assert JournalLine.objects.count() == lines
    at = moment("2026-03-02T10:15")
    assert (here.case().stage, here.waits(at)[0]) == (Stage.MEDIATION, "mediator")
    assert (here.sums(at)["refundable"], here.instructions()) == (50000, [])
    reasoned = deciding.Judgement("buyer", here.cash(30000), inputs=CLEAR, text="Most of it.", reason="Two seats of 3.")
    deciding.decide(ada, dispute, reasoned, at=moment("2026-03-02T10:20"))
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(moment("2026-03-02T10:21"))
    assert (sums["instructed"], sums["refundable"], here.instructions()) == (30000, 20000, [30000])
    for side in (here.cast.ana, here.cast.li):
        words = {text.kind: text.text for text in here.seen(side, moment("2026-03-02T10:21")).texts}
        assert words["deviation"] == "Two seats of 3."
    decision = here.case().decision
    assert decision is not None
    assert (decision.row, decision.deviates) == ("shown", True)


FREEZE = """
[[conduct]]
name = "counterfeits"
title = "No counterfeits"
severity = "critical"
proved_by = ["reviewer"]
charge = { ledger = "goods", points = 4 }

[[ledger]]
name = "goods"
title = "Forbidden goods"
expires_after = "365 days"

[[ledger.rung]]
at = 4
measure = "freeze"
length = "30 days"
notice = "1 hours"
decided_by = "automatic"
"""


def test_a_suspended_seller_is_heard() -> None:
    book = rulebook(
        answer=WINDOWS["answer"].replace('"5 days"', '"72 hours"'), zone="Europe/Rome", more=FREEZE
    )  # fmt: skip
    here = stage(book, amount=3500, at=moment("2026-03-30T09:00"))
    dispute = here.open(moment("2026-04-06T10:00:00+02:00"), "not as described", 3500)
    found = moment("2026-04-07T09:00:00+02:00")
    other = orders.place(
        here.cast.platform,
        orders.NewOrder(
            buyer=here.cast.bea.party, seller=here.cast.seller, title="Bag", price=here.cash(900), handling_hours=24,
            deliver_by=found + timedelta(days=9),
        ),
        at=moment("2026-04-01T09:00"),
    )  # fmt: skip
    tell(here.cast, "violation.found", other.ref, found, rule="counterfeits", by="reviewer")
    frozen = moment("2026-04-07T10:00:01+02:00")
    here.turn(frozen)
    at = moment("2026-04-08T10:00:00+02:00")
    assert {"give-evidence", "offer", "reject", "accept-claim", "say"} <= here.may(here.cast.li, at)
    for words in ("The listing.", "The buyer's thanks."):
        evidence.give(here.cast.li, dispute, evidence.Given(text=words), at=at)
    claims.reject(here.cast.li, dispute, text="As described.", version=1, at=at + timedelta(minutes=10))
    what = listings.Offered(seller=here.cast.seller, title="More", price=here.cash(900), handling_hours=24)
    with pytest.raises(Forbidden) as no:
        listings.offer(here.cast.li, what, at=at + timedelta(minutes=20))
    assert no.value.reason == "seller_frozen"
    assert not ListingRow.objects.filter(title="More").exists()
    new = orders.NewOrder(
        buyer=here.cast.buyer, seller=here.cast.seller, title="Bag", price=here.cash(900), handling_hours=24,
        deliver_by=at + timedelta(days=9),
    )  # fmt: skip
    with pytest.raises(Forbidden):
        orders.place(here.cast.platform, new, at=at)
    silent = moment("2026-04-09T10:00:01+02:00")
    here.turn(silent)
    assert (here.case().stage, here.waits(silent)[0], here.instructions()) == (Stage.NEGOTIATION, "buyer", [])
    assert [piece.text for piece in here.seen(here.cast.ana, silent).evidence] == [
        "The listing.",
        "The buyer's thanks.",
    ]
    assert {"offer", "give-evidence"} <= here.may(here.cast.li, silent)
    ada = agent(here.cast, "ada")
    mediation.escalate(here.cast.ana, dispute, at=silent)
    mediation.take(ada, dispute, at=silent)
    request = mediation.ask(ada, dispute, of="seller", text="How was it packed?", at=silent)
    mediation.give(here.cast.li, dispute, request=request, text="In a box.", at=silent)
    judged = deciding.Judgement("buyer", here.cash(3500), inputs=CLEAR, text="It differs.")
    deciding.decide(ada, dispute, judged, at=silent)
    assert "appeal" in here.may(here.cast.li, silent)


def test_they_agree_while_the_mediator_writes() -> None:
    here = stage(currency="USD", amount=10000, at=moment("2026-02-26T09:00"))
    ada = agent(here.cast, "ada")
    here.open(moment("2026-03-02T10:00"), amount=6000)
    dispute = here.mediate(moment("2026-03-05T10:00"), ada)
    shown = here.case().last
    number = here.offer(moment("2026-03-06T09:00"), 4500)
    offers.accept(here.cast.ana, dispute, number=number, at=moment("2026-03-06T09:30"))
    judged = deciding.Judgement("buyer", here.cash(6000), inputs=CLEAR, text="It was incomplete.")
    with pytest.raises(NotNow) as no:
        deciding.decide(ada, dispute, judged, at=moment("2026-03-06T09:31"), shown=shown)
    assert no.value.code == "agreed"
    at = moment("2026-03-06T10:00")
    assert (here.case().stage, here.waits(at)[0]) == (Stage.CARRYING_OUT, "nobody")
    sums = here.sums(at)
    assert (sums["instructed"], sums["refundable"], here.instructions()) == (4500, 5500, [4500])
    assert [values["amount"] for values in values_of(ada.party, "dispute.settled")] == [4500]
    assert not Dispute.objects.filter(stage=Stage.MEDIATION).exists(), "no queue shows it"
    dispute.refresh_from_db()
    assert (dispute.fault, dispute.outcome) == ("", "both")
    assert not Charge.objects.exists()


def test_an_agent_with_an_interest_never_has_the_case() -> None:
    here = stage(amount=5000, at=moment("2026-02-26T09:00"))
    ada, ben, cleo = (agent(here.cast, name) for name in ("ada", "ben", "cleo"))
    own = here.cast.max.party
    Interest.objects.create(agent=ben.party, party=own)
    traded = orders.NewOrder(
        buyer=here.cast.buyer, seller=own, title="Bag", price=here.cash(900), handling_hours=24,
        deliver_by=moment("2026-03-20T09:00"),
    )  # fmt: skip
    orders.place(here.cast.platform, traded, at=moment("2026-02-27T09:00"))
    dispute = here.open(moment("2026-03-01T10:00"))
    claims.reject(here.cast.li, dispute, text="It is fine.", version=1, at=moment("2026-03-01T11:00"))
    mediation.escalate(here.cast.ana, dispute, at=moment("2026-03-02T10:00"))
    with pytest.raises(NotNow) as no:
        mediation.take(ben, dispute, at=moment("2026-03-02T10:30"))
    assert no.value.code == "conflict"
    both = moment("2026-03-02T11:00")
    mediation.take(ada, dispute, at=both)
    with pytest.raises(NotNow) as no:
        mediation.take(cleo, dispute, at=both)
    assert no.value.code == "another_has_it"
    judged = deciding.Judgement("buyer", here.cash(5000), inputs=CLEAR, text="So it is.")
    with pytest.raises(NotNow):
        deciding.decide(cleo, dispute, judged, at=both + timedelta(minutes=5))
    at = moment("2026-03-02T11:10")
    assert (here.case().stage, here.waits(at)[0], here.instructions()) == (Stage.MEDIATION, "mediator", [])
    for party in (here.cast.buyer, here.cast.seller):
        assert told(party, "dispute.escalated", "dispute.taken") == ["dispute.escalated", "dispute.taken"]
        assert [values["agent"] for values in values_of(party, "dispute.taken")] == [ada.party.ref]


def test_who_is_not_of_the_case_sees_nothing_of_it() -> None:
    here = stage(amount=1500, at=moment("2026-02-26T09:00"))
    at = moment("2026-03-02T10:00")
    dispute = here.open(at)
    (piece,) = evidence.give(here.cast.ana, dispute, evidence.Given(text="See the crack."), at=at).pieces
    for stranger in (here.cast.max, here.cast.bea):
        with pytest.raises(Forbidden) as no:
            view.of(stranger, dispute, at=at)
        assert no.value.reason == "not_allowed"
        with pytest.raises(Forbidden):
            evidence.give(stranger, dispute, evidence.Given(text="Me, too."), at=at)
    assert [kind for kind in told(here.cast.max.party) if kind.startswith("dispute")] == []
    assert [kind for kind in told(here.cast.bea.party) if kind.startswith("dispute")] == []
    assert [each.pk for each in here.seen(here.cast.li, at).evidence] == [piece.pk]
    secret = evidence.Given(text="My medical letter.", sees="mediator", why="private")
    (hidden,) = evidence.give(here.cast.ana, dispute, secret, at=at).pieces
    assert here.seen(here.cast.li, at).hidden == {hidden.pk}
    assert here.seen(here.cast.ana, at).hidden == frozenset()
    assert here.seen(agent(here.cast, "ada"), at).hidden == frozenset()
