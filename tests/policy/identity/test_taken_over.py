"""Points that come with another account: dated and weighed as they were, and no rung is reached by their coming."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.lib.moments import to_text
from comity.policy.facts import KINDS, Fact, Scalar, problems
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions import points
from comity.policy.sanctions.points import ChargeState
from comity.policy.sanctions.rulings import OverturnCharge, TakeOver
from comity.policy.sanctions.taken_over import carried
from comity.rulebooks.language.parse import parse
from tests.policy.test_past_points import FREEZE_AT, PARTY, book, day, found, in_force, standing

OTHER = "seller:li2"
MERGE = "0199"


def rules(more: str = "", rungs: str = FREEZE_AT.format(at=12), lives: str = "365 days") -> Rulebooks:
    return Rulebooks([parse(book(rungs, lives=lives, more=more))])


def of_other(fact: Fact) -> Fact:
    return Fact(
        id=fact.id, kind=fact.kind, at=fact.at, noted_at=fact.noted_at, subject=fact.subject, matter=fact.matter,
        party=OTHER, data=fact.data,
    )  # fmt: skip


def told(kind: str, name: str, at: datetime, **data: Scalar) -> Fact:
    fact = Fact(
        id=name,
        kind=kind,
        at=at,
        noted_at=at,
        subject=PARTY,
        matter=PARTY,
        party=PARTY,
        data={"account": OTHER, **data},
    )
    assert not list(problems(fact)), KINDS[kind].doc
    return fact


def comes(charge: ChargeState, worth: int, at: datetime, name: str = "") -> Fact:
    return told(
        "charge.taken_over", f"t{name}{charge.key}", at, merge=MERGE, of=charge.key, ledger=charge.ledger, points=worth,
        rule=charge.rule, rulebook=charge.rulebook, charged_at=to_text(charge.at), expires_at=to_text(charge.expires_at),
    )  # fmt: skip


def gives_back(at: datetime) -> Fact:
    return told("account.gave_back", "back", at, agent="agent:omar", asked_by="agent:noor", merge=MERGE)


def merged(into: Memory, other: Memory, at: datetime) -> list[Fact]:
    """Let one memory take over what another one holds; return the facts that say so."""
    now = into.rulebooks.in_force(at)
    assert now is not None
    facts = [comes(charge, worth, at) for charge, worth in carried(now, other.charges.values(), at)]
    for fact in facts:
        into.note(fact)
    return facts


def test_merging_loses_no_history_and_is_no_violation() -> None:
    books = rules()
    li, li2 = Memory(books, PARTY), Memory(books, OTHER)
    li.note(found("2026-01-10T10:00", 5))
    li2.note(of_other(found("2026-02-10T10:00", 8)))
    merged(li, li2, day("2026-03-01T10:00"))
    assert (standing(li, "2026-03-01T10:00"), li.measures) == (13, {}), "no charge crossed twelve"
    li.note(found("2026-03-05T10:00", 1))
    assert (standing(li, "2026-03-05T10:00"), li.measures) == (14, {}), "twelve lies behind"
    assert [standing(li, f"2027-0{at}") for at in ("1-10T09:59", "1-10T10:00", "2-10T10:00")] == [14, 9, 1]


def test_a_rung_ahead_is_reached_by_the_sum_and_falls_with_what_it_stood_on() -> None:
    books = rules(rungs=FREEZE_AT.format(at=12) + FREEZE_AT.format(at=20).replace("7 days", "30 days"))
    li, li2 = Memory(books, PARTY), Memory(books, OTHER)
    li.note(found("2026-01-10T10:00", 5))
    li2.note(of_other(found("2026-02-10T10:00", 8)))
    (came,) = merged(li, li2, day("2026-03-01T10:00"))
    li.note(found("2026-03-05T10:00", 7))
    (freeze,) = li.measures.values()
    assert (freeze.rung, freeze.points, len(freeze.because)) == (20, 20, 3)
    li.note(told("charge.cleared", "gone", day("2026-03-06T10:00"), of=str(came.data["of"])))
    assert standing(li, "2026-03-06T10:00") == 12
    stands = [each for each in li.measures.values() if each.status != "overturned"]
    assert [(each.rung, each.points) for each in stands] == [(12, 12)], "judged as if it had never come"
    assert in_force(li, "2026-03-05T10:02") == [day("2026-03-12T10:01")]


def test_what_is_learned_late_of_before_is_judged_without_what_came() -> None:
    books = rules()
    li, li2 = Memory(books, PARTY), Memory(books, OTHER)
    li.note(found("2026-01-10T10:00", 5))
    li2.note(of_other(found("2026-02-10T10:00", 8)))
    merged(li, li2, day("2026-03-01T10:00"))
    li.note(found("2026-02-05T10:00", 3, noted="2026-03-02T10:00"))
    assert (standing(li, "2026-03-02T10:00"), li.measures) == (16, {}), "5 and 3 are no twelve, nor with the 8 after"
    li.note(found("2026-02-21T10:00", 4, noted="2026-03-03T10:00"))
    (freeze,) = li.measures.values()
    assert (freeze.points, len(freeze.because)) == (12, 3), "by what the account did itself"


@pytest.mark.parametrize(
    ("more", "sums"),
    [("cap_a_day = 6", (6, 6)), ('merges_within = "3 days"', (5, 5)), ('counts = "strikes"', (2, 2))],
)
def test_each_account_is_weighed_by_itself(more: str, sums: tuple[int, int]) -> None:
    books = rules(more, rungs="")
    li, li2 = Memory(books, PARTY), Memory(books, OTHER)
    for at in ("2026-01-10T10:00", "2026-01-10T11:00"):
        li.note(found(at, 5))
        li2.note(of_other(found(at, 5)))
    merged(li, li2, day("2026-03-01T10:00"))
    assert standing(li2, "2026-03-01T10:00") == sums[1]
    assert standing(li, "2026-03-01T10:00") == sum(sums)
    li.note(found("2026-03-01T10:00:01", 5))
    assert standing(li, "2026-03-01T11:00") == sum(sums) + (1 if "strikes" in more else 5)


def test_another_weight_replaces_the_one_before_since_when_it_came() -> None:
    li, li2 = Memory(rules(), PARTY), Memory(rules(), OTHER)
    li2.note(of_other(found("2026-02-10T10:00", 8)))
    merged(li, li2, day("2026-03-01T10:00"))
    (charge,) = li2.charges.values()
    li.note(found("2026-03-02T10:00", 1))
    ruled = li.note(comes(charge, 11, day("2026-03-03T10:00"), "again"))
    assert [type(each) for each in ruled[:2]] == [OverturnCharge, TakeOver]
    (freeze,) = li.measures.values()
    assert (freeze.points, standing(li, "2026-03-03T10:00")) == (12, 12), "the one of before stood on eleven then"
    assert li.note(comes(charge, 11, day("2026-03-04T10:00"), "same")) == []


def test_under_rules_without_the_ledger_nothing_comes() -> None:
    li2 = Memory(rules(), OTHER)
    li2.note(of_other(found("2026-02-10T10:00", 8)))
    (charge,) = li2.charges.values()
    other_rules = Rulebooks([parse(book("").replace('"conduct"', '"manners"'))])
    other = Memory(other_rules, PARTY)
    assert other.note(comes(charge, 8, day("2026-03-01T10:00"))) == []
    assert other.charges == {}


# Whatever two accounts did, and whenever they became one

HOURS = 24 * 400
acts = st.lists(st.tuples(st.integers(0, HOURS), st.integers(1, 9), st.sampled_from([0, 0, 0, 500])), max_size=10)
ledgers = st.sampled_from(["", "cap_a_day = 6", 'merges_within = "30 days"', 'counts = "strikes"', "score"])
RUNGS = FREEZE_AT.format(at=3) + FREEZE_AT.format(at=8) + FREEZE_AT.format(at=20).replace("7 days", "30 days")


def history(acts: Sequence[tuple[int, int, int]], name: str) -> list[Fact]:
    facts = []
    for number, (at, worth, late) in enumerate(acts):
        moment, noted = day("2025-01-10") + timedelta(hours=at), day("2025-01-10") + timedelta(hours=at + late)
        act = found(moment.replace(tzinfo=None).isoformat(), worth, noted=noted.replace(tzinfo=None).isoformat())
        facts.append(Fact(id=f"{name}{number}", kind=act.kind, at=act.at, noted_at=act.noted_at, subject=f"listing:{number}",
                          matter=f"listing:{number}", party=PARTY if name == "a" else OTHER, data=act.data))  # fmt: skip
    return sorted(facts, key=lambda fact: (fact.noted_at, fact.id))


def stands(memory: Memory) -> tuple[object, ...]:
    """What stands of a party: its charges, and its measures with why and since when."""
    measures = [each for each in memory.measures.values() if each.status != "overturned"]
    placed = {
        (each.key, each.rung, each.points, each.because, each.at, each.effective_at, each.until) for each in measures
    }
    return set(memory.charges.values()), placed


def by_older(memory: Memory, at: datetime) -> set[tuple[str, int]]:
    """The measures that stand which a charge of up to a moment reached, with their points."""
    older = {key for key, charge in memory.charges.items() if charge.at <= at}
    measures = [each for each in memory.measures.values() if each.status != "overturned"]
    return {(each.key, each.points) for each in measures if each.because[-1] in older}


def plain_sum(memory: Memory, at: datetime) -> int:
    """What the live points come to, straight from what each adds."""
    now = memory.rulebooks.in_force(at)
    assert now is not None
    return sum(worth for _, worth in carried(now, memory.charges.values(), at))


@given(acts, acts, st.integers(0, HOURS), st.integers(1, 5_000), ledgers)
def test_a_merge_places_nothing_sums_both_and_leaves_nothing_when_undone(
    of_a: list[tuple[int, int, int]], of_b: list[tuple[int, int, int]], at: int, undone: int, ledger: str
) -> None:
    more = "score = { start = 100, most = 200 }" if ledger == "score" else ledger
    rungs = FREEZE_AT.format(at=90) + FREEZE_AT.format(at=70) if ledger == "score" else RUNGS
    books = rules(more, rungs, lives="180 days")
    merge_at = day("2025-01-10") + timedelta(hours=at, minutes=30)
    undo_at = merge_at + timedelta(hours=undone)
    facts = history(of_a, "a")
    before = [fact for fact in facts if fact.noted_at < merge_at]
    between = [fact for fact in facts if merge_at < fact.noted_at < undo_at]
    after = [fact for fact in facts if fact.noted_at > undo_at]
    a = fold(books, PARTY, before, until=merge_at)
    b = fold(books, OTHER, [fact for fact in history(of_b, "b") if fact.noted_at < merge_at], until=merge_at)
    own, other = plain_sum(a, merge_at), plain_sum(b, merge_at)
    measures = dict(a.measures)
    came = merged(a, b, merge_at)
    assert a.measures == measures, "what was done before is not done twice"
    assert plain_sum(a, merge_at) == own + other
    rule = books.in_force(merge_at)
    assert rule is not None
    sum_ = points.standing(rule, "conduct", a.charges.values(), merge_at, a.counting)
    assert sum_ == (max(100 - own - other, 0) if ledger == "score" else own + other)
    for fact in between:
        a.note(fact)
    alone = fold(books, PARTY, [*before, *between], until=undo_at)
    assert by_older(a, merge_at) == by_older(alone, merge_at), "nor is it once more is learned of before"
    a.note(gives_back(undo_at))
    for fact in after:
        a.note(fact)
    end = undo_at + timedelta(days=400)
    a.turn(end)
    never = fold(books, PARTY, facts, until=end)
    assert stands(a) == stands(never), "as if they had stayed two"
    again = fold(books, PARTY, [*before, *came, *between, gives_back(undo_at), *after], until=end)
    assert (again.charges, again.measures) == (a.charges, a.measures), "a replay says the same"
