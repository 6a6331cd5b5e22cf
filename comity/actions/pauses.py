"""Pauses: times that count against nobody. Our outage is not their breach."""

from datetime import datetime

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.lib import moments
from comity.lib.ids import uuid7
from comity.policy.facts import KINDS, PAUSE
from comity.records.models import Conversation, Order, Party

CAUSES = KINDS[PAUSE].fields["cause"].choices


def record(
    actor: Actor, about: Party | Order | Conversation, *, begins: datetime, ends: datetime, cause: str, at: datetime
) -> None:
    """Record a pause for all matters of a party, or for one order or conversation. Only ever appended.

    Deadlines move; a breach that the pause excuses is overturned, with its points and what followed from them.
    """
    require(actor, "pause.record", about, at=at)
    wrong = []
    if cause not in CAUSES:
        wrong.append(f"cause must be one of {', '.join(CAUSES)}, not {cause!r:.60}")
    if ends <= begins:
        wrong.append("a pause must end after it begins")
    if wrong:
        raise Refused(wrong)
    party = about if isinstance(about, Party) else about.seller
    data = {"from": moments.to_text(begins), "until": moments.to_text(ends), "cause": cause, "by": actor.role}
    enact(party, fact_about(about, PAUSE, at=at, data=data, identity=f"{PAUSE}:{uuid7(at)}"))


def record_outage(actor: Actor, *, begins: datetime, ends: datetime, cause: str, at: datetime) -> int:
    """Record a pause for every seller, because the platform or a carrier's feed was blind; return for how many."""
    sellers = Party.objects.filter(role="seller").order_by("pk")
    for seller in sellers.iterator():
        record(actor, seller, begins=begins, ends=ends, cause=cause, at=at)
    return sellers.count()
