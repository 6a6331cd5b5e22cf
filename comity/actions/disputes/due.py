"""What falls due by itself beside the rules' windows: decisions that leave, money that waited for an appeal."""

from datetime import datetime

from comity.actions.disputes import agreeing, deciding, drafts
from comity.actions.disputes.appealing import appeal_until
from comity.actions.disputes.cases import held
from comity.actions.disputes.faults import of_decision
from comity.actions.doing import NotNow
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.policy.disputes.case import Stage
from comity.records import similar
from comity.records.models import Dispute

#: Cases that are kept in one round.
MOST_KEPT = 500


def look(now: datetime) -> int:
    """Let what has fallen due happen; return how much did. Called by errands."""
    return _leave(now) + _pay(now) + _keep()


def _keep() -> int:
    """Keep disputes that ended so that who has one like them finds them."""
    return sum(similar.keep(dispute) is not None for dispute in similar.not_kept()[:MOST_KEPT])


def _leave(now: datetime) -> int:
    count = 0
    due = Dispute.objects.filter(leaves_at__lte=now).select_related("order__seller", "order__buyer")
    for dispute in due.order_by("leaves_at"):
        try:
            count += drafts.release(dispute, now_is=now)
        except NotNow:  # stopped, or settled, a moment ago
            continue
    return count


def _pay(now: datetime) -> int:
    """Have money go that waited until no appeal can come any more."""
    count = 0
    waiting = Dispute.objects.filter(stage=Stage.CARRYING_OUT).exclude(outcome="")
    for dispute in waiting.select_related("order__seller", "order__buyer"):
        case = held(dispute)
        decision = case.case.decision
        if decision is None or not case.rules.appeal_waits or case.case.appeal is not None:
            continue
        until = appeal_until(case)
        if (until is None or now > until) and case.case.asked_for < case.case.to_pay:
            with deciding.PAY_LATE.doing(Actor(platform(now)), dispute, at=now) as again:
                again = agreeing.pay(again, because="decided", cost=decision.cost, at=until or now, noted_at=now)
                of_decision(again, at=until or now, noted_at=now)
                count += 1
    return count
