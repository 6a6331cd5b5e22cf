"""From when until when: openings, answers, evidence; zones, outages, repairs; what happens at the moment itself."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from comity.actions import payouts
from comity.actions.disputes import claims, evidence, mediation, opening, returning
from comity.actions.disputes.cases import facts_of
from comity.actions.doing import NotNow
from comity.actions.excuses import spreading, verbs
from comity.actions.excuses.asked import Asked
from comity.actions.guard import Actor
from comity.actions.orders import Line
from comity.actions.shipments import Parcel
from comity.lib.money import Money
from comity.policy.disputes import openings
from comity.policy.disputes.case import Stage
from comity.policy.disputes.guide import guide
from comity.records.models import Dispute, Notice
from tests.cast import tell
from tests.disputing import WINDOWS, agent, moment, opened_by, rulebook, scanned, sent, stage, told, values_of
from tests.disputing import Stage as Scene

pytestmark = pytest.mark.django_db
TICK = timedelta(seconds=1)
HOURS_72 = WINDOWS["answer"].replace('"5 days"', '"72 hours"')


def window(here: Scene, reason: str, at: str) -> openings.Window:
    """The window of a reason, by what is known at a moment."""
    _, rules = opening.rules_for(here.order, moment(at))
    facts = [fact for fact in facts_of(here.order) if fact.at <= moment(at)]
    return openings.window_of(rules, reason, facts)


BACK = """
[[dispute.opening]]
name = "late"
reasons = ["not received"]
after = { fact = "order.paid", field = "deliver_by", end_of_day = true }
until = { fact = "order.paid", field = "deliver_by", end_of_day = true, plus = "15 days" }

