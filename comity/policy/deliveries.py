"""What a carrier's "delivered" is worth, by what else it told of the parcel. Pure.

A parcel that turned round and then "arrived" is with its sender; one that is brought to the door the day after it was
called delivered had not been. Duties and disputes read it here; rows follow the same (`records.follow.shipments`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from comity.policy.facts import Fact, subject_kind

#: What a carrier says that takes a parcel back to its sender; and that it is there.
BACK, AT_SENDER = "returned", "back_at_sender"
#: Delivered, surely, in another town than the order's (`policy.places`).
ELSEWHERE = "delivered_elsewhere"
#: It turned round: what is called delivered after that reached the sender.
TURNED_ROUND = frozenset({BACK, AT_SENDER})
#: On its way to the door: so what had been called delivered before that day had not been.
UNDER_WAY = frozenset({"out_for_delivery", "attempted"})
#: Events of one day come in odd orders, and clocks of carriers are set to other zones.
SAME_DAY = timedelta(hours=12)

SCANNED, DELIVERED = "shipment.scanned", "shipment.delivered"


def may_undo(fact: Fact) -> bool:
    """Whether a fact may take from a delivery that it was one: by a carrier, and surely of its own time."""
    if fact.kind != SCANNED or fact.data.get("source") != "carrier":
        return False
    status = fact.data.get("status")
    return status in TURNED_ROUND or (status in UNDER_WAY and not fact.data.get("zone_assumed"))


def undone(facts: Sequence[Fact]) -> frozenset[str]:
    """Return the ids of the deliveries of parcels that were none; `facts`: a matter's in the order of time."""
    none: set[str] = set()
    turned: dict[str, datetime] = {}
    there: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == DELIVERED and subject_kind(fact.subject) == "shipment":
            if fact.subject in turned and turned[fact.subject] < fact.at:
                none.add(fact.id)
            else:
                there.setdefault(fact.subject, []).append(fact)
        elif may_undo(fact):
            if fact.data.get("status") in TURNED_ROUND:
                turned.setdefault(fact.subject, fact.at)
            elif (arrived := there.get(fact.subject)) and fact.at - arrived[0].at >= SAME_DAY:
                none.update(each.id for each in there.pop(fact.subject))
    return frozenset(none)


def without_undone(facts: Sequence[Fact]) -> Sequence[Fact]:
    """Return the facts of a matter without the deliveries that were none."""
    none = undone(facts)
    return [fact for fact in facts if fact.id not in none] if none else facts
