"""Appeals against the removal of a review: by its writer, once; decided by an agent who had no part in it."""

from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.appeals import had_part
from comity.actions.doing import Deed, WhyNot, changed, require_one_of
from comity.actions.guard import Actor
from comity.actions.reviews import noted, notify, rules_at, sound
from comity.actions.sanctions import interested
from comity.lib.ids import digest, salt
from comity.policy.facts import Scalar
from comity.policy.facts.reviews import APPEAL_DECIDED, APPEALED, REMOVED, RESULTS
from comity.policy.sanctions.appeals import DEFAULT_MONTHS
from comity.policy.time.calendars import months_later
from comity.records import statements
from comity.records.models import Review


def appealable_until(review: Review) -> datetime | None:
    """Return until when its writer may appeal: six months by the calendar since an agent removed it; None for no time.

    As long as against a measure where nothing else is said (EU 2022/2065 art. 20).
    """
    if review.removed_at is None or review.removed_by != "agent":
        return None
    rules = rules_at(review.removed_at)
    return months_later(review.removed_at, DEFAULT_MONTHS, rules.zone if rules is not None else "UTC")


def took_part(review: Review) -> frozenset[str]:
    """Return the agents who removed a review, or decided an appeal about it, as role:id."""
    facts = statements.facts_of_matter(review.order.seller_id, review.order.ref)
    decided = [fact for fact in facts if fact.kind in (REMOVED, APPEAL_DECIDED)]
    mine = [fact for fact in decided if fact.data.get("review") in (None, review.name)]
    return frozenset(str(fact.data.get("agent") or "") for fact in mine)


def is_open(review: Review) -> bool:
    """Whether an appeal waits to be decided."""
    return review.appealed_at is not None and review.appeal_decided_at is None and review.removed_at is not None


def _against_appealing(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if actor.role != review.by:
        return WhyNot("not_yours", _("Only the writer of a review can object to its removal."))
    if review.appealed_at is not None:
        return WhyNot("appealed_already", _("You have already objected; that can be done once."))
    until = appealable_until(review)
    if review.removed_at is None or until is None:
        return WhyNot("not_removed", _("No agent has removed this review."))
    if at < review.removed_at:
        return changed()
    return WhyNot("too_late", _("The time to object is over.")) if at >= until else None


def _against_deciding(actor: Actor, review: Review, at: datetime) -> WhyNot | None:
    if not is_open(review) or review.appealed_at is None:
        return WhyNot("nothing_asked", _("Nobody is waiting for an answer here."))
    if at < review.appealed_at:
        return changed()
    if actor.party.ref in took_part(review):
        return had_part()
    return interested(actor, review.order.buyer) or interested(actor, review.order.seller)


APPEAL = Deed(Review, "appeal", "review.appeal", _against_appealing, until=lambda review, at: appealable_until(review))
DECIDE = Deed(
    Review, "decide-appeal", "review.decide_appeal", _against_deciding,
    lambda review: review.appealed_at if is_open(review) else None,
)  # fmt: skip


def appeal(actor: Actor, review: Review, *, text: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Object to the removal of an own review, once, in own words. Raises Refused, NotNow, Forbidden."""
    with APPEAL.doing(actor, review, at=at):
        review.objection, review.objection_salt = sound(text, empty=False), salt()
        review.save(update_fields=["objection", "objection_salt"])
        said = digest(bytes(review.objection_salt), review.objection)
        noted(actor, review, APPEALED, {"of": review.by, "digest": said}, at=at, noted_at=noted_at)


def decide(
    actor: Actor, review: Review, *, result: str, text: str, at: datetime, shown: datetime | None = None
) -> None:
    """Decide an appeal: the removal is "upheld", or the review "restored": it counts again everywhere, at once.

    `text`: why, which the writer reads. Raises Refused, NotNow, Forbidden.
    """
    with DECIDE.doing(actor, review, at=at, shown=shown):
        require_one_of("result", result, RESULTS)
        review.decision, review.decision_salt = sound(text, empty=False), salt()
        review.save(update_fields=["decision", "decision_salt"])
        said = digest(bytes(review.decision_salt), review.decision)
        data: dict[str, Scalar] = {
            "of": review.by, "result": result, "agent": actor.party.ref, "digest": said,
        }  # fmt: skip
        noted(actor, review, APPEAL_DECIDED, data, at=at, noted_at=None)
        told = [review.writer, review.rated] if result == "restored" and review.is_shown(at) else [review.writer]
        for party in told:
            notify(party, APPEAL_DECIDED, review, {"of": review.by, "result": result}, at)
