"""The one door. Whatever happens comes through `enact`: lock the party, let time catch up, append the fact, judge it,
carry out the rulings, append them. One transaction; nothing half-written.

The judging is done by `policy.memory`, the same code that replays history; `records.dossiers` loads what it needs, and
`records.carry_out` writes down what it returns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Model

from comity.actions import notices
from comity.policy import turns
from comity.policy.dossier import EARLIEST
from comity.policy.duties.rulings import Breach, Warn
from comity.policy.facts import CLOCK_SKEW_SECONDS, PAUSE, Fact, problems
from comity.policy.memory import Memory, Stuck
from comity.policy.rulings import Ruling
from comity.policy.standards.counting import TALLIES
from comity.policy.time import deadlines
from comity.policy.turns import Turn
from comity.records import dossiers, journal, rulebooks, statements
from comity.records.carry_out import EVALUATIONS, LIFE_OF, ROWS, earliest, set_next_due
from comity.records.carry_out.rows import Change, Sitting
from comity.records.models import Message, Party, Pause, Standing

T = TypeVar("T")
#: How many broken moments may step aside before one fact gives up.
MAX_STEPPING_ASIDE = 20
_KEEP_THE_TURN = frozenset({Warn, Breach})
_TICK = timedelta(microseconds=1)
_NO_FACTS: Mapping[str, Fact] = {}


class Together(NamedTuple):
    """Of how many parties moments were looked at together, and how many rulings that gave."""

    parties: int
    rulings: int


class Refused(ValueError):
    """The fact cannot be taken; `problems` says why, one sentence each."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def enact(party: Party, fact: Fact, *, rows: Sequence[Model] = (), once: bool = False) -> list[Ruling] | None:
    """Judge `fact`, one of `party`'s matters, and carry out what follows; return the rulings on it.

    `rows` are new rows that the fact is about, inserted in the same transaction. With `once`, a fact whose id the
    journal knows changes nothing, and None is returned. Raises Refused for a fact that is not sound. A moment whose
    judging fails steps aside (`clock.stuck` shows it); the fact goes through.
    """
    if wrong := list(problems(fact, now=fact.noted_at)):
        raise Refused(wrong)
    return _stepping_aside(party, fact.noted_at, lambda: _enact(party, fact, rows=rows, once=once))


def sit(party: Party, facts: Sequence[Fact]) -> frozenset[str]:
    """Judge facts together, all of `party`'s matters and noted at one moment; return the ids of those that were new.

    What the journal knows by its id changes nothing. Everything is known before anything is judged, so that nobody is
    accused of what the next fact clears (`policy.sitting`). Raises Refused for a fact that is not sound: none is taken.
    """
    if wrong := [problem for fact in facts for problem in problems(fact, now=fact.noted_at)]:
        raise Refused(wrong)
    return _stepping_aside(party, facts[0].noted_at, lambda: _sit(party, facts)) if facts else frozenset()


def _stepping_aside(party: Party, at: datetime, work: Callable[[], T]) -> T:
    """Do `work` in a transaction; again, without them, where moments cannot be ruled on."""
    for _ in range(MAX_STEPPING_ASIDE):
        try:
            with transaction.atomic():
                return work()
        except Stuck as stuck:
            step_aside(party, stuck, at=at)
    raise RuntimeError(f"more than {MAX_STEPPING_ASIDE} moments of {party.ref} cannot be ruled on; see comity clock")


def happened(at: datetime, now: datetime) -> datetime:
    """Return when something happened, given another's clock: a little ahead of ours means now, far ahead is refused."""
    if (at - now).total_seconds() > CLOCK_SKEW_SECONDS:
        raise Refused([f"the time {at.isoformat()} is in the future; here it is {now.isoformat()}"])
    return min(at, now)


def catch_up(party: Party, now: datetime) -> int:
    """Rule on every moment of `party` before `now`; return how many rulings that gave."""
    return _stepping_aside(party, now, lambda: rule_on_moments(party, statements.lock(party.pk), now))


def _enact(party: Party, fact: Fact, *, rows: Sequence[Model], once: bool) -> list[Ruling] | None:
    standing = statements.lock(party.pk)
    fact = _noted(fact, standing)
    # Asked under the lock: of two who tell the same thing at once, the second sees what the first has noted.
    if once and statements.known(party.pk, fact.id):
        return None
    for row in rows:
        statements.insert(row)
    # Up to when the fact was noted, not when it happened; else rulings would depend on when the clock ran (decision 3).
    if standing.next_due is not None and standing.next_due < fact.noted_at:
        rule_on_moments(party, standing, fact.noted_at)
    with _writing_down(party, standing, fact.noted_at) as desk:
        dossiers.for_fact(desk.sitting, fact)
        rulings = desk.sitting.memory.note(fact)
        if fact.kind == PAUSE:
            _record_pause(party, standing, fact)
    message = next((row for row in rows if isinstance(row, Message)), None)
    _take_turns(desk.sitting.memory, rulings, {fact.matter: fact}, message)
    return rulings


