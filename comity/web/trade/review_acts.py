"""What may be done with a review from the page of its order: each deed with its form, and what is said then."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions import review_appeals, reviews
from comity.actions.guard import Actor
from comity.policy.facts.reviews import AGENTS_REASONS, RESULTS
from comity.records.models import Review
from comity.web.common import words
from comity.web.common.acts import Act, Field
from comity.web.common.gate import asked_at, typed
from comity.web.trade.order_acts import REVIEW_TEXT, STARS, stars_of


def _revise(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    reviews.revise(actor, review, score=stars_of(request), text=typed(request, "text"), at=now)
    return _("Your review is changed.")


def _withdraw(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    reviews.withdraw(actor, review, at=now)
    return _("Your review is removed. It counts nowhere any more.")


def _answer(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    reviews.answer(actor, review, text=typed(request, "text"), at=now)
    return _("Your answer stands beside the review.")


def _ask(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    reviews.ask_removal(actor, review, at=now)
    return _("The writer is asked, and decides.")


def _answer_removal(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    accepted = "accept" in request.POST
    reviews.answer_removal(actor, review, accepted=accepted, at=now, shown=asked_at(request))
    return _("Your review is removed. It counts nowhere any more.") if accepted else _("Your review stays.")


def _moderate(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    reviews.moderate(actor, review, because=typed(request, "because"), at=now)
    return _("The review is removed. Both sides are told why.")


def _appeal(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    review_appeals.appeal(actor, review, text=typed(request, "text"), at=now)
    return _("Your objection is there. An agent who had no part in the removal decides.")


def _decide_appeal(request: HttpRequest, actor: Actor, review: Review, now: datetime) -> str:
    result = typed(request, "result")
    review_appeals.decide(actor, review, result=result, text=typed(request, "text"), at=now)
    return _("Decided. The writer is told.")


ACTS: tuple[Act[Review], ...] = (
    Act(reviews.ANSWER_REMOVAL, _answer_removal),
    Act(
        reviews.ANSWER,
        _answer,
        gettext_lazy("Answer it"),
        gettext_lazy("Send the answer"),
        fields=(Field("text", gettext_lazy("Your answer"), "textarea", most=reviews.MAX_TEXT_CHARS),),
        hints={"": gettext_lazy("Everybody sees it beside the review. A review is answered once.")},
    ),
    Act(
        reviews.REVISE,
        _revise,
        gettext_lazy("Change it"),
        gettext_lazy("Save the change"),
        fields=(
            Field(STARS.name, STARS.label, "stars", choices=STARS.choices, given=lambda review: str(review.score)),
            Field(
                REVIEW_TEXT.name,
                REVIEW_TEXT.label,
                "textarea",
                most=REVIEW_TEXT.most,
                required=False,
                given=lambda review: str(review.text),
            ),
        ),
        hints={"": gettext_lazy("It counts as it is now, from the day on which you wrote it.")},
    ),
    Act(
        reviews.WITHDRAW,
        _withdraw,
        gettext_lazy("Remove it"),
        gettext_lazy("Remove the review"),
        hints={"": gettext_lazy("It counts nowhere any more. An order is rated once: you cannot write another.")},
    ),
    Act(
        reviews.ASK_REMOVAL,
        _ask,
        gettext_lazy("Ask the writer to remove it"),
        gettext_lazy("Ask the writer"),
        hints={"": gettext_lazy("You can ask once. The writer decides; never offer or threaten anything for it.")},
    ),
    Act(
        reviews.MODERATE,
        _moderate,
        gettext_lazy("Remove this review"),
        gettext_lazy("Remove the review"),
        fields=(
            Field(
                "because",
                gettext_lazy("Reason"),
                "select",
                choices=lambda *_: [(code, words.code(code, "because")) for code in AGENTS_REASONS],
            ),
        ),
        hints={"": gettext_lazy("It counts nowhere any more, at once. Both sides are told the reason.")},
        roles=("agent",),
    ),
    Act(
        review_appeals.APPEAL,
        _appeal,
        gettext_lazy("Object to the removal"),
        gettext_lazy("Send the objection"),
        fields=(Field("text", gettext_lazy("Why it should stand"), "textarea", most=reviews.MAX_TEXT_CHARS),),
        hints={"": gettext_lazy("You can object once. An agent who had no part in the removal decides.")},
    ),
    Act(
        review_appeals.DECIDE,
        _decide_appeal,
        gettext_lazy("Decide on the removal"),
        gettext_lazy("Decide"),
        fields=(
            Field(
                "result",
                gettext_lazy("What becomes of the removal"),
                "select",
                choices=lambda *_: [(code, words.code(code, "removal")) for code in RESULTS],
            ),
            Field("text", gettext_lazy("Why; the writer reads it"), "textarea", most=reviews.MAX_TEXT_CHARS),
        ),
        hints={"": gettext_lazy("A review that is restored is shown and counts again, at once.")},
        roles=("agent",),
    ),
)
