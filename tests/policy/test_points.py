"""Ledgers: caps, merges, strikes, resets, scores, repeated nodes; and what asks for more than one person."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from comity.lib.moments import UTC
from comity.policy.conduct.rulings import Find
from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Overturn
from comity.policy.sanctions import points
from comity.policy.sanctions.measures import MeasureStatus
from comity.policy.sanctions.points import ChargeState
from comity.policy.sanctions.rulings import Credit, Hold, Lift, Place, Propose, Restore, Second
from comity.policy.standards.running import NO_ROWS
from comity.rulebooks.language.parse import parse

START = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = 'name = "b"\nversion = "1"\nin_force_from = 2026-01-01\n'
CONDUCT = '[[conduct]]\nname = "spam"\ntitle = "No spam"\nseverity = "low"\nproved_by = ["reviewer", "classifier"]\ncharge = { ledger = "points", points = [2, 50] }\n'


def book(ledger: str) -> Rulebook:
    return parse(HEAD + CONDUCT + '[[ledger]]\nname = "points"\n' + ledger)


def charges(rulebook: Rulebook, *given: tuple[float, int]) -> list[ChargeState]:
    """Charges by day and points."""
    ledger = rulebook.ledgers["points"]
    return [
        ChargeState(key=f"c{n}", ledger="points", points=worth, rulebook=rulebook.ref, rule="spam", matter="m", because=f"{n:03d}",
                    at=START + timedelta(days=at), expires_at=ledger.ends(START + timedelta(days=at)))
        for n, (at, worth) in enumerate(given)
    ]  # fmt: skip


def standing(rulebook: Rulebook, held: list[ChargeState], at: float) -> int:
    return points.standing(rulebook, "points", held, START + timedelta(days=at), NO_ROWS)


@pytest.mark.parametrize(
    ("ledger", "given", "at", "expected"),
    [
        ('expires_after = "365 days"', [(0, 2), (1, 3)], 2, 5),
        ('expires_after = "10 days"', [(0, 2), (1, 3)], 10, 3),
        ('expires_after = "365 days"\ncap_a_day = 6', [(0, 2), (0.1, 2), (0.2, 2), (0.3, 2), (1, 4)], 2, 10),
        ('expires_after = "365 days"\nmerges_within = "3 days"', [(0, 2), (1, 2), (2.9, 2), (3, 2)], 4, 4),
        ('expires_after = "365 days"\ncounts = "strikes"', [(0, 12), (1, 48)], 2, 2),
        ('resets = "quarterly on first monday"', [(0, 2), (20, 3)], 34, 5),
        ('resets = "quarterly on first monday"', [(0, 2), (20, 3)], 35, 0),
        ('expires_after = "5 days"\nresets = "weekly on monday"', [(0, 2), (3, 3)], 5, 3),
        ('expires_after = "9 days"\nscore = { start = 200, most = 1000 }', [(0, 60), (1, 500)], 0, 140),
        ('expires_after = "9 days"\nscore = { start = 200, most = 1000 }', [(0, 60), (1, 500)], 1, 0),
        ('expires_after = "9 days"\nscore = { start = 200, most = 1000 }', [(0, 60)], 9, 200),
    ],
)
def test_what_charges_come_to(ledger: str, given: list[tuple[float, int]], at: float, expected: int) -> None:
    rulebook = book(ledger)
    assert standing(rulebook, charges(rulebook, *given), at) == expected


def test_a_repeated_node_is_reached_at_each_multiple_once() -> None:
    rulebook = book(
        'expires_after = "365 days"\n[[ledger.rung]]\nat = 12\nevery = 12\nmeasure = "freeze"\nlength = "7 days"\nnotice = "1 day"\n'
    )
    held = charges(rulebook, (0, 11), (1, 1), (2, 5), (3, 30))
    found = points.crossings(Rulebooks([rulebook]), held, NO_ROWS)
    assert [(crossing.at, crossing.points) for crossing in found] == [(12, 12), (36, 47)]


def test_only_the_heaviest_node_is_executed() -> None:
    rungs = "".join(
        f'[[ledger.rung]]\nat = {at}\nmeasure = "{measure}"\nnotice = "31 days"\n'
        for at, measure in ((2, "warning"), (6, "restriction"), (12, "freeze"))
    )
    rulebook = book('expires_after = "365 days"\n' + rungs)
    (found,) = points.crossings(Rulebooks([rulebook]), charges(rulebook, (0, 50)), NO_ROWS)
    assert (found.at, found.rung.measure) == (12, "freeze")


def test_a_scores_rungs_are_reached_from_above() -> None:
    rulebook = book(
        'expires_after = "365 days"\nscore = { start = 200, most = 1000 }\n[[ledger.rung]]\nat = 150\nmeasure = "warning"\n[[ledger.rung]]\nat = 50\nmeasure = "freeze"\nnotice = "1 day"\n'
    )
    found = points.crossings(Rulebooks([rulebook]), charges(rulebook, (0, 49), (1, 1), (2, 99), (3, 60)), NO_ROWS)
    assert [(crossing.at, crossing.points) for crossing in found] == [(150, 150), (50, 0)]


def fact(number: int, kind: str, at: float, **data: Scalar) -> Fact:
    subject = "listing:1" if kind.startswith("violation") else "seller:s"
    moment = START + timedelta(days=at)
    return Fact(
        id=f"f{number}",
        kind=kind,
        at=moment,
        noted_at=moment,
        subject=subject,
        matter=subject,
        party="seller:s",
        data=data,
    )


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({"rule": "spam", "by": "reviewer"}, 2),
        ({"rule": "spam", "by": "reviewer", "points": 20}, 20),
        ({"rule": "spam", "by": "reviewer", "points": 51}, None),
        ({"rule": "spam", "by": "report"}, None),
        ({"rule": "spam", "by": "classifier", "score": 949}, None),
        ({"rule": "spam", "by": "classifier", "score": 950}, 2),
        ({"rule": "spam", "by": "classifier"}, None),
        ({"rule": "unheard of", "by": "reviewer"}, None),
    ],
)
def test_what_proves_a_violation(data: dict[str, Scalar], found: int | None) -> None:
    memory = Memory(Rulebooks([book('expires_after = "365 days"')]), "seller:s")
    rulings = memory.note(fact(1, "violation.found", 0, **data))
    assert any(isinstance(ruling, Find) for ruling in rulings) is (found is not None)
    assert [charge.points for charge in memory.charges.values()] == ([found] if found else [])


def test_what_is_cleared_is_taken_back() -> None:
    memory = Memory(Rulebooks([book('expires_after = "365 days"')]), "seller:s")
    memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer"))
    rulings = memory.note(fact(2, "violation.cleared", 1, of="f1"))
    assert [ruling.what for ruling in rulings if isinstance(ruling, Overturn)] == ["finding", "charge"]
    assert not memory.charges


def test_a_course_takes_points_off_as_long_as_a_charge_lives() -> None:
    rulebook = book('expires_after = "30 days"\nearn = [{ by = { fact = "course.passed" }, points = 3 }]')
    memory = Memory(Rulebooks([rulebook]), "seller:s")
    memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer", points=5))
    assert any(isinstance(ruling, Credit) for ruling in memory.note(fact(2, "course.passed", 1)))
    held = list(memory.charges.values())
    assert [standing(rulebook, held, at) for at in (0.5, 1, 29.9, 30, 31)] == [5, 2, 2, 0, 0]


RUNG = '[[ledger.rung]]\nat = 2\nmeasure = "freeze"\nlength = "5 days"\nnotice = "1 day"\n'


def decided(memory: Memory, number: int, agent: str, at: float) -> list[object]:
    (measure,) = memory.measures.values()
    matter = f"sanction:{measure.key}"
    moment = START + timedelta(days=at)
    return list(
        memory.note(
            Fact(
                id=f"d{number}",
                kind="sanction.approved",
                at=moment,
                noted_at=moment,
                subject=matter,
                matter=matter,
                party="seller:s",
                data={"agent": agent},
            )
        )
    )


def test_two_reviewers_must_both_approve() -> None:
    memory = Memory(
        Rulebooks([book('expires_after = "365 days"\n' + RUNG + 'decided_by = "two reviewers"\n')]), "seller:s"
    )
    rulings = memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer"))
    assert isinstance(rulings[-1], Propose)
    assert [type(r) for r in decided(memory, 1, "agent:noor", 1)] == [Second]
    assert decided(memory, 2, "agent:noor", 1.1) == [], "the same person twice is one"
    assert [type(r) for r in decided(memory, 3, "agent:sam", 2)] == [Place]


def test_a_measure_stays_until_what_it_asks_for_is_done() -> None:
    memory = Memory(
        Rulebooks(
            [
                book(
                    'expires_after = "365 days"\n'
                    + RUNG
                    + 'decided_by = "automatic"\nrestored_by = { fact = "course.passed" }\n'
                )
            ]
        ),
        "seller:s",
    )
    memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer"))
    assert [type(r) for r in memory.turn(START + timedelta(days=10))] == [Hold]
    rulings = memory.note(fact(2, "course.passed", 12))
    assert isinstance(rulings[0], Restore)
    assert isinstance(rulings[1], Lift)
    assert len(rulings) == 2
    (measure,) = memory.measures.values()
    assert measure.status is MeasureStatus.LIFTED


def test_what_was_done_in_time_lets_it_end_in_time() -> None:
    memory = Memory(
        Rulebooks(
            [
                book(
                    'expires_after = "365 days"\n'
                    + RUNG
                    + 'decided_by = "automatic"\nrestored_by = { fact = "course.passed" }\n'
                )
            ]
        ),
        "seller:s",
    )
    memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer"))
    assert [type(r) for r in memory.note(fact(2, "course.passed", 2))] == [Restore]
    assert [type(r) for r in memory.turn(START + timedelta(days=10))] == [Lift]


def test_in_the_period_of_publicity_breaches_are_reported_alone() -> None:
    text = HEAD + "charges_from = 2026-03-03\n" + CONDUCT + '[[ledger]]\nname = "points"\nexpires_after = "9 days"\n'
    memory = Memory(Rulebooks([parse(text)]), "seller:s")
    assert [type(r) for r in memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer"))] == [Find]
    memory.note(fact(2, "violation.found", 1, rule="spam", by="reviewer"))
    assert len(memory.charges) == 1


def test_a_rule_binds_those_whom_it_names() -> None:
    rulebook = parse(
        (HEAD + CONDUCT + '[[ledger]]\nname = "points"\nexpires_after = "9 days"\n').replace(
            "severity =", 'who = "buyer"\nseverity ='
        )
    )
    memory = Memory(Rulebooks([rulebook]), "seller:s")
    assert memory.note(fact(1, "violation.found", 0, rule="spam", by="reviewer")) == []


def test_what_is_dated_before_a_finding_clears_nothing() -> None:
    memory = Memory(Rulebooks([book('expires_after = "365 days"')]), "seller:s")
    memory.note(fact(1, "violation.found", 3, rule="spam", by="reviewer"))
    assert memory.note(fact(2, "violation.cleared", 1, of="f1")) == []
    assert memory.charges


@given(
    st.sampled_from(
        [
            "",
            "cap_a_day = 3\n",
            'merges_within = "2 days"\n',
            'counts = "strikes"\n',
            'cap_a_day = 4\ncounts = "strikes"\n',
        ]
    ),
    st.lists(st.tuples(st.integers(0, 300), st.integers(-2, 6), st.booleans()), max_size=25),
)
def test_a_ledger_that_is_counted_on_comes_to_the_same_as_one_counted_anew(
    keys: str, lived: list[tuple[int, int, bool]]
) -> None:
    """Whatever order charges come in, expire and are taken back in."""
    rulebook = book('expires_after = "4 days"\n' + keys + '[[ledger.rung]]\nat = 3\nevery = 3\nmeasure = "warning"\n')
    books, held = Rulebooks([rulebook]), points.Charges()
    for number, (hours, worth, taken_back) in enumerate(lived):
        at = START + timedelta(hours=hours)
        charge = ChargeState(
            key=f"c{number}", ledger="points", points=worth or 1, rulebook=rulebook.ref, rule="spam", matter="m",
            because=f"{number:03d}", at=at, expires_at=rulebook.ledgers["points"].ends(at),
        )  # fmt: skip
        held[charge.key] = charge
        ordered = held.on_ledger("points")
        anew = points.crossings(books, list(ordered), NO_ROWS, last_only=True)
        assert points.crossing_of_newest(books, held, "points", NO_ROWS) == anew
        if taken_back:
            held[charge.key] = replace(charge, overturned_at=at)
