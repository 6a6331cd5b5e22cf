"""Many facts told together: what stands is what would stand in time, rows follow, and a replay finds the same lines."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock, facts
from comity.actions.enact import sit
from comity.lib.moments import to_text
from comity.policy.duties import step
from comity.policy.facts import Fact
from comity.policy.rulebook import Rulebooks
from comity.records import journal, rebuild
from comity.records.models import JournalLine, Notice, Party, Sanction
from tests.cast import START as CAST_START
from tests.cast import Cast, assemble, hours
from tests.policy.random_rulebooks import END
from tests.policy.test_lives import at_once, told
from tests.profiles import examples
from tests.properties.stories import histories, noted, of, replayed, ruled, standing
from tests.properties.test_properties import Undo, seller_under, seller_under_two_versions

pytestmark = pytest.mark.django_db


def sat(told_late: list[Fact], seller: Party, now: datetime) -> None:
    late = [of(fact, seller) for fact in told_late]
    sit(seller, [msgspec.structs.replace(fact, noted_at=now) for fact in late])


@given(told(), st.floats(0, 1), st.floats(0, 1), st.booleans())
@settings(max_examples=examples(60))
def test_replay_equals_live_with_sittings(
    story: tuple[list[str], list[Fact]], first: float, second: float, worked: bool
) -> None:
    """Some alone, then two sittings; a worker turns the clock before each, or only at the end."""
    versions, facts = story
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under(versions)
        one, two = sorted((int(len(facts) * first), int(len(facts) * second)))
        noted(facts[:one], seller)
        if worked and facts[one:two]:
            clock.turn(facts[two - 1].noted_at)
        if facts[one:two]:
            sat(facts[one:two], seller, facts[two - 1].noted_at)
        if worked and facts[two:]:
            clock.turn(facts[-1].noted_at + timedelta(hours=2))
        if facts[two:]:
            sat(facts[two:], seller, facts[-1].noted_at + timedelta(hours=3))
        clock.turn(END)
        assert replayed(seller, until=END) == ruled(seller)
        assert rebuild.at_odds(seller) == []
        assert list(journal.verify(seller)) == []
        raise Undo


@given(histories)
@settings(max_examples=examples(40))
def test_a_sitting_leaves_what_the_same_facts_leave_in_time(facts: list[Fact]) -> None:
    outcomes = []
    in_time = sorted((at_once(fact) for fact in facts), key=lambda fact: fact.place)
    last = max(fact.noted_at for fact in facts)
    for together in (True, False):
        with pytest.raises(Undo), transaction.atomic():
            seller = seller_under_two_versions()
            if together:
                sat(facts, seller, last)
            else:
                noted(in_time, seller)
            clock.turn(END)
            outcomes.append(standing(seller))
            raise Undo
    for what, stands in outcomes[0].items():
        assert stands ^ outcomes[1][what] == set(), what


def clean_orders(cast: Cast, count: int) -> list[dict[str, object]]:
    """Orders sent and delivered in time, a day apart, as a shop's CloudEvents."""
    events: list[dict[str, object]] = []
    for number in range(count):
        for kind, hour, data in (
            ("order.paid", 0, {"dispatch_by": to_text(hours(24 * number + 72))}),
            ("shipment.dispatched", 40, {"tracked": True}),
            ("shipment.scanned", 50, {"source": "carrier", "status": "in_transit"}),
            ("shipment.delivered", 200, {}),
        ):
            about = "order" if kind.startswith("order") else "shipment"
            events.append({
                "specversion": "1.0", "id": f"{kind}{number}", "source": "shop", "type": kind,
                "time": hours(24 * number + hour).isoformat(), "subject": f"{about}:{number}",
                "data": {"party": cast.seller.ref, "matter": f"order:{number}", **data},
            })  # fmt: skip
    return events


