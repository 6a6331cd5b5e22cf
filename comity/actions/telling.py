"""The one builder of facts about what Comity itself keeps: parties, orders, their parcels, conversations."""

from collections.abc import Mapping
from datetime import datetime

from comity.actions.guard import Actor
from comity.policy.facts import Fact, Scalar
from comity.records.models import Conversation, JournalLine, Order, Party, Shipment


def fact_about(
    about: Party | Order | Shipment | Conversation,
    kind: str,
    *,
    at: datetime,
    data: Mapping[str, Scalar],
    noted_at: datetime | None = None,
    identity: str = "",
    actor: Actor | None = None,
) -> Fact:
    """Return a fact about `about`; a parcel is judged under its order, and one that goes back is the order itself.

    One that goes back for a dispute is the dispute: what becomes of it is no other dispute's.

    identity   its id, where the same kind may happen to a thing more than once
    actor      whose act it is, where it is a party's: the fact notes who spoke for that party
    """
    matter = about.order if isinstance(about, Shipment) else about
    subject = (matter if isinstance(about, Shipment) and about.returns else about).ref
    if isinstance(about, Shipment) and about.returns and about.dispute_ref:
        subject = about.dispute_ref
    return Fact(
        id=identity or f"{kind}:{matter.uuid}",
        kind=kind,
        at=at,
        noted_at=noted_at or at,
        subject=subject,
        matter=matter.ref,
        party=matter.ref if isinstance(matter, Party) else matter.seller.ref,
        data=dict(data),
        spoken_by=actor.spoken_by if actor else "",
    )


def was_told(order: Order, kind: str) -> bool:
    """Whether a fact of that kind is noted of an order."""
    return JournalLine.objects.filter(party=order.seller_id, matter=order.ref, kind=kind).exists()


def micros(moment: datetime) -> str:
    """Return a moment as the ids of facts hold it: microseconds, hexadecimal."""
    return f"{int(moment.timestamp() * 1_000_000):x}"
