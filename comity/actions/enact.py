"""The one door. Whatever happens comes through `enact`: lock the party, let time catch up, append the fact, judge it,
carry out the rulings, append them. One transaction; nothing half-written.

The judging is done by `policy.memory`, the same code that replays history; `records.dossiers` loads what it needs, and
`records.carry_out` writes down what it returns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

import msgspec
from django.db import transaction
from django.db.models import Model

from comity.actions import notices
from comity.policy import turns
from comity.policy.dossier import EARLIEST
from comity.policy.duties.matter import DutyState
from comity.policy.duties.rulings import Breach, Warn
from comity.policy.facts import CLOCK_SKEW_SECONDS, Fact, problems, reference, subject_kind
from comity.policy.follows import ACTED_UPON, Follow, OverturnConsequence
from comity.policy.memory import Memory, Stuck
from comity.policy.rulings import Ruling
from comity.policy.sanctions.rulings import Charge, Place, Propose
from comity.policy.sitting import import_of
from comity.policy.standards.counting import TALLIES
from comity.records import dossiers, journal, rulebooks, statements
from comity.records.carry_out import EVALUATIONS, LIFE_OF, ROWS, earliest, set_next_due
from comity.records.carry_out.rows import Change, Sitting
from comity.records.follow import World, follow, join, names_more
from comity.records.models import Message, Party, Standing
from comity.records.statements import TurnOf

T = TypeVar("T")
#: How many broken moments may step aside before one fact gives up.
MAX_STEPPING_ASIDE = 20
_KEEP_THE_TURN = frozenset({Warn, Breach})
_TALK = "conversation"
#: What nobody is told who may be cleared by what comes next.
_ACCUSING = frozenset({Breach.kind, Charge.kind, Propose.kind, Place.kind})
_TICK = timedelta(microseconds=1)


#: Facts of longer ago than that wait to be judged, for so long with nothing more coming, and at most for so long.
FRESH, SETTLES_AFTER, SETTLES_WITHIN = timedelta(hours=1), timedelta(minutes=1), timedelta(minutes=5)
#: So many do not wait for more: they are judged in one transaction.
MOST_UNJUDGED = 2_000


#: The key of the duty of which what follows its breach is carried out: facts that are noted meanwhile follow from it.
_FOLLOWED: ContextVar[str] = ContextVar("followed", default="")


class Together(NamedTuple):
    """Of how many parties moments were looked at together, and how many rulings that gave."""

    parties: int
    rulings: int


class Refused(ValueError):
    """The fact cannot be taken; `problems` says why, one sentence each."""

    def __init__(self, problems: Sequence[str]):
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


def enact(
    party: Party, fact: Fact, *, rows: Sequence[Model] = (), about: Sequence[Model] = (), once: bool = False
) -> list[Ruling] | None:
    """Judge `fact`, one of `party`'s matters, and carry out what follows; return the rulings on it.

    The rows of what it is about follow it (`records.follow`). `rows` are new ones with what no fact holds, inserted in
    the same transaction; `about` those that are there, read under the party's lock: they are changed. With `once`, a
    fact whose id the journal knows changes nothing, and None is returned. Raises Refused for a fact that is not sound,
    or contradicts what is known. A moment whose judging fails steps aside (`clock.stuck` shows it); the fact goes
    through.
    """
    if wrong := list(problems(fact, now=fact.noted_at)):
        raise Refused(wrong)
    return _stepping_aside([party], fact.noted_at, lambda: _enact(party, fact, rows=rows, about=about, once=once))


@dataclass(frozen=True, slots=True)
class Sat:
    """What became of facts that were told together, by their ids.

    known      those that the journal knew, as it has them
    refused    what each contradicts that is not taken, a sentence; all others are new
    judge_at   when the new ones are judged, where they wait for more; None where they are judged
    own_words  gives a fact as the journal has it: with things and parties named as ours are
    """

    known: Mapping[str, Fact]
    refused: Mapping[str, str]
    own_words: Callable[[Fact], Fact]
    judge_at: datetime | None = None


def sit(party: Party, facts: Sequence[Fact], *, imported: bool = False, waits: bool = False) -> Sat:
    """Judge facts together, one or more, all of `party`'s matters and noted at one moment.

    imported  they are a part of its past. Nobody is told of it, and no measure is placed for what was before: that is
              proposed (decision 24)
    waits     they may be a part of what is being told. Where they are not FRESH, and would accuse somebody, they are
              noted, rows follow them, and they are judged with what else comes within a minute (decision 25)

    What the journal knows by its id changes nothing. Everything is known before anything is judged, so that nobody is
    accused of what the next fact clears (`policy.sitting`). Raises Refused for a fact that is not sound: none is taken.
    """
    if wrong := [problem for fact in facts for problem in problems(fact, now=fact.noted_at)]:
        raise Refused(wrong)
    join(facts)
    return _stepping_aside([party], facts[0].noted_at, lambda: _sit(party, facts, imported=imported, waits=waits))


def sit_together(told: Mapping[Party, Fact]) -> Mapping[Party, Sat]:
    """Judge an event that counts for several parties: a fact in the chain of each, in all of them or in none.

    Raises Refused where one is not sound, or contradicts what is known.
    """
    if wrong := [problem for fact in told.values() for problem in problems(fact, now=fact.noted_at)]:
        raise Refused(wrong)
    join(told.values())
    # Everybody locks several in this order; in two orders, two at once could wait for each other for ever.
    parties = sorted(told, key=lambda party: party.pk)

    def work() -> Mapping[Party, Sat]:
        for party in parties:
            statements.lock(party.pk)
        sat = {party: _sit(party, [told[party]]) for party in parties}
        if refused := [sentence for each in sat.values() for sentence in each.refused.values()]:
            raise Refused(refused)
        return sat

    return _stepping_aside(parties, max(fact.noted_at for fact in told.values()), work)


def _stepping_aside(parties: Sequence[Party], at: datetime, work: Callable[[], T]) -> T:
    """Do `work` in a transaction; again, without them, where moments cannot be ruled on."""
    for _ in range(MAX_STEPPING_ASIDE):
        try:
            with transaction.atomic():
                return work()
        except Stuck as stuck:
            step_aside(next(party for party in parties if party.ref == stuck.party), stuck, at=at)
    names = ", ".join(party.ref for party in parties)
    raise RuntimeError(f"more than {MAX_STEPPING_ASIDE} moments of {names} cannot be ruled on; see comity clock")


def happened(at: datetime, now: datetime) -> datetime:
    """Return when something happened, given another's clock: a little ahead of ours means now, far ahead is refused."""
    if (at - now).total_seconds() > CLOCK_SKEW_SECONDS:
        raise Refused([f"the time {at.isoformat()} is in the future; here it is {now.isoformat()}"])
    return min(at, now)


