"""Reviews follow facts: a row says what the fold over the facts of its order says."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from comity.policy.facts import Fact, reference
from comity.policy.reviews.counting import KINDS
from comity.policy.reviews.fold import ReviewState, fold
from comity.records.follow.world import World
from comity.records.models import Order, Party, Review
from comity.records.refs import uuid_of


def moves(facts: Iterable[Fact]) -> bool:
    """Whether any of the facts of an order is about its reviews."""
    return any(fact.kind in KINDS for fact in facts)


def moved(world: World, order: Order, facts: Sequence[Fact]) -> None:
    """Let the reviews of an order be what its facts, in the order of time, say of them."""
    for review in fold(facts):
        world.change(_row(world, order, review), **_columns(review))


def uuid_of_review(order: Order, fact: str) -> UUID:
    """Return the id of a review's row: from its order and the fact that it was written, so it is always the same."""
    return uuid5(NAMESPACE_URL, f"comity:{order.uuid}/{fact}")


def _row(world: World, order: Order, review: ReviewState) -> Review:
    """Return the row of a review; of one that the shop told it is made."""
    uuid = uuid_of_review(order, review.fact)
    for row in world.reviews(order):
        if row.uuid == uuid:
            return row
    made = Review(uuid=uuid, order=order, by=review.by, told=True, **_columns(review))
    world.reviews(order).append(made)
    world.make(made)
    return made


def _columns(review: ReviewState) -> dict[str, Any]:
    uuid = uuid_of(reference(review.agent)[1]) if review.agent else None
    return {
        "name": review.name,
        "score": review.score,
        "written_at": review.written_at,
        "shown_from": review.shown_from,
        "revised_at": review.revised_at,
        "answered_at": review.answered_at,
        "asked_at": review.asked_at,
        "declined_at": review.declined_at,
        "removed_at": review.removed_at,
        "removed_by": review.removed_by,
        "because": review.because,
        "appealed_at": review.appealed_at,
        "appeal_decided_at": review.appeal_decided_at,
        "agent": Party.objects.filter(uuid=uuid).first() if uuid else None,
    }
