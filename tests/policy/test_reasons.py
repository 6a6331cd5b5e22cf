"""The statement of reasons: every number that led to a measure, and what would have changed it."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.lib.moments import UTC
from comity.policy.dossier import Dossier
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions import grounds, points, reasons
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Origin
from comity.policy.sanctions.points import ChargeState, Crossing
from comity.policy.standards.rating import rate
from comity.policy.standards.rulings import Rate
from comity.policy.standards.running import NO_ROWS, Tallies
from comity.policy.standards.tally import Tally
from comity.rulebooks.language.parse import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
CONDUCT = '[[conduct]]\nname = "spam"\ntitle = "No spam"\nseverity = "low"\nproved_by = ["reviewer"]\ncharge = { ledger = "points", points = [1, 50] }\n'
LEDGER = HEAD + CONDUCT + '[[ledger]]\nname = "points"\n'
RUNGS = "".join(
    f'[[ledger.rung]]\nat = {at}\nmeasure = "{measure}"\nnotice = "31 days"\n'
    for at, measure in ((4, "warning"), (12, "freeze"), (20, "closure"))
)


def charges(book: Rulebook, *given: tuple[float, int]) -> list[ChargeState]:
    """Charges by day and points."""
    ledger = book.ledgers["points"]
    return [
        ChargeState(key=f"c{n}", ledger="points", points=worth, rulebook=book.ref, rule="spam", matter=f"order:{n}",
                    because=f"{n:03d}", at=START + timedelta(days=at), expires_at=ledger.ends(START + timedelta(days=at)))
        for n, (at, worth) in enumerate(given)
    ]  # fmt: skip


def measured(book: Rulebook, crossing: Crossing) -> MeasureState:
    return MeasureState(
        key=crossing.key, origin=Origin("ledger", "points"), rung=crossing.at, measure=crossing.rung.measure,
        points=crossing.points, rulebook=book.ref, status=MeasureStatus.PLACED, at=crossing.charge.at,
        because=crossing.because, told_at=crossing.charge.at, placed_at=crossing.charge.at, decided_by="platform:clock",
        seen=grounds.of_score(Rulebooks([book]), crossing.charge, crossing.risen),
    )  # fmt: skip


def stated(ledger: str, *given: tuple[float, int]) -> dict[str, Any]:
    """The statement of the last measure that charges reach."""
    book = parse(LEDGER + ledger)
    held = charges(book, *given)
    crossing = points.crossings(Rulebooks([book]), held, NO_ROWS)[-1]
    return reasons.statement(Rulebooks([book]), measured(book, crossing), held)


def test_every_charge_that_counted_stands_with_what_it_added() -> None:
    said = stated('expires_after = "30 days"\ncap_a_day = 6\n' + RUNGS, (0, 9), (40, 5), (40.1, 4), (41, 3), (42, 4))
    assert [(each["key"], each["points"], each["weighed"]) for each in said["charges"]] == [
        ("c1", 5, 5), ("c2", 4, 1), ("c3", 3, 3), ("c4", 4, 4),
    ]  # fmt: skip
    assert sum(each["weighed"] for each in said["charges"]) == said["points"] == 13
    assert said["sum"] == {"points": 13, "threshold": 12, "start": None, "risen": 0}
    assert said["below"] == {"at": 4, "measure": "warning"}
    assert said["above"] == {"at": 20, "measure": "closure"}
    first = said["charges"][0]
    assert (first["matter"], first["rule"], first["rulebook"], first["of"]) == ("order:1", "spam", "b@1", "conduct")
    assert first["expires_at"] == "2026-05-11T00:00:00.000000Z"


def test_what_was_merged_is_named_though_it_added_nothing() -> None:
    said = stated('expires_after = "90 days"\nmerges_within = "3 days"\n' + RUNGS, (0, 6), (1, 9), (5, 6))
    assert [each["key"] for each in said["charges"]] == ["c0", "c2"]
    assert [each["key"] for each in said["added_nothing"]] == ["c1"]


@pytest.mark.parametrize(
    ("given_", "alone", "together", "points_then", "measure"),
    [
        ([(0, 3), (1, 4), (2, 5)], ["c2", "c1", "c0"], [], 7, ""),
        # The last alone, or two of those before it.
        ([(0, 3), (1, 2), (2, 3), (3, 3), (4, 5)], ["c4"], ["c3", "c2"], 10, ""),
        ([(0, 1), (1, 1), (2, 11)], ["c2"], ["c1", "c0"], 11, "warning"),
        ([(0, 30)], ["c0"], [], 0, ""),
    ],
)
def test_what_would_have_changed_it(
    given_: list[tuple[float, int]], alone: list[str], together: list[str], points_then: int, measure: str
) -> None:
    changed = stated('expires_after = "90 days"\n' + RUNGS, *given_)["changed_by"]
    assert (changed["alone"], changed["together"]) == (alone, together)
    assert (changed["points"], changed["measure"]) == (points_then, measure)


LEDGERS = (
    'expires_after = "9 days"\n',
    'expires_after = "9 days"\ncap_a_day = 5\n',
    'expires_after = "20 days"\nmerges_within = "2 days"\n',
    'expires_after = "20 days"\ncounts = "strikes"\n',
)
SCORE = 'expires_after = "20 days"\nscore = { start = 30, most = 40 }\n[[ledger.rung]]\nat = 20\nmeasure = "warning"\n[[ledger.rung]]\nat = 9\nmeasure = "freeze"\nnotice = "1 day"\n'
GIVEN = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 8)), min_size=1, max_size=14)


@given(ledger=st.sampled_from([*(text + RUNGS for text in LEDGERS), SCORE]), given_=GIVEN)
def test_the_answer_is_true_when_it_is_judged_again(ledger: str, given_: list[tuple[float, int]]) -> None:
    book = parse(LEDGER + ledger)
    books = Rulebooks([book])
    held = sorted(charges(book, *given_), key=points.order)
    for crossing in points.crossings(books, held, NO_ROWS):
        said = reasons.statement(books, measured(book, crossing), held)
        up_to = held[: held.index(crossing.charge) + 1]
        changed = said["changed_by"]
        assert crossing.charge.key in changed["alone"], "without the last charge nothing came at that moment"
        for gone in [*([key] for key in changed["alone"]), *([changed["together"]] if changed["together"] else [])]:
            rest = [charge for charge in up_to if charge.key not in gone]
            again = [c for c in points.crossings(books, rest, NO_ROWS) if c.charge == crossing.charge]
            assert all(c.rung.weight < crossing.rung.weight for c in again), gone
        for key in set(crossing.because) - set(changed["alone"]):
            rest = [charge for charge in up_to if charge.key != key]
            again = [c for c in points.crossings(books, rest, NO_ROWS) if c.charge == crossing.charge]
            assert any(c.rung.weight >= crossing.rung.weight for c in again), f"{key} alone would have been enough"


# Standards

TWO_WINDOWS = (
    HEAD
    + """
