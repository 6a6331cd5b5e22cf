"""Orders that are excused together: what they were late with goes at once, and nothing comes and goes in between."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from comity.actions import clock, orders, parties, pauses, rulebooks, shipments
from comity.actions.disputes import interests
from comity.actions.enact import Refused
from comity.actions.excuses import holidays, preview, spreading, verbs
from comity.actions.excuses.asked import Asked
from comity.actions.guard import Actor, Forbidden
from comity.lib.money import Money
from comity.policy.duties import step
from comity.records import rebuild, statements
from comity.records.models import Charge, Duty, Excuse, JournalLine, Notice, Order, Rating, Sanction
from tests.cast import START, Cast, assemble, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
BOOK = """
name = "late"
version = "1"
in_force_from = 2026-01-01
[[duty]]
name = "dispatch"
title = "Sent within a day"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
within = "24 hours"
[[standard]]
name = "late dispatch"
title = "Few are late"
of_duty = "dispatch"
basis = "due"
window = ["10 days", "30 days"]
limit = { rate = "< 40%" }
breach = { measure = { measure = "restriction", notice = "1 day", length = "30 days", decided_by = "automatic" } }
"""

HOLIDAYS = (
    BOOK.replace('version = "1"', 'version = "2"')
    .replace("2026-01-01", "2026-03-03")
    .replace('within = "24 hours"', 'within = "24 hours"\npauses = ["holiday"]\nholiday_limit = "3 days"')
)


@pytest.fixture
def cast() -> Cast:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK, at=START)
    return cast


def sent(cast: Cast, at: float, after: float) -> Order:
    order = cast.order(at=at)
    clock.turn(hours(at + after))
    shipments.dispatch(cast.li, order, shipments.Parcel("post", f"RR{at}"), at=hours(at + after))
    return order


def test_orders_excused_together_are_late_in_no_window_and_bring_nothing_on_the_way(cast: Cast) -> None:
    late = [sent(cast, 60 * number, 50) for number in range(3)]
    sent(cast, 200, 5)
    clock.turn(hours(15 * 24))
    (measure,) = Sanction.objects.all()
    assert (measure.status, Rating.objects.filter(overturned_at=None).count()) == ("placed", 1)
    issued = JournalLine.objects.filter(kind="sanction.placed").count()
    at = hours(15 * 24 + 1)
    # Our clock had been set wrong since the first was paid, until the last was sent.
    pauses.record_of_several(
        cast.ken, late, begins=hours(0), ends=hours(171), cause="platform_outage", at=at
    )  # fmt: skip
    assert set(Duty.objects.values_list("status", flat=True)) == {"met"}
    assert not Rating.objects.filter(overturned_at=None).exists()
    (measure,) = Sanction.objects.all()
    assert (measure.status, measure.ended_at) == ("overturned", at)
    assert JournalLine.objects.filter(kind="sanction.placed").count() == issued, "no other measure came meanwhile"
    assert not Charge.objects.filter(overturned_at=None).exists()
    clock.turn(hours(40 * 24))
    assert Sanction.objects.count() == 1
    assert replayed(cast.seller, until=hours(40 * 24)) == ruled(cast.seller)


def test_who_may_excuse_and_what_is_refused(cast: Cast) -> None:
    mine = cast.order(at=0)
    what = orders.NewOrder(
        buyer=cast.buyer, seller=cast.max.party, title="Cup", price=Money(100, "EUR"), handling_hours=24, deliver_by=hours(99),
    )  # fmt: skip
    other = orders.place(cast.platform, what, at=hours(0))
    span = {"begins": hours(0), "ends": hours(9), "cause": "platform_outage", "at": hours(10)}
    with pytest.raises(Forbidden):
        pauses.record_of_several(cast.li, [mine], **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="orders of one seller"):
        pauses.record_of_several(cast.ken, [mine, other], **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="orders of one seller"):
        pauses.record_of_several(cast.ken, [], **span)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="cause must be one of"):
        pauses.record_of_several(
            cast.ken, [mine], begins=hours(0), ends=hours(1), cause="our mood", at=hours(0) + timedelta(hours=2)
        )
    assert not JournalLine.objects.filter(kind="pause.recorded").exists()


def test_an_agent_pauses_no_order_of_whom_they_traded_with(cast: Cast) -> None:
    """Traded with the buyer alone: the order's seller is a stranger."""
    cast.order(at=0)
    what = orders.NewOrder(
        buyer=cast.buyer, seller=cast.max.party, title="Cup", price=Money(100, "EUR"), handling_hours=24, deliver_by=hours(99),
    )  # fmt: skip
    other = orders.place(cast.platform, what, at=hours(0))
    row = many(cast, "force_majeure", 2, 9, 3, about=other)
    interests.declare(cast.ken, cast.seller, at=hours(4))
    with pytest.raises(Refused, match="interest in this account"):
        many(cast, "force_majeure", 10, 12, 5, about=other)
    with pytest.raises(Refused, match="interest in this account"):
        verbs.end(cast.ken, row, at=hours(5))
    many(cast, "force_majeure", 10, 12, 5, about=cast.max.party)


