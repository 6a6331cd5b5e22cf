"""A sitting's desk: a memory to judge with, and the lines that it gives; all of it written down in one go."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from comity.actions import notices
from comity.policy.facts import Fact
from comity.policy.memory import Memory
from comity.policy.rulings import Ruling
from comity.policy.standards.counting import TALLIES
from comity.records import journal, rulebooks, statements
from comity.records.carry_out import LIFE_OF, ROWS, earliest, set_next_due
from comity.records.carry_out.rows import Change, Sitting
from comity.records.models import Party, Standing


@dataclass
class Desk:
    """A sitting and the lines it gives.

    exact  whether the next moment is to be read from the rows afterwards
    quiet  whether nobody is told of what is ruled
    """

    sitting: Sitting
    lines: list[Fact | Ruling]
    exact: bool = False
    quiet: bool = False

    @property
    def rulings(self) -> list[Ruling]:
        """The lines that are rulings."""
        return [line for line in self.lines if isinstance(line, Ruling)]

    @property
    def facts(self) -> list[Fact]:
        """The lines that are facts."""
        return [line for line in self.lines if isinstance(line, Fact)]


def desk_of(party: Party, standing: Standing, noted_at: datetime) -> Desk:
    """Return a desk with nothing on it, to judge a locked party's facts under the rulebooks of now."""
    lines: list[Fact | Ruling] = []
    books = rulebooks.published(getattr(standing, "newest_rulebook", None))
    memory = Memory(books, party.ref, write=lines.append)
    memory.acts = True
    return Desk(Sitting(memory, standing, noted_at), lines)


@contextmanager
def writing_down(party: Party, standing: Standing, noted_at: datetime) -> Iterator[Desk]:
    """Give a memory to judge with; then append its lines, bring the rows up to date and move the standing on."""
    desk = desk_of(party, standing, noted_at)
    yield desk
    write_down([desk])


def refresh(standing: Standing) -> None:
    """Let a standing that is held be what verbs have made of it meanwhile."""
    fresh = statements.lock(standing.party_id)
    for name in (
        "chain_seq",
        "chain_hash",
        "noted_at",
        "next_due",
        "paused_until",
        "unjudged",
        "judge_at",
        "evaluations",
    ):
        setattr(standing, name, getattr(fresh, name))


def write_down(desks: Sequence[Desk]) -> None:
    """Append the lines, bring the rows up to date and move the standings on, of all in the same few statements."""
    if not desks:
        return
    sittings = [desk.sitting for desk in desks]
    lines = [journal.lines(desk.sitting.standing, desk.lines, desk.sitting.noted_at) for desk in desks]
    statements.append_lines([line for of_one in lines for line in of_one])
    rulings = [desk.rulings for desk in desks]
    moments = _carry_out(list(zip(sittings, rulings, strict=True)))
    told = [
        notices.Told(desk.sitting.standing.party_id, ruled, desk.sitting.noted_at, desk.facts)
        for desk, ruled in zip(desks, rulings, strict=True)
        if not desk.quiet
    ]
    heard = [
        notices.Heard(desk.sitting.standing.party_id, desk.facts, desk.sitting.noted_at)
        for desk in desks
        if not desk.quiet
    ]
    statements.add_notices([*notices.for_facts(heard), *notices.for_rulings(sittings[0].memory.rulebooks, told)])
    # After a round of moments the next one can be later than before, and only the rows know which it is.
    if exact := [desk.sitting.standing for desk in desks if desk.exact]:
        set_next_due(exact)
    for desk, waiting in zip(desks, moments, strict=True):
        if not desk.exact:  # it can only come nearer
            standing = desk.sitting.standing
            standing.next_due = earliest([standing.next_due, *waiting])
    statements.save_standings([sitting.standing for sitting in sittings])


def _carry_out(ruled: Sequence[tuple[Sitting, Iterable[Ruling]]]) -> list[list[datetime | None]]:
    """Bring the rows of every life up to date; return for each sitting the moments for which what changed waits."""
    changes: dict[str, list[Change]] = {life: [] for life in ROWS}
    for sitting, rulings in ruled:
        changed: dict[str, dict[str, list[Ruling]]] = {life: {} for life in ROWS}
        for ruling in rulings:
            life = LIFE_OF[type(ruling)].name
            if life in changed:
                changed[life].setdefault(ruling.key, []).append(ruling)
        for life, keys in changed.items():
            changes[life].append(Change(sitting, keys))
    for life, kept in ROWS.items():
        kept.write(changes[life])
    waiting: list[list[datetime | None]] = []
    for place, (sitting, _) in enumerate(ruled):
        shelves = sitting.memory.shelves
        of_one = [shelves[life][key].next_at for life in ROWS for key in changes[life][place].rulings]
        waiting.append([*of_one, *(state.next_at for state in shelves[TALLIES.name].values())])
    return waiting
