"""Reviews: written by both sides of an order, changed and removed by their writers, answered by who was rated."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, changed, require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor
from comity.actions.telling import fact_about, micros
from comity.lib import moments, texts
from comity.lib.ids import digest, salt
from comity.policy.facts import Scalar
from comity.policy.facts.reviews import AGENTS_REASONS, BEST, WORST, WRITERS
from comity.policy.reviews.rule import ReviewRules
from comity.policy.time.clocks import Interval
from comity.records import rulebooks
from comity.records.follow.reviews import uuid_of_review
from comity.records.models import Notice, Order, Party, Review

MAX_TEXT_CHARS = 4_000


def rules_at(at: datetime) -> ReviewRules | None:
    """Return what the rulebook in force says of reviews; None where it takes none."""
    book = rulebooks.current().in_force(at)
    return book.reviews if book is not None else None


def window_of(order: Order, at: datetime) -> Interval | None:
    """Return from when until when an order may be rated, by the rules in force at `at`; None where nobody can say."""
    rules = rules_at(at)
    return rules.open(order.delivered_at, order.deliver_by) if rules is not None else None


def shown_by(order: Order, at: datetime) -> datetime | None:
    """Return when a review that is written at `at` is shown at the latest; None for at once."""
    rules, window = rules_at(at), window_of(order, at)
    both = Review.objects.filter(order=order, by__in=WRITERS).exists()
    return rules.shown_by(window[1]) if rules is not None and window is not None and not both else None


def changeable_until(review: Review) -> datetime | None:
    """Return until when the writer may change or remove a review; None where not at all.

    By the rules under which it was written; and once more after each dispute about the order.
    """
    rules, window = rules_at(review.written_at), window_of(review.order, review.written_at)
    if rules is None or window is None or review.told:
        return None
    until = rules.changeable_until(review.written_at, window[1])
    disputes = review.order.disputes.values_list("ended_at", flat=True)
    for ended_at in (each for each in disputes if each is not None):
        if review.revised_at is None or review.revised_at <= ended_at:
            until = max(until, rules.once_more_until(ended_at))
    return until


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "DATE_FORMAT")


def _against_writing(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if rules_at(at) is None:
        return WhyNot("no_reviews", _("Under these rules no reviews are written here."))
    if actor.role not in WRITERS:
        return WhyNot("no_side", _("Only the buyer and the seller of an order rate each other."))
    if order.cancelled_at:
        return WhyNot("cancelled", _("The order was cancelled; there is nothing to rate."))
    mine = Review.objects.filter(order=order, by=actor.role).first()
    if mine is not None and mine.removed_at is not None:
        return WhyNot("removed", _("Your review of this order was removed; an order is rated once."))
    if mine is not None:
        return WhyNot("written_already", _("You have already rated this order; change that review instead."))
    window = window_of(order, at)
    if window is None or at < window[0] or order.state == "placed":
        said = _("It can be rated once it has arrived, or the promised date has passed.")
        return WhyNot("not_delivered", said)
    if at >= window[1]:
        return WhyNot("window_over", _("It could be rated until %(day)s.") % {"day": _day(window[1])})
    return None


def _rating_until(order: Order, at: datetime) -> datetime | None:
    window = window_of(order, at)
    return window[1] if window is not None else None


def _against_all(review: Review, at: datetime) -> WhyNot | None:
    if review.removed_at is not None:
        return WhyNot("removed", _("The review was removed."))
    # Only a shop's clock can say so: what is done to a review is done after it was written, and after its last change.
    return changed() if at < (review.revised_at or review.written_at) else None


def _against_changing(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if actor.role != review.by:
        return WhyNot("not_yours", _("Only its writer can change or remove a review."))
    if (why := _against_all(review, at)) is not None:
        return why
    if review.told:
        return WhyNot("kept_by_shop", _("The shop keeps this review; change it there."))
    until = changeable_until(review)
    if until is None or at >= until:
        day = _day(until or review.written_at)
        return WhyNot("too_late", _("It could be changed or removed until %(day)s.") % {"day": day})
    return None


def _against_removing_own(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if actor.role == review.by and review.removed_at is not None:
        return WhyNot("removed_already", _("The review has already been removed."), done=True)
    return _against_changing(actor, review, at)


def _against_the_rated(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if actor.role != review.of:
        return WhyNot("not_rated", _("Only who was rated can do that."))
    if not review.is_shown(at):
        return WhyNot("hidden", _("You see the review once you have rated, too, or the time for it is over."))
    return _against_all(review, at)


def _against_answering(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if (why := _against_the_rated(actor, review, at)) is not None:
        return why
    if review.answered_at is not None:
        return WhyNot("answered_already", _("You have already answered this review; it is answered once."))
    return None


def _against_asking(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if (why := _against_the_rated(actor, review, at)) is not None:
        return why
    if review.asked_at is not None:
        return WhyNot("asked_already", _("You have already asked; that can be done once."))
    return None


def _against_agreeing(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if actor.role != review.by:
        return WhyNot("not_yours", _("Only its writer can change or remove a review."))
    if review.asked_at is None or review.declined_at is not None or review.removed_at is not None:
        return WhyNot("nothing_asked", _("Nobody is waiting for an answer here."), done=True)
    return changed() if at < review.asked_at else _against_all(review, at)


def _against_moderating(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if review.removed_at is not None:
        return WhyNot("removed_already", _("The review has already been removed."), done=True)
    return _against_all(review, at)


def _asked_at(review: Review) -> datetime | None:
    return review.asked_at if review.declined_at is None and review.removed_at is None else None


WRITE = Deed(Order, "rate", "review.write", _against_writing, until=_rating_until)
REVISE = Deed(Review, "revise", "review.revise", _against_changing, until=lambda review, at: changeable_until(review))
WITHDRAW = Deed(
    Review, "withdraw", "review.revise", _against_removing_own, until=lambda review, at: changeable_until(review)
)
ANSWER = Deed(Review, "answer", "review.answer", _against_answering)
ASK_REMOVAL = Deed(Review, "ask-removal", "review.ask_removal", _against_asking)
ANSWER_REMOVAL = Deed(Review, "answer-removal", "review.revise", _against_agreeing, _asked_at)
MODERATE = Deed(Review, "moderate", "review.moderate", _against_moderating)


def may_see(actor: Actor, review: Review, at: datetime) -> bool:
    """Whether `actor` sees what a review says: its writer and the platform always, others while it is visible."""
    return actor.role in ("agent", "platform", review.by) or review.is_visible(at)


def write(
    actor: Actor, order: Order, *, score: int, text: str = "", at: datetime, noted_at: datetime | None = None
) -> Review:
    """Rate the other side of an order, once, with a text or without. Raises Refused, NotNow, Forbidden.

    The other side does not see it before both have rated, or the time for it is over, where the rules say so.
    """
    with WRITE.doing(actor, order, at=at):
        text, score = sound(text, empty=True), _stars(score)
        latest = shown_by(order, at)
        identity = f"review.written:{order.uuid}:{actor.role}"
        uuid = uuid_of_review(order, identity)
        review = Review(
            uuid=uuid,
            order=order,
            by=actor.role,
            name=str(uuid),
            score=score,
            text=text,
            salt=salt(),
            written_at=at,
            shown_from=latest or at,
        )
        data: dict[str, Scalar] = {"by": actor.role, "score": score, "review": review.name, **_digested(review)}
        data |= {"shown_by": moments.to_text(latest)} if latest is not None else {}
        fact = fact_about(order, "review.written", at=at, noted_at=noted_at, data=data, identity=identity, actor=actor)
        enact(order.seller, fact, rows=(review,), about=(order,))
        _tell_that_it_was_written(review, latest, noted_at or at)
    return review


def revise(
    actor: Actor, review: Review, *, score: int, text: str = "", at: datetime, noted_at: datetime | None = None
) -> None:
    """Change an own review: it counts with the new score since it was written. The same again changes nothing.

    Raises Refused, NotNow, Forbidden.
    """
    with REVISE.doing(actor, review, at=at):
        text, score = sound(text, empty=True), _stars(score)
        if (review.score, review.text) == (score, text):
            return
        review.text, review.salt = text, salt()
        review.save(update_fields=["text", "salt"])
        data: dict[str, Scalar] = {"by": review.by, "score": score, **_digested(review)}
        noted(actor, review, "review.revised", data, at=at, noted_at=noted_at)
        if review.is_shown(at):
            notify(review.rated, "review.revised", review, {"by": review.by, "score": score}, noted_at or at)


def withdraw(actor: Actor, review: Review, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Remove an own review: it counts nowhere any more. A second time changes nothing. Raises NotNow, Forbidden."""
    with WITHDRAW.doing(actor, review, at=at) as to_do:
        if to_do:
            data: dict[str, Scalar] = {"by": "writer", "because": "own_wish", "of": review.by}
            _remove(actor, review, data, at=at, noted_at=noted_at)


