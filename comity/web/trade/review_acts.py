"""What may be done with a review from the page of its order: each deed with its form, and what is said then."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions import reviews
from comity.actions.guard import Actor
from comity.policy.facts.reviews import AGENTS_REASONS
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
)
