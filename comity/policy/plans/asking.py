"""For which evaluation a plan is asked: the first that stands and for which no plan does.

Plans whose own evaluation fell, or is held at another level now, stand for nothing any more, also before it is noted
that they are withdrawn; so the judge, which knows of the evaluations alone, and the verb that asks find the same.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from comity.policy.plans.fold import Plan, Stage, covering
from comity.policy.rulebook import Rulebooks


class Rated(Protocol):
    """A level that was reached at an evaluation: a state, or its row."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def standard(self) -> str: ...  # noqa: D102
    @property
    def rulebook(self) -> str: ...  # noqa: D102
    @property
    def at(self) -> datetime: ...  # noqa: D102
    @property
    def level(self) -> int: ...  # noqa: D102


R = TypeVar("R", bound=Rated)


def standing(known: Iterable[Plan], in_force: Iterable[Rated]) -> list[Plan]:
    """Return those of some plans that were not withdrawn, nor will be: their evaluations are still `in_force`."""
    levels = {rated.key: rated.level for rated in in_force}
    return [plan for plan in known if plan.stage is not Stage.WITHDRAWN and levels.get(plan.rating) == plan.level]


def next_asked(
    books: Rulebooks, standard: str, in_force: Sequence[R], known: Iterable[Plan], since: datetime
) -> R | None:
    """Return the evaluation for which a plan of `standard` is asked next; None for none.

    in_force  the evaluations that stand; of those up to `since`, as of an imported past, no plan is asked for
    known     the party's plans, in their order
    """
    there = standing(known, in_force)
    for rated in sorted(in_force, key=lambda each: (each.at, each.key)):
        if rated.standard != standard or rated.at <= since or covering(there, standard, rated.at) is not None:
            continue
        if books.version(rated.rulebook).standards[standard].levels[rated.level].plan is not None:
            return rated
    return None
