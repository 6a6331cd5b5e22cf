"""A party's matters held in memory: what `records/` is in a database, for replays, comparisons and tests.

`note` is the pure twin of `actions.enact`: let time catch up, judge, let time catch up again.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from comity.policy.dossier import Act, Apply, Dossier
from comity.policy.duties.matter import DutyState, DutyStatus, Matter
from comity.policy.facts import Fact
from comity.policy.follows import ACTED_UPON, Follow, told_by
from comity.policy.judge import deadline, judge
from comity.policy.lives import LIVES, remembered
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.sanctions.measures import MeasureState
from comity.policy.sanctions.points import ChargeState
from comity.policy.sitting import judge_together, sittings
from comity.policy.standards.rating import RatingState
from comity.policy.standards.running import Tallies
from comity.policy.time.clocks import Stretch

_RANK = {life.name: rank for rank, life in enumerate(LIVES)}
_NAMES = [life.name for life in LIVES]
_QUIET = [life.quiet for life in LIVES]


class Stuck(RuntimeError):
    """Ruling on a passed moment failed. `party`, `life`, `key` name the state that waited, so that it steps aside."""

    def __init__(self, party: str, life: str, key: str, why: Exception):
        super().__init__(f"{life} {key}: {type(why).__name__}: {why}")
        self.party, self.life, self.key, self.why = party, life, key, why


class Memory(Dossier):
    """One party's facts judged so far, and the moments that its states wait for. Not for sharing between threads.

    Holds everything in a replay. Live, `records.dossiers` loads into it what a fact or a moment may touch.
    """

    __slots__ = ("_awaited", "_remembered", "_stops", "_timers", "_write", "acts", "followed", "halted", "rulebooks")

    def __init__(self, rulebooks: Rulebooks, party: str, write: Callable[[Fact | Ruling], None] | None = None):
        """`write` is given every fact and ruling in the order in which they belong in the journal."""
        super().__init__(party, {life.name: life.shelf() for life in LIVES} | {"peer": {}, "act": {}}, Tallies())
        self.rulebooks = rulebooks
        self._write = write
        self._remembered = remembered(rulebooks)
        #: Whether what follows a breach is acted upon: then time stops after a moment that brings such a thing.
        self.acts = self.halted = False
        #: What facts to be replayed follow; and whether time stops for these now, as it did when they were noted.
        self._awaited: frozenset[str] = frozenset()
        self._stops = False
        #: Keys of the duties whose breaches brought something so far.
        self.followed: set[str] = set()
        #: By moment, and at one moment in the order of the lives.
        self._timers: list[tuple[datetime, int, str]] = []

    def note(self, fact: Fact) -> list[Ruling]:
        """Judge `fact` as of the moment it was noted, and return every ruling, those of passed moments first."""
        timers, noted_at = self._timers, fact.noted_at
        rulings = self._catch_up(fact) if timers and timers[0][0] < noted_at else []
        # Evaluations before are over: a standard that has its first row now begins with the next (`counting`). What
        # follows a ruling is noted before they are held.
        passed, self.passed = self.passed, noted_at
        if self._write is not None:
            self._write(fact)
        rulings += judge(self.rulebooks, self, fact)
        if fact.follows:
            self.passed = passed
        self.remember(fact)
        if fact.kind in self._remembered:
            self.shelves["act"][fact.id] = Act(key=fact.id, fact=fact)
        if timers and timers[0][0] < noted_at and not fact.follows:
            rulings += self._go_on(rulings, noted_at)
        return rulings

    def _go_on(self, ruled: Iterable[Ruling], noted_at: datetime) -> list[Ruling]:
        """Let time pass to when a fact was noted, but for what is told first: a measure of before."""
        if any(ruling.at < noted_at and self._is_awaited(ruling) for ruling in ruled):
            return []
        self._stops = True
        rulings = self.turn(noted_at)
        self._stops = False
        return rulings

    def _catch_up(self, fact: Fact) -> list[Ruling]:
        """Let time pass to when `fact` was noted; for what a rule brought, no further than the ruling that did."""
        if not fact.follows:
            return self.turn(fact.noted_at)
        rulings: list[Ruling] = []
        acts, self.acts = self.acts, True
        while fact.follows not in self.followed and self._timers and self._timers[0][0] < fact.noted_at:
            rulings += self.turn(fact.noted_at)
        self.acts = acts
        return rulings

    def sit(self, facts: Sequence[Fact]) -> list[Ruling]:
        """Judge facts together, as if all were noted when the last of them was, and return every ruling.

        Time has caught up with the moment at which the first was noted, and catches up with the last afterwards.
        """
        self.passed = noted_at = facts[-1].noted_at
        facts = [fact if fact.noted_at == noted_at else replace(fact, noted_at=noted_at) for fact in facts]
        for fact in facts:
            if self._write is not None:
                self._write(fact)
            self.remember(fact)
            if fact.kind in self._remembered:
                self.shelves["act"][fact.id] = Act(key=fact.id, fact=fact)
        return judge_together(self.rulebooks, self, sorted(facts, key=lambda fact: fact.place))

    def replay(self, facts: Sequence[Fact]) -> list[Ruling]:
        """Judge facts as they were judged, alone or in sittings, and return every ruling."""
        rulings: list[Ruling] = []
        self._awaited = frozenset(fact.follows for fact in facts if fact.follows)
        if not any(fact.sitting for fact in facts):  # nearly always, and then grouping would cost for nothing
            for fact in facts:
                rulings += self.note(fact)
            return rulings
        for group in sittings(facts):
            if group[0].sitting:
                rulings += self.turn(group[0].noted_at)
                rulings += (ruled := self.sit(group))
                rulings += self._go_on(ruled, group[-1].noted_at)
            else:
                rulings += self.note(group[0])
        return rulings

    def turn(self, now: datetime, *, noted_at: datetime | None = None, stop: str = "") -> list[Ruling]:
        """Let time pass to `now`: rule on every moment before it, in order.

        noted_at  where that is later
        stop      a life before whose first moment time stops
        """
        rulings: list[Ruling] = []
        self.halted = False
        while self._timers and self._timers[0][0] < now and not self.halted:
            if stop and self.waits_for(stop):
                break
            at, rank, key = heapq.heappop(self._timers)
            shelf = self.shelves[_NAMES[rank]]
            waiting = shelf.get(key)
            # Settled or moved since: a timer is passed over then, which is cheaper than taking it out.
            if waiting is None or waiting.next_at != at:
                continue
            if self._write is None and (quiet := _QUIET[rank]) is not None:
                if (passed := quiet(self.rulebooks, self, waiting)) is not None:
                    self.keep(_NAMES[rank], passed)
                    continue
            fact = deadline(waiting, self.party, noted_at=noted_at or now)
            try:
                if self._write is not None:
                    self._write(fact)
                ruled = judge(self.rulebooks, self, fact)
            # What a state or rule that does not fit raises. Everything else, such as a lost database, is not the
            # moment's fault.
            except (LookupError, ValueError, TypeError, ArithmeticError) as error:
                raise Stuck(self.party, _NAMES[rank], key, error) from error
            rulings += ruled
            self.halted = any(self._waits_to_be_done(each) for each in ruled)
            # It would fall again, for ever.
            if shelf.get(key).next_at == at:
                raise Stuck(self.party, _NAMES[rank], key, RuntimeError("nothing followed from its moment"))
            self.saw(fact.matter, at)
        return rulings

    def _waits_to_be_done(self, ruling: Ruling) -> bool:
        """Whether time waits until what a ruling of a moment brings is done, or told."""
        if self.acts and isinstance(ruling, Follow) and ruling.what in ACTED_UPON:
            return True
        return (self.acts or self._stops) and self._is_awaited(ruling)

    def _is_awaited(self, ruling: Ruling) -> bool:
        """Whether a ruling is told by a fact that comes: live, each is that is told at all."""
        told = told_by(self.rulebooks, ruling)
        return bool(told) and (self.acts or told in self._awaited)

    def waits_for(self, life: str) -> bool:
        """Whether the moment that comes next is one of that life."""
        at, rank, key = self._timers[0]
        if _NAMES[rank] != life:
            return False
        waiting = self.shelves[life].get(key)
        return waiting is not None and waiting.next_at == at

    def load(self, life: str, states: Iterable[Any]) -> None:
        """Take up states as they stand."""
        for state in states:
            self.keep(life, state)

    def load_matter(
        self,
        name: str,
        duties: Iterable[DutyState],
        *,
        last_at: datetime | None = None,
        history: Iterable[Fact] = (),
        pauses: Iterable[tuple[int, Stretch]] = (),
        older: Iterable[str] = (),
    ) -> None:
        """Take up a matter as it stands; more of its duties may follow in a second call.

        `older` are keys of duties among them whose place a newer one has taken.
        """
        self.matter(name).older.update(older)
        self.load("duty", sorted(duties, key=lambda duty: duty.place))
        self.recall(name, last_at=last_at, facts=history, pauses=pauses)

    def take(self, life: str, apply: Apply | None, rulings: Iterable[Ruling]) -> None:
        """Let what a life has ruled be known, wait for its moments, and write it down."""
        shelf, rank, last = self.of(life), _RANK[life], self._last
        for ruling in rulings:
            if apply is not None:
                key = ruling.key
                state = shelf[key] = apply(shelf.get(key), ruling)
                if (at := state.next_at) is not None:
                    heapq.heappush(self._timers, (at, rank, key))
            seen = last.get(ruling.matter)
            if seen is None or ruling.at > seen:  # as `saw`, in the innermost of a replay
                last[ruling.matter] = ruling.at
            if self._write is not None:
                self._write(ruling)
            if isinstance(ruling, Follow):
                self.followed.add(ruling.because)
            elif told := told_by(self.rulebooks, ruling):
                self.followed.add(told)

    def keep(self, life: str, state: Any) -> None:
        """Hold `state` in place of the one before it, and wait for its moment."""
        self.shelves[life][state.key] = state
        if (at := state.next_at) is not None:
            heapq.heappush(self._timers, (at, _RANK[life], state.key))

    # What stands, for whoever compares

    @property
    def matters(self) -> dict[str, Matter]:
        """The matters that have been looked at, with their duties."""
        return self.duties.matters

    @property
    def charges(self) -> dict[str, ChargeState]:
        """The charges in force."""
        return {charge.key: charge for charge in self.in_force("charge")}

    @property
    def measures(self) -> dict[str, MeasureState]:
        """Every measure there was."""
        measures: dict[str, MeasureState] = self.of("sanction")
        return measures

    @property
    def ratings(self) -> dict[str, RatingState]:
        """The ratings in force."""
        return {rated.key: rated for rated in self.in_force("rating")}

    def all_duties(self) -> Iterator[DutyState]:
        """Every duty there is, overturned ones left out."""
        return (duty for duty in self.duties.values() if duty.status is not DutyStatus.OVERTURNED)


def fold(rulebooks: Rulebooks, party: str, facts: Sequence[Fact], *, until: datetime | None = None) -> Memory:
    """Judge `facts` in the order in which they were noted, and time up to `until`; return what then stands."""
    memory = Memory(rulebooks, party)
    memory.replay(facts)
    if until is not None:
        memory.turn(until)
    return memory