[[dispute.opening]]
name = "gone back"
reasons = ["not received"]
after = { fact = "shipment.scanned", where = { status = ["returned", "back_at_sender"] } }
until = { fact = "order.paid", field = "deliver_by", end_of_day = true, plus = "15 days" }
"""
RECEIVED = (
    'received = [{ fact = "order.receipt_confirmed" }, '
    '{ fact = "shipment.delivered", every = "parcel", plus = "7 days" }]'
)


def brussels() -> Scene:
    book = rulebook(rules=opened_by(BACK), keys=RECEIVED, zone="Europe/Brussels")
    return stage(book, amount=12000, at=moment("2026-05-01T10:00:00+02:00"), promised=19)


def test_what_arrived_at_its_sender_was_not_received() -> None:
    here = brussels()
    parcel = sent(here, moment("2026-05-04T09:00:00+02:00"))
    for status, then in (
        ("out_for_delivery", "2026-05-08T09:00:00+02:00"), ("attempted", "2026-05-08T13:00:00+02:00"),
        ("returned", "2026-05-09T08:00:00+02:00"), ("delivered", "2026-05-12T10:00:00+02:00"),
    ):  # fmt: skip
        scanned(here, parcel, status, moment(then))
    at = moment("2026-05-19T11:00:00+02:00")
    here.turn(at)
    here.order.refresh_from_db()
    assert here.order.delivered_at is None
    _, rules = opening.rules_for(here.order, at)
    (said,) = guide(rules, facts_of(here.order), at=at).now
    assert (said.code, said.values["at"]) == ("back_at_sender", moment("2026-05-12T10:00:00+02:00"))
    assert not Dispute.objects.exists()
    sums = here.sums(at)
    assert (sums["refundable"], sums["due"], sums["held"]) == (12000, 0, 12000)
    assert payouts.of_order(here.cast.li, here.order, now=at).why_held == "not_received"
    assert window(here, "not received", "2026-05-19T11:00:00+02:00").holds(at)
    here.open(moment("2026-05-20T10:00:00+02:00"), "not received")
    later = moment("2026-05-20T10:01:00+02:00")
    assert here.case().stage is Stage.NEGOTIATION
    assert (here.sums(later)["held"], here.sums(later)["due"]) == (12000, 0)
    assert payouts.of_order(here.cast.li, here.order, now=later).why_held == "dispute"


def test_an_order_counts_as_received_seven_days_after_its_last_parcel() -> None:
    here = brussels()
    parcel = sent(here, moment("2026-05-04T09:00:00+02:00"))
    scanned(here, parcel, "delivered", moment("2026-05-08T13:00:00+02:00"))
    ends = moment("2026-05-15T13:00:00+02:00")
    assert here.sums(ends - TICK)["held"] == 12000
    assert here.sums(ends)["due"] == 12000
    (line,) = payouts.due(here.cast.li, here.cast.seller, currency="EUR", now=ends)
    assert (line.due, line.why_held) == (12000, "")


def test_a_late_word_that_it_turned_round_takes_the_receipt_back() -> None:
    here = brussels()
    parcel = sent(here, moment("2026-05-04T09:00:00+02:00"))
    scanned(here, parcel, "delivered", moment("2026-05-08T13:00:00+02:00"))
    assert here.sums(moment("2026-05-16T10:00"))["due"] == 12000
    scanned(here, parcel, "returned", moment("2026-05-07T13:00:00+02:00"))
    assert here.sums(moment("2026-05-16T10:01"))["held"] == 12000


def test_a_receipt_that_the_buyer_confirms_counts_at_once() -> None:
    here = brussels()
    at = moment("2026-05-08T18:00:00+02:00")
    assert here.sums(at)["held"] == 12000
    tell(here.cast, "order.receipt_confirmed", here.order.ref, at)
    assert here.sums(at)["due"] == 12000


def test_a_yes_to_the_claim_as_it_was_is_not_counted() -> None:
    here = stage(rulebook(zone="Asia/Shanghai"), currency="USD", amount=4000, at=moment("2026-02-26T09:00"))
    dispute = here.open(moment("2026-03-01T10:00:00+08:00"), "not as described", 1500)
    changed = moment("2026-03-04T12:00:00+08:00")
    claims.modify(here.cast.ana, dispute, opening.Claim("not as described", amount=here.cash(2500)), at=changed)
    with pytest.raises(NotNow) as no:
        claims.accept(here.cast.li, dispute, version=1, at=changed + 5 * TICK)
    assert no.value.code == "claim_changed"
    at, ends = moment("2026-03-04T12:01:00+08:00"), moment("2026-03-09T12:00:00+08:00")
    assert here.case().stage is Stage.NEGOTIATION
    assert here.waits(at) == ("seller", ends, "decide", "buyer")
    assert here.seen(here.cast.li, at).amount == 2500
    assert {"accept-claim", "reject", "offer", "give-evidence"} <= here.may(here.cast.li, at)
    assert here.sums(at)["instructed"] == 0
    assert [values["amount"] for values in values_of(here.cast.seller, "dispute.modified")] == [2500]
    here.turn(ends + TICK)
    assert here.case().stage is Stage.CARRYING_OUT
    sums = here.sums(ends + TICK)
    assert (sums["instructed"], sums["refundable"], here.instructions()) == (2500, 1500, [2500])
    decision = here.case().decision
    assert decision is not None
    assert decision.at == ends, "dated at the deadline, whenever the clock was turned"


def test_one_deadline_for_three_readers() -> None:
    here = stage(rulebook(answer=HOURS_72), currency="USD", amount=4500, at=moment("2026-03-05T09:00"))
    here.open(moment("2026-03-07T03:00"), amount=4500)
    ends = moment("2026-03-10T03:00")
    assert here.waits(moment("2026-03-08T12:00")) == ("seller", ends, "decide", "buyer")
    assert here.seen(here.cast.li, moment("2026-03-08T12:00")).amount == 4500
    read = {zone: ends.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M") for zone in (
        "America/Los_Angeles", "Asia/Shanghai", "Europe/London")}  # fmt: skip
    assert read == {
        "America/Los_Angeles": "Mon 09 20:00", "Asia/Shanghai": "Tue 10 11:00", "Europe/London": "Tue 10 03:00"
    }  # fmt: skip
    here.offer(ends, 2000)
    here.turn(ends + TICK)
    assert here.case().stage is Stage.NEGOTIATION, "at the deadline itself it was in time"
    assert here.waits(ends + TICK)[0] == "buyer"
    assert here.instructions() == []


def test_twenty_four_minutes_that_are_left_are_left() -> None:
    here = stage(rulebook(zone="Europe/Madrid"), amount=30000, at=moment("2026-05-01T09:00"))
    ada = agent(here.cast, "ada")
    here.open(moment("2026-05-03T09:00"))
    dispute = here.mediate(moment("2026-05-04T06:00"), ada)
    asked = moment("2026-05-04T09:00:00+02:00")
    mediation.ask(ada, dispute, of="seller", text="How was it packed?", at=asked)
    ends = moment("2026-05-07T09:00:00+02:00")
    given = [moment(f"2026-05-07T{time}:00+02:00") for time in ("08:36", "08:50", "09:00")]
    for at in given:
        seen = here.seen(here.cast.li, at)
        assert (seen.evidence_until, "give-evidence" in {may.verb for may in seen.may}) == (ends, True)
        evidence.give(here.cast.li, dispute, evidence.Given(text=f"Packed at {at.minute}."), at=at)
    with pytest.raises(NotNow) as no:
        evidence.give(here.cast.li, dispute, evidence.Given(text="A fourth."), at=ends + TICK)
    assert no.value.code == "evidence_over"
    later = moment("2026-05-07T09:01:00+02:00")
    here.turn(later)
    assert here.waits(later)[0] == "mediator"
    assert [piece.at for piece in here.seen(ada, later).evidence] == given


EASTER = """
[[dispute.opening]]
name = "changed mind"
reasons = ["changed mind"]
after = { fact = "shipment.delivered" }
until = { fact = "shipment.delivered", every = "parcel", plus = "14 days", count = "law", clock = "office" }