def _sit(party: Party, facts: Sequence[Fact]) -> frozenset[str]:
    standing = statements.lock(party.pk)
    known = {fact.id for fact in statements.facts_of_ids(party.pk, [fact.id for fact in facts])}
    once: dict[str, Fact] = {}
    for fact in facts:
        if fact.id not in known:
            once.setdefault(fact.id, fact)
    new = sorted((_noted(fact, standing) for fact in once.values()), key=lambda fact: fact.place)
    if len(new) == 1:
        _enact(party, new[0], rows=(), once=False)
    elif new:
        rule_on_moments(party, standing, new[0].noted_at)
        number = standing.chain_seq + 1
        new = [msgspec.structs.replace(fact, sitting=number) for fact in new]
        with _writing_down(party, standing, new[0].noted_at) as desk:
            dossiers.for_sitting(desk.sitting, new)
            rulings = desk.sitting.memory.sit(new)
            for fact in new:
                if fact.kind == PAUSE:
                    _record_pause(party, standing, fact)
        newest = {fact.matter: fact for fact in new}
        _take_turns(desk.sitting.memory, rulings, newest)
        rule_on_moments(party, standing, new[0].noted_at, passed=new[0].noted_at)
    return frozenset(once)


def _noted(fact: Fact, standing: Standing) -> Fact:
    """Return `fact` as noted under the lock: whoever had the lock before was first, whatever the clocks said.

    Two at once each read the clock before one of them waits for the other. What is noted in a chain never runs
    backwards, so a replay meets the facts in the order in which they were judged.
    """
    if standing.noted_at is None or standing.noted_at <= fact.noted_at:
        return fact
    return msgspec.structs.replace(fact, noted_at=standing.noted_at)


def rule_on_moments(party: Party, standing: Standing, now: datetime, *, passed: datetime = EARLIEST) -> int:
    """Rule on the moments of a locked party before `now`; return how many rulings. Leaves `next_due` exact.

    `passed`: up to when facts were noted already, where moments before it are left (after a sitting).
    Raises policy.memory.Stuck where one cannot be ruled on; the caller rolls back and lets it step aside.
    """
    now = max(now, standing.noted_at or now)
    count = 0
    while standing.next_due is not None and standing.next_due < now:
        count += rule_together([(party, standing)], now, passed=passed).rulings
    return count


def rule_together(locked: Iterable[tuple[Party, Standing]], now: datetime, *, passed: datetime = EARLIEST) -> Together:
    """Rule on the earliest moments of locked parties before `now`.

    As many as are ruled on in one go: of a party of which that was not all, `next_due` is still before `now`.
    """
    desks = {each.party_id: _desk(party, each, max(now, each.noted_at or now)) for party, each in locked}
    reached = dossiers.for_moments([desk.sitting for desk in desks.values()], now)
    for sitting, _ in reached:
        sitting.memory.passed = passed
    ruled = _turned(reached)
    taken = [turn for sitting, rulings in ruled for turn in _turns_by_duties(sitting.memory, rulings)]
    ruled_on = [desks[sitting.standing.party_id] for sitting, _ in ruled]
    for desk in ruled_on:
        desk.exact = True
    _write_down(ruled_on)
    statements.take_turns(taken)
    return Together(len(ruled), sum(len(rulings) for _, rulings in ruled))


def _turned(reached: Sequence[tuple[Sitting, datetime]]) -> list[tuple[Sitting, list[Ruling]]]:
    """Let time pass for parties up to a moment of each; return the rulings.

    Evaluations are held side by side: what they count is counted for all at once.
    """
    ruled: list[tuple[Sitting, list[Ruling]]] = [(sitting, []) for sitting, _ in reached]
    going = [(sitting, until, rulings) for (sitting, until), (_, rulings) in zip(reached, ruled, strict=True)]
    while going:
        halfway = []
        for sitting, until, rulings in going:
            rulings += sitting.memory.turn(until, noted_at=sitting.noted_at, stop=TALLIES.name)
            if (night := EVALUATIONS.next_of(sitting)) is not None and night < until:
                halfway.append((sitting, until, rulings))
        EVALUATIONS.look_ahead([sitting for sitting, _, _ in halfway])
        for sitting, _, rulings in halfway:
            night = EVALUATIONS.next_of(sitting) or sitting.noted_at
            rulings += sitting.memory.turn(night + _TICK, noted_at=sitting.noted_at)
        going = halfway
    return ruled


