"""Whether a side was reached: nothing is decided by the silence of somebody who never heard."""

from dataclasses import dataclass
from datetime import datetime

from comity.actions.disputes.cases import Held
from comity.records.models import Contact, Notice, Party
from comity.records.models.mails import MOST_BOUNCES


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of how a side was told of a case.

    told_at          when it was told first; None for never
    acknowledged_at  when it is known to have seen that: it read the notice, or acted in the case
    refuted          mails to it come back, and nothing shows that it heard otherwise
    """

    told_at: datetime | None
    acknowledged_at: datetime | None
    refuted: bool

    @property
    def is_reached(self) -> bool:
        """Whether it counts as told: it was, and nothing speaks against it."""
        return self.told_at is not None and not self.refuted


def reach(now: Held, side: str) -> Reach:
    """Return how a side was told of a case since the claim was made last."""
    party = now.buyer if side == "buyer" else now.seller
    since = now.case.claimed_at or now.case.opened_at
    told = Notice.objects.filter(party=party, matter=now.order.ref, at__gte=since).order_by("at")
    mine = [notice for notice in told if notice.values.get("subject") == now.dispute.ref]
    seen = [notice.read_at for notice in mine if notice.read_at is not None]
    seen += [fact.at for fact in now.facts if fact.data.get("by") == side and fact.at > since and not fact.follows]
    seen += [fact.at for fact in now.facts if side == "seller" and fact.kind == "dispute.answered" and fact.at > since]
    acknowledged = min(seen, default=None)
    return Reach(mine[0].at if mine else None, acknowledged, acknowledged is None and _comes_back(party))


def _comes_back(party: Party) -> bool:
    return Contact.objects.filter(party=party, by_mail=True, bounced__gte=MOST_BOUNCES).exists()
