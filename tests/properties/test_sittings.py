"""Many facts told together: what stands is what would stand in time, rows follow, and a replay finds the same lines."""

from datetime import datetime, timedelta

import msgspec
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.actions import clock, facts
from comity.actions.enact import sit
from comity.lib.moments import to_text
from comity.policy.facts import Fact
from comity.records import journal, rebuild
from comity.records.models import JournalLine, Notice, Party, Sanction
from tests.cast import START as CAST_START
from tests.cast import Cast, hours
from tests.policy.random_rulebooks import END
from tests.policy.test_lives import at_once, told
from tests.profiles import examples
from tests.properties.stories import histories, noted, of, replayed, ruled, standing
from tests.properties.test_properties import Undo, seller_under, seller_under_two_versions

pytestmark = pytest.mark.django_db


def sat(told_late: list[Fact], seller: Party, now: datetime) -> None:
    late = [of(fact, seller) for fact in told_late]
    sit(seller, [msgspec.structs.replace(fact, noted_at=now) for fact in late])


@given(told(), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=examples(60))
def test_replay_equals_live_with_sittings(story: tuple[list[str], list[Fact]], first: float, second: float) -> None:
    """Some alone, two sittings in between, the clock at the end."""
    versions, facts = story
    with pytest.raises(Undo), transaction.atomic():
        seller = seller_under(versions)
        one, two = sorted((int(len(facts) * first), int(len(facts) * second)))
        noted(facts[:one], seller)
        if facts[one:two]:
            sat(facts[one:two], seller, facts[two - 1].noted_at)
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