[[standard]]
name = "late dispatch"
title = "Dispatch in time"
each = "order"
counted = { fact = "order.paid" }
faulty = { fact = "shipment.dispatched" }
window = ["10 days", "30 days"]
evaluated = "daily"
limit = { rate = "< 4%" }
breach = { measure = { measure = "warning" } }
"""
)


def rows(*counts: tuple[int, int, int]) -> Tallies:
    """Rows by how many days ago, how many count and how many are faulty."""
    tallies = Tallies()
    for ago, counted, faulty in counts:
        at = datetime(2026, 3, 20, 9, tzinfo=UTC) - timedelta(days=ago)
        for n in range(counted):
            tallies.put(
                Tally(standard="late dispatch", subject=f"order:{ago}.{n}", basis=at, counted_at=at,
                      faulty_at=at if n < faulty else None)
            )  # fmt: skip
    return tallies


def of_standard(text: str, tallies: Tallies) -> tuple[dict[str, Any], Rate]:
    book = parse(text)
    books, at = Rulebooks([book]), datetime(2026, 3, 21, tzinfo=UTC)
    rated = rate(books, "late dispatch", at, tallies)
    assert rated is not None
    dossier = Dossier("seller:li", {"duty": {}, "peer": {}}, tallies)
    measure = MeasureState(
        key="m", origin=Origin("standard", "late dispatch"), rung=rated.level, measure="warning", points=0,
        rulebook=book.ref, status=MeasureStatus.PLACED, at=at, because=(rated.key,), told_at=at, placed_at=at,
        decided_by="platform:clock", seen=grounds.of_cause(books, dossier, rated),
    )  # fmt: skip
    return reasons.statement(books, measure, ()), rated


def test_of_two_windows_the_statement_says_which_one_broke() -> None:
    said, _ = of_standard(TWO_WINDOWS, rows((3, 50, 6), (20, 121, 0)))
    ten, thirty = said["windows"]
    assert (ten["begin"], ten["end"]) == ("2026-03-11T00:00:00.000000Z", "2026-03-21T00:00:00.000000Z")
    assert (ten["span"], ten["counted"], ten["faulty"], ten["rate"], ten["kept"]) == ("10 days", 50, 6, "3/25", False)
    assert ten["limits"] == ["rate < 4%"]
    assert ten["would_keep"] == 1, "2 of 50 are 4 %, which is not below it"
    assert (thirty["counted"], thirty["faulty"], thirty["kept"], thirty["would_keep"]) == (171, 6, True, None)
    assert said["standard"]["level"] == "limit"


def test_under_certainty_more_faults_would_have_been_kept_than_the_share_says() -> None:
    text = TWO_WINDOWS.replace('evaluated = "daily"', 'evaluated = "daily"\ndecides = "certain"')
    text = text.replace('["10 days", "30 days"]', '"30 days"').replace("< 4%", "<= 4%")
    said, _ = of_standard(text, rows((3, 100, 40)))
    (window,) = said["windows"]
    assert 4 < window["would_keep"] < 40
    assert said["standard"]["certain"]


def test_a_decision_of_people_says_so_and_the_appeals_last_day_goes_by_the_calendar() -> None:
    book = parse(LEDGER + 'expires_after = "90 days"\n' + RUNGS)
    held = charges(book, (0, 12))
    (crossing,) = points.crossings(Rulebooks([book]), held, NO_ROWS)
    machine = measured(book, crossing)
    at = datetime(2026, 1, 31, 10, tzinfo=UTC)
    said = reasons.statement(Rulebooks([book]), machine, held)
    assert said["automated_decision"] == "fully"
    assert said["automated_detection"] is False, "conduct is found by people"
    people = msgspec.structs.replace(machine, decided_by="agent:noor", told_at=at, placed_at=at)
    said = reasons.statement(Rulebooks([book]), people, held)
    assert said["automated_decision"] == "partially"
    assert said["redress"]["appeal_until"] == "2026-07-31T10:00:00.000000Z"
    proposed = msgspec.structs.replace(people, status=MeasureStatus.PROPOSED, placed_at=None)
    assert reasons.statement(Rulebooks([book]), proposed, held)["redress"]["appeal_until"] is None
