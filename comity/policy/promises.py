"""When a promise is in doubt: by what is known of an order on its way, before it is broken. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A carrier that has said nothing for so long, when the promise ends soon, gives cause to ask.
SILENT_FOR = timedelta(days=5)
#: So long before the promised moment, an order that nobody sent cannot arrive any more.
SHORTEST_WAY = timedelta(days=1)
TROUBLE = frozenset({"exception", "lost", "returned", "delivered_elsewhere", "back_at_sender"})
#: Doubts that end once the carrier is heard of again.
UNHEARD = frozenset({"silent_carrier", "trouble"})
#: Where it is nearly there, silence says nothing.
_NEARLY = frozenset({"out_for_delivery", "available_for_pickup", "attempted"})


@dataclass(frozen=True, slots=True)
class Course:
    """How an order is doing on its way.

    status         of the newest event by its carrier, in Comity's vocabulary; empty for none
    typical_days   within which nine in ten like it arrive once they are sent; None where that is not known
    """

    now: datetime
    deliver_by: datetime | None
    dispatch_by: datetime | None
    sent_at: datetime | None
    scanned_at: datetime | None
    status: str
    typical_days: float | None


def doubt(course: Course) -> str:
    """Return why the promise is in doubt, as a code: not_sent, trouble, silent_carrier, slow; empty for no doubt."""
    if course.deliver_by is None:
        return ""  # where nothing is promised, nothing is in doubt
    left = course.deliver_by - course.now
    if course.status in TROUBLE:
        return "trouble"
    needs = timedelta(days=course.typical_days) if course.typical_days is not None else None
    if course.sent_at is None:
        overdue = course.dispatch_by is not None and course.now > course.dispatch_by
        return "not_sent" if overdue and left < (needs or SHORTEST_WAY * 3) else ""
    if course.status in _NEARLY:
        return ""
    heard = course.scanned_at or course.sent_at
    if course.now - heard > SILENT_FOR and left < SILENT_FOR:
        return "silent_carrier"
    return "slow" if needs is not None and course.sent_at + needs > course.deliver_by + SHORTEST_WAY else ""


#: The steps that a buyer sees, in their order, and the statuses that reach each.
STEPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("paid", frozenset()),
    ("sent", frozenset({"label_made"})),
    ("in_transit", frozenset({"accepted", "in_transit", "customs"})),
    ("out_for_delivery", frozenset({"out_for_delivery", "attempted", "available_for_pickup"})),
    ("delivered", frozenset({"delivered"})),
)


def step(statuses: frozenset[str], *, sent: bool, delivered: bool) -> int:
    """Return which of STEPS an order has reached, by the statuses of its carrier's events: the furthest."""
    if delivered:
        return len(STEPS) - 1
    reached = [number for number, (_, those) in enumerate(STEPS[:-1]) if those & statuses]
    return max([1 if sent else 0, *reached])