"""
OFFICE = '\n[[clock]]\nname = "office"\ndays = ["mon", "tue", "wed", "thu", "fri"]\nholidays = "DE"\n'


def test_fourteen_days_after_the_last_parcel_and_easter() -> None:
    book = rulebook(rules=opened_by(EASTER, "changed mind"), zone="Europe/Berlin", more=OFFICE)
    goods = [Line("table", 1, Money(20000, "EUR")), Line("bench", 1, Money(8000, "EUR"))]
    here = stage(book, lines=goods, at=moment("2026-03-01T09:00:00+01:00"), promised=24)
    table = sent(here, moment("2026-03-02T09:00"), "RR123456785DE", table=1)
    scanned(here, table, "delivered", moment("2026-03-03T11:00:00+01:00"))
    found = window(here, "changed mind", "2026-03-10T12:00:00+01:00")
    assert found.holds(moment("2026-03-10T12:00:00+01:00"))
    assert (found.end, found.waits_for) == (None, "parcel")
    bench = sent(here, moment("2026-03-18T09:00"), "RR123456799DE", bench=1)
    scanned(here, bench, "delivered", moment("2026-03-20T16:30:00+01:00"))
    ends = moment("2026-04-08T00:00:00+02:00")
    found = window(here, "changed mind", "2026-03-21T12:00:00+01:00")
    assert found.end == ends
    here.about(moment("2026-04-07T23:59:59+02:00"), reason="changed mind", table=1)
    with pytest.raises(NotNow) as no:
        here.about(moment("2026-04-08T00:00:01+02:00"), reason="changed mind", bench=1)
    assert no.value.code == "not_open_any_more"
    assert dict(found.counted)["moved"].isoformat() == "2026-04-07"  # type: ignore[union-attr]
    assert here.case().stage is Stage.NEGOTIATION
    assert Dispute.objects.count() == 1


def outage(actor: Actor, begins: str, ends: str, at: str) -> None:
    """The platform was down, which is noted for everybody."""
    verbs.record(actor, Asked("platform_outage", moment(begins), moment(ends)), at=moment(at))
    assert spreading.spread(moment(at)) > 0


def test_time_that_two_pauses_took_is_said_once_and_a_holiday_as_far_as_it_counts() -> None:
    answer = WINDOWS["answer"].replace('within = "5 days"', 'within = "5 days"\nholiday_limit = "1 day"')
    assert answer != WINDOWS["answer"]
    here = stage(rulebook(answer=answer), at=moment("2026-03-08T09:00"))
    ada, start = agent(here.cast, "ada"), moment("2026-03-10T09:00")
    here.open(start)
    hours = [start + timedelta(hours=number) for number in (0, 6, 12, 18, 24, 96)]
    for begin, end in ((1, 3), (2, 4)):  # of 12 hours each, six of them the same
        asked = Asked(
            "force_majeure" if end == 4 else "platform_outage", hours[begin], hours[end], about=here.cast.seller
        )
        verbs.record(ada, asked, at=hours[4])
    verbs.record(here.cast.li, Asked("holiday", hours[4], hours[5], about=here.cast.seller), at=hours[4])
    spent = dict(here.seen(here.cast.li, hours[4]).turn.longer)
    took = {"platform_outage": 12, "force_majeure": 6, "holiday": 24}
    assert spent == {cause: timedelta(hours=number) for cause, number in took.items()}
    assert here.waits(hours[4])[1] == start + timedelta(days=5, hours=sum(took.values())), "which is by how much it is"


def test_twelve_hours_out_of_reach_are_given_back() -> None:
    here = stage(rulebook(zone="Asia/Kolkata"), currency="INR", amount=250000, at=moment("2026-03-08T09:00"))
    ada = agent(here.cast, "ada")
    here.open(moment("2026-03-10T09:00:00+05:30"), amount=250000)
    outage(ada, "2026-03-14T20:00:00+05:30", "2026-03-15T08:00:00+05:30", "2026-03-15T08:30:00+05:30")
    at, ends = moment("2026-03-15T12:00:00+05:30"), moment("2026-03-15T21:00:00+05:30")
    here.turn(at)
    assert here.case().stage is Stage.NEGOTIATION
    assert here.waits(at)[:2] == ("seller", ends)
    assert here.seen(here.cast.li, at).turn.longer == (("platform_outage", timedelta(hours=12)),)
    assert here.instructions() == []
    here.offer(moment("2026-03-15T20:45:00+05:30"), kind="resend")
    here.turn(moment("2026-03-15T21:30:00+05:30"))
    assert here.case().stage is Stage.NEGOTIATION
    assert here.waits(moment("2026-03-15T21:30:00+05:30"))[0] == "buyer"


def test_an_outage_that_is_noted_too_late_takes_the_decision_back() -> None:
    here = stage(amount=6000, at=moment("2026-03-08T09:00"))
    ada = agent(here.cast, "ada")
    here.open(moment("2026-03-10T09:00"), amount=6000)
    here.turn(moment("2026-03-15T10:00"))
    assert here.case().stage is Stage.CARRYING_OUT
    outage(ada, "2026-03-14T20:00", "2026-03-15T08:00", "2026-03-15T11:00")
    assert here.case().decision is None
    assert here.case().stage is Stage.MEDIATION, "the platform hears it anew"


REJECT = """
[[dispute.opening]]
name = "reject"
reasons = ["faulty"]
after = { fact = "shipment.delivered" }
until = { fact = "shipment.delivered", plus = "30 days", count = "law", stops = [{ from = { fact = "dispute.settled", where = { act = "repair" } }, until = [{ fact = "dispute.fulfilled" }], least = "7 days" }] }

