"""A removed review counts nowhere, at once; one that was changed counts as it is now; whenever either is told."""

from datetime import timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory, fold
from comity.policy.reviews.counting import as_they_stand
from comity.policy.rulebook import Rulebooks
from comity.policy.standards.rates import Count
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Tally
from comity.rulebooks.language.parse import parse
from tests.policy.strategies import PARTY, hour
from tests.profiles import examples

RULES = """
name = "reviews"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "answer"
title = "Answer bad reviews"
who = "seller"
each = "order"
opened_by = { fact = "review.written", where = { score = "<= 2" } }
met_by = { fact = "review.answered" }
within = "24 hours"
repeats = true
breach = { charge = { ledger = "care", points = 1 } }

[[standard]]
name = "stars"
counted = { fact = "review.written" }
faulty = { fact = "review.written", where = { score = "<= 2" } }
value = "score"
window = ["5 days", "30 days"]
evaluated = "daily"
limit = { mean = ">= 4" }

[[standard]]
name = "bad"
counted = { fact = "order.paid" }
faulty = [{ fact = "review.written", where = { score = "<= 2" } }, { fact = "order.charged_back" }]
window = "30 days"
evaluated = "daily"
limit = { rate = "<= 20%", at_least = 1 }

[[standard]]
name = "each review"
each = "fact"
counted = { fact = "review.written" }
faulty = { fact = "review.written", where = { score = "<= 2" } }
window = "30 days"
limit = { faulty = "<= 0" }

[[standard]]
name = "rates buyers"
counted = { fact = "review.written", where = { by = "seller" } }
window = "30 days"

[[ledger]]
name = "care"
expires_after = "60 days"
earn = [{ by = { fact = "review.written", where = { score = ">= 5" } }, points = 1 }]
"""
BOOKS = Rulebooks([parse(RULES)])
END = hour(400)
WINDOW = (hour(-1000), hour(1000))


def fact(number: int, kind: str, at: int, *, order: int = 1, noted: int | None = None, **data: Scalar) -> Fact:
    return Fact(id=f"f{number:03d}", kind=kind, at=hour(at), noted_at=hour(at if noted is None else noted),
                subject=f"order:{order}", matter=f"order:{order}", party=PARTY, data=data)  # fmt: skip


def count(memory: Memory, standard: str, at: int = 400) -> Count:
    return memory.counting.count(standard, WINDOW, hour(at))


def rows_of(memory: Memory) -> dict[str, dict[str, Tally]]:
    assert isinstance(memory.counting, Tallies)
    return memory.counting.rows


def standing(memory: Memory) -> object:
    """All that counts for anything."""
    duties = {(d.key, d.status, d.due, d.ended_at) for d in memory.all_duties()}
    charges = {(c.key, c.points, c.at) for c in memory.charges.values()}
    rows = {
        name: {key: row for key, row in of.items() if row.basis or row.counted_at}
        for name, of in rows_of(memory).items()
    }
    return (
        duties,
        charges,
        {(r.key, r.counted, r.faulty) for r in memory.ratings.values()},
        {n: r for n, r in rows.items() if r},
    )


def test_removed_reviews_are_gone_at_once_in_number_and_mean() -> None:
    """shared/cases: six reviews, one removed as extortion, another because it was not about the order."""
    stars = [5, 5, 5, 5, 1, 3]
    memory = Memory(BOOKS, PARTY)
    for number, score in enumerate(stars, 1):
        memory.note(fact(number, "review.written", 1, order=number, score=score, by="buyer"))
    assert (count(memory, "stars").counted, count(memory, "stars").total) == (6, 24)
    memory.note(fact(7, "review.removed", 200, order=5, by="agent", because="extortion", agent="agent:noor"))
    assert count(memory, "stars") == Count(5, 0, 23, 5)
    memory.note(fact(8, "review.removed", 220, order=6, by="agent", because="not_about_the_order", agent="agent:noor"))
    assert count(memory, "stars") == Count(4, 0, 20, 4)
    # In every window, also as things stood before it was removed.
    assert [count(memory, name, at=100).faulty for name in ("stars", "bad", "each review")] == [0, 0, 0]
    assert Fraction(count(memory, "stars", at=2).total, 4) == 5


def test_what_a_removed_review_brought_falls() -> None:
    memory = Memory(BOOKS, PARTY)
    memory.note(fact(1, "order.paid", 0))
    memory.note(fact(2, "review.written", 1, score=1))
    memory.turn(hour(100))
    assert [charge.points for charge in memory.charges.values()] == [1], "the answer was late"
    assert memory.ratings
    memory.note(fact(3, "review.removed", 101, by="agent", because="extortion"))
    assert list(memory.all_duties()) == []
    assert (memory.charges, memory.ratings) == ({}, {})


def test_a_changed_review_counts_as_it_is_now() -> None:
    memory = Memory(BOOKS, PARTY)
    memory.note(fact(1, "order.paid", 0))
    memory.note(fact(2, "review.written", 1, score=1))
    memory.turn(hour(60))
    memory.note(fact(3, "review.revised", 61, score=5))
    assert [count(memory, "stars"), count(memory, "bad")] == [Count(1, 0, 5, 1), Count(1, 0, 0, 0)]
    assert [charge.points for charge in memory.charges.values()] == [-1], "five stars earn a point"
    memory.note(fact(4, "review.revised", 62, score=2))
    assert count(memory, "bad").faulty == 1
    assert memory.charges == {} or all(charge.points > 0 for charge in memory.charges.values())


