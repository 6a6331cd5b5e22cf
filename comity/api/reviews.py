"""Reviews: written by both sides of an order, changed, answered, removed; and what they come to."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import deeds, review_appeals, reviews
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment, needs, order_of, speaker, when
from comity.api.deeds import DeedOut, told
from comity.api.paging import After, Limit, page
from comity.api.shapes import ERRORS, NOW, Answer, Dated, In, Moment, storable
from comity.policy.facts.reviews import AGENTS_REASONS, BEST, RESULTS, WORST
from comity.records.models import Listing, Order, Party, Review
from comity.records.reviews import summary_of, visible_of

router = Router()

Stars = Annotated[int, Field(ge=WORST, le=BEST, strict=True)]


class ReviewIn(Dated):
    """How the other side of an order did: 1 (worst) to 5 (best) stars, with a text or without."""

    score: Stars
    text: Annotated[str, Field(max_length=reviews.MAX_TEXT_CHARS), AfterValidator(storable)] = ""


class ReviewAnswerIn(Dated):
    """What who was rated says to a review."""

    text: Annotated[str, Field(min_length=1, max_length=reviews.MAX_TEXT_CHARS), AfterValidator(storable)]


class ReviewAppealIn(Dated):
    """Why the writer objects to the removal of a review."""

    text: Annotated[str, Field(min_length=1, max_length=reviews.MAX_TEXT_CHARS), AfterValidator(storable)]


class ReviewAppealDecisionIn(In):
    """What becomes of a removal: it is upheld, or the review restored; and why, which the writer reads.

    `asked_at`: the `appealed_at` of the appeal that was looked at.
    """

    result: Literal[RESULTS]  # type: ignore[valid-type]
    text: Annotated[str, Field(min_length=1, max_length=reviews.MAX_TEXT_CHARS), AfterValidator(storable)]
    asked_at: Moment | None = None


class ReasonIn(In):
    """Why an agent removes a review, as a code."""

    because: Literal[AGENTS_REASONS]  # type: ignore[valid-type]


class ReviewOut(Schema):
    """A review of one order, by its buyer or its seller.

    `visible`: whether everybody sees it now; until `shown_from` the side that was rated does not see what it says, and
    `score` is null. `asked_at`: when that side asked to take it away, `declined_at`: when the writer said no. What you
    may do with it: `deeds`. `appealed_at`: when its writer objected to an agent's removal, with `objection`, and when
    that was decided, with `decision`: both for the writer and agents alone.
    """

    uuid: UUID
    by: str
    visible: bool
    score: int | None
    text: str
    written_at: datetime
    shown_from: datetime
    revised_at: datetime | None
    answer: str
    answered_at: datetime | None
    asked_at: datetime | None
    declined_at: datetime | None
    removed_at: datetime | None
    removed_by: str
    because: str
    appealed_at: datetime | None
    objection: str
    appeal_decided_at: datetime | None
    decision: str
    deeds: list[DeedOut]


class PublicReviewOut(Schema):
    """A review as everybody sees it."""

    uuid: UUID
    score: int
    text: str
    written_at: datetime
    revised_at: datetime | None
    answer: str
    answered_at: datetime | None


class PublicReviews(Schema):
    """What the visible reviews come to, and a page of them, the newest first.

    `mean`: to two places, halves up; null where there is none. `stars`: how many reviews have each number of stars.
    """

    number: int
    mean: str | None
    stars: dict[str, int]
    items: list[PublicReviewOut]
    next: str


@router.get("/orders/{uuid}/reviews", response={200: list[ReviewOut], **ERRORS}, summary="The reviews of an order")
@needs("order.read")
def of_order(request: HttpRequest, uuid: UUID) -> list[ReviewOut]:
    """Return the reviews of an order, each as you may see it."""
    who, now = actor(request), moment()
    rows = Review.objects.filter(order=order_of(who, uuid)).select_related("order__buyer", "order__seller")
    return [_shown(who, row, now) for row in rows.order_by("written_at", "pk")]


@router.post("/orders/{uuid}/reviews", response={201: ReviewOut, **ERRORS}, summary="Rate the other side")
@needs("order.read", "review.write")
def write(request: HttpRequest, uuid: UUID, what: ReviewIn) -> Status[ReviewOut]:
    """Rate the other side of an order, once. It is shown once both sides have rated, or the time for it is over."""
    who = speaker(request, what)
    made = reviews.write(who, order_of(who, uuid), score=what.score, text=what.text, **when(request, what))
    return Status(201, _shown(who, made, moment()))


@router.post(
    "/orders/{uuid}/reviews/{review}/revise", response={200: ReviewOut, **ERRORS}, summary="Change an own review"
)
@needs("order.read", "review.revise")
def revise(request: HttpRequest, uuid: UUID, review: UUID, what: ReviewIn) -> ReviewOut:
    """Change an own review; it counts as it is now since it was written."""
    who = speaker(request, what)
    row = _review(who, uuid, review)
    reviews.revise(who, row, score=what.score, text=what.text, **when(request, what))
    return _shown(who, row, moment())


@router.post(
    "/orders/{uuid}/reviews/{review}/withdraw", response={200: ReviewOut, **ERRORS}, summary="Remove an own review"
)
@needs("order.read", "review.revise")
def withdraw(request: HttpRequest, uuid: UUID, review: UUID, what: Dated = NOW) -> ReviewOut:
    """Remove an own review; it counts nowhere any more."""
    who = speaker(request, what)
    row = _review(who, uuid, review)
    reviews.withdraw(who, row, **when(request, what))
    return _shown(who, row, moment())


@router.post("/orders/{uuid}/reviews/{review}/answer", response={200: ReviewOut, **ERRORS}, summary="Answer a review")
@needs("order.read", "review.answer")
def answer(request: HttpRequest, uuid: UUID, review: UUID, what: ReviewAnswerIn) -> ReviewOut:
    """Answer a review of yourself, once."""
    who = speaker(request, what)
    row = _review(who, uuid, review)
    reviews.answer(who, row, text=what.text, **when(request, what))
    return _shown(who, row, moment())


@router.post(
    "/orders/{uuid}/reviews/{review}/ask-removal",
    response={200: ReviewOut, **ERRORS},
    summary="Ask the writer to remove a review",
)
@needs("order.read", "review.ask_removal")
def ask_removal(request: HttpRequest, uuid: UUID, review: UUID, what: Dated = NOW) -> ReviewOut:
    """Ask the writer to take a review of yourself away, once; the writer decides."""
    who = speaker(request, what)
    row = _review(who, uuid, review)
    reviews.ask_removal(who, row, **when(request, what))
    return _shown(who, row, moment())


@router.post(
    "/orders/{uuid}/reviews/{review}/answer-removal",
    response={200: ReviewOut, **ERRORS},
    summary="Agree to remove an own review, or not",
)
@needs("order.read", "review.revise")
def answer_removal(request: HttpRequest, uuid: UUID, review: UUID, what: Answer) -> ReviewOut:
    """Agree that an own review is taken away, or keep it."""
    who = speaker(request, what)
    row = _review(who, uuid, review)
    reviews.answer_removal(who, row, accepted=what.accepted, shown=what.asked_at, **when(request, what))
    return _shown(who, row, moment())


@router.post(
    "/orders/{uuid}/reviews/{review}/moderate", response={200: ReviewOut, **ERRORS}, summary="Remove somebody's review"
)
@needs("order.read", "review.moderate")
def moderate(request: HttpRequest, uuid: UUID, review: UUID, what: ReasonIn) -> ReviewOut:
    """Remove a review for a reason; both sides are told which."""
    who, now = actor(request), moment()
    row = _review(who, uuid, review)
    reviews.moderate(who, row, because=what.because, at=now)
    return _shown(who, row, now)


@router.post(
    "/orders/{uuid}/reviews/{review}/appeal",
    response={200: ReviewOut, **ERRORS},
    summary="Object to the removal of an own review",
)
@needs("order.read", "review.appeal")
def appeal(request: HttpRequest, uuid: UUID, review: UUID, what: ReviewAppealIn) -> ReviewOut:
    """Object to an agent's removal of an own review, once, within six months."""
    who = speaker(request, what)
    row = _review(who, uuid, review)
    review_appeals.appeal(who, row, text=what.text, **when(request, what))
    return _shown(who, row, moment())


