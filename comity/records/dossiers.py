"""Dossiers: what the judge must know of a party to judge one fact, or the moments that have passed.

Reads as little as the fact allows: a fact in its turn needs the matter's newest duties; a late one the whole matter.
What else is kept of the party is read when something asks for it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from comity.policy.dossier import EARLIEST, Act
from comity.policy.duties.life import looks_back
from comity.policy.duties.matter import DutyState
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import CLOCK_SKEW_SECONDS, PAUSES, Fact
from comity.policy.lives import remembered
from comity.policy.memory import Memory
from comity.policy.sanctions import points
from comity.policy.time.clocks import Interval, Stretch
from comity.policy.time.deadlines import reach
from comity.records import rulebooks, statements
from comity.records.carry_out import CHARGES, DUTIES, ROWS
from comity.records.carry_out.duties import Falling
from comity.records.carry_out.rows import Sitting
from comity.records.models import Duty, Pause, Standing
from comity.records.tallies import Tallies

#: Most moments ruled on in one transaction; what is left waits for the next.
BATCH = 500
_NO_LIMIT = 1_000_000
#: So far ahead of when it was noted a fact may have happened.
_SKEW = timedelta(seconds=CLOCK_SKEW_SECONDS)
T = TypeVar("T", DutyState, Fact)


def for_fact(sitting: Sitting, fact: Fact) -> None:
    """Load what judging `fact` takes. Moments before `fact.noted_at` have been ruled on already."""
    memory, standing = sitting.memory, sitting.standing
    _leave_word([sitting])
    if fact.kind in PAUSES and fact.matter == memory.party:
        for matter in _matters_touched(standing, reach(fact)):
            _load_whole(sitting, matter, DUTIES.of_matter(standing.party_id, matter)[0])
        return
    last_at, current = DUTIES.of_matter(standing.party_id, fact.matter)
    if (last_at is not None and fact.at <= last_at) or looks_back(memory.rulebooks, fact):
        _load_whole(sitting, fact.matter, last_at)
    else:
        memory.load_matter(fact.matter, current, last_at=last_at)
        # What begins after the last pause is over cannot be lengthened by any.
        since = min((fact.at, *(duty.opened_at for duty in current if duty.live)))
        if standing.paused_until is not None and since < standing.paused_until:
            _load_pauses([(sitting, [fact.matter])])


def for_sitting(sitting: Sitting, facts: Sequence[Fact]) -> None:
    """Load what judging many facts together takes: each matter that they touch, whole. Some statements for all.

    Those of `facts` that the journal holds already are left out of what is known: they are still to be judged.
    """
    memory, standing = sitting.memory, sitting.standing
    _leave_word([sitting])
    matters = {fact.matter for fact in facts}
    for fact in facts:
        if fact.kind in PAUSES and fact.matter == memory.party:
            matters.update(_matters_touched(standing, reach(fact)))
    touched = sorted(matters)
    duties = _by_matter(DUTIES.all_of_matters(standing.party_id, touched))
    told = {fact.id for fact in facts}
    facts_there = statements.facts_of_matters(standing.party_id, touched)
    known = _by_matter(fact for fact in facts_there if fact.id not in told)
    for matter in touched:
        memory.load_matter(matter, duties.get(matter, ()), history=known.get(matter, ()))
    _load_pauses([(sitting, touched)])


def _by_matter(things: Iterable[T]) -> dict[str, list[T]]:
    sorted_out: dict[str, list[T]] = {}
    for thing in things:
        sorted_out.setdefault(thing.matter, []).append(thing)
    return sorted_out


def for_moments(sittings: Sequence[Sitting], now: datetime) -> list[tuple[Sitting, datetime]]:
    """Load what has a moment before `now`, of several parties at once; return those whose turn it is.

    With each comes up to when time may be turned. At most about BATCH duties are loaded, those of the first parties by
    id: of the others nothing is, and they wait. Duties whose judging failed before have stepped aside.
    """
    reached, falling = _falling(sorted(sittings, key=lambda sitting: sitting.standing.party_id), now)
    by_party = {sitting.standing.party_id: sitting for sitting, _ in reached}
    _load_matters(by_party, falling)
    for party_id, duty, current in falling:
        by_party[party_id].memory.load_matter(duty.matter, [duty], older=() if current else (duty.key,))
    for life, kept in ROWS.items():
        if kept is not DUTIES:
            for party_id, state in kept.falling(list(by_party), now):
                by_party[party_id].memory.load(life, [state])
    _leave_word(list(by_party.values()))
    _load_pauses([(sitting, list(sitting.memory.matters)) for sitting in by_party.values()])
    return reached


def _falling(sittings: Sequence[Sitting], now: datetime) -> tuple[list[tuple[Sitting, datetime]], list[Falling]]:
    """Return those of `sittings`, in the order of their parties, of which all duties that fall are read, and these."""
    party_ids = [sitting.standing.party_id for sitting in sittings]
    # One more than a batch tells whether these are all.
    rows = DUTIES.earliest(party_ids, now, BATCH + 1)
    if len(rows) <= BATCH:
        return [(sitting, now) for sitting in sittings], rows
    cut = rows[-1].party_id
    whole = [(sitting, now) for sitting in sittings if sitting.standing.party_id < cut]
    if rows[0].party_id != cut:
        return whole, [row for row in rows if row.party_id < cut]
    # More than a batch of one party: up to the moment of the last.
    one = next(sitting for sitting in sittings if sitting.standing.party_id == cut)
    horizon = rows[-1].duty.next_at or now
    earlier = [row for row in rows if row.duty.next_at != horizon]
    if not earlier:  # more than a batch at one moment: take that moment whole
        horizon = min(now, horizon + timedelta(microseconds=1))
        earlier = DUTIES.earliest([cut], horizon, _NO_LIMIT)
    return [*whole, (one, horizon)], earlier


def _load_matters(by_party: Mapping[int, Sitting], falling: Iterable[Falling]) -> None:
    """Load what else of its matter the moment of a duty asks for. Two statements for all at the most."""
    asking: set[tuple[int, str]] = set()
    looking_back: set[tuple[int, str]] = set()
    for party_id, duty, _ in falling:
        memory = by_party[party_id].memory
        # The breach opens another duty only where none of that kind is open: those of the matter are asked.
        if _has(memory, duty, lambda rule: bool(rule.breach.opens)):
            asking.add((party_id, duty.matter))
        # What stops the duty that begins is read off the matter's facts, too.
        if _has(memory, duty, lambda rule: rule.decided_after is not None or rule.opens_stopped):
            looking_back.add((party_id, duty.matter))
    for party_id, duty in DUTIES.current_of(sorted(asking)):
        by_party[party_id].memory.load_matter(duty.matter, [duty])
    histories: dict[tuple[int, str], list[Fact]] = {}
    for party_id, fact in statements.facts_of_pairs(sorted(looking_back)):
        histories.setdefault((party_id, fact.matter), []).append(fact)
    for (party_id, matter), history in histories.items():
        by_party[party_id].memory.load_matter(matter, (), history=history)


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


def _leave_word(sittings: Sequence[Sitting]) -> None:
    """Let the memories read what is kept of the parties, when something asks for it."""
    for kept in ROWS.values():
        kept.leave_word(sittings)
    for sitting in sittings:
        memory, standing = sitting.memory, sitting.standing
        memory.fetch["act"] = partial(_acts, standing.party_id, remembered(memory.rulebooks))
        if standing.noted_at is not None:
            memory.newest = standing.noted_at + _SKEW
        elif not standing.chain_seq:
            memory.newest = EARLIEST


def _acts(party_id: int, kinds: Collection[str]) -> list[Act]:
    return [Act(key=fact.id, fact=fact) for fact in statements.facts_of_kinds(party_id, kinds)]


def _load_whole(sitting: Sitting, matter: str, last_at: datetime | None) -> None:
    party_id = sitting.standing.party_id
    sitting.memory.load_matter(
        matter,
        DUTIES.all_of_matter(party_id, matter),
        last_at=last_at,
        history=statements.facts_of_matter(party_id, matter),
    )
    _load_pauses([(sitting, [matter])])


def _load_pauses(touched: Sequence[tuple[Sitting, Collection[str]]]) -> None:
    """Load the pauses of parties, and of those of their matters that are named. One statement, where there are any."""
    paused = [(sitting, matters) for sitting, matters in touched if sitting.standing.paused_until is not None]
    if not paused:
        return
    named = {"", *(matter for _, matters in paused for matter in matters)}
    rows = Pause.objects.filter(party_id__in=[sitting.standing.party_id for sitting, _ in paused], matter__in=named)
    stretches: dict[tuple[int, str], list[tuple[int, Stretch]]] = {}
    for row in rows:  # numbered as they were noted: that order says which holiday uses a limit up
        stretches.setdefault((row.party_id, row.matter), []).append((row.pk, (row.begins, row.ends, row.cause)))
    for sitting, matters in paused:
        memory, party_id = sitting.memory, sitting.standing.party_id
        memory.load_matter(memory.party, (), pauses=stretches.get((party_id, ""), ()))
        for matter in matters:
            memory.load_matter(matter, (), pauses=stretches.get((party_id, matter), ()))


def _matters_touched(standing: Standing, pause: Interval) -> list[str]:
    """Return the matters with a duty whose time `pause` may lengthen: due after it began, ended or not."""
    duties = Duty.objects.filter(party_id=standing.party_id, due__gt=pause[0], opened_at__lt=pause[1])
    return sorted(set(duties.values_list("matter", flat=True)))