@pytest.mark.parametrize("order", ["by order", "by kind", "backwards"])
def test_a_history_of_clean_orders_accuses_nobody(cast: Cast, order: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "SITTING", 25)  # several slices
    events = clean_orders(cast, 30)
    if order == "by kind":
        events.sort(key=lambda event: str(event["type"]))
    elif order == "backwards":
        events.reverse()
    now = hours(5_000)
    answers = facts.record_all(cast.platform, events, now=now)
    assert {answer.status for answer in answers} == {"recorded"}
    assert [answer.id for answer in answers] == [event["id"] for event in events], "answers in the order of the events"
    clock.turn(now + timedelta(hours=1))
    kinds = set(JournalLine.objects.filter(fact_id=None).values_list("kind", flat=True))
    assert kinds == {"duty.opened", "duty.met"}
    assert not Sanction.objects.exists()
    assert not Notice.objects.filter(kind__in=["duty.breached", "ruling.overturned"]).exists()
    assert {duty.status for duty in cast.seller.duties.all()} == {"met"}
    assert replayed(cast.seller, until=now) == ruled(cast.seller)
    assert JournalLine.objects.filter(body__contains='"sitting":').count() == len(events)


def test_a_fact_that_cannot_be_judged_takes_no_other_with_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = step.unfold

    def broken(books: Rulebooks, facts: Any, **more: Any) -> Any:
        if any(fact.matter == "order:1" for fact in facts):
            raise LookupError("no such rule")
        return whole(books, facts, **more)

    monkeypatch.setattr(step, "unfold", broken)
    events = [event for event in clean_orders(cast, 3) if event["type"] != "shipment.delivered"]
    answers = facts.record_all(cast.platform, events, now=CAST_START + timedelta(days=90))
    about: dict[str, set[str]] = {str(event["data"]["matter"]): set() for event in events}  # type: ignore[index]
    for event, answer in zip(events, answers, strict=True):
        about[str(event["data"]["matter"])].add(answer.status)  # type: ignore[index]
    assert about["order:0"] == about["order:2"] == {"recorded"}
    assert "refused" in about["order:1"]
    assert list(journal.verify(cast.seller)) == []


def test_a_duty_counts_though_peers_were_measured_in_the_same_request(db: None) -> None:
    """The newest fact of a request is of another kind than what its duties count for."""
    cast = assemble("tiktok")
    paid = {
        "specversion": "1.0", "id": "1", "source": "shop", "type": "order.paid", "time": hours(2).isoformat(),
        "subject": "order:5", "data": {"party": cast.seller.ref, "dispatch_by": to_text(hours(50))},
    }  # fmt: skip
    peers = {
        **paid, "id": "2", "type": "peers.measured", "time": hours(90).isoformat(), "subject": cast.seller.ref,
        "data": {"party": cast.seller.ref, "standard": "late dispatch", "counted": 9, "faulty": 1},
    }  # fmt: skip
    facts.record_all(cast.platform, [paid, peers], now=hours(24 * 20))
    assert cast.seller.duties.filter(status="breached").exists()
    assert cast.seller.tallies.exists()


def test_reasons_name_the_fact_that_gave_them(cast: Cast) -> None:
    paid, dispatched, scanned, _ = clean_orders(cast, 1)
    facts.record_all(cast.platform, [paid], now=hours(1))
    clock.turn(hours(80))
    assert cast.seller.charges.filter(overturned_at=None).exists()
    course = {
        "specversion": "1.0", "id": "c", "source": "shop", "type": "course.passed", "time": hours(85).isoformat(),
        "subject": cast.seller.ref, "data": {"party": cast.seller.ref},
    }  # fmt: skip
    facts.record_all(cast.platform, [dispatched, scanned, course], now=hours(90))
    overturned = [body for body in journal.rulings_of(cast.seller) if body["ruling"] == "Overturn"]
    assert {body["what"] for body in overturned} >= {"duty", "charge", "sanction"}
    assert not any("course" in body["because"] or body["because"] == "shop|c" for body in overturned)


def test_one_bad_item_harms_no_other_and_twice_is_once(cast: Cast) -> None:
    events = clean_orders(cast, 2)
    events[1] = {**events[1], "time": "soon"}
    again = {**events[0], "data": {"party": cast.seller.ref, "matter": "order:0"}}
    answers = facts.record_all(cast.platform, [*events, events[0], again, "{"], now=CAST_START + timedelta(days=90))
    assert [answer.status for answer in answers] == [
        "recorded", "refused", *["recorded"] * 6, "known", "refused", "refused",
    ]  # fmt: skip
    assert "another data" in answers[9].problems[0]
    assert list(journal.verify(cast.seller)) == []
