"""What is decided by what is known, and orders that come in several parcels. Tables without a database."""

from itertools import permutations
from typing import Any

import pytest

from comity.policy.duties.matter import DutyState
from comity.policy.duties.rulings import Move
from comity.policy.facts import Fact
from comity.policy.memory import fold
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from comity.rulebooks.shelf import text_of
from tests.policy.strategies import BOOKS, PARTY, hour
from tests.policy.test_duties import fact, outcomes, paid

EBAY = Rulebooks([parse(text_of("ebay"))])
SHIP, DUE, DECIDED = 24, 100, 100 + 30 * 24


def on_time(*facts: Fact) -> DutyState:
    memory = fold(EBAY, PARTY, sorted([paid(0, SHIP, DUE), *facts], key=lambda f: f.noted_at), until=hour(DECIDED + 1))
    return next(duty for duty in memory.all_duties() if duty.rule == "deliver")


def parcel(at: float, kind: str, number: int = 1, **data: Any) -> Fact:
    return fact(at, kind, "order:1", subject=f"shipment:{number}", **data)


def scan(at: float, **more: Any) -> Fact:
    return parcel(at, "shipment.scanned", source="carrier", status="accepted", **more)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([scan(24)], "met"),
        ([scan(24), parcel(300, "shipment.delivered")], "met"),
        ([scan(25), parcel(100, "shipment.delivered")], "met"),
        ([scan(25), parcel(101, "shipment.delivered")], "breached"),
        ([parcel(101, "shipment.delivered"), fact(200, "delivery.judged", "order:1", on_time=True)], "met"),
        ([parcel(50, "shipment.delivered"), fact(200, "delivery.judged", "order:1", on_time=False)], "met"),
        ([fact(200, "delivery.judged", "order:1", on_time=False)], "breached"),
        ([scan(25)], "unknown"),
        ([], "unknown"),
        ([parcel(3, "shipment.dispatched", tracked=False)], "unknown"),
        ([parcel(90, "shipment.delivered", date_known=False)], "unknown"),
        ([fact(20, "order.cancelled", "order:1", by="buyer")], "voided"),
    ],
)
def test_late_by_the_table_that_is_published(facts: list[Fact], expected: str) -> None:
    assert on_time(*facts).status == expected


def test_it_is_decided_once_and_over() -> None:
    late = on_time(parcel(101, "shipment.delivered"))
    assert (late.ended_at, late.live) == (hour(DECIDED), False)


def test_a_scan_that_is_told_after_the_decision_changes_it() -> None:
    duty = on_time(
        parcel(101, "shipment.delivered"),
        parcel(20, "shipment.scanned", noted=DECIDED + 0.5, source="carrier"),
    )
    assert (duty.status, duty.ended_at) == ("met", hour(DECIDED))


def part(at: float, kind: str, number: int, pieces: int, of: int = 5, **more: Any) -> Fact:
    return parcel(at, kind, number, pieces=pieces, of_pieces=of, **more)


SENT, CAME = "shipment.dispatched", "shipment.delivered"


@pytest.mark.parametrize(
    ("facts", "dispatch", "deliver"),
    [
        ([part(1, SENT, 1, 2, tracked=True)], ["breached"], ["breached"]),
        ([part(1, SENT, 1, 2, tracked=True), part(2, SENT, 2, 3, tracked=True)], ["met"], ["breached"]),
        ([part(1, SENT, 1, 2, tracked=True), part(12, SENT, 2, 3, tracked=True)], ["cured"], ["breached"]),
        ([part(1, SENT, 1, 2, tracked=False), part(2, SENT, 2, 3, tracked=True)], ["breached"], ["breached"]),
        ([part(1, SENT, 1, 5, tracked=True), part(9, CAME, 1, 5)], ["met"], ["met"]),
        ([part(9, CAME, 1, 2), part(9.5, CAME, 1, 2)], ["breached"], ["breached"]),  # one parcel told twice
        ([part(9, CAME, 1, 2), part(15, CAME, 2, 3)], ["breached"], ["met"]),
        ([part(9, CAME, 1, 2), part(21, CAME, 2, 3)], ["breached"], ["cured"]),
    ],
)
def test_parts_count_together(facts: list[Fact], dispatch: list[str], deliver: list[str]) -> None:
    story = [paid(0, 10, 20), *facts]
    assert outcomes(story, "dispatch") == dispatch
    assert outcomes(story, "deliver") == deliver


def test_the_order_in_which_parts_are_noted_does_not_matter() -> None:
    seen = set()
    for notings in permutations((18.0, 18.5, 19.0)):
        parts = [
            part(at, CAME, number, pieces, noted=noted)
            for number, (at, pieces, noted) in enumerate(zip((9, 12, 15), (1, 2, 2), notings, strict=True))
        ]
        memory = fold(BOOKS, PARTY, sorted([paid(0, 10, 20), *parts], key=lambda each: each.noted_at), until=hour(60))
        (duty,) = [duty for duty in memory.all_duties() if duty.rule == "deliver"]
        seen.add((duty.status, duty.ended_at))
    assert seen == {("met", hour(15))}


def test_an_accepted_delay_moves_the_promise_and_a_late_one_does_not() -> None:
    books = Rulebooks([parse(text_of("aliexpress"))])

    def story(accepted: float) -> tuple[str, object, list[Move]]:
        moved = fact(accepted, "delay.accepted", "order:1", deliver_by=hour(200).isoformat())
        facts = [paid(0, 90, 100), moved, parcel(150, CAME)]
        memory = fold(books, PARTY, sorted(facts, key=lambda each: each.at), until=hour(300))
        again = [ruling for each in [fold(books, PARTY, facts[:1])] for ruling in each.note(moved)]
        duty = next(duty for duty in memory.all_duties() if duty.rule == "deliver")
        return duty.status, duty.due, [ruling for ruling in again if isinstance(ruling, Move)]

    status, due, moves = story(80)
    assert (status, due, [move.was for move in moves]) == ("met", hour(200), [hour(100)])
    status, due, moves = story(101)
    assert (status, due, moves) == ("cured", hour(100), [])


WRONG = {
    "broken_by goes with": 'broken_by = { fact = "shipment.delivered" }',
    "no_later_than goes with `decided_after`": 'met_by = { fact = "shipment.delivered", no_later_than = "due" }',
    "nothing could show": 'decided_after = "3 days"',
    "has no moment 'paid_by'": 'met_by = { fact = "shipment.delivered", no_later_than = "paid_by" }\n'
    'decided_after = "3 days"\nbroken_by = { fact = "shipment.delivered" }',
    "goes with the facts that meet a duty": 'voided_by = { fact = "order.cancelled", no_later_than = "due" }',
}


@pytest.mark.parametrize("said", WRONG)
def test_what_does_not_fit_is_said(said: str) -> None:
    met = "" if "met_by" in WRONG[said] else 'met_by = { fact = "shipment.delivered" }\n'
    text = (
        'name = "x"\nversion = "1"\nin_force_from = 2026-01-01\n[[duty]]\nname = "d"\ntitle = "D"\nwho = "seller"\n'
        f'opened_by = {{ fact = "order.paid" }}\nby = "deliver_by"\n{met}{WRONG[said]}\n'
    )
    with pytest.raises(BadRulebook) as found:
        parse(text)
    assert any(said in str(mistake) for mistake in found.value.mistakes)
