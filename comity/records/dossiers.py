"""Dossiers: what the judge must know of a party to judge one fact, or the moments that have passed.

Reads as little as the fact allows: a fact in its turn needs the matter's newest duties; a late one the whole matter.
What else is kept of the party is read when something asks for it.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Q

from comity.policy.dossier import Act
from comity.policy.duties.life import looks_back
from comity.policy.duties.matter import DutyState
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import PAUSE, Fact
from comity.policy.lives import remembered
from comity.policy.memory import Memory
from comity.policy.sanctions import points
from comity.policy.time.clocks import Interval
from comity.policy.time.deadlines import pauses_of
from comity.records import rulebooks, statements
from comity.records.carry_out import CHARGES, DUTIES, ROWS
from comity.records.carry_out.rows import Sitting
from comity.records.models import Duty, Pause, Standing
from comity.records.tallies import Tallies

#: Most moments ruled on in one transaction; what is left waits for the next.
BATCH = 500
_NO_LIMIT = 1_000_000
T = TypeVar("T", DutyState, Fact)


def for_fact(sitting: Sitting, fact: Fact) -> None:
    """Load what judging `fact` takes. Moments before `fact.noted_at` have been ruled on already."""
    memory, standing = sitting.memory, sitting.standing
    _leave_word(sitting)
    if fact.kind == PAUSE and fact.matter == memory.party:
        begin, end, _ = pauses_of([fact])[0]
        for matter in _matters_touched(standing, (begin, end)):
            _load_whole(memory, standing, matter, DUTIES.of_matter(standing.party_id, matter)[0])
        return
    last_at, current = DUTIES.of_matter(standing.party_id, fact.matter)
    if (last_at is not None and fact.at <= last_at) or looks_back(memory.rulebooks, fact):
        _load_whole(memory, standing, fact.matter, last_at)
    else:
        memory.load_matter(fact.matter, current, last_at=last_at)
        # What begins after the last pause is over cannot be lengthened by any.
        if standing.paused_until is not None and fact.at < standing.paused_until:
            _load_pauses(memory, standing, fact.matter)


def for_sitting(sitting: Sitting, facts: Sequence[Fact]) -> None:
    """Load what judging many facts together takes: each matter that they touch, whole. Some statements for all."""
    memory, standing = sitting.memory, sitting.standing
    _leave_word(sitting)
    matters = {fact.matter for fact in facts}
    for fact in facts:
        if fact.kind == PAUSE and fact.matter == memory.party:
            begin, end, _ = pauses_of([fact])[0]
            matters.update(_matters_touched(standing, (begin, end)))
    touched = sorted(matters)
    duties = _by_matter(DUTIES.all_of_matters(standing.party_id, touched))
    known = _by_matter(statements.facts_of_matters(standing.party_id, touched))
    for matter in touched:
        memory.load_matter(matter, duties.get(matter, ()), history=known.get(matter, ()))
        if standing.paused_until is not None:
            _load_pauses(memory, standing, matter)


def _by_matter(things: Iterable[T]) -> dict[str, list[T]]:
    sorted_out: dict[str, list[T]] = {}
    for thing in things:
        sorted_out.setdefault(thing.matter, []).append(thing)
    return sorted_out


def for_moments(sitting: Sitting, now: datetime) -> datetime:
    """Load what has a moment before `now`, and return up to when time may be turned.

    At most about BATCH duties: the earliest. Those whose judging failed before have stepped aside.
    """
    memory, standing = sitting.memory, sitting.standing
    rows, horizon = _falling(standing, now)
    for duty, current in rows:
        # The breach opens another duty only where none of that kind is open: those of the matter are asked.
        if _has(memory, duty, lambda rule: bool(rule.breach.opens)):
            memory.load_matter(duty.matter, DUTIES.of_matter(standing.party_id, duty.matter)[1])
        if _has(memory, duty, lambda rule: rule.decided_after is not None) and duty.matter not in memory.history:
            memory.load_matter(duty.matter, (), history=statements.facts_of_matter(standing.party_id, duty.matter))
        memory.load_matter(duty.matter, [duty], older=() if current else (duty.key,))
    for life, kept in ROWS.items():
        if kept is not DUTIES:
            memory.load(life, kept.falling(standing, horizon))
    _leave_word(sitting)
    if standing.paused_until is not None:
        for matter in {duty.matter for duty, _ in rows} or {""}:
            _load_pauses(memory, standing, matter)
    return horizon


def _falling(standing: Standing, now: datetime) -> tuple[list[tuple[DutyState, bool]], datetime]:
    """Return the duties with a moment before `now`, each with whether it is current, and up to when these are all."""
    # One more than a batch tells whether these are all.
    rows = DUTIES.earliest(standing.party_id, now, BATCH + 1)
    if len(rows) <= BATCH:
        return rows, now
    horizon = rows[-1][0].next_at or now
    earlier = [row for row in rows if row[0].next_at != horizon]
    if not earlier:  # more than a batch at one moment: take that moment whole
        horizon = min(now, horizon + timedelta(microseconds=1))
        earlier = DUTIES.earliest(standing.party_id, horizon, _NO_LIMIT)
    return earlier, horizon


def _has(memory: Memory, duty: DutyState, asked: Callable[[DutyRule], bool]) -> bool:
    """Whether the rule of `duty` is as asked. One whose rule is not known: no."""
    try:
        return asked(memory.rulebooks.version(duty.rulebook).by_name[duty.rule])
    except LookupError:
        return False


def points_of(party_id: int, now: datetime) -> dict[str, int]:
    """Return the points, or the score, of each ledger of the rules in force at `now`."""
    book = rulebooks.current().in_force(now)
    if book is None:
        return {}
    charges = CHARGES.read(party_id, " AND overturned_at IS NULL")
    rows = Tallies(party_id)
    return {name: points.standing(book, name, charges, now, rows) for name in book.ledgers}


def _leave_word(sitting: Sitting) -> None:
    """Let the memory read what is kept of the party, when something asks for it."""
    for kept in ROWS.values():
        kept.leave_word(sitting)
    party_id, kinds = sitting.standing.party_id, remembered(sitting.memory.rulebooks)
    sitting.memory.fetch["act"] = lambda: [
        Act(key=fact.id, fact=fact) for fact in statements.facts_of_kinds(party_id, kinds)
    ]


def _load_whole(memory: Memory, standing: Standing, matter: str, last_at: datetime | None) -> None:
    memory.load_matter(
        matter,
        DUTIES.all_of_matter(standing.party_id, matter),
        last_at=last_at,
        history=statements.facts_of_matter(standing.party_id, matter),
    )
    if standing.paused_until is not None:
        _load_pauses(memory, standing, matter)


def _load_pauses(memory: Memory, standing: Standing, matter: str) -> None:
    rows = list(Pause.objects.filter(Q(matter="") | Q(matter=matter), party_id=standing.party_id))
    for name, of in ((matter, matter), (memory.party, "")):
        memory.load_matter(name, (), pauses=[(row.begins, row.ends, row.cause) for row in rows if row.matter == of])


def _matters_touched(standing: Standing, pause: Interval) -> list[str]:
    """Return the matters with a duty whose time `pause` may lengthen: due after it began, ended or not."""
    duties = Duty.objects.filter(party_id=standing.party_id, due__gt=pause[0], opened_at__lt=pause[1])
    return sorted(set(duties.values_list("matter", flat=True)))
