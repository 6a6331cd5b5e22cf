"""A plan that has run is held against its own standard: what counted since it was accepted, and nothing before."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, Protocol

from comity.policy.plans.fold import Plan
from comity.policy.rulebook import Rulebooks
from comity.policy.standards import levels
from comity.policy.standards.rates import reading
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import Counting
from comity.policy.time import calendars


@dataclass(frozen=True, slots=True)
class Checked:
    """What a plan came to: "kept" or "failed", because it was "checked" or "too_few" counted."""

    result: Literal["kept", "failed"]
    because: Literal["checked", "too_few"]
    counted: int
    faulty: int


def check(rule: StandardRule, plan: Plan, counting: Counting, at: datetime, peers: Fraction | None = None) -> Checked:
    """Hold what counted from a plan's acceptance up to `at` against the limit of its level.

    The limit is broken as the standard breaks it: by the numbers, or on evidence. Where fewer counted than the level is
    judged from, there is nothing to hold against anybody. Raises ValueError for a plan that does not run.
    """
    if plan.accepted_at is None:
        raise ValueError(f"{plan.ref} was never accepted")
    seen = reading(levels.count(rule, counting, (plan.accepted_at, at), at))
    level = rule.levels[plan.level]
    if seen.counted < level.at_least:
        return Checked("kept", "too_few", seen.counted, seen.faulty)
    result: Literal["kept", "failed"] = "failed" if levels.breaks(rule, level, seen, peers) else "kept"
    return Checked(result, "checked", seen.counted, seen.faulty)


class Asked(Protocol):
    """What a plan says of the level that asks for it; a state, or its row."""

    @property
    def rulebook(self) -> str: ...  # noqa: D102
    @property
    def standard(self) -> str: ...  # noqa: D102
    @property
    def level(self) -> int: ...  # noqa: D102


def check_at(books: Rulebooks, plan: Asked, accepted_at: datetime) -> datetime:
    """Return when a plan that is accepted at a moment is held against its standard. Raises LookupError."""
    book = books.version(plan.rulebook)
    asked = book.standards[plan.standard].levels[plan.level].plan
    if asked is None:
        raise LookupError(f"level {plan.level} of {plan.standard!r} of {plan.rulebook} asks for no plan")
    return calendars.later(accepted_at, asked.runs, book.zone)
