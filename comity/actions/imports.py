"""Starting with a marketplace that already runs: its past, judged as a whole (decision 24)."""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Count, Model

from comity.actions import facts
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.history import past, source
from comity.lib.ids import uuid7
from comity.policy.facts import PARTIES, Fact, reference
from comity.records import rulebooks
from comity.records.models import Duty, Party, Sanction, Standing

T = TypeVar("T")
#: Lines that are named for each reason, and reasons that are named at all.
MOST_LINES, MOST_REASONS = 1_000, 200
MOST_EXTERNAL_ID_CHARS = 190
CHUNK = 500
OTHER_REASONS = "other reasons"
#: What differs from line to line in a sentence that says what is wrong.
_VALUE = re.compile(r"\([^()]*\)|'[^']*'|\d[\dT:.+-]*")


@dataclass
class Reason:
    """Why lines were refused: the sentence for the first of them, how many there are, and the first MOST_LINES."""

    sentence: str
    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass
class Imported:
    """What came of an import.

    recorded, known  facts that were new, and those that were there already with the same content
    left_out         rows to which Comity comes by itself, by what they are
    before           facts of before any rulebook was in force: nothing follows from them
    made             parties that were not there before, by role
    duties, measures what stands now of the parties whose facts these are, by status
    """

    recorded: int = 0
    known: int = 0
    refused: dict[str, Reason] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    before: int = 0
    parties: int = 0
    made: Counter[str] = field(default_factory=Counter)
    duties: Counter[str] = field(default_factory=Counter)
    measures: Counter[str] = field(default_factory=Counter)

    def refuse(self, line: int, sentence: str) -> None:
        """Note that a line was refused. Sentences that differ in a value alone are one reason."""
        key = _VALUE.sub("…", sentence)
        if key not in self.refused and len(self.refused) >= MOST_REASONS:
            key = sentence = OTHER_REASONS
        reason = self.refused.setdefault(key, Reason(sentence))
        reason.count += 1
        if len(reason.lines) < MOST_LINES:
            reason.lines.append(line)


@dataclass(frozen=True)
class Gathered:
    """The facts of a file, sorted by party in a file of their own.

    lines   by the place of a fact in that file, its line in the one that was given
    others  parties that facts only name
    """

    path: Path
    now: datetime
    count: int
    lines: Sequence[int]
    parties: frozenset[str]
    others: frozenset[str]
    outcome: Imported


Progress = Callable[[int, int], None]


def gather(path: Path, folder: Path, *, now: datetime, told: Progress = lambda done, total: None) -> Gathered:
    """Read a file of facts and sort what can be taken into a file in `folder`. Raises history.errors.BadFile."""
    total = past.amount(path)
    outcome, lines = Imported(), array("q")
    parties: set[str] = set()
    others: set[str] = set()

    def sound() -> Iterator[Fact]:
        for row in past.rows(path, now, told=lambda done: told(done, total)):
            if row.fact is None:
                if row.left_out:
                    outcome.left_out[row.left_out] += 1
                else:
                    outcome.refuse(row.number, row.wrong)
                continue
            if wrong := next((ref for ref in (row.fact.party, *_named(row.fact)) if not _fits(ref)), ""):
                outcome.refuse(
                    row.number, f"{wrong!r:.100} is no id of a party: 1 to {MOST_EXTERNAL_ID_CHARS} characters"
                )
                continue
            parties.add(row.fact.party)
            others.update(_named(row.fact))
            lines.append(row.number)
            yield row.fact

    sorted_ = folder / "facts.parquet"
    count = source.write(sorted_, sound())
    return Gathered(sorted_, now, count, lines, frozenset(parties), frozenset(others - parties), outcome)


def _named(fact: Fact) -> Iterator[str]:
    """Yield the buyer that a fact names."""
    buyer = fact.data.get("buyer")
    if isinstance(buyer, str) and reference(buyer)[0] == "buyer":
        yield buyer


def _fits(ref: str) -> bool:
    return 0 < len(reference(ref)[1]) <= MOST_EXTERNAL_ID_CHARS and "\x00" not in ref


