"""A past that is told in parts accuses nobody: facts of long ago wait for what may still come."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from comity.actions import clock, facts, orders
from comity.lib.money import Money
from comity.policy.memory import Memory
from comity.records import journal, rebuild
from comity.records.models import Duty, JournalLine, Notice, Order, Sanction, Standing
from tests.cast import START, Cast, assemble, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
NOW = START + timedelta(days=120)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ACCUSING = ("duty.breached", "ledger.charged", "sanction.proposed", "sanction.placed")


def event(cast: Cast, kind: str, number: int, at: datetime, subject: str = "", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{kind}-{number}", "source": "shop", "type": kind, "time": at.isoformat(),
        "subject": subject or f"order:{number}", "data": {"party": cast.seller.ref, "matter": f"order:{number}", **data},
    }  # fmt: skip


def paid(cast: Cast, number: int, at: datetime) -> dict[str, Any]:
    return event(cast, "order.paid", number, at, dispatch_by=(at + timedelta(days=3)).isoformat())


def clean_orders(cast: Cast, count: int = 30) -> list[dict[str, Any]]:
    """Orders of the last months, each sent, scanned and delivered in time."""
    told = []
    for number in range(count):
        at = START + timedelta(days=2 * number)
        parcel = f"shipment:{number}"
        promise = {
            "dispatch_by": (at + timedelta(days=3)).isoformat(),
            "deliver_by": (at + timedelta(days=20)).isoformat(),
        }
        told += [
            event(cast, "order.placed", number, at, buyer="buyer:ana souza", amount=1, currency="EUR"),
            event(cast, "order.paid", number, at, **promise),
            event(cast, "shipment.dispatched", number, at + timedelta(days=1), parcel, tracked=True, carrier="post"),
            event(
                cast, "shipment.scanned", number, at + timedelta(days=2), parcel, source="carrier", status="accepted"
            ),
            event(cast, "shipment.delivered", number, at + timedelta(days=8), parcel),
        ]
    return told


def accusations(cast: Cast) -> list[str]:
    kinds = JournalLine.objects.filter(party=cast.seller, fact_id=None).order_by("seq")
    return [kind for kind in kinds.values_list("kind", flat=True) if kind in ACCUSING or kind == "ruling.overturned"]


@pytest.mark.parametrize("rulebook", ["aliexpress", "ebay", "amazon", "shopee", "tiktok"])
@pytest.mark.parametrize("seed", range(3))
def test_thirty_clean_orders_in_whatever_parts_bring_no_accusation(rulebook: str, seed: int) -> None:
    cast, chance = assemble(rulebook), random.Random(seed)
    told = clean_orders(cast)
    chance.shuffle(told)
    now, size = NOW, chance.choice((7, 40, 71))
    for first in range(0, len(told), size):
        answers = facts.record_all(cast.platform, told[first : first + size], now=now, waits=True)
        assert {answer.status for answer in answers} == {"recorded"}
        clock.turn(now + SECOND)
        assert rebuild.at_odds(cast.seller) == []
        now += 9 * SECOND
    assert accusations(cast) == []
    assert {order.state for order in Order.objects.all()} == {"delivered"}, "and rows are there"
    clock.turn(now + 2 * MINUTE)
    assert accusations(cast) == []
    assert not Sanction.objects.exists()
    assert {duty.status for duty in Duty.objects.all()} <= {"met", "waived", "open", "voided"}
    assert Duty.objects.exists()
    assert not Notice.objects.filter(kind__in=ACCUSING).exists()
    assert rebuild.at_odds(cast.seller) == []
    assert list(journal.verify(cast.seller)) == []
    end = now + timedelta(days=1)
    clock.turn(end)
    assert replayed(cast.seller, until=end) == ruled(cast.seller)


def test_told_with_pauses_of_minutes_the_missing_half_does_accuse(cast: Cast) -> None:
    """Else the test above could not fail."""
    told = clean_orders(cast, 3)
    for number, each in enumerate(told):
        now = NOW + 10 * number * MINUTE
        facts.record_all(cast.platform, [each], now=now, waits=True)
        clock.turn(now + 6 * MINUTE)
    assert accusations(cast)


def test_what_is_told_now_does_not_wait(cast: Cast) -> None:
    answer = facts.record_all(cast.platform, [paid(cast, 1, hours(0))], now=hours(0.5), waits=True)[0]
    assert (answer.status, answer.judge_at) == ("recorded", None)
    assert Duty.objects.exists()


def test_it_waits_a_minute_after_the_last_and_five_at_the_most(cast: Cast) -> None:
    due = []
    for number in range(12):
        now = NOW + 40 * number * SECOND
        told = [paid(cast, number, START + timedelta(days=number))]
        due += [answer.judge_at for answer in facts.record_all(cast.platform, told, now=now, waits=True)]
        clock.turn(now)
    assert due[:2] == [NOW + MINUTE, NOW + 40 * SECOND + MINUTE]
    assert max(at for at in due[:8] if at) == NOW + 5 * MINUTE
    assert Duty.objects.filter(matter="order:0").exists(), "judged after five minutes, whatever still came"


def test_many_do_not_wait(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.actions.enact.MOST_UNJUDGED", 20)
    facts.record_all(cast.platform, clean_orders(cast, 5)[:-3], now=NOW, waits=True)
    assert Duty.objects.exists()
    assert Standing.objects.get(party=cast.seller).unjudged is None


def test_a_clean_past_does_not_wait(cast: Cast) -> None:
    answers = facts.record_all(cast.platform, clean_orders(cast, 5), now=NOW, waits=True)
    assert {answer.judge_at for answer in answers} == {None}
    assert Duty.objects.exists()
    assert accusations(cast) == []


def test_who_acts_meanwhile_has_them_judged_first(cast: Cast) -> None:
    facts.record_all(cast.platform, clean_orders(cast, 3)[:12], now=NOW, waits=True)
    assert not Duty.objects.exists(), "one is paid and not sent, as far as was told"
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, title="Lamp", price=Money(1, "EUR"), handling_hours=24,
        deliver_by=NOW + timedelta(days=9),
    )  # fmt: skip
    orders.pay(cast.platform, orders.place(cast.platform, new, at=NOW + SECOND), at=NOW + 2 * SECOND)
    assert Duty.objects.filter(matter="order:0").exists()
    facts.record_all(cast.platform, clean_orders(cast, 3)[12:], now=NOW + 3 * SECOND, waits=True)
    end = NOW + timedelta(days=1)
    clock.turn(end)
    assert Duty.objects.get(matter="order:2", rule="dispatch", status__in=("met", "breached")).status == "met"
    assert replayed(cast.seller, until=end) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_one_that_cannot_be_judged_is_refused_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Memory.sit

    def poisoned(memory: Memory, told: Any) -> Any:
        if any(fact.kind == "order.cancelled" for fact in told):
            raise LookupError("a rule that is not there")
        return real(memory, told)

    monkeypatch.setattr(Memory, "sit", poisoned)
    told = [*clean_orders(cast, 1), event(cast, "order.cancelled", 0, START + timedelta(days=30))]
    answers = facts.record_all(cast.platform, told, now=NOW, waits=True)
    assert [answer.status for answer in answers] == ["recorded"] * 5 + ["refused"]
    clock.turn(NOW + timedelta(minutes=10))
    assert Duty.objects.exists()


def test_what_cannot_be_judged_after_all_holds_up_nobody_else(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    facts.record_all(cast.platform, [paid(cast, 1, START)], now=NOW, waits=True)
    other = {**paid(cast, 2, START), "id": "max"}
    other["data"] = {**other["data"], "party": cast.max.party.ref}
    facts.record_all(cast.platform, [other], now=NOW, waits=True)
    real = Memory.sit

    def poisoned(memory: Memory, told: Any) -> Any:
        if memory.party == cast.seller.ref:
            raise LookupError("a rule that is not there")
        return real(memory, told)

    with monkeypatch.context() as patch:
        patch.setattr(Memory, "sit", poisoned)
        clock.turn(NOW + 2 * MINUTE)
    assert {duty.party for duty in Duty.objects.all()} == {cast.max.party}
    assert Standing.objects.get(party=cast.seller).unjudged is not None, "nothing is lost"
    clock.turn(NOW + timedelta(hours=3))
    assert {duty.party for duty in Duty.objects.all()} == {cast.max.party, cast.seller}
    assert rebuild.at_odds(cast.seller) == []
