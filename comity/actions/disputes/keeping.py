"""Until when the evidence of a dispute stays, and that both sides are told before that ends."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from comity.actions.disputes import appealing
from comity.actions.disputes.cases import Gone, Held, held
from comity.lib import moments, options
from comity.policy.disputes.keeping import CHARGE_BACK, TOLD_BEFORE
from comity.policy.disputes.keeping import kept_until as longest
from comity.records import statements
from comity.records.models import Dispute
from comity.records.statements import NewNotice

KIND = "dispute.keeping_ends"
#: At most so many are looked at in one round.
MOST = 200


def kept_until(now: Held) -> datetime | None:
    """Return until when the evidence of a case stays, and can be fetched by its sides; None while it is open."""
    return longest(
        now.dispute.ended_at,
        appeal_until=appealing.appeal_until(now),
        paid_at=now.order.paid_at,
        law=timedelta(days=options.number("COMITY_KEEP_DAYS")),
    )


def tell_ends(now: datetime) -> int:
    """Tell both sides of disputes whose evidence stays for a month more; return how many. Called by errands."""
    ahead = now + TOLD_BEFORE
    law = timedelta(days=options.number("COMITY_KEEP_DAYS"))
    ended = Dispute.objects.filter(ended_at__lte=ahead - law, keeping_told_at=None)
    # Those that a bank may still take back are not looked at: they would stand before the ones that are due.
    ended = ended.filter(Q(order__paid_at=None) | Q(order__paid_at__lte=ahead - CHARGE_BACK))
    count = 0
    for dispute in ended.select_related("order__buyer", "order__seller").order_by("ended_at")[:MOST]:
        try:
            until = kept_until(held(dispute))
        except Gone:
            continue
        if until is None or until - now > TOLD_BEFORE:
            continue
        with transaction.atomic():
            if not Dispute.objects.filter(pk=dispute.pk, keeping_told_at=None).update(keeping_told_at=now):
                continue
            values = {"until": moments.to_text(until), "subject": dispute.ref, "key": dispute.key}
            sides = (dispute.order.buyer_id, dispute.order.seller_id)
            statements.add_notices(
                [NewNotice(side, KIND, dispute.order.ref, now, values, unsent=True) for side in sides]
            )
        count += 1
    return count
