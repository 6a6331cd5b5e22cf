"""Appeals against measures: one at a time, free, decided by a person who had no part in the measure.

What became of a measure's appeals is a fold over their facts. What a decision does to the measure itself is ruled on
(`outcome`); the platform's time to decide is a duty like any other.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from comity.policy.facts import Fact
from comity.policy.sanctions.measures import MeasureState, MeasureStatus, Rung
from comity.policy.time import calendars

FILED, ADDED, WITHDRAWN, DECIDED = "appeal.filed", "appeal.added", "appeal.withdrawn", "appeal.decided"
#: Where a rulebook does not say: at least six months (EU 2022/2065 art. 20(1)), by the calendar.
DEFAULT_MONTHS = 6


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """One appeal as it stands. `result` is empty while it is open, and of one that was withdrawn."""

    filed_at: datetime
    added_at: tuple[datetime, ...] = ()
    withdrawn_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: str = ""
    result: str = ""

    @property
    def is_open(self) -> bool:
        """Whether somebody has still to decide it."""
        return self.decided_at is None and self.withdrawn_at is None


class Window(NamedTuple):
    """When the next appeal may be filed: from `begin` to `end`, the last moment of it."""

    begin: datetime
    end: datetime


def fold(facts: Iterable[Fact]) -> list[Appeal]:
    """Return the appeals against one measure, in the order of time."""
    appeals: list[Appeal] = []
    for fact in sorted(facts, key=lambda fact: fact.place):
        last = appeals[-1] if appeals and appeals[-1].is_open else None
        if fact.kind == FILED and last is None:
            appeals.append(Appeal(filed_at=fact.at))
        elif last is None:
            continue
        elif fact.kind in (FILED, ADDED):  # what is filed while one is open belongs to it
            appeals[-1] = msgspec.structs.replace(last, added_at=(*last.added_at, fact.at))
        elif fact.kind == WITHDRAWN:
            appeals[-1] = msgspec.structs.replace(last, withdrawn_at=fact.at)
        elif fact.kind == DECIDED:
            appeals[-1] = msgspec.structs.replace(
                last, decided_at=fact.at, decided_by=str(fact.data["agent"]), result=str(fact.data["result"])
            )
    return appeals


def window(measure: MeasureState, rung: Rung, before: Sequence[Appeal], zone: str) -> Window | None:
    """Return when an appeal may be filed; None where none may be any more, or there is nothing to appeal against.

    The first runs since the party knows that the measure is placed, each further one since the one before was decided.
    A measure that is over may be appealed against: it stays on the record.
    """
    if measure.placed_at is None or measure.told_at is None or measure.status is MeasureStatus.OVERTURNED:
        return None
    decided = [appeal.decided_at for appeal in before if appeal.decided_at is not None]
    if before and before[-1].is_open:
        return None
    if len(decided) >= max(len(rung.appeals), 1):
        return None
    begin = decided[-1] if decided else max(measure.placed_at, measure.told_at)
    if not rung.appeals:
        return Window(begin, calendars.months_later(begin, DEFAULT_MONTHS, zone))
    return Window(begin, calendars.later(begin, rung.appeals[len(decided)], zone))


def took_part(measure: MeasureState, before: Sequence[Appeal]) -> frozenset[str]:
    """Return the agents who decided on a measure before: none of them decides an appeal against it."""
    agents = {measure.asked_by, measure.decided_by, measure.seconded_by, *(appeal.decided_by for appeal in before)}
    return frozenset(agent for agent in agents if agent.startswith("agent:"))
