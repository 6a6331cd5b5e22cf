"""Reviews: both sides of an order rate each other. Whatever is written lies in rows; here are scores and digests."""

from datetime import datetime

from comity.policy.facts.kind import Field, kind

WRITTEN, REVISED, ANSWERED, REMOVED = "review.written", "review.revised", "review.answered", "review.removed"
ASKED, DECLINED = "review.removal_asked", "review.removal_declined"
APPEALED, APPEAL_DECIDED = "review.appealed", "review.appeal_decided"
WRITERS = ("buyer", "seller")
#: Who takes a review away, and why.
REMOVERS = ("writer", "agent", "agreement")
AGENTS_REASONS = ("extortion", "not_about_the_order", "offensive", "private_data", "not_genuine")
REASONS = (*AGENTS_REASONS, "own_wish", "settled")
#: What becomes of the removal against which its writer appealed.
RESULTS = ("upheld", "restored")
WORST, BEST = 1, 5

_REVIEW = Field(str, "the review's id; without it, every review of that side", required=False)
_BY = Field(str, "who wrote it; the buyer where it is left out", required=False, choices=WRITERS)
_OF = Field(str, "whose review; the buyer's where it is left out", required=False, choices=WRITERS)
_SCORE = Field(int, "1 (worst) to 5 (best)", least=WORST, most=BEST)
_DIGEST = Field(str, "salted digest of the text", required=False)

ALL = (
    kind(WRITTEN, "One side of an order rated the other: the buyer, where nothing else is said.", "order",
         score=_SCORE, by=_BY, digest=_DIGEST,
         review=Field(str, "the review's id", required=False),
         shown_by=Field(datetime, "when it is shown at the latest: before that, once both sides have rated. Without "
                                  "it, it is shown at once", required=False)),
    kind(REVISED, "The writer changed a review: it counts with this score since it was written.", "order",
         score=_SCORE, by=_BY, digest=_DIGEST, review=_REVIEW),
    kind(ANSWERED, "The side that was rated answered a review.", "order",
         of=_OF, digest=Field(str, "salted digest of the answer", required=False), review=_REVIEW),
    kind(ASKED, "The side that was rated asked the writer to take a review away.", "order", of=_OF, review=_REVIEW),
    kind(DECLINED, "The writer did not agree to take a review away.", "order", of=_OF, review=_REVIEW),
    kind(REMOVED, "A review was removed: it counts nowhere any more, as if it had never been written.", "order",
         by=Field(str, "who removed it", choices=REMOVERS),
         because=Field(str, "why", choices=REASONS),
         agent=Field(str, "the agent who removed it, as role:id", required=False, names="agent platform"),
         of=_OF, review=_REVIEW),
    kind(APPEALED, "The writer of a review that an agent removed objected to that.", "order",
         of=_OF, digest=_DIGEST, review=_REVIEW),
    kind(APPEAL_DECIDED, "An agent who had no part in it decided on the removal of a review. One that is restored "
                         "counts as if it had never been removed.", "order",
         result=Field(str, "what became of the removal", choices=RESULTS),
         agent=Field(str, "the agent who decided, as role:id", required=False, names="agent platform"),
         of=_OF, digest=_DIGEST, review=_REVIEW),
)  # fmt: skip