def noted_as(kind: str) -> str:
    return str(JournalLine.objects.filter(kind=kind).latest("pk").fact_id)


def test_a_pause_that_ends_early_stops_time_until_then_and_is_ended_once(cast: Cast) -> None:
    order = cast.order(at=0)
    pauses.record(cast.ken, cast.seller, begins=hours(2), ends=hours(9000), cause="force_majeure", at=hours(3))
    recorded = noted_as("pause.recorded")
    assert Duty.objects.get().due == hours(9000 + 22)
    pauses.end(cast.ken, cast.seller, recorded, at=hours(12))
    assert Duty.objects.get().due == hours(24 + 10)
    pauses.end(cast.ken, cast.seller, recorded, at=hours(13))
    assert JournalLine.objects.filter(kind="pause.ended").count() == 1
    clock.turn(hours(40))
    assert Duty.objects.get().status == "breached"
    assert replayed(order.seller, until=hours(40)) == ruled(order.seller)
    assert rebuild.at_odds(order.seller) == []
    for who, name, said in ((cast.ken, "nothing", "no pause"), (cast.ken, noted_as("pause.ended"), "no pause")):
        with pytest.raises(Refused, match=said):
            pauses.end(who, cast.seller, name, at=hours(41))
    with pytest.raises(Forbidden):
        pauses.end(cast.li, cast.seller, recorded, at=hours(41))


def test_who_acted_while_a_pause_lasted_stays_in_time_when_it_is_taken_back(cast: Cast) -> None:
    order = cast.order(at=0)
    pauses.record(cast.ken, order, begins=hours(1), ends=hours(60), cause="force_majeure", at=hours(2))
    shipments.dispatch(cast.li, order, shipments.Parcel("post", "RR1"), at=hours(50))
    pauses.end(cast.ken, order, noted_as("pause.recorded"), at=hours(51))
    assert Duty.objects.get().status == "met"
    with pytest.raises(Refused, match="the pause ended"):
        pauses.end(cast.ken, order, noted_as("pause.recorded"), at=hours(70))


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        (hours(2), hours(2), "must end after it begins"),
        (hours(2).replace(year=1), hours(2), "must lie between 1970 and 2999"),
        (hours(2), hours(2).replace(year=9999), "must lie between 1970 and 2999"),
    ],
)
def test_a_pause_that_nobody_can_believe_is_refused(cast: Cast, begins: datetime, ends: datetime, said: str) -> None:
    with pytest.raises(Refused, match=said):
        pauses.record(cast.ken, cast.seller, begins=begins, ends=ends, cause="force_majeure", at=hours(3))


def test_a_matter_in_which_a_pause_cannot_be_judged_steps_aside_and_stops_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = cast.order(at=0), cast.order(at=1)
    unfold = step.unfold

    def fails(books: Any, facts: Any, **more: Any) -> Any:
        if any(fact.matter == broken.ref for fact in facts):
            raise LookupError("no such version")
        return unfold(books, facts, **more)

    monkeypatch.setattr(step, "unfold", fails)
    pauses.record(cast.ken, cast.seller, begins=hours(2), ends=hours(4), cause="platform_outage", at=hours(5))
    assert {duty.matter: duty.due for duty in Duty.objects.all()} == {broken.ref: hours(24), fine.ref: hours(27)}
    (stuck,) = clock.stuck(cast.ken)
    assert (stuck.matter, stuck.stuck_why) == (broken.ref, "LookupError: no such version")
    clock.turn(hours(60))
    assert {duty.matter: duty.status for duty in Duty.objects.all()} == {broken.ref: "open", fine.ref: "breached"}


def many(cast: Cast, cause: str, begins: float, ends: float, at: float, **more: Any) -> Excuse:
    return verbs.record(cast.ken, Asked(cause, hours(begins), hours(ends), **more), at=hours(at))