def test_what_else_is_wrong_with_the_order_stays() -> None:
    told = [
        fact(1, "order.paid", 0), fact(2, "review.written", 1, score=1), fact(3, "order.charged_back", 5),
        fact(4, "review.removed", 9, by="writer", because="own_wish"),
    ]  # fmt: skip
    memory = fold(BOOKS, PARTY, told)
    row = rows_of(memory)["bad"]["order:1"]
    assert (row.counted_at, row.faulty_at) == (hour(0), hour(5))


def test_nobody_is_judged_by_how_he_rates_others() -> None:
    memory = fold(BOOKS, PARTY, [fact(1, "order.paid", 0), fact(2, "review.written", 1, score=1, by="seller"),
                                 fact(3, "review.written", 2, order=2, score=5, by="seller")])  # fmt: skip
    assert [count(memory, name).counted for name in ("stars", "each review", "rates buyers")] == [0, 0, 2]
    assert count(memory, "bad").faulty == 0
    assert not memory.charges, "rating others earns nothing"


def test_one_sides_removal_leaves_the_others_review() -> None:
    told = [
        fact(1, "review.written", 1, score=1), fact(2, "review.written", 2, score=4, by="seller"),
        fact(3, "review.removed", 3, of="seller", by="writer", because="own_wish"),
    ]  # fmt: skip
    memory = fold(BOOKS, PARTY, told)
    assert (count(memory, "stars").counted, count(memory, "rates buyers").counted) == (1, 0)


def test_a_removal_names_one_of_several_reviews() -> None:
    told = [
        fact(1, "review.written", 1, score=1, review="a"), fact(2, "review.written", 2, score=3, review="b"),
        fact(3, "review.removed", 3, review="a", by="agent", because="offensive"),
    ]  # fmt: skip
    assert [each.id for each in as_they_stand(told)] == ["f002", "f003"]
    assert count(fold(BOOKS, PARTY, told), "each review").counted == 1


@pytest.mark.parametrize(
    "last", [("review.removed", {"by": "agent", "because": "extortion"}), ("review.revised", {"score": 4})]
)
def test_it_does_not_matter_when_it_is_told(last: tuple[str, dict[str, Any]]) -> None:
    facts = [fact(1, "order.paid", 0), fact(2, "review.written", 1, score=1), fact(3, last[0], 50, **last[1])]
    wanted = standing(fold(BOOKS, PARTY, facts, until=END))
    for order in permutations(facts):
        late = [msgspec.structs.replace(each, noted_at=hour(100 + number)) for number, each in enumerate(order)]
        together = [msgspec.structs.replace(each, noted_at=hour(150), sitting=1) for each in order]
        assert standing(fold(BOOKS, PARTY, late, until=END)) == wanted
        assert standing(fold(BOOKS, PARTY, together, until=END)) == wanted


@st.composite
def lives(draw: st.DrawFn) -> list[Fact]:
    """What becomes of the reviews of two orders, each fact noted up to some days late."""
    facts = []
    for number in range(draw(st.integers(2, 9))):
        at, order = draw(st.integers(0, 80)), draw(st.integers(1, 2))
        side = draw(st.sampled_from(["buyer", "buyer", "seller"]))
        named: dict[str, Scalar] = draw(st.sampled_from([{}, {}, {"review": "a"}]))
        score = draw(st.integers(1, 5))
        kind, data = draw(st.sampled_from([
            ("order.paid", {}), ("review.written", {"by": side, "score": score, **named}),
            ("review.written", {"score": score, **named}), ("review.answered", {"of": side, **named}),
            ("review.revised", {"by": side, "score": score, **named}),
            ("review.removed", {"of": side, "by": "agent", "because": "offensive", **named}),
            ("order.charged_back", {}),
        ]))  # fmt: skip
        facts.append(fact(number, kind, at, order=order, noted=at + draw(st.sampled_from([0, 0, 1, 30, 90])), **data))
    return sorted(facts, key=lambda each: (each.noted_at, each.id))


@given(lives(), st.data())
@settings(max_examples=examples(200), deadline=None)
def test_told_late_equals_told_in_time(told: list[Fact], data: st.DataObject) -> None:
    in_time = [msgspec.structs.replace(each, noted_at=each.at) for each in sorted(told, key=lambda each: each.place)]
    wanted = standing(fold(BOOKS, PARTY, in_time, until=END))
    assert standing(fold(BOOKS, PARTY, told, until=END)) == wanted
    cut = data.draw(st.integers(0, len(told)))
    now = told[-1].noted_at + timedelta(hours=1)
    some = [*told[:cut], *(msgspec.structs.replace(each, noted_at=now, sitting=cut + 1) for each in told[cut:])]
    assert standing(fold(BOOKS, PARTY, some, until=END)) == wanted
