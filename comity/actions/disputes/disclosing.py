"""Consent to disclose settlement talk: once both sides gave it, offers stand in case files like everything else."""

from datetime import datetime

from comity.actions.disputes.cases import Verb, tell
from comity.actions.guard import Actor
from comity.records.models import Dispute

DISCLOSE = Verb("disclose", "dispute.evidence")


def disclose(actor: Actor, dispute: Dispute, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Agree that settlement talk of this dispute stands in case files. For good; it takes both. Raises NotNow."""
    with DISCLOSE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        tell(now, actor, "dispute.disclosed", {"by": actor.role}, at=at, noted_at=noted_at)
