"""Pauses: times that count against nobody. Our outage is not their breach."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from comity.actions.enact import Refused, enact, sit
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.lib import moments
from comity.lib.ids import uuid7
from comity.policy.facts import KINDS, PAUSE, Fact, Scalar
from comity.records.models import Conversation, Order, Party

CAUSES = KINDS[PAUSE].fields["cause"].choices


def record(
    actor: Actor, about: Party | Order | Conversation, *, begins: datetime, ends: datetime, cause: str, at: datetime
) -> None:
    """Record a pause for all matters of a party, or for one order or conversation. Only ever appended.

    Deadlines move; a breach that the pause excuses is overturned, with its points and what followed from them.
    """
    require(actor, "pause.record", about, at=at)
    data = _said(actor, begins, ends, cause)
    party = about if isinstance(about, Party) else about.seller
    enact(party, _fact(about, data, at))


def record_of_several(
    actor: Actor, orders: Sequence[Order], *, begins: datetime, ends: datetime, cause: str, at: datetime
) -> None:
    """Record one pause for several orders of a seller, as for a mistake of ours that concerns just these.

    All are excused before anything is judged again: excused one after another, a rate that falls order by order could
    break its limit on another night, and a measure would come and go of which the seller were told. Raises Refused
    where they are not all of one seller.
    """
    for order in orders:
        require(actor, "pause.record", order, at=at)
    data = _said(actor, begins, ends, cause)
    if len({order.seller_id for order in orders}) != 1:
        raise Refused(["a pause of several orders is for orders of one seller"])
    sit(orders[0].seller, [_fact(order, data, at) for order in orders])


def _said(actor: Actor, begins: datetime, ends: datetime, cause: str) -> Mapping[str, Scalar]:
    wrong = []
    if cause not in CAUSES:
        wrong.append(f"cause must be one of {', '.join(CAUSES)}, not {cause!r:.60}")
    if ends <= begins:
        wrong.append("a pause must end after it begins")
    if wrong:
        raise Refused(wrong)
    return {"from": moments.to_text(begins), "until": moments.to_text(ends), "cause": cause, "by": actor.role}


def _fact(about: Party | Order | Conversation, data: Mapping[str, Scalar], at: datetime) -> Fact:
    return fact_about(about, PAUSE, at=at, data=data, identity=f"{PAUSE}:{uuid7(at)}")


def record_outage(actor: Actor, *, begins: datetime, ends: datetime, cause: str, at: datetime) -> int:
    """Record a pause for every seller, because the platform or a carrier's feed was blind; return for how many."""
    sellers = Party.objects.filter(role="seller").order_by("pk")
    for seller in sellers.iterator():
        record(actor, seller, begins=begins, ends=ends, cause=cause, at=at)
    return sellers.count()