"""


def test_a_repair_stops_the_days_to_reject() -> None:
    book = rulebook(rules=opened_by(REJECT, "faulty"), zone="Europe/London")
    here = stage(book, currency="GBP", amount=19900, at=moment("2026-02-27T09:00"))
    parcel = sent(here, moment("2026-02-28T09:00"))
    scanned(here, parcel, "delivered", moment("2026-03-02T11:00"))
    here.open(moment("2026-03-20T18:00"), "faulty")
    here.settle(moment("2026-03-20T18:30"), kind="repair", act_by=moment("2026-04-15T09:00"))
    assert here.case().stage is Stage.SETTLED
    returning.fulfil(here.cast.ana, here.the_dispute, at=moment("2026-04-10T09:00:00+01:00"))
    assert here.case().stage is Stage.CLOSED
    found = window(here, "faulty", "2026-04-11T12:00:00+01:00")
    assert found.end == moment("2026-04-24T00:00:00+01:00")
    here.open(moment("2026-04-23T23:59:59+01:00"), "faulty", 19900)
    assert here.case().stage is Stage.NEGOTIATION
    assert here.sums(moment("2026-04-24T00:00:00+01:00"))["refundable"] == 19900


def test_a_repaired_thing_that_its_carrier_brings_back_is_back() -> None:
    book = rulebook(rules=opened_by(REJECT, "faulty"))
    here = stage(book, amount=19900, at=moment("2026-02-27T09:00"))
    parcel = sent(here, moment("2026-02-28T09:00"))
    scanned(here, parcel, "delivered", moment("2026-03-02T11:00"))
    dispute = here.open(moment("2026-03-20T18:00"), "faulty")
    here.settle(moment("2026-03-20T18:00"), kind="repair")
    back = returning.act(
        here.cast.li, dispute, Parcel("post", "RR123456799DE", sure=True), at=moment("2026-04-08T09:00")
    )
    scanned(here, back, "delivered", moment("2026-04-10T09:00"))
    assert here.case().stage is Stage.CLOSED
    assert told(here.cast.buyer, "dispute.fulfilled") == ["dispute.fulfilled"]
    assert window(here, "faulty", "2026-04-11T12:00").waits_for == ""


WARNED = WINDOWS["escalate"].replace("repeats = true", 'repeats = true\nwarn_before = ["3 days"]')


def test_nobody_asks_the_platform_within_twenty_days() -> None:
    here = stage(
        rulebook(escalate=WARNED, zone="America/Los_Angeles"), currency="USD", amount=6000,
        at=moment("2026-01-20T09:00"),
    )  # fmt: skip
    opened = moment("2026-01-31T15:00:00-08:00")
    dispute = here.open(opened, "not received")
    claims.reject(here.cast.li, dispute, text="It is on its way.", version=1, at=moment("2026-02-05T10:00:00-08:00"))
    at, ends = moment("2026-02-17T15:00:01-08:00"), moment("2026-02-20T15:00:00-08:00")
    here.turn(at)
    assert here.case().stage is Stage.NEGOTIATION
    assert here.waits(at)[1:] == (ends, "close", "for good")
    assert {"escalate", "withdraw", "give-evidence"} <= here.may(here.cast.ana, at)
    assert told(here.cast.buyer, "dispute.answered", "duty.warned", "Warn", "warned") != []
    with pytest.raises(NotNow):
        mediation.escalate(here.cast.ana, dispute, at=ends + TICK)
    with pytest.raises(NotNow) as no:
        here.open(moment("2026-02-21T09:00:00-08:00"), "not received")
    assert no.value.code == "closed_for_good"
    here.dispute = dispute
    here.turn(moment("2026-02-21T10:00:00-08:00"))
    assert (here.case().stage, here.case().since, here.case().closed_because) == (Stage.CLOSED, ends, "nobody_asked")
    sums = here.sums(moment("2026-02-21T10:00:00-08:00"))
    assert (sums["refundable"], sums["held"], sums["due"]) == (6000, 0, 6000)
    assert Notice.objects.filter(party=here.cast.buyer, kind="dispute.closed").count() == 1
