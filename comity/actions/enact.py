"""The one door. Whatever happens comes through `enact`: lock the party, let time catch up, append the fact, judge it,
carry out the rulings, append them. One transaction; nothing half-written.

The judging is done by `policy.memory`, the same code that replays history; `records.dossiers` loads what it needs, and
`records.carry_out` writes down what it returns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import TypeVar

import msgspec
from django.db import transaction
from django.db.models import Model

from comity.actions.judging.desk import desk_of, refresh, writing_down
from comity.actions.judging.moments import (
    FOLLOWED,
    act_upon,
    carry_points,
    known_since,
    look_at_links,
    rule_on_moments,
    set_broken_aside,
    settle,
    step_aside,
)
from comity.actions.judging.talks import duties_of, take_turns
from comity.policy import turns
from comity.policy.duties.rulings import Breach
from comity.policy.facts import CLOCK_SKEW_SECONDS, Fact, problems
from comity.policy.memory import Memory, Stuck
from comity.policy.rulings import Ruling
from comity.policy.sanctions.rulings import Charge, Place, Propose
from comity.policy.sitting import import_of
from comity.records import dossiers, journal, statements
from comity.records.follow import World, follow, join, names_more
from comity.records.models import Party, Standing

T = TypeVar("T")
#: How many broken moments may step aside before one fact gives up.
MAX_STEPPING_ASIDE = 20
#: What nobody is told who may be cleared by what comes next.
_ACCUSING = frozenset({Breach.kind, Charge.kind, Propose.kind, Place.kind})
#: Facts of longer ago than that wait to be judged, for so long with nothing more coming, and at most for so long.
FRESH, SETTLES_AFTER, SETTLES_WITHIN = timedelta(hours=1), timedelta(minutes=1), timedelta(minutes=5)
#: So many do not wait for more: they are judged in one transaction.
MOST_UNJUDGED = 2_000
_place = attrgetter("place")


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
    if followed := FOLLOWED.get():
        fact = msgspec.structs.replace(fact, follows=followed)
    # Up to when the fact was noted, not when it happened; else rulings would depend on when the clock ran (decision 3).
    # What a rule brought is noted before time passes on.
    elif standing.unjudged is not None or (standing.next_due is not None and standing.next_due < fact.noted_at):
        rule_on_moments(party, standing, fact.noted_at)
    world = World(party, given=(*rows, *about), standing=standing)
    with writing_down(party, standing, fact.noted_at) as desk:
        memory = desk.sitting.memory
        if followed:
            memory.followed.add(followed)
        dossiers.for_fact(desk.sitting, fact)
        if wrong := _follow(world, [fact], memory):
            raise Refused(list(wrong.values()))
        rulings = memory.note(fact)
    set_broken_aside(party, standing, memory, fact.noted_at)
    take_turns(desk, rulings, [fact], world.newest_messages())
    acted = act_upon(party, rulings, fact.noted_at, memory.rulebooks, known_at=known_since(fact))
    if acted and not followed:
        # Evaluations up to here have been held: a standard that has its first row only now begins with the next.
        rule_on_moments(party, statements.lock(party.pk), fact.noted_at, passed=fact.noted_at)
    look_at_links(party, [fact], fact.noted_at)
    return rulings


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
    with writing_down(party, standing, now) as desk:
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
    set_broken_aside(party, standing, memory, now)
    take_turns(desk, rulings, taken, world.newest_messages())
    if imported:
        carry_points(party, rulings, now, known_at=now)
    elif act_upon(party, rulings, now, memory.rulebooks, known_at=now):
        refresh(standing)
    if taken:
        rule_on_moments(party, standing, now, passed=now)
    if not imported and look_at_links(party, taken, now):
        refresh(standing)
    return refused


def _wait(telling: _Telling) -> Mapping[str, str]:
    """Note facts of the past, to be judged with what else comes within a minute; return what each contradicts.

    They are judged on trial, so that none is noted that cannot be.
    """
    party, standing, world, new = telling.party, telling.standing, telling.world, telling.new
    now = new[0].noted_at
    number = standing.unjudged or standing.chain_seq + 1
    desk = desk_of(party, standing, now)
    dossiers.for_sitting(desk.sitting, new)
    refused = _follow(world, new, desk.sitting.memory)
    taken = [msgspec.structs.replace(fact, sitting=number) for fact in new if fact.id not in refused]
    if not taken:
        return refused
    memory, said = desk.sitting.memory, {fact.subject: fact for fact in taken}
    for talk, message in world.newest_messages().items():
        # What the duties of before say of whose turn it is, else what was said: the new ones are not there yet.
        duties = duties_of(memory, said[talk].matter, talk)
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


def _noted(fact: Fact, standing: Standing) -> Fact:
    """Return `fact` as noted under the lock: whoever had the lock before was first, whatever the clocks said.

    Two at once each read the clock before one of them waits for the other. What is noted in a chain never runs
    backwards, so a replay meets the facts in the order in which they were judged.
    """
    if standing.noted_at is None or standing.noted_at <= fact.noted_at:
        return fact
    return msgspec.structs.replace(fact, noted_at=standing.noted_at)