def catch_up(party: Party, now: datetime) -> int:
    """Rule on every moment of `party` before `now`; return how many rulings that gave."""
    return _stepping_aside([party], now, lambda: rule_on_moments(party, statements.lock(party.pk), now))


def _enact(
    party: Party, fact: Fact, *, rows: Sequence[Model], about: Sequence[Model], once: bool
) -> list[Ruling] | None:
    standing = statements.lock(party.pk)
    fact = _noted(fact, standing)
    # Asked under the lock: of two who tell the same thing at once, the second sees what the first has noted.
    if once and statements.known(party.pk, fact.id):
        return None
    for row in rows:
        statements.insert(row)
    if followed := _FOLLOWED.get():
        fact = msgspec.structs.replace(fact, follows=followed)
    # Up to when the fact was noted, not when it happened; else rulings would depend on when the clock ran (decision 3).
    # What a rule brought is noted before time passes on.
    elif standing.unjudged is not None or (standing.next_due is not None and standing.next_due < fact.noted_at):
        rule_on_moments(party, standing, fact.noted_at)
    world = World(party, given=(*rows, *about), standing=standing)
    with _writing_down(party, standing, fact.noted_at) as desk:
        memory = desk.sitting.memory
        if followed:
            memory.followed.add(followed)
        dossiers.for_fact(desk.sitting, fact)
        if wrong := _follow(world, [fact], memory):
            raise Refused(list(wrong.values()))
        rulings = memory.note(fact)
    _take_turns(desk, rulings, [fact], world.newest_messages())
    if _act_upon(party, rulings, fact.noted_at) and not followed:
        rule_on_moments(party, statements.lock(party.pk), fact.noted_at)
    return rulings


