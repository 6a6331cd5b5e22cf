"""Rows of the rules once more: what the lines of a chain say that they must be, beside what they are.

The rulings of a chain are carried out again in their order, by the `apply` of each life and the writers of
`records.carry_out`. Rows that do not agree were changed by somebody, or by a fault of ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import transaction

from comity.policy.lives import read_ruling
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.records import statements
from comity.records.carry_out import LIFE_OF, ROWS, set_next_due
from comity.records.carry_out.rows import Rows, Sitting
from comity.records.models import JournalLine, Party, Standing

#: How often rows are looked at without a lock while others write; then with it.
GLANCES = 3
_CHUNK = 2_000
_TABLES = [kept for kept in ROWS.values() if isinstance(kept, Rows)]


class AtOdds(NamedTuple):
    """A row that does not follow from the lines: the life, the key, what is wrong with it."""

    life: str
    key: str
    problem: str


def at_odds(party: Party) -> list[AtOdds]:
    """Return every row of a party that does not follow from its chain. Others may write meanwhile."""
    memory, seen = _empty(party), 0
    for _ in range(GLANCES):
        seen = _carry_out_again(memory, party, after=seen)
        different = list(_compare(memory, party))
        if seen == Standing.objects.values_list("chain_seq", flat=True).get(party=party):
            return different
    with transaction.atomic():
        statements.lock(party.pk)
        _carry_out_again(memory, party, after=seen)
        return list(_compare(memory, party))


def rebuild(party: Party) -> None:
    """Make a party's rows anew from its chain. What a row has beside its state stays; what stepped aside waits on."""
    with transaction.atomic():
        standing = statements.lock(party.pk)
        for kept in _TABLES:
            kept.begin_again(party.pk)
        memory = _empty(party)
        for noted_at, lines in groupby(_rulings(party, after=0), key=attrgetter("noted_at")):
            changed = _take(memory, (read_ruling(line.body) for line in lines))
            for kept in _TABLES:
                kept.write(Sitting(memory, standing, noted_at), changed.get(kept.life.name, {}))
        for kept in _TABLES:
            rows = kept.model._default_manager.filter(party=party)
            rows.exclude(key__in=[state.key for state in memory.of(kept.life.name).values()]).delete()
        set_next_due(standing)
        statements.save_standing(standing)


def rebuild_where_at_odds() -> int:
    """Make the rows of those parties anew whose chain says otherwise; return of how many."""
    different = [party for party in Party.objects.filter(standing__chain_seq__gt=0).order_by("pk") if at_odds(party)]
    for party in different:
        rebuild(party)
    return len(different)


def _empty(party: Party) -> Memory:
    return Memory(Rulebooks(()), party.ref)  # nothing is judged: what was ruled is carried out


def _rulings(party: Party, *, after: int) -> Iterator[JournalLine]:
    lines = JournalLine.objects.filter(party=party, seq__gt=after, fact_id=None)
    return lines.order_by("seq").iterator(_CHUNK)


def _carry_out_again(memory: Memory, party: Party, *, after: int) -> int:
    """Let a memory know of the rulings after line `after`; return the number of the newest line."""
    newest = Standing.objects.values_list("chain_seq", flat=True).get(party=party)
    _take(memory, (read_ruling(line.body) for line in _rulings(party, after=after) if line.seq <= newest))
    return newest


def _take(memory: Memory, ruled: Iterable[Ruling]) -> Mapping[str, Mapping[str, list[Ruling]]]:
    """Let a memory know of rulings; return them by life and key."""
    changed: dict[str, dict[str, list[Ruling]]] = {}
    for ruling in ruled:
        life = LIFE_OF[type(ruling)]
        memory.take(life.name, life.apply, [ruling])
        changed.setdefault(life.name, {}).setdefault(ruling.key, []).append(ruling)
    return changed


def _compare(memory: Memory, party: Party) -> Iterator[AtOdds]:
    for kept in _TABLES:
        life = kept.life.name
        wanted: Mapping[str, Any] = {state.key: state for state in memory.of(life).values()}
        rows = {state.key: state for state in kept.all_of(party.pk)}
        for key in sorted(wanted.keys() | rows.keys()):
            if key not in rows:
                yield AtOdds(life, key, "the row is missing")
            elif key not in wanted:
                yield AtOdds(life, key, "no line speaks of it")
            elif names := [name for name in kept.columns if getattr(rows[key], name) != getattr(wanted[key], name)]:
                yield AtOdds(life, key, f"the lines say otherwise of its {', '.join(names)}")
