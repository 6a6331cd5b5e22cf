"""Improvement plans in the core: the fold, whichever fact is known first; the check; for which plan a measure waits."""

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.lib.moments import to_text
from comity.policy.facts import KINDS, Fact, problems
from comity.policy.plans import fold as plans
from comity.policy.plans.checking import Checked, check
from comity.policy.plans.fold import Plan, Stage, covering, fold, of_all
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Tally
from comity.rulebooks.language.parse import parse
from comity.rulebooks.language.reading import BadRulebook
from tests.actions.plans.rules import BOOK
from tests.policy.strategies import PARTY, START
from tests.profiles import examples

KEEN: dict[str, Any] = {"version": 1, "actions": "ship_earlier"}


def hour(number: float) -> datetime:
    return START + timedelta(hours=number)


def fact(kind: str, at: float, *, key: str = "a", late: float = 0, **data: Any) -> Fact:
    return Fact(
        id=f"{kind}:{key}:{at}", kind=kind, at=hour(at), noted_at=hour(at + late), subject=f"plan:{key}",
        matter=f"plan:{key}", party=PARTY, data=data,
    )  # fmt: skip


def asked(at: float, key: str = "a", standard: str = "disputes") -> Fact:
    return fact(
        "plan.asked", at, key=key, standard=standard, level=0, rulebook="plans@1", runs=2_592_000, rating=f"r{key}",
        rated_at=to_text(hour(at)), counted=5, faulty=2,
    )  # fmt: skip


def accepted(at: float, until: float) -> Fact:
    return fact("plan.accepted", at, by="agent", agent="agent:k", version=1, check_at=to_text(hour(until)))


def story() -> list[Fact]:
    return [
        asked(0),
        fact("plan.written", 1, **KEEN),
        fact("plan.sent_back", 2, agent="agent:k", version=1),
        fact("plan.written", 3, version=2, actions="other_carrier ship_earlier"),
        accepted(4, 50),
        fact("plan.failed", 50, because="checked", counted=9, faulty=3),
    ]


def test_the_facts_of_the_story_are_sound() -> None:
    assert {kind for kind in KINDS if kind.startswith("plan.")} == plans.KINDS
    for each in story():
        assert list(problems(each)) == []


def test_a_plan_at_each_step() -> None:
    stages = [fold(story()[: n + 1]) for n in range(6)]
    assert [plan.stage.value for plan in stages if plan] == [
        "asked", "written", "sent_back", "written", "running", "failed",
    ]  # fmt: skip
    last = stages[-1]
    assert last is not None
    assert (last.version, last.actions, last.accepted_by) == (2, ("other_carrier", "ship_earlier"), "agent:k")
    assert (last.check_at, last.ended_at, last.checked) == (hour(50), hour(50), (9, 3))
    assert not last.is_open


def test_nobody_asked_so_there_is_no_plan() -> None:
    assert fold(story()[1:]) is None
    assert of_all(story()[1:]) == []


def test_it_does_not_matter_which_is_known_first() -> None:
    wanted = fold(story())
    assert all(fold(order) == wanted for order in permutations(story()))


KINDS_AND_DATA: list[tuple[str, dict[str, Any]]] = [
    ("plan.written", KEEN),
    ("plan.sent_back", {"agent": "agent:k", "version": 1}),
    ("plan.accepted", {"by": "silence", "version": 1, "check_at": to_text(hour(200))}),
    ("plan.kept", {"because": "too_few", "counted": 0, "faulty": 0}),
    ("plan.failed", {"because": "not_written"}),
    ("plan.withdrawn", {"because": "rating"}),
]


@st.composite
def told(draw: st.DrawFn) -> list[Fact]:
    facts = [asked(0)]
    for at in range(1, draw(st.integers(1, 8))):
        kind, data = draw(st.sampled_from(KINDS_AND_DATA))
        facts.append(fact(kind, at, late=draw(st.sampled_from([0, 0, 5, 60])), **data))
        if draw(st.integers(0, 4)) == 0:
            of = draw(st.sampled_from(facts)).id
            facts.append(fact("plan.resumed", at + 0.5, of=of, stage="asked"))
    return facts


