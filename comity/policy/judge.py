"""The judge: by the rules in force, what follows from a fact?

One loop for live traffic, the clock and history, over the lives in the order in which they depend on each other. Each
sees the fact, what is known, and what the lives above it have just ruled. A rule reads its arguments and returns
rulings; the loop alone lets the dossier know of them.
"""

from datetime import datetime
from typing import Protocol

from comity.policy.dossier import Dossier
from comity.policy.facts import DEADLINE, Fact
from comity.policy.lives import ALWAYS_JUDGED, LIVES
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling


class Waiting(Protocol):
    """A state that waits for a moment. `turn` tells moments of one state apart that could fall at the same time."""

    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def matter(self) -> str: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def turn(self) -> int: ...  # noqa: D102
    @property
    def next_at(self) -> datetime | None: ...  # noqa: D102


def judge(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """Return what follows from `fact`, in the order in which it is to be carried out; `dossier` knows it then.

    A fact that came late, a pause and the rejection of an answer have the whole matter judged anew: what was ruled too
    early is overturned. A kind of fact that no version mentions is remembered by the caller, and has no consequence.
    """
    if fact.kind not in books.mentioned and fact.kind not in ALWAYS_JUDGED:
        return []
    dossier.begin(books, fact)
    rulings: list[Ruling] = []
    for life in LIVES:
        if life.concerns(books, dossier, fact, rulings) and (ruled := life.rule(books, dossier, fact, rulings)):
            dossier.take(life.name, life.apply, ruled)
            rulings += ruled
    return rulings


def deadline(state: Waiting, party: str, *, noted_at: datetime) -> Fact:
    """Return the fact that the moment `state.next_at` has passed. Its id makes sure that it is noted once."""
    if state.next_at is None:
        raise ValueError(f"{state.key} waits for no moment")
    micros = int(state.next_at.timestamp() * 1_000_000)
    return Fact(
        id=f"{state.key}#{state.turn}#{micros:x}", kind=DEADLINE, at=state.next_at, noted_at=noted_at,
        subject=state.subject, matter=state.matter, party=party, data={"of": state.key, "turn": state.turn},
    )  # fmt: skip