@dataclass
class _Desk:
    """A sitting, the lines it gives, and whether the next moment is to be read from the rows afterwards."""

    sitting: Sitting
    lines: list[Fact | Ruling]
    exact: bool = False

    @property
    def rulings(self) -> list[Ruling]:
        """The lines that are rulings."""
        return [line for line in self.lines if isinstance(line, Ruling)]


def _desk(party: Party, standing: Standing, noted_at: datetime) -> _Desk:
    lines: list[Fact | Ruling] = []
    books = rulebooks.published(getattr(standing, "newest_rulebook", None))
    return _Desk(Sitting(Memory(books, party.ref, write=lines.append), standing, noted_at), lines)


@contextmanager
def _writing_down(party: Party, standing: Standing, noted_at: datetime) -> Iterator[_Desk]:
    """Give a memory to judge with; then append its lines, bring the rows up to date and move the standing on."""
    desk = _desk(party, standing, noted_at)
    yield desk
    _write_down([desk])


def _write_down(desks: Sequence[_Desk]) -> None:
    """Append the lines, bring the rows up to date and move the standings on, of all in the same few statements."""
    if not desks:
        return
    sittings = [desk.sitting for desk in desks]
    lines = [journal.lines(desk.sitting.standing, desk.lines, desk.sitting.noted_at) for desk in desks]
    statements.append_lines([line for of_one in lines for line in of_one])
    rulings = [desk.rulings for desk in desks]
    moments = _carry_out(list(zip(sittings, rulings, strict=True)))
    told = [notices.Told(of.standing.party_id, ruled, of.noted_at) for of, ruled in zip(sittings, rulings, strict=True)]
    statements.add_notices(notices.for_rulings(sittings[0].memory.rulebooks, told))
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


def _turns_by_duties(memory: Memory, rulings: Iterable[Ruling]) -> Iterator[tuple[UUID, Turn]]:
    """Yield whose turn it is, by the duties as they stand now, in the conversations that rulings are about."""
    for matter in sorted({ruling.matter for ruling in rulings if type(ruling) not in _KEEP_THE_TURN}):
        held = memory.matters.get(matter)
        if held is not None and matter.startswith("conversation:") and (uuid := _uuid(matter)):
            yield uuid, turns.of_duties(memory.rulebooks, held.current.values()) or turns.NOBODY


def _take_turns(
    memory: Memory, rulings: list[Ruling], newest: Mapping[str, Fact] = _NO_FACTS, message: Message | None = None
) -> None:
    """Note in the conversations concerned whose turn it is now, and their newest message.

    `newest`: the newest fact of each matter, where there is one. A warning or a breach leaves the turn where it is.
    """
    changed = {ruling.matter for ruling in rulings if type(ruling) not in _KEEP_THE_TURN}
    for matter in sorted(changed | newest.keys()):
        held = memory.matters.get(matter)
        if held is None or not matter.startswith("conversation:"):
            continue
        duties = held.current.values()
        if fact := newest.get(matter):
            turn = turns.after(memory.rulebooks, duties, fact)
        else:
            turn = turns.of_duties(memory.rulebooks, duties) or turns.NOBODY
        if message is not None:
            statements.take_turn(turn, message=message)
        elif uuid := _uuid(matter):
            statements.take_turn(turn, uuid=uuid)


def _uuid(matter: str) -> UUID | None:
    """Return the id of a conversation of ours; the shop's own have ids of any form."""
    try:
        return UUID(matter.partition(":")[2])
    except ValueError:
        return None


def _record_pause(party: Party, standing: Standing, fact: Fact) -> None:
    begins, ends, cause = deadlines.pauses_of([fact])[0]
    matter = "" if fact.matter == party.ref else fact.matter
    Pause.objects.create(party=party, matter=matter, begins=begins, ends=ends, cause=cause)
    standing.paused_until = max(ends, standing.paused_until or ends)


def step_aside(party: Party, stuck: Stuck, *, at: datetime) -> None:
    """Set a moment aside whose judging failed, so that everything else goes on; agents see it and may try again."""
    why = f"{type(stuck.why).__name__}: {stuck.why}"[:300]
    with transaction.atomic():
        standing = statements.lock(party.pk)
        # In a transaction of its own: the one in which the moment failed is rolled back, and its lock is gone.
        ROWS[stuck.life].step_aside(standing, stuck.key, at=at, why=why)
        set_next_due([standing])
        standing.save(update_fields=["next_due", "evaluations"])
