"""The guided opening, counted: who began it, how far it went, what was suggested, and whether a dispute followed."""

from datetime import UTC, datetime, timedelta

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from comity.policy.disputes.case import ENDED
from comity.records.models import Dispute, GuidedOpening, Order

#: How far somebody came: looked, chose a reason, looked once more at what would be sent, opened or asked.
STEPS = ("began", "reason", "look", "opened")
#: A dispute that comes within so many days is one that the guided opening did not end.
WITHIN_DAYS = 7
_WITHIN = timedelta(days=WITHIN_DAYS)


def note(order: Order, step: str, *, advised: str = "", at: datetime) -> None:
    """Note how far the guided opening of an order went today; a step back changes nothing.

    With a dispute open about the order nobody is at its beginning: nothing is noted.
    """
    today = GuidedOpening.objects.filter(order=order, day=at.astimezone(UTC).date())
    row = today.first()
    if row is None:
        if Dispute.objects.filter(order=order).exclude(stage__in=ENDED).exists():
            return
        begun = GuidedOpening(order=order, day=at.astimezone(UTC).date(), began_at=at, step=step, advised=advised)
        GuidedOpening.objects.bulk_create([begun], ignore_conflicts=True)
        return
    news = {"step": step} if row.step in STEPS[: STEPS.index(step)] else {}
    if advised and row.advised != advised:
        news["advised"] = advised
    if news and row.step != "opened":
        today.exclude(step="opened").update(**news)


def followed(order: Order, dispute: Dispute, *, is_claim: bool, at: datetime) -> None:
    """Note that an inquiry or a claim followed what was begun in the days before, by whichever door it came."""
    begun = GuidedOpening.objects.filter(Q(dispute=None) | Q(dispute=dispute), order=order)
    since = begun.filter(began_at__gt=at - _WITHIN, began_at__lte=at)
    since.update(
        dispute=dispute, step="opened", claimed_at=Coalesce(F("claimed_at"), at) if is_claim else F("claimed_at")
    )
