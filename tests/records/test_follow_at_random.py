"""Random lives of orders, told in any order and in any parts: the same rows, and these follow from the chain."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from comity.actions import clock, facts, parties
from comity.policy.deliveries import without_undone
from comity.policy.facts import Fact
from comity.records import journal, rebuild
from comity.records.models import Duty, Order, Party
from tests.cast import START, Cast, hours
from tests.records.test_follow import looks

pytestmark = pytest.mark.django_db
NOW = START + timedelta(days=60)
Told = tuple[str, str, datetime, dict[str, Any]]


def lives(chance: random.Random) -> Iterator[Told]:
    """Yield what may happen to two orders, in no order; each is placed once."""
    for order in ("order:1", "order:2"):
        whole = {"buyer": "buyer:ana souza", "amount": 500, "currency": "EUR", "pieces": 2}
        yield "order.placed", order, START, {**whole, "matter": order}
    for _ in range(chance.randint(3, 12)):
        at, order = START + timedelta(hours=12 * chance.randint(0, 80)), chance.choice(("order:1", "order:2"))
        later = {"deliver_by": (at + timedelta(days=chance.choice((9, 25, 40)))).isoformat()}
        part = chance.choice(({}, {"pieces": 1, "of_pieces": 2}))
        parcel = f"shipment:{order[-1]}{chance.choice('ab')}"
        back: dict[str, Any] = chance.choice(({}, {"shipment": f"shipment:{order[-1]}-back"}))
        back = back | chance.choice(({}, {}, {"dispute": f"dispute:{order[-1]}{chance.choice('xy')}"}))
        instead = chance.choice(({}, {}, {"dispute": f"dispute:{order[-1]}x"}))
        status = chance.choice(
            ("in_transit", "out_for_delivery", "attempted", "returned", "delivered_elsewhere", "back_at_sender")
        )
        some: dict[str, Any] = {"amount": 100 * chance.randint(1, 6), "currency": "EUR"}
        named = {**some, "reference": chance.choice(("r1", "r2"))}
        scanned = {"source": chance.choice(("carrier", "seller")), "status": status}
        side: dict[str, Any] = chance.choice(({}, {"by": "buyer"}, {"by": "seller"}))
        of_side = {"of": side["by"]} if side else {}
        named_review: dict[str, Any] = chance.choice(({}, {}, {"review": "r1"}))
        hides: dict[str, Any] = chance.choice(({}, {"shown_by": (at + timedelta(days=30)).isoformat()}))
        kind, subject, more = chance.choice(
            (
                ("order.paid", order, later),
                ("order.cancelled", order, {"by": "buyer", "reason": "other"}),
                ("shipment.dispatched", parcel, {"tracked": True, **part, **instead}),
                ("shipment.scanned", parcel, chance.choice((scanned, {**scanned, "zone_assumed": True}))),
                ("shipment.delivered", parcel, {}),
                ("shipment.noted", parcel, {"source": "carrier", "status": "label_made"}),
                ("shipment.delivered", chance.choice((parcel, order)), {}),
                ("delay.announced", order, later),
                ("delay.accepted", order, later),
                ("delay.declined", order, {}),
                ("cancellation.requested", order, {"reason": "changed_mind"}),
                ("cancellation.answered", order, {"accepted": False}),
                ("address.asked", order, {}),
                ("address.changed", order, {}),
                ("order.refunded", order, chance.choice(({}, some, named))),
                ("refund.failed", order, {"reference": "r1", "reason": "declined"}),
                ("order.charged_back", order, chance.choice(({}, {**some, "reference": "c1"}))),
                ("order.charge_back_reversed", order, {"reference": "c1"}),
                ("payout.made", order, {**named, "netted": chance.choice((0, 100))}),
                ("order.paid_more", order, named),
                ("return.sent", order, back),
                ("return.delivered", order, back),
                ("review.written", order, {"score": chance.randint(1, 5), **side, **named_review, **hides}),
                ("review.revised", order, {"score": chance.randint(1, 5), **side}),
                ("review.removed", order, {"by": "agent", "because": "offensive", **of_side, **named_review}),
                (chance.choice(("review.answered", "review.removal_asked", "review.removal_declined")), order, of_side),
            )
        )
        yield kind, subject, at, {**more, "matter": order}


def parts(told: list[dict[str, Any]], chance: random.Random) -> Iterator[list[dict[str, Any]]]:
    """Shuffle events and cut them in requests; some are told twice."""
    rest = [*told, *chance.sample(told, 2)]
    chance.shuffle(rest)
    while rest:
        size = chance.randint(1, 4)
        yield rest[:size]
        del rest[:size]


def deliver(cast: Cast, name: str, told: list[Told], chance: random.Random | None) -> Party:
    """Tell another seller's shop all at once, or in parts."""
    seller = parties.add(cast.platform, parties.NewParty(role="seller", name=name, external_id=name), at=hours(0))
    events = [
        {
            "specversion": "1.0", "id": str(number), "source": "shop", "type": kind, "time": at.isoformat(),
            "subject": subject, "data": {"party": seller.ref, **data},
        }
        for number, (kind, subject, at, data) in enumerate(told)
    ]  # fmt: skip
    now = NOW
    for request in parts(events, chance) if chance else [events]:
        answers = facts.record_all(cast.platform, request, now=now, waits=bool(chance and chance.random() < 0.5))
        assert {answer.status for answer in answers} <= {"recorded", "known"}, [answer.problems for answer in answers]
        assert rebuild.at_odds(seller) == []
        now += timedelta(seconds=chance.choice((5, 70)) if chance else 1)
    clock.turn(now + timedelta(minutes=10))
    return seller


