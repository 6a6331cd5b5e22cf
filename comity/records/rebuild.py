"""Rows of the rules once more: what the lines of a chain say that they must be, beside what they are.

The rulings of a chain are carried out again in their order, by the `apply` of each life and the writers of
`records.carry_out`; what standards count is counted again, of its facts and of the duties that its rulings settled.
Rows that do not agree were changed by somebody, or by a fault of ours.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Min, Q

from comity.policy.facts import DEADLINE, Fact, read_fact
from comity.policy.lives import read_ruling
from comity.policy.memory import Memory
from comity.policy.reviews import counting as reviews
from comity.policy.rulings import Ruling
from comity.policy.standards.counting import TALLIES, counted_anew, rows_of_duty, rows_of_fact
from comity.policy.standards.tally import Tally, merged
from comity.records import journal, rulebooks, statements, tallies
from comity.records.carry_out import LIFE_OF, ROWS, set_next_due
from comity.records.carry_out.rows import Change, Rows, Sitting
from comity.records.follow import again as world_again
from comity.records.models import JournalLine, Party, RulebookVersion, Standing

#: How often rows are looked at without a lock while others write; then with it.
GLANCES = 3
_CHUNK = 2_000
_TABLES = [kept for kept in ROWS.values() if isinstance(kept, Rows)]


class AtOdds(NamedTuple):
    """A row that does not follow from the lines: the life or the kind of row, the key, what is wrong with it."""

    life: str
    key: str
    problem: str


class Broken(ValueError):
    """A chain does not hold: nothing can be made of it."""


def at_odds(party: Party) -> list[AtOdds]:
    """Return every row of a party that does not follow from its chain. Others may write meanwhile.

    Compared are the rows of the lives (duties, findings, ratings, charges, measures with their statements of reasons
    and when they take effect), the rows that standards count, when the party is looked at next, and the rows of the
    world that facts move (orders, parcels, conversations and what these have beside them; `records.follow`).
    """
    again = _Again(party)
    for _ in range(GLANCES):
        seen = again.carry_out()
        different = [*again.compare(), *_world(party, seen)]
        if seen == _head(party):
            return different
    with transaction.atomic():
        statements.lock(party.pk)
        seen = again.carry_out()
        return [*again.compare(), *_world(party, seen)]


def rebuild(party: Party) -> None:
    """Make a party's rows anew from its chain. What a row has beside its state stays; what stepped aside waits on.

    Raises Broken where the chain does not hold.
    """
    if trouble := next(journal.verify(party), None):
        raise Broken(f"the chain of {party.ref} does not hold at line {trouble.seq}: {trouble.problem}")
    with transaction.atomic():
        standing = statements.lock(party.pk)
        for kept in _TABLES:
            kept.begin_again(party.pk)
        again = _Again(party)
        for sitting, changed in again.sittings(standing):
            for kept in _TABLES:
                kept.write([Change(sitting, changed.get(kept.life.name, {}))])
        for kept in _TABLES:
            rows = kept.model._default_manager.filter(party=party)
            no_line = set(rows.values_list("key", flat=True)) - {state.key for state in again.states(kept)}
            for key in no_line:  # few, if any
                rows.filter(key=key).delete()
        if party.role == "seller":
            world_again.rebuild(party, standing)
        tallies.make_anew(party.pk, again.counted.rows)
        if standing.unjudged is None:
            set_next_due([standing])
        statements.save_standing(standing)


def _world(party: Party, head: int) -> Iterator[AtOdds]:
    """Yield the rows of the world that do not follow from the facts."""
    for kind, name, problem in world_again.at_odds(party, head) if party.role == "seller" else ():
        yield AtOdds(kind, name, problem)


def rebuild_where_at_odds() -> tuple[int, list[str]]:
    """Make the rows of those parties anew whose chain says otherwise; return of how many, and whose chain is broken."""
    count, broken = 0, []
    for party in Party.objects.filter(standing__chain_seq__gt=0).order_by("pk"):
        if at_odds(party):
            try:
                rebuild(party)
                count += 1
            except Broken as error:
                broken.append(str(error))
    return count, broken


def _head(party: Party) -> int:
    return Standing.objects.values_list("chain_seq", flat=True).get(party=party)


class _Again:
    """The rulings of a party's chain carried out again, as far as they have been read."""

    def __init__(self, party: Party):
        self.party = party
        self.memory = Memory(rulebooks.current(), party.ref)  # nothing is judged: what was ruled is carried out
        self.counted = _Counted(party, self.memory)
        self._more: dict[tuple[str, str], dict[str, Any]] = {}
        self._seen = 0
        self._trouble = ""

    def carry_out(self) -> int:
        """Carry out what has come since; return the number of the newest line."""
        standing = Standing.objects.get(party=self.party)
        try:
            for sitting, changed in self.sittings(standing):
                for kept in _TABLES:
                    for key, ruled in changed.get(kept.life.name, {}).items():
                        more = kept.more(sitting, self.memory.of(kept.life.name)[key], ruled)
                        self._more.setdefault((kept.life.name, key), {}).update(more)
        except (LookupError, ValueError, TypeError, msgspec.MsgspecError) as error:
            self._trouble = f"the lines cannot be carried out: {type(error).__name__}: {error}"
        return standing.chain_seq

    def sittings(self, standing: Standing) -> Iterator[tuple[Sitting, Mapping[str, Mapping[str, list[Ruling]]]]]:
        """Let the memory know of the rulings up to the head of `standing`, those of one moment at once.

        Facts that wait to be judged have brought nothing yet.
        """
        head = standing.chain_seq if standing.unjudged is None else standing.unjudged - 1
        rulings_and_counted = Q(fact_id=None) | Q(kind__in=TALLIES.kinds(self.memory.rulebooks))
        lines = JournalLine.objects.filter(
            rulings_and_counted, party=self.party, seq__gt=self._seen, seq__lte=head
        ).order_by("seq")
        begins = self._begins(head)
        # What was written together: of one moment, since a fact was told.
        together = groupby(lines.iterator(_CHUNK), key=lambda line: (line.noted_at, bisect_right(begins, line.seq)))
        for (noted_at, _), some in together:
            changed: dict[str, dict[str, list[Ruling]]] = {}
            for line in some:
                self.counted.come_to(line.seq)
                if line.fact_id is not None:
                    self.counted.count(read_fact(line.body), line.seq)
                    continue
                ruling = read_ruling(line.body)
                life = LIFE_OF[type(ruling)]
                self.memory.take(life.name, life.apply, [ruling])
                self.counted.note(ruling)
                changed.setdefault(life.name, {}).setdefault(ruling.key, []).append(ruling)
            self.counted.count_settled()
            yield Sitting(self.memory, standing, noted_at), changed
        self._seen = head

    def _begins(self, head: int) -> list[int]:
        """Return the numbers of the lines of facts that were told, the first of each sitting."""
        told = JournalLine.objects.filter(party=self.party, seq__gt=self._seen, seq__lte=head, fact_id__isnull=False)
        numbers = list(told.exclude(kind=DEADLINE).order_by("seq").values_list("seq", flat=True))
        return [seq for before, seq in zip([-1, *numbers], numbers, strict=False) if seq != before + 1]

    def states(self, kept: Rows) -> list[Any]:
        """Return the states of a life as the lines have them."""
        return list(self.memory.of(kept.life.name).values())

    def compare(self) -> Iterator[AtOdds]:
        """Yield what is otherwise in the rows."""
        if self._trouble:
            yield AtOdds("", "", self._trouble)
            return
        for kept in _TABLES:
            life = kept.life.name
            wanted: Mapping[str, Any] = {state.key: state for state in self.states(kept)}
            rows = {key: (state, more) for key, state, more in kept.as_they_are(self.party.pk)}
            for key in sorted(wanted.keys() | rows.keys()):
                if key not in rows:
                    yield AtOdds(life, key, "the row is missing")
                elif key not in wanted:
                    yield AtOdds(life, key, "no line speaks of it")
                elif names := _otherwise(kept, wanted[key], self._more.get((life, key), {}), *rows[key]):
                    yield AtOdds(life, key, f"the lines say otherwise of its {', '.join(names)}")
        yield from self.counted.compare(tallies.as_they_are(self.party.pk))
        standing = Standing.objects.get(party=self.party)
        if standing.unjudged is not None:
            return  # time stands still for it
        said = standing.next_due
        set_next_due([standing])
        if standing.next_due is not None and (said is None or said > standing.next_due):
            yield AtOdds("", "", "the party is looked at later than something of it falls due")


