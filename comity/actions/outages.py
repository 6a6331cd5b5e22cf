"""Outages of carriers: a time in which a carrier, or its feed, was blind. Their parcels' duties stop for so long."""

from datetime import datetime

from comity.actions.excuses import verbs
from comity.actions.excuses.asked import MAX_EVIDENCE_CHARS, Asked
from comity.actions.guard import Actor
from comity.policy.facts.standing import BY_CARRIER
from comity.records.models import Excuse

__all__ = ["MAX_EVIDENCE_CHARS", "end", "record"]


def record(actor: Actor, *, carrier: str, begins: datetime, ends: datetime, evidence: str = "", at: datetime) -> Excuse:
    """Record that a carrier was blind from `begins` to `ends`; the latter may lie ahead. Raises Refused, Forbidden."""
    return verbs.record(actor, Asked(BY_CARRIER, begins, ends, carrier=carrier, evidence=evidence), at=at)


def end(actor: Actor, outage: Excuse, *, at: datetime) -> Excuse:
    """End an outage early: from now on time counts again. Raises Refused where it is over, Forbidden."""
    return verbs.end(actor, outage, at=at)
