"""The judge: by the rules in force, what follows from a fact?

One loop for live traffic, the clock and history, over the lives in the order in which they depend on each other. Each
sees the fact, what is known, and what the lives above it have just ruled. A rule reads its arguments and returns
rulings; the loop alone lets the dossier know of them.
"""

from datetime import datetime
from typing import NamedTuple, Protocol

from comity.policy.dossier import Dossier
from comity.policy.facts import DEADLINE, Fact
from comity.policy.lives import LIVES
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


#: Lives are asked by a number with a bit for each, the first in the table lowest: those that look at the fact, and
#: those that look at what the lives above have ruled (`_Asked`), or at rows that changed.
_AFTER_ROWS = sum(1 << rank for rank, life in enumerate(LIVES) if life.after_rows)
_FIRST_AFTER_ROWS = _AFTER_ROWS & -_AFTER_ROWS


def judge(books: Rulebooks, dossier: Dossier, fact: Fact) -> list[Ruling]:
    """Return what follows from `fact`, in the order in which it is to be carried out; `dossier` knows it then.

    A fact that came late, a pause and the rejection of an answer have the whole matter judged anew: what was ruled too
    early is overturned. A kind of fact that no version mentions has no consequence.
    """
    asked: _Asked = books.kept.get("asked") or _asked(books)
    to_ask = asked.lookers.get(fact.kind, 0) if fact.kind != DEADLINE else _hearers(fact) & asked.awake
    if not to_ask:
        return []
    dossier.begin(books, fact)
    rulings: list[Ruling] = []
    while to_ask:
        lowest = to_ask & -to_ask
        to_ask ^= lowest
        life = LIVES[lowest.bit_length() - 1]
        if ruled := life.rule(books, dossier, fact, rulings):
            dossier.take(life.name, life.apply, ruled)
            for ruling in ruled:
                to_ask |= asked.after[type(ruling)]
            rulings += ruled
        if dossier.changed and lowest < _FIRST_AFTER_ROWS:
            to_ask |= _AFTER_ROWS & asked.awake
    return rulings


#: By the first word of a matter, the lives that hear of its moments.
_MOMENTS = {
    word: sum(1 << rank for rank, life in enumerate(LIVES) if life.moments == word)
    for word in {life.moments for life in LIVES}
}


def _hearers(fact: Fact) -> int:
    """Return the lives that hear of a moment that has passed."""
    word, _, _ = fact.matter.partition(":")
    return _MOMENTS[word] if word in _MOMENTS else _MOMENTS[""]


class _Asked(NamedTuple):
    """Under some rulebooks: who looks at a kind of fact, who at a ruling of those above, and who has any work."""

    lookers: dict[str, int]
    after: dict[type[Ruling], int]
    awake: int


def _asked(books: Rulebooks) -> _Asked:
    asked = _Asked({}, {ruling: 0 for life in LIVES for ruling in life.rulings}, 0)
    for rank, life in enumerate(LIVES):
        if not life.has_work(books):
            continue
        bit, deaf = 1 << rank, life.deaf(books)
        asked = asked._replace(awake=asked.awake | bit)
        for kind in life.kinds(books):
            asked.lookers[kind] = asked.lookers.get(kind, 0) | bit
        for ruling in life.after:
            if ruling not in deaf:
                asked.after[ruling] |= bit
    books.kept["asked"] = asked
    return asked


def deadline(state: Waiting, party: str, *, noted_at: datetime) -> Fact:
    """Return the fact that the moment `state.next_at` has passed. Its id makes sure that it is noted once."""
    if state.next_at is None:
        raise ValueError(f"{state.key} waits for no moment")
    micros = int(state.next_at.timestamp() * 1_000_000)
    return Fact(
        id=f"{state.key}#{state.turn}#{micros:x}",
        kind=DEADLINE,
        at=state.next_at,
        noted_at=noted_at,
        subject=state.subject,
        matter=state.matter,
        party=party,
        data={"of": state.key, "turn": state.turn},
    )