def test_an_outage_of_the_platform_is_carried_to_everybody_once_and_to_who_comes_later(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, note = cast.order(at=0), spreading.note

    def fails(row: Excuse, about: Any, now: datetime) -> int:
        if about == cast.max.party:
            raise ValueError("broken")
        return note(row, about, now)

    monkeypatch.setattr(spreading, "note", fails)
    monkeypatch.setattr(spreading, "MOST_IN_A_ROUND", 2)
    row = many(cast, "platform_outage", 2, 14, 5)
    rounds = [spreading.spread(hours(5)) for _ in range(3)]
    assert rounds == [2, 1, 0], "what is interrupted goes on, and what is broken keeps nobody waiting"
    assert Duty.objects.get(matter=order.ref).due == hours(24 + 12)
    late = parties.add(cast.platform, parties.NewParty(role="seller", name="A", external_id="a"), at=hours(6))
    monkeypatch.setattr(spreading, "note", note)
    assert spreading.spread(hours(5)) == 0
    assert spreading.spread(hours(6)) == 2, "the new seller, and who could not be told before"
    assert JournalLine.objects.filter(party=late, kind="pause.recorded").count() == 1
    verbs.end(cast.ken, row, at=hours(8), mistaken=True, because="It was another's outage.")
    while spreading.spread(hours(8)):
        pass
    assert Duty.objects.get(matter=order.ref).due == hours(24 + 6), "until then it excuses"
    with pytest.raises(Refused, match="taken back already"):
        verbs.end(cast.ken, row, at=hours(9))
    clock.turn(hours(40))
    assert replayed(cast.seller, until=hours(40)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_a_force_majeure_excuses_the_orders_of_its_places(cast: Cast) -> None:
    mine, other = cast.order(at=0), cast.order(at=1)
    Order.objects.filter(pk=mine.pk).update(origin="CN-GD", destination="BR")
    Order.objects.filter(pk=other.pk).update(origin="CN", destination="US")
    asked = Asked("force_majeure", hours(2), hours(14), places=("br", "CN-GD"))
    seen = preview.of(cast.ken, asked, at=hours(3))
    assert (seen.parties, seen.orders, seen.open, seen.broken) == (1, 1, 1, 0)
    assert [(each.due, each.new_due) for each in seen.examples] == [(hours(24), hours(36))]
    assert not Excuse.objects.exists()
    assert Duty.objects.get(matter=mine.ref).due == hours(24), "nothing is recorded"
    verbs.record(cast.ken, asked, at=hours(3))
    assert spreading.spread(hours(3)) == 1
    assert {duty.matter: duty.due for duty in Duty.objects.all()} == {mine.ref: hours(36), other.ref: hours(25)}
    assert replayed(cast.seller, until=hours(3)) == ruled(cast.seller)


def test_a_pause_is_ended_and_changed_under_the_partys_lock_first(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL two that take the party's lock and the row's in different orders wait for each other."""
    row, lock = many(cast, "force_majeure", 2, 100, 3, about=cast.order(at=0)), statements.lock
    ended: list[str] = []

    def notes(party: int) -> Any:
        ended.append(Excuse.objects.latest("pk").ended_as)
        return lock(party)

    monkeypatch.setattr(statements, "lock", notes)
    changed = verbs.change(cast.ken, row, ends=hours(50), at=hours(4))
    assert ended[0] == ""
    ended.clear()
    verbs.end(cast.ken, changed, at=hours(5))
    assert ended[0] == ""


def test_the_end_of_a_pause_reaches_every_order_that_has_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent elsewhere since, or cancelled; and an end that comes while the pause is being noted is not forgotten."""
    moved, gone, late = (cast.order(at=0) for _ in range(3))
    Order.objects.update(destination="BR")
    other = cast.order(at=0)
    many(cast, "force_majeure", 2, 50, 3, about=other)
    row, note = many(cast, "force_majeure", 2, 100, 3, places=("BR",)), spreading.note

    def ends_meanwhile(excuse: Excuse, about: Any, now: datetime) -> int:
        if about == late:
            verbs.end(cast.ken, row, at=hours(3))
        return note(excuse, about, now)

    monkeypatch.setattr(spreading, "note", ends_meanwhile)
    assert spreading.spread(hours(4)) == 3, "the worker's clock is ahead"
    Order.objects.filter(pk=moved.pk).update(destination="US")
    Order.objects.filter(pk=gone.pk).update(cancelled_at=hours(5))
    assert spreading.spread(hours(6)) == 3
    due = dict(Duty.objects.values_list("matter", "due"))
    assert due.pop(other.ref) == hours(24 + 48), "of another pause that began with it"
    assert set(due.values()) == {hours(24 + 4)}
    assert spreading.spread(hours(30)) == 0


def test_an_end_that_comes_to_be_noted_after_it_would_have_been_over_keeps_nobody_waiting(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Errands stood still meanwhile. Whoever has the pause keeps it; who has it not gets it until its end."""
    monkeypatch.setattr(spreading, "MOST_FAILURES", 1)
    cast.order(at=0)
    Order.objects.update(destination="BR")
    row = many(cast, "force_majeure", 2, 14, 3, places=("BR",))
    spreading.spread(hours(3))
    late = cast.order(at=4)
    Order.objects.update(destination="BR")
    verbs.end(cast.ken, row, at=hours(8))
    assert spreading.spread(hours(15)) == 1
    assert set(Duty.objects.values_list("due", flat=True)) == {hours(24 + 12), hours(4 + 24 + 4)}
    assert Duty.objects.get(due=hours(32)).matter == late.ref
    assert not caplog.records


def test_a_force_majeure_of_one_order_is_told_to_its_seller_and_one_of_many_is_not(cast: Cast) -> None:
    order, other = cast.order(at=0), cast.order(at=1)
    Order.objects.filter(pk=other.pk).update(destination="BR")
    row = many(cast, "force_majeure", 2, 14, 3, about=order)
    wide = many(cast, "force_majeure", 2, 14, 3, places=("BR",))
    spreading.spread(hours(3))
    for each in (row, wide):
        verbs.end(cast.ken, each, at=hours(4))
    spreading.spread(hours(5))
    told = Notice.objects.filter(party=cast.seller, kind__startswith="pause.").order_by("pk")
    assert list(told.values_list("kind", "matter")) == [("pause.recorded", order.ref), ("pause.ended", order.ref)]
    assert {duty.matter: duty.due for duty in Duty.objects.all()} == {order.ref: hours(26), other.ref: hours(28)}
    assert replayed(cast.seller, until=hours(5)) == ruled(cast.seller)


def test_a_holiday_is_given_within_the_limit_changed_and_ended(cast: Cast) -> None:
    rulebooks.publish(cast.platform, HOLIDAYS, at=hours(0))
    order = cast.order(at=24)

    def holiday(begins: float, ends: float, at: float, who: Actor = cast.li) -> Excuse:
        return verbs.record(who, Asked("holiday", hours(begins), hours(ends), about=cast.seller), at=hours(at))

    first = holiday(25, 49, 25)
    assert Duty.objects.get(matter=order.ref).due == hours(48 + 24)
    with pytest.raises(Refused, match="have a holiday from"):
        holiday(30, 60, 26)
    with pytest.raises(Refused, match=r"give 3 days a year; left are 2 days in 2026. Of this, .* would count"):
        holiday(50, 50 + 72, 26)
    changed = verbs.change(cast.li, first, ends=hours(73), at=hours(35))
    assert (changed.begins, Duty.objects.get(matter=order.ref).due) == (hours(35), hours(48 + 48))
    verbs.end(cast.li, changed, at=hours(37))
    assert Duty.objects.get(matter=order.ref).due == hours(48 + 12)
    given = holidays.allowance(cast.seller, hours(37))
    assert given is not None
    assert given.used == {2026: timedelta(hours=12)}
    with pytest.raises(Refused, match="over already"):
        verbs.end(cast.li, changed, at=hours(38))
    with pytest.raises(Refused, match="begins now at the earliest"):
        holiday(20, 60, 39)
    with pytest.raises(Refused, match="begins now at the earliest"):
        holiday(38.2, 38.8, 39)
    for who in (cast.max, cast.ana):
        with pytest.raises(Forbidden):
            holiday(50, 60, 39, who)
    assert replayed(cast.seller, until=hours(39)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


@pytest.mark.parametrize(
    ("cause", "begins", "ends", "more", "said"),
    [
        ("force_majeure", 1, 2, {}, "Name the countries"),
        ("force_majeure", 1, 2, {"places": ("XQ",)}, "XQ is no country"),
        ("force_majeure", 1, 2, {"places": ("Brazil",)}, "BRAZIL is no country"),
        ("force_majeure", 1, 2, {"places": ("EU",)}, "EU is no country"),
        ("platform_outage", 2, 1, {}, "must end after"),
        ("platform_outage", 1, 9000, {}, "90 days at most"),
        ("platform_outage", -9000, -8999, {}, "366 days ago at most"),
        ("platform_outage", 9000, 9001, {}, "in 366 days at most"),
        ("platform_outage", 1, 2, {"places": ("BR",)}, "Places are named"),
        ("waiting_for_buyer", 1, 2, {}, "one order or one conversation"),
        ("holiday", 1, 2, {}, "name the seller"),
        ("our mood", 1, 2, {}, "must be one of"),
    ],
)
def test_what_cannot_be_recorded_is_said(
    cast: Cast, cause: str, begins: float, ends: float, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        many(cast, cause, begins, ends, 3, **more)
    assert not Excuse.objects.exists()


def test_moments_that_are_tried_again_together_are_known_before_anything_is_rated(cast: Cast) -> None:
    """One after another, each would move the rate, and the seller would be told of each."""
    for at in range(3):
        cast.order(at=at)
    Duty.objects.update(stuck_at=START, stuck_why="a mistake of ours")
    assert clock.retry_all(cast.ken, now=hours(50)).ruled == 3
    assert Rating.objects.filter(overturned_at=None).get().counted == 3
    assert not Rating.objects.exclude(overturned_at=None).exists()
    assert replayed(cast.seller, until=hours(50)) == ruled(cast.seller)