@pytest.mark.parametrize("seed", range(15))
def test_rows_do_not_depend_on_how_their_facts_were_delivered(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    told = list(lives(chance))
    wanted = {order.ref: looks(order) for order in Order.objects.filter(seller=deliver(cast, "at once", told, None))}
    for number in range(2):
        seller = deliver(cast, f"in parts {number}", told, random.Random(seed * 10 + number))
        assert rebuild.at_odds(seller) == []
        assert {order.ref: looks(order) for order in Order.objects.filter(seller=seller)} == wanted


@pytest.mark.parametrize("seed", range(12))
def test_rows_and_duties_agree_on_what_arrived(cast: Cast, seed: int) -> None:
    chance = random.Random(seed)
    whole = {"buyer": "buyer:ana souza", "amount": 500, "currency": "EUR", "pieces": 1, "matter": "order:1"}
    due = {"deliver_by": (START + timedelta(days=50)).isoformat(), "matter": "order:1"}
    told: list[Told] = [("order.placed", "order:1", START, whole), ("order.paid", "order:1", START, due)]
    for _ in range(chance.randint(2, 7)):
        at = START + timedelta(hours=8 * chance.randint(1, 60))
        status = chance.choice(("delivered", "delivered", "returned", "attempted", "delivered_elsewhere"))
        data = {} if status == "delivered" else {"status": status, "source": "carrier"}
        kind = "shipment.scanned" if data else "shipment.delivered"
        told.append((kind, "shipment:1", at, {**data, "matter": "order:1"}))
    for number in range(2):
        seller = deliver(cast, f"parcels {number}", told, random.Random(seed * 10 + number))
        order = Order.objects.get(seller=seller)
        arrived = [fact for fact in without_undone(parcels_in_time(seller, order)) if fact.kind == "shipment.delivered"]
        assert order.delivered_at == (arrived[0].at if arrived else None)
        duty = Duty.objects.get(party=seller, rule="deliver")
        assert (duty.status in ("met", "cured")) == (order.delivered_at is not None)
        assert duty.status != "met" or duty.ended_at == order.delivered_at


def parcels_in_time(seller: Party, order: Order) -> list[Fact]:
    """The order's facts in the order of time, whenever each was told."""
    return sorted(journal.facts_of(seller, matter=order.ref), key=lambda fact: fact.place)