class _Counted:
    """What standards count, counted again while a chain's lines go by: `rows` by standard and subject.

    A duty is counted as it stands once all is ruled that a fact brought. Between two facts rulings follow each other
    without a gap; a gap is a fact that no standard counts, such as a moment that passed.
    """

    def __init__(self, party: Party, memory: Memory):
        self.rows: dict[tuple[str, str], Tally] = {}
        self._party, self._memory = party, memory
        self._settled: dict[str, None] = {}
        self._newest = 0
        # What was told before there were any rules was counted by none, though the first may bind from earlier on.
        self._since = RulebookVersion.objects.aggregate(first=Min("published_at"))["first"]

    def come_to(self, seq: int) -> None:
        """Come to the line `seq`; where lines were passed over, what the fact before brought is all there."""
        if seq != self._newest + 1:
            self.count_settled()
        self._newest = seq

    def count(self, fact: Fact, seq: int) -> None:
        """Count the fact of line `seq`."""
        self.count_settled()
        if self._since is None or fact.noted_at < self._since:
            return
        if known := self._known_of_reviews(fact, seq):
            for row in counted_anew(self._memory.rulebooks, self._memory.party, fact, known):
                self.rows[row.standard, row.subject] = row
        else:
            for row in rows_of_fact(self._memory.rulebooks.in_force(fact.at), self._memory.party, fact):
                place = row.standard, row.subject
                self.rows[place] = merged(self.rows.get(place), row)

    def _known_of_reviews(self, fact: Fact, seq: int) -> Sequence[Fact]:
        """Return the facts of the matter up to line `seq`, where a review among them was changed; else none."""
        if fact.kind not in reviews.KINDS:
            return ()
        known = list(journal.facts_of(self._party, matter=fact.matter, head=seq))
        return known if any(each.kind in reviews.CORRECTIONS for each in known) else ()

    def note(self, ruling: Ruling) -> None:
        """Note a duty that a ruling settles."""
        if type(ruling) in TALLIES.after:
            self._settled[ruling.key] = None

    def count_settled(self) -> None:
        """Count the duties that were settled."""
        for key in self._settled:
            for row in rows_of_duty(self._memory.rulebooks, self._memory.duties[key]):
                self.rows[row.standard, row.subject] = row
        self._settled.clear()

    def compare(self, rows: Mapping[tuple[str, str], Tally]) -> Iterator[AtOdds]:
        """Yield what is otherwise in `rows`."""
        for place in sorted(self.rows.keys() | rows.keys()):
            wanted, row = self.rows.get(place), rows.get(place)
            if wanted == row:
                continue
            if row is None:
                why = "the row is missing"
            elif wanted is None:
                why = "no line speaks of it"
            else:
                names = (name for name in Tally.__struct_fields__ if getattr(row, name) != getattr(wanted, name))
                why = f"the lines say otherwise of its {', '.join(names)}"
            yield AtOdds(TALLIES.name, " ".join(place), f"the standard counts otherwise: {why}")


def _otherwise(kept: Rows, state: Any, more: Mapping[str, Any], row: Any, extra: Mapping[str, Any]) -> list[str]:
    """Return the names of the columns that do not say what the state says."""
    if row is None:
        return ["columns: they cannot be read"]
    names = [name for name in kept.columns if getattr(row, name) != getattr(state, name)]
    return names + [name for name, value in more.items() if _plain(value) != _plain(extra[name])]


def _plain(value: Any) -> Any:
    """Return a value as it can be compared, however the engine gives it: JSON as its values, moments in UTC."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return statements.moment(value)
    return statements.moment(value) if isinstance(value, datetime) else value
