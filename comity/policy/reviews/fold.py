"""Where the reviews of an order stand, by what was told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comity.policy.facts import Fact, moment_of
from comity.policy.facts.reviews import (
    ANSWERED,
    APPEAL_DECIDED,
    APPEALED,
    ASKED,
    DECLINED,
    REMOVED,
    REVISED,
    WRITTEN,
)
from comity.policy.reviews.counting import means, removals_of, writer


@dataclass(frozen=True, slots=True)
class ReviewState:
    """One review: whose it is, how it stands, and what was said of it.

    fact        id of the fact that it was written; `name`: how others call it, "" for nothing
    shown_from  from when on it is shown: once both sides had rated, at the latest when the time for it was over
    removed_by  writer, agent or agreement; `because`: why, a code; `agent`: as role:id
    asked_at    when the side that was rated asked to take it away; `declined_at`: when the writer said no
    appealed_at when its writer objected to an agent's removal; `appeal_decided_at`: when that was decided. One that was
                restored was never removed
    """

    fact: str
    name: str
    by: str
    score: int
    written_at: datetime
    shown_from: datetime
    revised_at: datetime | None = None
    answered_at: datetime | None = None
    asked_at: datetime | None = None
    declined_at: datetime | None = None
    removed_at: datetime | None = None
    removed_by: str = ""
    because: str = ""
    agent: str = ""
    appealed_at: datetime | None = None
    appeal_decided_at: datetime | None = None


def fold(facts: Sequence[Fact]) -> list[ReviewState]:
    """Return the reviews of an order by its facts in the order of time, removed ones too."""
    written = [fact for fact in facts if fact.kind == WRITTEN]
    first = {side: fact.at for fact in reversed(written) if (side := writer(fact))}
    both = max(first.values()) if len(first) > 1 else None
    return [_followed(_begun(fact, both), fact, facts) for fact in written]


def _begun(fact: Fact, both: datetime | None) -> ReviewState:
    shown_by = fact.data.get("shown_by")
    shown = moment_of(shown_by) if isinstance(shown_by, str) else fact.at
    if both is not None:
        shown = min(shown, both)
    score = fact.data["score"]
    assert isinstance(score, int)
    name = str(fact.data.get("review") or "")
    return ReviewState(fact.id, name, writer(fact), score, fact.at, max(shown, fact.at))


def _followed(review: ReviewState, written: Fact, facts: Sequence[Fact]) -> ReviewState:
    void = {each.fact.id for each in removals_of(facts) if each.restored and not each.removes(written)}
    for fact in facts:
        if fact.kind in _STEPS and means(fact, written) and fact.id not in void:
            review = _step(review, fact)
    return review


_STEPS = frozenset({REVISED, ANSWERED, ASKED, DECLINED, REMOVED, APPEALED, APPEAL_DECIDED})


def _step(review: ReviewState, fact: Fact) -> ReviewState:
    score = fact.data.get("score")
    match fact.kind:
        case "review.appealed":
            return review if review.appealed_at else replace(review, appealed_at=fact.at)
        case "review.appeal_decided":
            return replace(review, appeal_decided_at=fact.at)
        case _ if review.removed_at is not None:
            return review  # what was removed stays as it was
        case "review.revised" if isinstance(score, int):
            return replace(review, score=score, revised_at=fact.at)
        case "review.answered":
            return review if review.answered_at else replace(review, answered_at=fact.at)
        case "review.removal_asked":
            return review if review.asked_at else replace(review, asked_at=fact.at)
        case "review.removal_declined":
            return review if review.declined_at else replace(review, declined_at=fact.at)
    agent, by, because = (str(fact.data.get(name) or "") for name in ("agent", "by", "because"))
    # Against another removal its writer may appeal anew.
    review = replace(review, appealed_at=None, appeal_decided_at=None)
    return replace(review, removed_at=fact.at, removed_by=by, because=because, agent=agent)
