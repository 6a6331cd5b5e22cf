"""A party's matters held in memory: what `records/` is in a database, for replays, comparisons and tests.

`note` is the pure twin of `actions.enact`: let time catch up, judge, apply, let time catch up again.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from comity.lib.moments import UTC
from comity.policy import duties, ledgers
from comity.policy.clocks import Interval
from comity.policy.dossier import ChargeState, Dossier, DutyState, DutyStatus, MeasureState
from comity.policy.facts import DEADLINE, PAUSE, Fact
from comity.policy.judge import DECISIONS, deadline, judge, touches_accounts
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import Charge, Decline, Lift, Overturn, Place, Propose, Ruling

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Stuck(RuntimeError):
    """Ruling on a passed moment failed. `key` names the duty or sanction, so that it can step aside."""

    def __init__(self, key: str, matter: str, why: Exception):
        super().__init__(f"{matter or 'sanction'} {key}: {type(why).__name__}: {why}")
        self.key, self.matter, self.why = key, matter, why


class Memory:
    """One party's facts judged so far. Not for sharing between threads.

    Holds everything in a replay. Live, `records.dossiers` loads into it what a fact or a moment may touch.
    """

    def __init__(self, rulebooks: Rulebooks, party: str, write: Callable[[Fact | Ruling], None] | None = None):
        """`write` is given every fact and ruling in the order in which they belong in the journal."""
        self.rulebooks = rulebooks
        self.party = party
        self._write = write
        #: Where the party's charges and measures are, until something asks for them; None once they are here.
        self.fetch_accounts: Callable[[], tuple[list[ChargeState], list[MeasureState]]] | None = None
        self.matters: dict[str, duties.Matter] = {}
        self.history: dict[str, list[Fact]] = {}
        self.charges: dict[str, ChargeState] = {}
        self.measures: dict[str, MeasureState] = {}
        self._last: dict[str, datetime] = {}
        self._pauses: dict[str, list[Interval]] = {}
        self._timers: list[tuple[datetime, str, str]] = []

    def note(self, fact: Fact) -> list[Ruling]:
        """Judge `fact` as of the moment it was noted, and return every ruling, those of passed moments first."""
        rulings = self.turn(fact.noted_at) if self._timers else []
        if self._write is not None:
            self._write(fact)
        for matter in self._matters_of(fact):
            rulings += self._judge(matter, fact)
        self._remember(fact)
        if self._timers and self._timers[0][0] < fact.noted_at:
            rulings += self.turn(fact.noted_at)
        return rulings

    def load(
        self,
        matter: str,
        duties_: Iterable[DutyState],
        *,
        last_at: datetime | None = None,
        history: Iterable[Fact] = (),
        pauses: Iterable[Interval] = (),
        older: Iterable[str] = (),
    ) -> None:
        """Take up a matter as it stands; more of its duties may follow in a second call.

        `older` are keys of duties among them whose place a newer one has taken.
        """
        held = self.matters.setdefault(matter, duties.Matter())
        held.older.update(older)
        for duty in sorted(duties_, key=lambda duty: duty.place):
            held.put(duty)
            self._set_timer(duty.next_at, duty.key, matter)
        if last_at is not None:
            self._last[matter] = last_at
        if facts := list(history):
            self.history[matter] = sorted(facts, key=lambda fact: fact.place)
        if stretches := list(pauses):
            self._pauses[matter] = stretches

    def turn(self, now: datetime) -> list[Ruling]:
        """Let time pass to `now`: rule on every moment before it, in order."""
        rulings: list[Ruling] = []
        while self._timers and self._timers[0][0] < now:
            at, key, matter = heapq.heappop(self._timers)
            waiting = self._waiting(key, matter)
            if waiting is None or waiting.next_at != at:
                continue
            fact = deadline(waiting, self.party, noted_at=now)
            if self._write is not None:
                self._write(fact)
            try:
                rulings += self._judge(fact.matter, fact)
            except (LookupError, ValueError, TypeError) as error:
                raise Stuck(key, matter, error) from error
            settled = self._waiting(key, matter)
            if settled is not None and settled.next_at == at:
                raise Stuck(key, matter, RuntimeError("nothing followed from its moment"))
            self._last[fact.matter] = max(self._last.get(fact.matter, at), at)
        return rulings

    def all_duties(self) -> Iterator[DutyState]:
        """Every duty there is, overturned ones left out."""
        for matter in self.matters.values():
            for duty in matter.by_key.values():
                if duty.status is not DutyStatus.OVERTURNED:
                    yield duty

    def _matters_of(self, fact: Fact) -> list[str]:
        if fact.kind == PAUSE and fact.matter == self.party:
            return sorted(self.matters)
        return [fact.matter]

    def _judge(self, matter: str, fact: Fact) -> list[Ruling]:
        held = self.matters.get(matter)
        if held is None:
            held = self.matters[matter] = duties.Matter()
        last_at = self._last.get(matter)
        in_order = fact.kind not in (PAUSE, DEADLINE) and (last_at is None or fact.at > last_at)
        dossier = Dossier(
            matter=matter,
            duties=(held.current if in_order else held.by_key).values(),
            last_at=last_at,
            history=self.history.get(matter, ()),
            charges=self.charges.values(),
            measures=self.measures.values(),
            pauses=self._pauses_for(matter),
        )
        if self.fetch_accounts is not None and fact.matter.startswith("sanction:"):
            self._take_up_accounts()
        rulings = judge(self.rulebooks, dossier, fact)
        if self.fetch_accounts is not None and touches_accounts(rulings):
            self._take_up_accounts()  # judging is pure: ask again, now that the ledgers are here
            rulings = judge(self.rulebooks, dossier, fact)
        for ruling in rulings:
            self._apply(matter, held, ruling)
            if self._write is not None:
                self._write(ruling)
        return rulings

    def _take_up_accounts(self) -> None:
        if self.fetch_accounts is not None:
            charges, measures = self.fetch_accounts()
            self.fetch_accounts = None
            for charge in charges:
                self.charges.setdefault(charge.key, charge)
            for measure in measures:  # one whose end came meanwhile is here already, in its newer state
                self.measures.setdefault(measure.key, measure)

    def load_timers(self, measures: Iterable[MeasureState]) -> None:
        """Take up measures whose end may have come."""
        for measure in measures:
            self.measures[measure.key] = measure
            self._set_timer(measure.next_at, measure.key, "")

    def _apply(self, matter: str, held: duties.Matter, ruling: Ruling) -> None:
        if isinstance(ruling, Charge):
            self.charges[ruling.key] = ledgers.held(ruling)
        elif isinstance(ruling, Overturn) and ruling.what == "charge":
            del self.charges[ruling.key]
        elif isinstance(ruling, Propose | Place | Decline | Lift) or (
            isinstance(ruling, Overturn) and ruling.what == "sanction"
        ):
            measure = ledgers.apply(self.measures.get(ruling.key), ruling)
            self.measures[measure.key] = measure
            self._set_timer(measure.next_at, measure.key, "")
        else:
            key: str = getattr(ruling, "key")  # noqa: B009
            duty = duties.apply(held.by_key.get(key), ruling)
            held.put(duty)
            self._set_timer(duty.next_at, key, matter)
        if ruling.at > self._last.get(ruling.matter, _EARLIEST):
            self._last[ruling.matter] = ruling.at

    def _remember(self, fact: Fact) -> None:
        if fact.kind == PAUSE:
            self._pauses.setdefault(fact.matter, []).extend(duties.pauses_of([fact]))
        if fact.kind in DECISIONS:
            return
        facts = self.history.setdefault(fact.matter, [])
        facts.append(fact)
        if len(facts) > 1 and facts[-2].place > fact.place:
            facts.sort(key=lambda each: each.place)
        last = self._last.get(fact.matter)
        if last is None or fact.at > last:
            self._last[fact.matter] = fact.at

    def _pauses_for(self, matter: str) -> tuple[Interval, ...]:
        if not self._pauses:
            return ()
        return (*self._pauses.get(self.party, ()), *self._pauses.get(matter, ()))

    def _set_timer(self, at: datetime | None, key: str, matter: str) -> None:
        if at is not None:
            heapq.heappush(self._timers, (at, key, matter))

    def _waiting(self, key: str, matter: str) -> DutyState | MeasureState | None:
        return self.matters[matter].by_key.get(key) if matter else self.measures.get(key)


def fold(rulebooks: Rulebooks, party: str, facts: Sequence[Fact], *, until: datetime | None = None) -> Memory:
    """Judge `facts` in the order in which they were noted, and time up to `until`; return what then stands."""
    memory = Memory(rulebooks, party)
    for fact in facts:
        memory.note(fact)
    if until is not None:
        memory.turn(until)
    return memory
