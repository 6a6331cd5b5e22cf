"""Orders, shipments, pauses, sanctions, rulebooks and the clock, as verbs: the state and the journal line."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from comity.actions import clock, doubts, messages, orders, parties, pauses, rulebooks, sanctions, scans, shipments
from comity.actions.enact import Refused
from comity.actions.excuses import spreading, verbs
from comity.actions.excuses.asked import Asked
from comity.actions.guard import Forbidden, is_frozen
from comity.integrations.mail import outgoing
from comity.lib.moments import to_text
from comity.lib.money import Money
from comity.policy.facts import reference
from comity.records import answer_times, journal
from comity.records.models import (
    Charge,
    Contact,
    Duty,
    JournalLine,
    Listing,
    Notice,
    Order,
    RulebookVersion,
    Sanction,
    Scan,
    Shipment,
    Standing,
)
from comity.rulebooks.language.reading import BadRulebook
from comity.rulebooks.shelf import text_of
from tests.cast import START, Cast, hours


def state(cast: Cast) -> dict[str, str]:
    return dict(Duty.objects.filter(party=cast.seller, current=True).values_list("rule", "status"))


def breaches(cast: Cast, count: int) -> None:
    """Let Li leave `count` questions unanswered: a point each."""
    for _ in range(count):
        messages.send(cast.ana, cast.conversation(), text="Hello?", at=hours(1))
    clock.turn(hours(100))


def test_from_order_to_door(cast: Cast) -> None:
    order = cast.order()
    assert state(cast) == {"dispatch": "open", "deliver": "open"}
    shipment = shipments.dispatch(cast.li, order, shipments.Parcel("post", "RR1"), at=hours(5))
    assert state(cast) == {"dispatch": "met", "deliver": "open", "first scan": "open"}
    scans.scan(cast.platform, shipment, scans.Event("accepted", hours(20)))
    assert state(cast)["first scan"] == "met"
    assert state(cast)["tracking"] == "open"
    scans.scan(cast.platform, shipment, scans.Event("delivered", hours(90)))
    assert set(state(cast).values()) == {"met"}
    order.refresh_from_db()
    assert (order.state, order.delivered_at) == ("delivered", hours(90))
    assert not list(journal.verify(cast.seller))


def test_a_sellers_own_scan_is_no_proof(cast: Cast) -> None:
    shipment = shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "RR1"), at=hours(5))
    scans.scan(cast.li, shipment, scans.Event("accepted", hours(6)))
    scans.scan(cast.li, shipment, scans.Event("delivered", hours(7)))
    assert state(cast) == {"dispatch": "met", "deliver": "open", "first scan": "open"}
    assert set(Scan.objects.values_list("source", flat=True)) == {"seller"}


def test_a_parcel_without_a_number_does_not_meet_the_duty_to_dispatch(cast: Cast) -> None:
    shipments.dispatch(cast.li, cast.order(), shipments.Parcel("", ""), at=hours(5))
    clock.turn(hours(200))
    assert state(cast)["dispatch"] == "breached"


def test_a_mondays_scan_that_arrives_on_friday_counts_from_monday(cast: Cast) -> None:
    shipment = shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "RR1"), at=hours(5))
    clock.turn(hours(24 * 9))
    assert state(cast)["first scan"] == "breached"
    assert Charge.objects.get(overturned_at=None).points == 2
    scans.scan(cast.platform, shipment, scans.Event("accepted", hours(20)), noted_at=hours(24 * 9))
    assert state(cast)["first scan"] == "met"
    assert not Charge.objects.filter(overturned_at=None).exists()
    assert Sanction.objects.get().status == "overturned", "two points had placed a warning"
    overturned = JournalLine.objects.filter(kind="ruling.overturned")
    assert overturned.count() == 3
    assert JournalLine.objects.filter(kind="duty.breached").count() == 1, "nothing is edited"
    assert not list(journal.verify(cast.seller))


def test_the_same_scan_twice_changes_nothing(cast: Cast) -> None:
    shipment = shipments.dispatch(cast.li, cast.order(), shipments.Parcel("post", "RR1"), at=hours(5))
    scans.scan(cast.platform, shipment, scans.Event("accepted", hours(20)))
    before = (JournalLine.objects.count(), Duty.objects.count(), Scan.objects.count())
    scans.scan(cast.platform, shipment, scans.Event("accepted", hours(20)), noted_at=hours(30))
    shipments.dispatch(cast.li, shipment.order, shipments.Parcel("post", "RR1"), at=hours(31))
    assert (JournalLine.objects.count(), Duty.objects.count(), Scan.objects.count()) == before


def test_paying_or_cancelling_twice_changes_nothing(cast: Cast) -> None:
    order = cast.order()
    orders.pay(cast.platform, Order.objects.get(pk=order.pk), at=hours(3))
    assert JournalLine.objects.filter(kind="order.paid").count() == 1
    for _ in range(2):
        orders.cancel(cast.li, Order.objects.get(pk=order.pk), reason="no_stock", at=hours(4))
    assert JournalLine.objects.filter(kind="order.cancelled").count() == 1
    assert set(state(cast).values()) == {"voided"}


def test_what_cannot_be_done_is_refused_in_words(cast: Cast) -> None:
    unpaid = cast.order(paid=False)
    with pytest.raises(Refused, match="not paid yet"):
        shipments.dispatch(cast.li, unpaid, shipments.Parcel("post", "1"), at=hours(1))
    cancelled = orders.cancel(cast.ken, cast.order(), reason="other", at=hours(1))
    with pytest.raises(Refused, match="was cancelled"):
        shipments.dispatch(cast.li, cancelled, shipments.Parcel("post", "1"), at=hours(2))
    with pytest.raises(Refused, match="cannot be paid"):
        orders.pay(cast.platform, cancelled, at=hours(2))
    with pytest.raises(Refused, match="needs its carrier"):
        shipments.dispatch(cast.li, cast.order(), shipments.Parcel("", "1"), at=hours(2))
    with pytest.raises(Refused, match="status must be one of"):
        sent = shipments.dispatch(cast.li, cast.order(), shipments.Parcel("p", "1"), at=hours(2))
        scans.scan(cast.platform, sent, scans.Event("lost in space", hours(3)))
    with pytest.raises(Refused, match="is not a seller"):
        orders.place(
            cast.platform,
            orders.NewOrder(
                buyer=cast.buyer,
                seller=cast.ken.party,
                title="x",
                price=Money(1, "EUR"),
                handling_hours=1,
                deliver_by=hours(9),
            ),
            at=hours(0),
        )


def test_rivals_may_not_touch_an_order(cast: Cast) -> None:
    order = cast.order()
    for rival in (cast.max, cast.bea, cast.ana):
        with pytest.raises(Forbidden):
            shipments.dispatch(rival, order, shipments.Parcel("post", "1"), at=hours(1))
    with pytest.raises(Forbidden):
        orders.cancel(cast.bea, order, reason="x", at=hours(1))
    with pytest.raises(Forbidden):
        orders.pay(cast.ana, order, at=hours(1))
    assert not Shipment.objects.exists()


# Sanctions


def test_the_ladder_from_warning_to_a_freeze_that_a_person_approves(cast: Cast) -> None:
    breaches(cast, 12)
    rungs = {s.rung: s for s in Sanction.objects.all()}
    assert {rung: s.status for rung, s in rungs.items()} == {2: "placed", 6: "placed", 12: "proposed"}
    assert (rungs[2].statement or {})["points"] == 2
    assert rungs[6].effective_at == hours(124), "24 hours from when the seller was told, not from the deadline"
    assert not is_frozen(cast.seller, hours(101))
    with pytest.raises(Forbidden):
        sanctions.approve(cast.li, rungs[12], at=hours(101))
    sanctions.approve(cast.ken, rungs[12], at=hours(101))
    freeze = Sanction.objects.get(rung=12)
    said = freeze.statement or {}
    assert said["ground"] == {"rulebook": "aliexpress@2026-01", "ledger": "service", "rung": 12}
    assert (said["points"], said["facts"]) == (12, freeze.because)
    assert [each["key"] for each in said["charges"]] == freeze.because
    assert (said["automated_detection"], said["automated_decision"]) == (True, "partially")
    assert (said["effective_at"], said["until"]) == (to_text(hours(148)), to_text(hours(148 + 24 * 7)))
    assert said["redress"]["appeal_until"] is not None
    assert len(freeze.because) == 12, "every charge that counted"
    assert freeze.decided_by == cast.ken.party.ref
    assert not is_frozen(cast.seller, hours(100 + 47)), "not before its notice has run, since it was told"
    assert is_frozen(cast.seller, hours(100 + 48))
    with pytest.raises(Forbidden) as caught:
        cast.order(at=150)
    assert caught.value.reason == "seller_frozen"
    talk = cast.conversation()
    with pytest.raises(Forbidden) as caught:
        messages.send(cast.li, talk, text="Buy this!", at=hours(151))
    assert (caught.value.reason, caught.value.by) == ("messages_limited", freeze), "to whom he has no order with"
    messages.send(cast.ana, talk, text="Where is it?", at=hours(151))
    messages.send(cast.li, talk, text="Sorry!", at=hours(151))  # a frozen seller can still answer
    clock.turn(hours(100 + 48 + 24 * 7 + 1))
    assert Sanction.objects.get(rung=12).status == "lifted"
    assert not is_frozen(cast.seller, hours(100 + 48 + 24 * 7 + 1))
    with pytest.raises(Refused, match="only a proposed one"):
        sanctions.approve(cast.ken, Sanction.objects.get(rung=12), at=hours(500))


def test_a_declined_measure_has_no_effect(cast: Cast) -> None:
    breaches(cast, 12)
    with pytest.raises(Refused, match="reason must be one of"):
        sanctions.decline(cast.ken, Sanction.objects.get(rung=12), reason="because", at=hours(101))
    sanctions.decline(cast.ken, Sanction.objects.get(rung=12), reason="not_proportionate", at=hours(101))
    assert Sanction.objects.get(rung=12).status == "declined"
    assert not is_frozen(cast.seller, hours(300))


def test_no_measure_can_be_placed_without_its_reasons(cast: Cast) -> None:
    breaches(cast, 2)
    with pytest.raises(DatabaseError), transaction.atomic():
        Sanction.objects.update(statement=None)


def test_a_fact_learned_late_lifts_a_freeze_that_rested_on_it(cast: Cast) -> None:
    """Twelve points, one of them for a question that had been answered in time: no freeze."""
    breaches(cast, 12)
    sanctions.approve(cast.ken, Sanction.objects.get(rung=12), at=hours(101))
    conversation = Duty.objects.filter(status="breached").order_by("opened_at")[0].matter
    from comity.records.models import Conversation

    answered = Conversation.objects.select_related("buyer", "seller").get(uuid=reference(conversation)[1])
    messages.send(cast.li, answered, text="Here.", at=hours(20), arrival=messages.Arrival(noted_at=hours(160)))
    assert Sanction.objects.get(rung=12).status == "overturned"
    assert not is_frozen(cast.seller, hours(161))
    assert Charge.objects.filter(overturned_at=None).count() == 11


# Pauses


def test_our_outage_moves_deadlines_and_takes_back_what_followed_from_them(cast: Cast) -> None:
    conversation = cast.conversation()
    messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    messages.send(cast.ana, cast.conversation(), text="Hello?", at=hours(1))
    clock.turn(hours(80))
    assert Charge.objects.filter(overturned_at=None).count() == 2
    verbs.record(cast.ken, Asked("platform_outage", hours(10), hours(30)), at=hours(81))
    assert spreading.spread(hours(81)) == 4, "buyers and sellers"
    assert set(Duty.objects.values_list("status", "due")) == {("open", hours(93))}
    assert not Charge.objects.filter(overturned_at=None).exists()
    messages.send(cast.li, conversation, text="Here.", at=hours(92))
    assert Duty.objects.get(matter=conversation.ref).status == "met"
    # a question asked during a pause that is not over begins to run at its end
    pauses.record(cast.ken, cast.seller, begins=hours(95), ends=hours(105), cause="holiday", at=hours(94))
    messages.send(cast.ana, conversation, text="And now?", at=hours(100))
    assert Duty.objects.get(matter=conversation.ref, current=True).due == hours(105 + 72)


def test_a_pause_of_one_conversation_is_no_pause_of_another(cast: Cast) -> None:
    one, other = cast.conversation(), cast.conversation()
    for conversation in (one, other):
        messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    pauses.record(cast.ken, one, begins=hours(2), ends=hours(12), cause="waiting_for_buyer", at=hours(13))
    assert Duty.objects.get(matter=one.ref).due == hours(83)
    assert Duty.objects.get(matter=other.ref).due == hours(73)
    with pytest.raises(Forbidden):
        pauses.record(cast.li, one, begins=hours(2), ends=hours(900), cause="holiday", at=hours(14))
    with pytest.raises(Refused, match="end after it begins"):
        pauses.record(cast.ken, one, begins=hours(3), ends=hours(2), cause="holiday", at=hours(14))


# Rulebooks


def test_a_later_version_binds_only_after_its_notice(cast: Cast) -> None:
    later = text_of("aliexpress").replace('"2026-01"', '"2026-04"').replace("2025-12-15", "2026-03-01")
    with pytest.raises(Refused, match="before its notice has run"):
        rulebooks.publish(cast.platform, later.replace("2026-01-01", "2026-03-16"), at=START)
    text = later.replace("2026-01-01", "2026-03-20").replace('"72 hours"', '"24 hours"', 1)
    version = rulebooks.publish(cast.platform, text, at=START)
    told = Notice.objects.filter(kind="rulebook.published")
    assert set(told.values_list("party__name", flat=True)) == {"Li Wei", "Max Roth"}
    before, after = cast.conversation(), cast.conversation()
    messages.send(cast.ana, before, text="Hello?", at=version.in_force_from - timedelta(hours=1))
    messages.send(cast.ana, after, text="Hello?", at=version.in_force_from)
    assert {duty.rulebook: duty.due - duty.opened_at for duty in Duty.objects.all()} == {
        "aliexpress@2026-01": timedelta(hours=72), "aliexpress@2026-04": timedelta(hours=24),
    }  # fmt: skip
    with pytest.raises(Refused, match="published already"):
        rulebooks.publish(cast.platform, text, at=START)


def test_a_wrong_rulebook_is_not_published(cast: Cast) -> None:
    with pytest.raises(BadRulebook):
        rulebooks.publish(cast.platform, 'name = "x"', at=START)
    with pytest.raises(Forbidden):
        rulebooks.publish(cast.li, text_of("aliexpress"), at=START)
    assert RulebookVersion.objects.count() == 1


# The clock


def test_a_moment_that_cannot_be_ruled_on_steps_aside_and_everything_else_goes_on(cast: Cast) -> None:
    broken, sound = cast.conversation(), cast.conversation()
    for conversation in (broken, sound):
        messages.send(cast.ana, conversation, text="Hello?", at=hours(1))
    Duty.objects.filter(matter=broken.ref).update(rule="a rule that is gone")
    clock.turn(hours(100))
    assert Duty.objects.get(matter=sound.ref).status == "breached"
    (aside,) = clock.stuck(cast.ken)
    assert isinstance(aside, Duty)
    assert aside.matter == broken.ref
    assert "KeyError" in aside.stuck_why
    messages.send(cast.ana, broken, text="Anybody?", at=hours(101))  # the conversation itself is not blocked
    with pytest.raises(Forbidden):
        list(clock.stuck(cast.li))
    Duty.objects.filter(matter=broken.ref, current=False).update(rule="reply")
    aside.refresh_from_db()
    clock.retry(cast.ken, aside, now=hours(102))
    aside.refresh_from_db()
    assert (aside.status, aside.stuck_at) == ("breached", None)
    assert list(clock.stuck(cast.ken)) == []


def test_a_message_goes_through_though_a_moment_before_it_is_broken(cast: Cast) -> None:
    broken, sound = cast.conversation(), cast.conversation()
    messages.send(cast.ana, broken, text="Hello?", at=hours(1))
    Duty.objects.update(rulebook="gone@1")
    messages.send(cast.ana, sound, text="Hello?", at=hours(100))
    assert Duty.objects.get(matter=sound.ref).status == "open"
    assert len(list(clock.stuck(cast.ken))) == 1


def test_more_moments_than_fit_in_one_batch_are_all_ruled_on_in_order(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.records import dossiers

    monkeypatch.setattr(dossiers, "BATCH", 3)
    for number in range(10):
        messages.send(cast.ana, cast.conversation(), text="?", at=hours(1 + number // 4))
    clock.turn(hours(500))
    assert set(Duty.objects.values_list("status", flat=True)) == {"breached"}
    fell = list(JournalLine.objects.filter(kind="deadline.fell").order_by("seq").values_list("at", flat=True))
    assert fell == sorted(fell)
    assert Standing.objects.get(party=cast.seller).next_due is not None, "a measure is still to end"


def test_turning_the_clock_with_nothing_due_does_nothing(cast: Cast) -> None:
    messages.send(cast.ana, cast.conversation(), text="?", at=hours(1))
    assert clock.turn(hours(2)) == clock.Turned(0, 0)
    clock.turn(hours(500))
    lines = JournalLine.objects.count()
    assert clock.turn(hours(500)) == clock.Turned(0, 0)
    assert JournalLine.objects.count() == lines


def test_a_party_that_joins_twice_is_one(cast: Cast) -> None:
    again = parties.add(cast.platform, parties.NewParty(role="seller", name="Li", external_id="li wei"), at=START)
    assert again == cast.seller
    with pytest.raises(Forbidden):
        parties.add(cast.li, parties.NewParty(role="agent", name="Me"), at=START)
    with pytest.raises(Refused, match="role must be one of"):
        parties.join(parties.NewParty(role="king", name="x"), at=START)


def test_a_number_that_speaks_against_itself_is_taken_only_from_who_is_sure(cast: Cast) -> None:
    order = cast.order()
    with pytest.raises(doubts.Doubtful, match="wrong check digit"):
        shipments.dispatch(cast.li, order, shipments.Parcel("ups", "1Z5R89390357567128"), at=hours(1))
    with pytest.raises(doubts.Doubtful, match="looks like a number of ups, not of dhl"):
        shipments.dispatch(cast.li, order, shipments.Parcel("dhl", "1Z5R89390357567127"), at=hours(1))
    assert not order.shipments.exists()
    sent = shipments.dispatch(cast.li, order, shipments.Parcel("ups", "1Z5R89390357567128", sure=True), at=hours(1))
    line = JournalLine.objects.get(fact_id=f"shipment.dispatched:{sent.uuid}")
    assert json.loads(line.body)["data"]["doubt"] == "wrong_digit"
    again = shipments.Parcel("post", "X1")
    shipments.dispatch(cast.li, order, again, at=hours(2))
    with pytest.raises(doubts.Doubtful, match="given for another order"):
        shipments.dispatch(cast.li, cast.order(at=1), again, at=hours(2))
    assert doubts.doubt("Post", " x 1 ", cast.order(at=2)) == "used_twice", "however it is written"
    assert shipments.dispatch(cast.li, order, again, at=hours(2)).tracking_number == "X1", (
        "the same order's own number is its own"
    )


def test_a_party_joins_with_a_zone_and_a_language_that_there_are(cast: Cast) -> None:
    for zone in ("", "Mars/Olympus", "\x00", "x" * 400):
        with pytest.raises(Refused, match="no time zone"):
            parties.join(parties.NewParty("seller", "Eve", "eve", time_zone=zone), at=hours(0))
    for language in ("", "xx", "../en", "x" * 400):
        with pytest.raises(Refused, match="no language"):
            parties.join(parties.NewParty("seller", "Eve", "eve", language=language), at=hours(0))
    assert parties.join(parties.NewParty("seller", "Eve", "eve", "Asia/Shanghai", "pt-br"), at=hours(0)).pk


def test_an_unknown_zone_of_one_party_stops_nothing(cast: Cast) -> None:
    for who in (cast.seller, cast.buyer):
        who.time_zone = "Mars/Olympus"
        who.save(update_fields=["time_zone"])
    assert answer_times.measure(hours(1)).sellers == 0
    assert outgoing.due(Contact(party=cast.seller, digest="daily"), hours(0)) == hours(23)
    line = orders.Line("Lamp", 1, Money(1, "EUR"), listing=Listing(delivery_days=3))
    assert orders.promised([line], hours(0), cast.seller) == hours(24 * 3 + 14) + timedelta(minutes=59, seconds=59)