@router.post(
    "/orders/{uuid}/reviews/{review}/decide-appeal",
    response={200: ReviewOut, **ERRORS},
    summary="Decide on the removal of a review",
)
@needs("order.read", "review.decide_appeal")
def decide_appeal(request: HttpRequest, uuid: UUID, review: UUID, what: ReviewAppealDecisionIn) -> ReviewOut:
    """Decide an appeal against a removal in which you had no part; one that is restored counts again, at once."""
    who, now = actor(request), moment()
    row = _review(who, uuid, review)
    review_appeals.decide(who, row, result=what.result, text=what.text, at=now, shown=what.asked_at)
    return _shown(who, row, now)


@router.get("/parties/{uuid}/reviews", response={200: PublicReviews, **ERRORS}, summary="The reviews of a party")
@needs("review.read")
def of_party(request: HttpRequest, uuid: UUID, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """Return what a buyer's or seller's visible reviews come to, and a page of them."""
    about = get_object_or_404(Party, uuid=uuid, role__in=("buyer", "seller"))
    require(actor(request), "review.read", about)
    return _public(about, limit, after)


@router.get("/listings/{uuid}/reviews", response={200: PublicReviews, **ERRORS}, summary="The reviews of an offer")
@needs("review.read")
def of_listing(request: HttpRequest, uuid: UUID, limit: Limit = 50, after: After = "") -> dict[str, Any]:
    """Return what the visible reviews of orders of an offer come to, and a page of them."""
    about = get_object_or_404(Listing, uuid=uuid)
    require(actor(request), "review.read", about)
    return _public(about, limit, after)


def _public(about: Party | Listing, limit: int, after: str) -> dict[str, Any]:
    now = moment()
    summary = summary_of(about, now)
    items, following = page(visible_of(about, now), by="written_at", limit=limit, after=after)
    stars = {str(score): number for score, number in summary.stars.items()}
    return {
        "number": summary.number,
        "mean": summary.shown or None,
        "stars": stars,
        "items": items,
        "next": following,
    }


def _review(who: Actor, order: UUID, review: UUID) -> Review:
    """Return a review of an order that `who` may read, or answer 404, 403."""
    found: Order = order_of(who, order)
    row = get_object_or_404(Review, uuid=review, order=found)
    row.order = found
    return row


def _shown(who: Actor, row: Review, now: datetime) -> ReviewOut:
    sees = reviews.may_see(who, row, now)
    fields = {name: getattr(row, name) for name in ReviewOut.model_fields if hasattr(row, name)}
    hidden = {} if sees else {"score": None, "text": "", "answer": ""}
    if who.role not in ("agent", "platform", row.by):
        hidden |= {"objection": "", "decision": ""}
    may = told(deeds.of(Review), who, row, now)
    return ReviewOut(**fields | hidden | {"visible": row.is_visible(now), "deeds": may})
