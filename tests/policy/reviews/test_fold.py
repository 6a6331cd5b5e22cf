"""Where reviews stand by what was told of an order."""

from datetime import datetime

import pytest

from comity.lib import moments
from comity.policy.facts import Fact, Scalar
from comity.policy.reviews.fold import fold
from tests.policy.strategies import PARTY, hour

LATEST = moments.to_text(hour(100))


def fact(number: int, kind: str, at: int, **data: Scalar) -> Fact:
    return Fact(id=f"f{number}", kind=f"review.{kind}", at=hour(at), noted_at=hour(at), subject="order:1",
                matter="order:1", party=PARTY, data=data)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ([fact(1, "written", 1, score=3)], [hour(1)]),
        ([fact(1, "written", 1, score=3, shown_by=LATEST)], [hour(100)]),
        ([fact(1, "written", 1, score=3, shown_by=LATEST), fact(2, "written", 9, score=3, by="seller")], [hour(9)] * 2),
        ([fact(1, "written", 1, score=3, shown_by=LATEST), fact(2, "written", 120, score=3, by="seller")], [hour(100), hour(120)]),
        # Another of the same side opens nothing.
        ([fact(1, "written", 1, score=3, shown_by=LATEST), fact(2, "written", 9, score=3)], [hour(100), hour(9)]),
        # Who took it back had rated.
        ([fact(1, "written", 1, score=3, by="seller", shown_by=LATEST),
          fact(2, "removed", 2, of="seller", by="writer", because="own_wish"),
          fact(3, "written", 9, score=3, shown_by=LATEST)], [hour(9)] * 2),
    ],
)  # fmt: skip
def test_from_when_on_a_review_is_shown(facts: list[Fact], shown: list[datetime]) -> None:
    assert [review.shown_from for review in fold(facts)] == shown


def test_what_becomes_of_it_in_time() -> None:
    (review,) = fold(
        [
            fact(1, "written", 1, score=1, review="a"), fact(2, "revised", 2, score=2), fact(3, "answered", 3),
            fact(4, "answered", 4), fact(5, "removal_asked", 5), fact(6, "removal_asked", 6), fact(7, "removal_declined", 7),
            fact(8, "removed", 8, by="agent", because="offensive", agent="agent:noor"), fact(9, "revised", 9, score=5),
            fact(10, "removed", 10, by="writer", because="own_wish"),
        ]
    )  # fmt: skip
    assert (review.name, review.by, review.score, review.written_at, review.revised_at) == (
        "a",
        "buyer",
        2,
        hour(1),
        hour(2),
    )
    assert (review.answered_at, review.asked_at, review.declined_at) == (hour(3), hour(5), hour(7)), "the first of each"
    assert (review.removed_at, review.removed_by, review.because, review.agent) == (
        hour(8),
        "agent",
        "offensive",
        "agent:noor",
    )


def test_what_is_said_of_one_is_not_said_of_another() -> None:
    told = [
        fact(1, "written", 1, score=1, review="a"), fact(2, "written", 1, score=2, review="b"), fact(3, "written", 1, score=3, by="seller"),
        fact(4, "revised", 2, score=5, review="b"), fact(5, "removed", 3, by="writer", because="own_wish", of="seller"),
        fact(6, "removed", 0, by="agent", because="offensive"),
    ]  # fmt: skip
    found = fold(sorted(told, key=lambda each: each.place))
    assert [(review.score, review.removed_at) for review in found] == [(1, None), (5, None), (3, hour(3))]
