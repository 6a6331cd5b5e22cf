"""A party's matters held in memory: what `records/` is in a database, for replays, comparisons and tests.

`note` is the pure twin of `actions.enact`: let time catch up, judge, apply, let time catch up again.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from comity.lib.moments import UTC
from comity.policy.dossier import (
    ChargeState,
    Dossier,
    DutyState,
    DutyStatus,
    MeasureState,
    PeerState,
    RatingState,
    Stretch,
)
from comity.policy.duties import step
from comity.policy.duties.matter import Matter
from comity.policy.facts import DEADLINE, PAUSE, PEERS, Fact, moment_of
from comity.policy.judge import (
    DECISIONS,
    TURNS_BACK,
    asks_for_accounts,
    deadline,
    evaluation,
    judge,
    judge_ratings,
    touches_accounts,
)
from comity.policy.rulebook import Rulebooks
from comity.policy.rulings import (
    Breach,
    Charge,
    Credit,
    Cure,
    Decline,
    Find,
    Follow,
    Hold,
    Lift,
    Meet,
    Move,
    Open,
    Overturn,
    Place,
    Propose,
    Rate,
    Restore,
    Ruling,
    Second,
    Unknown,
    Void,
    Waive,
    Warn,
)
from comity.policy.sanctions import accounts
from comity.policy.standards import levels, rating, tally
from comity.policy.time import deadlines

#: Before a standard's name among the timers, so that what else falls at the same moment comes first.
EVALUATION = "~"
_ON_DUTIES = frozenset({Open, Warn, Move, Meet, Waive, Void, Unknown, Breach, Cure})
_ON_MEASURES = (Propose, Second, Place, Decline, Restore, Hold, Lift)
_LOOKS_AT_ALL = TURNS_BACK | {DEADLINE}
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
        #: Likewise its ratings, and what was measured of its peers.
        self.fetch_ratings: Callable[[], tuple[list[RatingState], list[PeerState]]] | None = None
        self.tallies: tally.Rows = tally.Tallies()
        self.ratings: dict[str, RatingState] = {}
        self.peers: dict[str, PeerState] = {}
        #: For each standard with rows: when it is evaluated next.
        self.evaluations: dict[str, datetime] = {}
        self.matters: dict[str, Matter] = {}
        self.history: dict[str, list[Fact]] = {}
        self.charges: dict[str, ChargeState] = {}
        self.measures: dict[str, MeasureState] = {}
        self._last: dict[str, datetime] = {}
        self._pauses: dict[str, list[Stretch]] = {}
        self._timers: list[tuple[datetime, str, str]] = []
        #: When the latest fact was noted.
        self._passed = _EARLIEST

    def note(self, fact: Fact) -> list[Ruling]:
        """Judge `fact` as of the moment it was noted, and return every ruling, those of passed moments first."""
        rulings = self.turn(fact.noted_at) if self._timers else []
        self._passed = fact.noted_at
        if self._write is not None:
            self._write(fact)
        changed = self._count(fact)
        for matter in self._matters_of(fact):
            rulings += self._judge(matter, fact, changed)
        self._remember(fact)
        if changed:
            rulings += self._rate_again(fact, changed)
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
        pauses: Iterable[Stretch] = (),
        older: Iterable[str] = (),
    ) -> None:
        """Take up a matter as it stands; more of its duties may follow in a second call.

        `older` are keys of duties among them whose place a newer one has taken.
        """
        held = self.matters.setdefault(matter, Matter())
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
            if key.startswith(EVALUATION):
                rulings += self._evaluate(key[len(EVALUATION) :], at, now)
                continue
            waiting = self._waiting(key, matter)
            if waiting is None or waiting.next_at != at:
                continue
            fact = deadline(waiting, self.party, noted_at=now)
            if self._write is not None:
                self._write(fact)
            changed: set[str] = set()
            try:
                rulings += self._judge(fact.matter, fact, changed)
                if changed:
                    rulings += self._rate_again(fact, changed)
            except (LookupError, ValueError, TypeError) as error:
                raise Stuck(key, matter, error) from error
            settled = self._waiting(key, matter)
            if settled is not None and settled.next_at == at:
                raise Stuck(key, matter, RuntimeError("nothing followed from its moment"))
            self._last[fact.matter] = max(self._last.get(fact.matter, at), at)
        return rulings

    def _evaluate(self, name: str, at: datetime, now: datetime) -> list[Ruling]:
        """Hold the evaluation of a standard, and set the next; none while no row is left that could count."""
        if self.evaluations.get(name) != at:
            return []
        fact = evaluation(name, at, self.party, noted_at=now)
        if self._write is not None:
            self._write(fact)
        try:
            rulings = self._judge(fact.matter, fact, set())
        except (LookupError, ValueError, TypeError) as error:
            raise Stuck(f"{EVALUATION}{name}", "", error) from error
        del self.evaluations[name]
        if self._counts_still(name, at):
            self._set_evaluation(name, rating.next_evaluation(self.rulebooks, name, at))
        return rulings

    def _counts_still(self, name: str, at: datetime) -> bool:
        """Whether any row is left that a later evaluation, by whichever version, could look at."""
        begins = [
            levels.stretch(rule, window, at, book.in_force_from)[0]
            for book in self.rulebooks
            if (rule := book.standards.get(name)) is not None
            for window in rule.windows
        ]
        return bool(begins) and self.tallies.any_from(name, min(begins))

    def _set_evaluation(self, name: str, at: datetime | None) -> None:
        if at is not None:
            self.evaluations[name] = at
            self._set_timer(at, f"{EVALUATION}{name}", "")

    def load_evaluations(self, evaluations: Mapping[str, datetime]) -> None:
        """Take up when each standard is evaluated next."""
        for name, at in evaluations.items():
            self._set_evaluation(name, at)

    def _count(self, fact: Fact) -> set[str]:
        """Take `fact` into the rows of the standards that count it; return their names."""
        changed: set[str] = set()
        if fact.kind == PEERS:
            changed.add(str(fact.data["standard"]))
        book = self.rulebooks.in_force(fact.at)
        if book is not None:
            for rule in book.counting_kinds.get(fact.kind, ()):
                if self.party.startswith(f"{rule.who}:") and (row := tally.of_fact(rule, fact)) is not None:
                    self.tallies.put(row)
                    changed.add(rule.name)
        return changed

    def _count_duty(self, duty: DutyState) -> list[str]:
        book = self.rulebooks.version(duty.rulebook)
        for rule in (rules := book.standards_of_duty.get(duty.rule, ())):
            broke = deadlines.decided_at(book.by_name[duty.rule], duty.opened_at, duty.due)
            self.tallies.put(tally.of_duty(rule, duty, broke), instead=True)
        return [rule.name for rule in rules]

    def _rate_again(self, fact: Fact, changed: set[str]) -> list[Ruling]:
        """Start the evaluations of standards that have rows now, and hold those again that came before `fact` did."""
        since = min(fact.at, moment_of(str(fact.data["from"]))) if fact.kind == PAUSE else fact.at
        rulings: list[Ruling] = []
        for name in sorted(changed):
            if name not in self.evaluations and fact.kind != PEERS:
                # Up to when a fact was noted, evaluations are over; after that, moments are ruled on in their order.
                begin = max(fact.at, self._passed)
                following = rating.next_evaluation(self.rulebooks, name, begin - timedelta(microseconds=1))
                self._set_evaluation(name, following)
            before = self.evaluations.get(name, fact.noted_at)
            if next(rating.evaluations(self.rulebooks, name, since, before), None) is None:
                continue
            self._take_up_ratings()
            self._take_up_accounts()
            again = judge_ratings(self.rulebooks, self._dossier(fact.matter), fact, [name], since=since, before=before)
            self._carry_out(fact.matter, again, set())
            rulings += again
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

    def _judge(self, matter: str, fact: Fact, changed: set[str]) -> list[Ruling]:
        """Judge `fact` in one matter and apply what follows; the names of standards whose rows change are added."""
        last_at = self._last.get(matter)
        in_order = fact.kind not in _LOOKS_AT_ALL and (last_at is None or fact.at > last_at)
        if self.fetch_accounts is not None and (
            fact.matter.startswith("sanction:") or asks_for_accounts(self.rulebooks, fact)
        ):
            self._take_up_accounts()
        if self.fetch_ratings is not None and fact.matter.startswith("standard:"):
            self._take_up_ratings()
        dossier = self._dossier(matter, in_order=in_order)
        rulings = judge(self.rulebooks, dossier, fact)
        if self.fetch_accounts is not None and touches_accounts(rulings):
            self._take_up_accounts()  # judging is pure: ask again, now that the ledgers are here
            rulings = judge(self.rulebooks, self._dossier(matter, in_order=in_order), fact)
        self._carry_out(matter, rulings, changed)
        return rulings

    def _dossier(self, matter: str, *, in_order: bool = True) -> Dossier:
        held = self.matters.get(matter)
        if held is None:
            held = self.matters[matter] = Matter()
        return Dossier(
            matter=matter,
            duties=(held.current if in_order else held.by_key).values(),
            last_at=self._last.get(matter),
            history=self.history.get(matter, ()),
            charges=self.charges.values(),
            measures=self.measures.values(),
            pauses=self._pauses_for(matter),
            counting=self.tallies,
            ratings=self.ratings.values(),
            peers=self.peers.values(),
        )

    def _carry_out(self, matter: str, rulings: list[Ruling], changed: set[str]) -> None:
        held = self.matters[matter]
        touched: dict[str, None] = {}
        for ruling in rulings:
            key = self._apply(matter, held, ruling)
            if key and not isinstance(ruling, Open | Warn | Move):  # these settle nothing: no row comes or goes
                touched[key] = None
            if self._write is not None:
                self._write(ruling)
        for key in touched:
            changed.update(self._count_duty(held.by_key[key]))

    def _take_up_ratings(self) -> None:
        if self.fetch_ratings is not None:
            (ratings, peers), self.fetch_ratings = self.fetch_ratings(), None
            for rated in ratings:
                self.ratings.setdefault(rated.key, rated)
            for peer in peers:
                self.peers.setdefault(peer.id, peer)

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

    def _apply(self, matter: str, held: Matter, ruling: Ruling) -> str:
        """Apply a ruling; return the key of the duty that it changed, or ""."""
        if ruling.at > self._last.get(ruling.matter, _EARLIEST):
            self._last[ruling.matter] = ruling.at
        if type(ruling) in _ON_DUTIES:  # most are; this is the innermost of a replay
            return self._apply_to_duty(matter, held, ruling)
        what = ruling.what if isinstance(ruling, Overturn) else ""
        if isinstance(ruling, Charge | Credit):
            self.charges[ruling.key] = accounts.held(ruling)
        elif what == "charge" and isinstance(ruling, Overturn):
            del self.charges[ruling.key]
        elif isinstance(ruling, Rate):
            self.ratings[ruling.key] = rating.held(ruling)
        elif what == "rating" and isinstance(ruling, Overturn):
            del self.ratings[ruling.key]
        elif isinstance(ruling, _ON_MEASURES) or what == "sanction":
            key: str = getattr(ruling, "key")  # noqa: B009
            measure = accounts.apply(self.measures.get(key), ruling)
            self.measures[measure.key] = measure
            self._set_timer(measure.next_at, measure.key, "")
        elif not isinstance(ruling, Find | Follow) and what not in ("finding", "consequence"):
            return self._apply_to_duty(matter, held, ruling)
        return ""

    def _apply_to_duty(self, matter: str, held: Matter, ruling: Ruling) -> str:
        key: str = getattr(ruling, "key")  # noqa: B009
        duty = step.apply(held.by_key.get(key), ruling)
        held.put(duty)
        self._set_timer(duty.next_at, key, matter)
        return key

    def _remember(self, fact: Fact) -> None:
        if fact.kind == PAUSE:
            self._pauses.setdefault(fact.matter, []).extend(deadlines.pauses_of([fact]))
        elif fact.kind == PEERS:
            peer = tally.of_peers(fact)
            self.peers[peer.id] = peer
        if fact.kind in DECISIONS:
            return
        facts = self.history.setdefault(fact.matter, [])
        facts.append(fact)
        if len(facts) > 1 and facts[-2].place > fact.place:
            facts.sort(key=lambda each: each.place)
        last = self._last.get(fact.matter)
        if last is None or fact.at > last:
            self._last[fact.matter] = fact.at

    def _pauses_for(self, matter: str) -> tuple[Stretch, ...]:
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