def _act_upon(party: Party, rulings: Iterable[Ruling], noted_at: datetime) -> bool:
    """Have the verbs that rulings name do what follows; return whether any was asked. The party is locked.

    What a rule brings is noted before time passes on: a moment that comes after it sees what followed.
    """
    from comity.actions import consequences  # it acts by the verbs, and these come through this door

    asked = False
    for ruling in rulings:
        if isinstance(ruling, OverturnConsequence) or (isinstance(ruling, Follow) and ruling.what in ACTED_UPON):
            asked = True
            token = _FOLLOWED.set(ruling.because if isinstance(ruling, Follow) else "")
            try:
                consequences.act_upon(party, ruling, noted_at=noted_at)
            finally:
                _FOLLOWED.reset(token)
    return asked


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is told of a party whose standing is locked: what the journal knows of it, and what is new, in time."""

    party: Party
    standing: Standing
    world: World
    known: Mapping[str, Fact]
    new: Sequence[Fact]

    def sat(self, refused: Mapping[str, str]) -> Sat:
        """Return what became of it."""
        return Sat(self.known, refused, self.world.own_words, self.standing.judge_at)


def _telling(party: Party, facts: Sequence[Fact]) -> _Telling:
    standing = statements.lock(party.pk)
    world = World(party, standing=standing)
    world.meet(facts)
    told: dict[str, Fact] = {}
    for fact in facts:
        told.setdefault(fact.id, world.own_words(fact))
    known = {fact.id: fact for fact in statements.facts_of_ids(party.pk, list(told))}
    new = sorted((_noted(fact, standing) for fact in told.values() if fact.id not in known), key=_place)
    return _Telling(party, standing, world, known, new)


def _sit(party: Party, facts: Sequence[Fact], *, imported: bool = False, waits: bool = False) -> Sat:
    telling = _telling(party, facts)
    standing, new = telling.standing, telling.new
    if not new:
        return telling.sat({})
    now = new[0].noted_at
    if waits and standing.unjudged is not None:
        return telling.sat(_wait(telling))
    rule_on_moments(party, standing, now)
    if not (waits and any(now - fact.at > FRESH for fact in new)):
        return telling.sat(_judge(telling, imported=imported))
    try:
        with transaction.atomic():
            before = standing.chain_seq
            refused = _judge(telling)
            if statements.kinds_of_rulings(party.pk, after=before) & _ACCUSING:
                raise _Undo
            return telling.sat(refused)
    except _Undo:
        telling = _telling(party, facts)  # anew, for what was judged is undone
    return telling.sat(_wait(telling))


def _judge(telling: _Telling, *, imported: bool = False) -> Mapping[str, str]:
    """Note what is told and judge it together; return what each contradicts that is not taken."""
    party, standing, world, new = telling.party, telling.standing, telling.world, telling.new
    now = new[0].noted_at
    number = standing.chain_seq + 1 if len(new) > 1 or imported else 0
    with _writing_down(party, standing, now) as desk:
        memory, desk.quiet = desk.sitting.memory, imported
        if number:
            dossiers.for_sitting(desk.sitting, new)
        else:
            dossiers.for_fact(desk.sitting, new[0])
        refused = _follow(world, new, memory)
        taken = [fact for fact in new if fact.id not in refused]
        if imported and taken:  # first, so that the number of a sitting leads to it
            taken.insert(0, import_of(taken, number))
        taken = [msgspec.structs.replace(fact, sitting=number) for fact in taken]
        rulings = (memory.sit(taken) if number else memory.note(taken[0])) if taken else []
    _take_turns(desk, rulings, taken, world.newest_messages())
    if not imported and _act_upon(party, rulings, now):
        _copy(statements.lock(party.pk), standing)
    if taken:
        rule_on_moments(party, standing, now, passed=now)
    return refused


def _wait(telling: _Telling) -> Mapping[str, str]:
    """Note facts of the past, to be judged with what else comes within a minute; return what each contradicts.

    They are judged on trial, so that none is noted that cannot be.
    """
    party, standing, world, new = telling.party, telling.standing, telling.world, telling.new
    now = new[0].noted_at
    number = standing.unjudged or standing.chain_seq + 1
    desk = _desk(party, standing, now)
    dossiers.for_sitting(desk.sitting, new)
    refused = _follow(world, new, desk.sitting.memory)
    taken = [msgspec.structs.replace(fact, sitting=number) for fact in new if fact.id not in refused]
    if not taken:
        return refused
    memory, said = desk.sitting.memory, {fact.subject: fact for fact in taken}
    for talk, message in world.newest_messages().items():
        # What the duties of before say of whose turn it is, else what was said: the new ones are not there yet.
        duties = _duties_of(memory, said[talk].matter, talk)
        statements.take_turn(turns.after(memory.rulebooks, duties, said[talk]), message)
    _try(memory, taken)
    statements.append_lines(journal.lines(standing, taken, now))
    began = statements.facts_from(party.pk, number, most=1)[0].noted_at
    standing.unjudged = number
    # Until then, time stands still for the party: a moment that passes may be one that the next request clears.
    standing.judge_at = standing.next_due = min(now + SETTLES_AFTER, began + SETTLES_WITHIN)
    if standing.chain_seq - number >= MOST_UNJUDGED:
        settle(party, standing, now)
        rule_on_moments(party, standing, now)
    else:
        statements.save_standing(standing)
    return refused


class _Undo(Exception):
    """What was tried is rolled back."""


def _try(memory: Memory, facts: Sequence[Fact]) -> None:
    """Judge facts, and undo what that wrote; raise what it raises."""
    try:
        with transaction.atomic():
            memory.sit(facts)
            raise _Undo
    except _Undo:
        pass


def settle(party: Party, standing: Standing, now: datetime) -> int:
    """Judge the facts of a locked party that waited, together; return how many rulings that gave."""
    if standing.unjudged is None:
        return 0
    facts = statements.facts_from(party.pk, standing.unjudged)
    standing.unjudged = standing.judge_at = None
    set_next_due([standing])
    last = facts[-1].noted_at
    with _writing_down(party, standing, max(now, last)) as desk:
        dossiers.for_sitting(desk.sitting, facts)
        rulings = desk.sitting.memory.sit(facts)
        desk.lines[:] = desk.rulings  # the facts are there
    _take_turns(desk, rulings, sorted(facts, key=_place), World(party).messages_of(facts))
    if _act_upon(party, rulings, max(now, last)):
        _copy(statements.lock(party.pk), standing)
    return len(rulings)


def _follow(world: World, facts: Sequence[Fact], memory: Memory) -> dict[str, str]:
    """Let the world follow facts that are told now; return what each contradicts that is not to be taken."""
    world.meet(facts)
    past: dict[str, Sequence[Fact]] = {}
    for fact in facts:
        if known := memory.history.get(fact.matter):
            past[fact.matter] = known
        elif memory.has_seen(fact.matter) and (names_more(fact) or not world.knows(fact.matter)):
            # What a thing is counts for all that was told of it; and what was told before there were rows makes them.
            past[fact.matter] = statements.facts_of_matter(world.party.pk, fact.matter)
    world.meet([fact for of_one in past.values() for fact in of_one])
    refused = follow(world, facts, past)
    world.write()
    return refused


def _place(fact: Fact) -> tuple[datetime, str]:
    return fact.place


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
    count = settle(party, standing, now)
    now = max(now, standing.noted_at or now)
    while standing.next_due is not None and standing.next_due < now:
        count += rule_together([(party, standing)], now, passed=passed).rulings
    return count


def rule_together(locked: Iterable[tuple[Party, Standing]], now: datetime, *, passed: datetime = EARLIEST) -> Together:
    """Rule on the earliest moments of locked parties before `now`.

    As many as are ruled on in one go: of a party of which that was not all, `next_due` is still before `now`.
    """
    parties = {each.party_id: (party, each) for party, each in locked}
    desks = {key: _desk(party, each, max(now, each.noted_at or now)) for key, (party, each) in parties.items()}
    reached = dossiers.for_moments([desk.sitting for desk in desks.values()], now)
    for sitting, _ in reached:
        sitting.memory.passed = passed
    ruled = _turned(reached)
    taken = [turn for sitting, rulings in ruled for turn in _turns_by_duties(sitting, rulings)]
    ruled_on = [desks[sitting.standing.party_id] for sitting, _ in ruled]
    for desk in ruled_on:
        desk.exact = True
    _write_down(ruled_on)
    statements.take_turns(taken)
    for sitting, rulings in ruled:
        party, standing = parties[sitting.standing.party_id]
        if _act_upon(party, rulings, sitting.noted_at):
            _copy(statements.lock(party.pk), standing)
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
            if sitting.memory.halted:  # what follows is carried out first
                continue
            if (night := EVALUATIONS.next_of(sitting)) is not None and night < until:
                halfway.append((sitting, until, rulings))
        EVALUATIONS.look_ahead([sitting for sitting, _, _ in halfway])
        for sitting, _, rulings in halfway:
            night = EVALUATIONS.next_of(sitting) or sitting.noted_at
            rulings += sitting.memory.turn(night + _TICK, noted_at=sitting.noted_at)
        going = [each for each in halfway if not each[0].memory.halted]
    return ruled


@dataclass
class _Desk:
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


def _desk(party: Party, standing: Standing, noted_at: datetime) -> _Desk:
    lines: list[Fact | Ruling] = []
    books = rulebooks.published(getattr(standing, "newest_rulebook", None))
    memory = Memory(books, party.ref, write=lines.append)
    memory.acts = True
    return _Desk(Sitting(memory, standing, noted_at), lines)


def _copy(fresh: Standing, standing: Standing) -> None:
    """Let a standing that is held be what verbs have made of it meanwhile."""
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
    told = [
        notices.Told(desk.sitting.standing.party_id, ruled, desk.sitting.noted_at)
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


def _turns_by_duties(sitting: Sitting, rulings: Iterable[Ruling]) -> Iterator[TurnOf]:
    """Yield whose turn it is, by the duties as they stand now, in the conversations that rulings are about."""
    memory = sitting.memory
    for talk, matter in sorted(_talks(memory, rulings)):
        turn = turns.of_duties(memory.rulebooks, _duties_of(memory, matter, talk)) or turns.NOBODY
        yield TurnOf(sitting.standing.party_id, reference(talk)[1], turn)


def _take_turns(desk: _Desk, rulings: Iterable[Ruling], facts: Sequence[Fact], written: Mapping[str, Message]) -> None:
    """Note in the conversations concerned whose turn it is now, and their newest message (`written`)."""
    memory, party_id = desk.sitting.memory, desk.sitting.standing.party_id
    newest = {fact.subject: fact for fact in facts if subject_kind(fact.subject) == _TALK}
    for talk, matter in sorted(_talks(memory, rulings) | {(name, fact.matter) for name, fact in newest.items()}):
        duties = _duties_of(memory, matter, talk)
        if fact := newest.get(talk):
            turn = turns.after(memory.rulebooks, duties, fact)
        else:
            turn = turns.of_duties(memory.rulebooks, duties) or turns.NOBODY
        if (message := written.get(talk)) is not None:
            statements.take_turn(turn, message)
        elif turn is not None:
            statements.take_turns([TurnOf(party_id, reference(talk)[1], turn)])


def _talks(memory: Memory, rulings: Iterable[Ruling]) -> set[tuple[str, str]]:
    """Return the conversations whose turn rulings may change, each with the matter under which it is judged.

    A warning or a breach leaves the turn where it is. A conversation is its seller's matter, whoever else is judged.
    """
    if subject_kind(memory.party) != "seller":
        return set()
    matters = {ruling.matter for ruling in rulings if type(ruling) not in _KEEP_THE_TURN}
    talks = {(matter, matter) for matter in matters if subject_kind(matter) == _TALK and matter in memory.matters}
    return talks | {
        (duty.subject, matter)
        for matter in matters
        if subject_kind(matter) == "order" and matter in memory.matters
        for duty in memory.matters[matter].current.values()
        if subject_kind(duty.subject) == _TALK
    }


def _duties_of(memory: Memory, matter: str, talk: str) -> list[DutyState]:
    """Return the current duties about a conversation that is judged under a matter."""
    held = memory.matters.get(matter)
    return [duty for duty in held.current.values() if talk in (matter, duty.subject)] if held else []


def step_aside(party: Party, stuck: Stuck, *, at: datetime) -> None:
    """Set a moment aside whose judging failed, so that everything else goes on; agents see it and may try again."""
    why = f"{type(stuck.why).__name__}: {stuck.why}"[:300]
    with transaction.atomic():
        standing = statements.lock(party.pk)
        # In a transaction of its own: the one in which the moment failed is rolled back, and its lock is gone.
        ROWS[stuck.life].step_aside(standing, stuck.key, at=at, why=why)
        set_next_due([standing])
        standing.save(update_fields=["next_due", "evaluations"])