@given(told(), st.randoms(use_true_random=False))
@settings(max_examples=examples(300))
def test_late_or_in_time_a_plan_is_the_same(facts: list[Fact], random: object) -> None:
    by_noting = sorted(facts, key=lambda each: each.noted_at)
    assert fold(by_noting) == fold(facts)
    plan = fold(facts)
    assert plan is not None
    none = {each.data["of"] for each in facts if each.kind == "plan.resumed"}
    assert plan == fold([each for each in facts if each.id not in none or each.kind == "plan.asked"])
    assert (plan.ended_at is None) is plan.is_open
    assert plan.stage is not Stage.RUNNING or plan.check_at is not None


def rule(book: str = BOOK) -> StandardRule:
    return parse(book).standards["disputes"]


def rows(first: float, number: int, faulty: int) -> list[Tally]:
    at = hour(first)
    return [
        Tally(
            standard="disputes", subject=f"order:{first}.{n}", basis=at, counted_at=at,
            faulty_at=at + timedelta(hours=1) if n < faulty else None,
        )
        for n in range(number)
    ]  # fmt: skip


def running() -> Plan:
    plan = fold(story()[:5])
    assert plan is not None
    return plan


@pytest.mark.parametrize(
    ("counted", "wanted"),
    [
        (rows(10, 6, 1), Checked("kept", "checked", 6, 1)),
        (rows(10, 5, 1), Checked("kept", "checked", 5, 1)),  # 20 % is what may be
        (rows(10, 6, 2), Checked("failed", "checked", 6, 2)),
        (rows(10, 3, 3), Checked("kept", "too_few", 3, 3)),
        (rows(3, 20, 20), Checked("kept", "too_few", 0, 0)),  # before it was accepted
        ([*rows(3, 20, 20), *rows(4, 6, 1)], Checked("kept", "checked", 6, 1)),  # since its very moment
        (rows(49.5, 6, 3), Checked("kept", "checked", 6, 0)),  # at fault only after the check
        (rows(50, 6, 6), Checked("kept", "too_few", 0, 0)),  # what comes with the check counts no more
        ([], Checked("kept", "too_few", 0, 0)),
    ],
)
def test_what_counts_since_it_was_accepted(counted: list[Tally], wanted: Checked) -> None:
    assert check(rule(), running(), Tallies(counted), hour(50)) == wanted


def test_a_certain_standard_asks_for_evidence_here_too() -> None:
    certain = BOOK.replace('evaluated = "weekly on monday"', 'evaluated = "weekly on monday"\ndecides = "certain"')
    assert check(rule(certain), running(), Tallies(rows(10, 6, 2)), hour(50)).result == "kept", "2 of 6 is no evidence"
    assert check(rule(certain), running(), Tallies(rows(10, 60, 40)), hour(50)).result == "failed"
    assert rule(certain).error == Fraction(1, 20)


def test_what_was_never_accepted_is_not_checked() -> None:
    plan = fold(story()[:2])
    assert plan is not None
    with pytest.raises(ValueError, match="never accepted"):
        check(rule(), plan, Tallies([]), hour(50))


def over(key: str, at: float, ended: float | None, stage: str = "failed") -> list[Fact]:
    facts = [asked(at, key)]
    if ended is not None:
        facts.append(fact(f"plan.{stage}", ended, key=key, because="not_written" if stage == "failed" else "rating"))
    return facts


@pytest.mark.parametrize(("at", "wanted"), [(0, "a"), (5, "a"), (10, "a"), (11, "b"), (20, "b"), (500, "b")])
def test_for_which_plan_a_measure_waits(at: float, wanted: str) -> None:
    known = of_all([*over("b", 20, None), *over("a", 0, 10), *over("c", 15, 16, "withdrawn")])
    found = covering(known, "disputes", hour(at))
    assert found is not None
    assert found.key == wanted
    assert covering(known, "another", hour(at)) is None


def test_plans_come_in_the_order_in_which_they_were_asked_for() -> None:
    known = of_all([*over("b", 20, None), *over("a", 0, 10)])
    assert [plan.key for plan in known] == ["a", "b"]


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('plan = { runs = "30 days" }\n', "", "no plan is asked for that could fail"),
        ('runs = "30 days"', 'runs = "2 hours"', "a plan runs from 1 to 730 days"),
        ('plan = { runs = "30 days" }', "plan = {}", "missing runs"),
        ('each = "order"', 'each = "order"\nwho = "buyer"', "only sellers are asked for a plan"),
        ('plan = "checked"', 'plan = "burnt"', "burnt"),
    ],
)
def test_what_a_rulebook_cannot_ask_for(was: str, now: str, said: str) -> None:
    assert was in BOOK
    with pytest.raises(BadRulebook, match=said):
        parse(BOOK.replace(was, now, 1))