def answer(actor: Actor, review: Review, *, text: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Answer a review of oneself, once. Raises Refused, NotNow, Forbidden."""
    with ANSWER.doing(actor, review, at=at):
        review.answer, review.answer_salt = sound(text, empty=False), salt()
        review.save(update_fields=["answer", "answer_salt"])
        said = digest(bytes(review.answer_salt), review.answer)
        noted(actor, review, "review.answered", {"of": review.by, "digest": said}, at=at, noted_at=noted_at)
        notify(review.writer, "review.answered", review, {"of": review.by}, noted_at or at)


def ask_removal(actor: Actor, review: Review, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Ask the writer to take a review of oneself away, once. Raises NotNow, Forbidden."""
    with ASK_REMOVAL.doing(actor, review, at=at):
        noted(actor, review, "review.removal_asked", {"of": review.by}, at=at, noted_at=noted_at)
        notify(review.writer, "review.removal_asked", review, {"of": review.by}, noted_at or at)


def answer_removal(
    actor: Actor,
    review: Review,
    *,
    accepted: bool,
    at: datetime,
    noted_at: datetime | None = None,
    shown: datetime | None = None,
) -> None:
    """Agree that an own review is taken away, or not. Answering twice changes nothing. Raises NotNow, Forbidden.

    `shown`: when that was asked which is answered; None for what waits now.
    """
    with ANSWER_REMOVAL.doing(actor, review, at=at, shown=shown) as to_do:
        if not to_do:
            return
        if accepted:
            data: dict[str, Scalar] = {"by": "agreement", "because": "settled", "of": review.by}
            _remove(actor, review, data, at=at, noted_at=noted_at)
        else:
            noted(actor, review, "review.removal_declined", {"of": review.by}, at=at, noted_at=noted_at)
            notify(review.rated, "review.removal_declined", review, {"of": review.by}, noted_at or at)


def moderate(actor: Actor, review: Review, *, because: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Remove somebody's review for a reason; both sides are told which. A second time changes nothing.

    Raises Refused, Forbidden.
    """
    with MODERATE.doing(actor, review, at=at) as to_do:
        require_one_of("because", because, AGENTS_REASONS)
        if to_do:
            data: dict[str, Scalar] = {"by": "agent", "because": because, "of": review.by, "agent": actor.party.ref}
            _remove(actor, review, data, at=at, noted_at=noted_at)


def _remove(
    actor: Actor, review: Review, data: dict[str, Scalar], *, at: datetime, noted_at: datetime | None = None
) -> None:
    noted(actor, review, "review.removed", data, at=at, noted_at=noted_at)
    values = {"by": data["by"], "because": data["because"], "of": review.by}
    # Who removed it knows; and of one that was hidden, the other side knows nothing that could go.
    told = [review.writer] if data["by"] == "agent" else []
    told += [review.rated] if review.is_shown(at) else []
    for party in told:
        # Its writer is told how to contest it.
        what = "writer" if party == review.writer and data["by"] == "agent" else "notice"
        notify(party, "review.removed", review, values, noted_at or at, what=what)


def noted(
    actor: Actor, review: Review, kind: str, data: dict[str, Scalar], *, at: datetime, noted_at: datetime | None
) -> None:
    """Note a fact about a review: one of its kind at a moment."""
    order, identity = review.order, f"{kind}:{review.uuid}:{micros(at)}"
    data = data | ({"review": review.name} if review.name else {})
    fact = fact_about(order, kind, at=at, noted_at=noted_at, data=data, identity=identity, actor=actor)
    enact(order.seller, fact, about=(order, review), once=True)


def _tell_that_it_was_written(review: Review, latest: datetime | None, at: datetime) -> None:
    """Tell the other side; what was said, only where it is not hidden. With the second review both are shown."""
    values: dict[str, Scalar] = {"by": review.by}
    if latest is not None:
        notify(review.rated, "review.waits", review, values | {"shown_by": moments.to_text(latest)}, at)
        return
    notify(review.rated, "review.written", review, values | {"score": review.score}, at)
    others = Review.objects.filter(order=review.order, by=review.of, shown_from=review.written_at)
    if other := others.filter(removed_at=None).first():
        notify(review.writer, "review.written", review, {"by": other.by, "score": other.score}, at)


def notify(
    party: Party, kind: str, review: Review, values: Mapping[str, Scalar], at: datetime, *, what: str = "notice"
) -> None:
    """Tell a party something of a review; `what` names the sentence among those of its kind."""
    said = {**values, "order": review.order.key, "what": what}
    Notice.objects.create(party=party, kind=kind, matter=review.order.ref, at=at, values=said)


def _stars(score: int) -> int:
    if not WORST <= score <= BEST:
        raise Refused([_("Choose 1 to 5 stars.")])
    return score


def sound(text: str, *, empty: bool) -> str:
    """Return a text as it is kept; raise Refused where it is too long, or empty and may not be."""
    text = "" if texts.is_blank(text) else texts.clean(text.strip())
    if len(text) > MAX_TEXT_CHARS:
        limits = {"most": MAX_TEXT_CHARS, "has": len(text)}
        raise Refused([_("A review has at most %(most)s characters; this one has %(has)s.") % limits])
    if not (text or empty):
        raise Refused([_("Write something first.")])
    return text


def _digested(review: Review) -> dict[str, Scalar]:
    return {"digest": digest(bytes(review.salt), review.text)} if review.text else {}