def record(
    actor: Actor, gathered: Gathered, *, make_parties: bool = True, told: Progress = lambda done, total: None
) -> Imported:
    """Record the facts of a past and let them be judged, party by party; return what came of it.

    Parties that are not there are made, named by their ids, unless `make_parties` says otherwise. What was recorded
    before is known, so that an import that was cut off goes on where it was. Raises Refused, Forbidden.
    """
    require(actor, "fact.record")
    first = min((book.in_force_from for book in rulebooks.current()), default=None)
    if first is None:
        raise Refused(["no rulebook is published, so nothing would follow from these facts; publish one first"])
    outcome, done = gathered.outcome, 0
    known = _known(gathered.parties)
    if make_parties:
        known |= _made(gathered.parties - known.keys(), gathered.now, outcome)
    # Who is only named joins with the first order in any case (`records.follow`); many at once join sooner.
    _made(gathered.others - _known(gathered.others).keys(), gathered.now, outcome)
    for ref, numbered in source.numbered_by_party(gathered.path):
        party = known.get(ref)
        if party is None:
            for place, _ in numbered:
                outcome.refuse(gathered.lines[place], f"there is no {ref!r}; add it first, or let parties be made")
        else:
            outcome.before += sum(fact.at < first for _, fact in numbered)
            for answers in facts.record_past(party, ((place, _own(fact, party)) for place, fact in numbered)):
                done += len(answers)
                _count(outcome, gathered, answers)
                told(done, gathered.count)
    _look(outcome, list(known.values()))
    return outcome


def _own(fact: Fact, party: Party) -> Fact:
    """Return a fact whose party is named as Comity names it."""
    if fact.party == party.ref:
        return fact
    own = {name: party.ref for name in ("party", "subject", "matter") if getattr(fact, name) == fact.party}
    return msgspec.structs.replace(fact, **own)


def _count(outcome: Imported, gathered: Gathered, answers: dict[int, facts.Recorded]) -> None:
    for place, answer in answers.items():
        match answer.status:
            case "recorded":
                outcome.recorded += 1
            case "known":
                outcome.known += 1
            case _:
                outcome.refuse(gathered.lines[place], "; ".join(answer.problems))


def _known(refs: Iterable[str]) -> dict[str, Party]:
    """Return the parties that are there, by how the file names them: by the shop's own id, or by ours."""
    found: dict[str, Party] = {}
    for role in PARTIES:
        ids = [identity for of, identity in map(reference, refs) if of == role]
        for some in _chunks(ids):
            rows = Party.objects.filter(role=role, external_id__in=some)
            found |= {f"{role}:{party.external_id}": party for party in rows}
            # The shop's own id first, for it may look like one of ours.
            uuids = {uuid: name for name in some if f"{role}:{name}" not in found and (uuid := _uuid(name))}
            found |= {f"{role}:{uuids[p.uuid]}": p for p in Party.objects.filter(role=role, uuid__in=uuids)}
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _made(refs: Iterable[str], at: datetime, outcome: Imported) -> dict[str, Party]:
    """Make parties, named by their ids, and return them by how the file names them."""
    made: dict[str, Party] = {}
    for some in _chunks(sorted(refs)):
        new = [
            Party(uuid=uuid7(at), role=role, name=identity, external_id=identity, joined_at=at)
            for role, identity in map(reference, some)
        ]
        with transaction.atomic():
            # One that joined meanwhile is left as it is.
            Party.objects.bulk_create(new, ignore_conflicts=True)
            rows = list(Party.objects.filter(uuid__in=[party.uuid for party in new]))
            Standing.objects.bulk_create([Standing(party=party) for party in rows])
        outcome.made.update(party.role for party in rows)
        made |= _known(some)
    return made


def _look(outcome: Imported, parties: Sequence[Party]) -> None:
    """Count what stands now of the parties."""
    outcome.parties = len(parties)
    for some in _chunks([party.pk for party in parties]):
        outcome.duties.update(_by_status(Duty, some))
        outcome.measures.update(_by_status(Sanction, some))


def _by_status(model: type[Model], party_ids: Sequence[int]) -> dict[str, int]:
    rows = model._default_manager.filter(party__in=party_ids).values_list("status").annotate(Count("pk"))
    return {status: count for status, count in rows if status != "overturned"}


def _chunks(things: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(things)
    while some := list(islice(rest, CHUNK)):
        yield some
