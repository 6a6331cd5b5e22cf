"""The dossier: all that the judge may know of a party at one moment."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from comity.lib.moments import UTC
from comity.policy import deliveries
from comity.policy.duties import answers
from comity.policy.duties.echoes import Echoes
from comity.policy.duties.matter import Duties, Matter
from comity.policy.facts import PAUSES, REJECTED, Fact
from comity.policy.reviews import counting as reviews
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.standards.tally import Rows
from comity.policy.time import deadlines, stops
from comity.policy.time.clocks import Stretch

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)

Apply = Callable[[Any, Any], Any]


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that a life may look at again. Its key is the fact's id."""

    key: str
    fact: Fact


class Dossier:
    """A party's states by life, the rows of its standards, and the facts of its matters.

    A life's states are read when something first asks for them (`fetch`), so nothing is judged twice because
    something was not there.

    book      the version in force when the fact in hand happened
    changed   the standards whose rows the fact in hand has changed, and from when on these stand otherwise
    passed    up to when facts were noted: the evaluations before it are over
    echoes    by matter, the facts of its newest moment by what they mean, once several came to it
    newest    no fact that is kept elsewhere happened later
    broken    matters that a pause of the party could not be judged in, and why: they stand as they stood
    counting  the party's rows by standard
    """

    __slots__ = (
        "_corrected", "_last", "_pauses", "_rejections", "_stopped", "_undoing", "book", "broken", "changed",
        "counting", "duties", "echoes", "fetch", "history", "newest", "party", "passed", "shelves",
    )  # fmt: skip

    def __init__(self, party: str, shelves: dict[str, Any], counting: Rows):
        self.party = party
        self.shelves = shelves
        self.duties: Duties = shelves["duty"]
        self.counting = counting
        self.fetch: dict[str, Callable[[], Iterable[Any]]] = {}
        self.book: Rulebook | None = None
        self.broken: dict[str, Exception] = {}
        self.changed: dict[str, datetime] = {}
        self.passed = EARLIEST
        self.newest = LATEST
        self.echoes: dict[str, Echoes] = {}
        self.history: dict[str, list[Fact]] = {}
        self._last: dict[str, datetime] = {}
        #: By matter, each with its place in the order in which they were noted.
        self._pauses: dict[str, list[tuple[int, Stretch]]] = {}
        self._rejections: set[str] = set()
        #: Matters with a review that was changed or removed.
        self._corrected: set[str] = set()
        self._stopped: set[str] = set()
        #: Matters with a parcel that turned round, or was brought to the door again.
        self._undoing: set[str] = set()

    # What a rule may ask

    def of(self, life: str) -> Any:
        """Return the states of a life by key, those that were overturned too."""
        if self.fetch and (fetch := self.fetch.pop(life, None)) is not None:
            shelf = self.shelves[life]
            for state in fetch():  # one whose moment came meanwhile is here already, in its newer state
                shelf.setdefault(state.key, state)
        return self.shelves[life]

    def in_force(self, life: str) -> list[Any]:
        """Return the states of a life that nothing has overturned."""
        return [state for state in self.of(life).values() if state.overturned_at is None]

    def here(self, life: str, key: str) -> Any:
        """Return a state that is at hand, without reading the others of its life; None where it is not."""
        return self.shelves[life].get(key)

    def matter(self, name: str) -> Matter:
        """Return the duties of a matter."""
        return self.duties.matter(name)

    def matters_of(self, fact: Fact) -> list[str]:
        """Return the matters on which `fact` bears: its own; where it is a pause of the party, all."""
        if fact.kind in PAUSES and fact.matter == self.party:
            return sorted(self.duties.matters)
        return [fact.matter]

    def is_late(self, matter: str, fact: Fact) -> bool:
        """Whether `fact` happened before something of the matter that was already judged."""
        last = self._last.get(matter)
        # At the very same moment, too: ids break ties, and the one judged before may belong behind.
        return last is not None and fact.at <= last

    def is_newest(self, matter: str, at: datetime) -> bool:
        """Whether nothing of a matter was judged after `at`, and each of its facts counts as it was told."""
        told_otherwise = matter in self._rejections or matter in self._corrected or matter in self._undoing
        return self._last.get(matter) == at and not told_otherwise

    def facts_at(self, matter: str, at: datetime) -> Sequence[Fact]:
        """Return the matter's facts of its newest moment, `at`."""
        facts = self.history.get(matter, ())
        return facts[bisect_left(facts, at, key=_at) :]

    def has_seen(self, matter: str) -> bool:
        """Whether anything of a matter was judged before."""
        return matter in self._last

    def facts_of(self, matter: str) -> Sequence[Fact]:
        """Return the matter's facts in the order of time."""
        return self.history.get(matter, ())

    def counting_facts(self, matter: str, *, with_: Fact | None = None) -> tuple[Sequence[Fact], list[Stretch]]:
        """Return the matter's facts that count, and the stretches for which rejected answers had stood.

        Rejected answers do not count, nor do deliveries that were none, nor reviews that were removed; one that was
        changed counts as it is now. `with_`: a fact that is looked at as if it were among them.
        """
        facts: Sequence[Fact] = self.history.get(matter, ())
        if with_ is not None:
            facts = sorted([*facts, with_], key=_place)
        if matter in self._undoing or (with_ is not None and deliveries.may_undo(with_)):
            facts = deliveries.without_undone(facts)
        if matter in self._corrected or (with_ is not None and with_.kind in reviews.CORRECTIONS):
            facts = reviews.as_they_stand(facts)
        if matter in self._rejections or (with_ is not None and with_.kind == REJECTED):
            return answers.without_rejected(facts)
        return facts, []

    def reviews_changed(self, fact: Fact) -> bool:
        """Whether `fact` is about the reviews of a matter of which one was changed or removed, by itself or before."""
        if fact.kind not in reviews.KINDS:
            return False
        return fact.kind in reviews.CORRECTIONS or fact.matter in self._corrected

    def remembered(self, since: datetime) -> list[Fact]:
        """Return the facts from `since` on that lives may look at again (`Life.remembers`), in no order."""
        # A measure that is issued in its time has nothing behind it, and all lines of a party would be looked through.
        acts = self.of("act") if since <= self.newest else self.shelves["act"]
        return [act.fact for act in acts.values() if act.fact.at >= since]

    def pauses_of(self, matter: str, *, with_: Fact | None = None) -> tuple[Stretch, ...]:
        """Return the stretches that count against nobody, of the party and of the matter, told or derived.

        Those that were told come in the order in which they were noted. `with_`: a fact that is looked at as if it
        were among those of the matter.
        """
        told: tuple[Stretch, ...] = ()
        if self._pauses:
            names = (matter,) if matter == self.party else (self.party, matter)
            numbered = [each for name in names for each in self._pauses.get(name, ())]
            told = tuple(stretch for _, stretch in sorted(numbered))
        new = with_ is not None and with_.kind in stops.KINDS
        if matter not in self._stopped and not new:
            return told
        facts = [fact for fact in self.history.get(matter, ()) if fact.kind in stops.READ]
        if new and with_ is not None:
            facts = sorted([*facts, with_], key=_place)
        return (*told, *stops.derived(facts))

    # What whoever judges lets it know

    def begin(self, books: Rulebooks, fact: Fact) -> None:
        """Look up once what all lives ask for."""
        self.book = books.in_force(fact.at)
        if self.changed:
            self.changed = {}

    def take(self, life: str, apply: Apply | None, rulings: Iterable[Ruling]) -> None:
        """Let what a life has ruled be known, to the lives below it and from now on."""
        if apply is not None:
            shelf = self.of(life)
            for ruling in rulings:
                self.keep(life, apply(shelf.get(ruling.key), ruling))

    def keep(self, life: str, state: Any) -> None:
        """Hold `state` in place of the one before it."""
        self.shelves[life][state.key] = state

    def changes(self, standard: str, since: datetime | None) -> None:
        """Note that rows of a standard stand otherwise from `since` on; None where they do not."""
        if since is not None:
            self.changed[standard] = min(self.changed.get(standard, since), since)

    def remember(self, fact: Fact) -> None:
        """Keep a fact that was judged among those of its matter."""
        if fact.kind in PAUSES:
            noted = 1 + max((number for held in self._pauses.values() for number, _ in held), default=0)
            self._pauses.setdefault(fact.matter, []).extend((noted, stretch) for stretch in deadlines.pauses_of([fact]))
        elif fact.kind == REJECTED:
            self._rejections.add(fact.matter)
        elif fact.kind in reviews.CORRECTIONS:
            self._corrected.add(fact.matter)
        if fact.kind in stops.BEGIN:
            self._stopped.add(fact.matter)
        if deliveries.may_undo(fact):
            self._undoing.add(fact.matter)
        facts = self.history.get(fact.matter)
        if facts is None:
            self.history[fact.matter] = [fact]
        else:
            newest = facts[-1]
            # Nearly every fact belongs at the end; only the others pay for looking where.
            if newest.at >= fact.at and newest.place > fact.place:
                insort(facts, fact, key=_place)
            else:
                facts.append(fact)
        last = self._last.get(fact.matter)
        if last is None or fact.at > last:
            self._last[fact.matter] = fact.at

    def recall(
        self,
        matter: str,
        *,
        last_at: datetime | None,
        facts: Iterable[Fact] = (),
        pauses: Iterable[tuple[int, Stretch]] = (),
    ) -> None:
        """Take up what was kept elsewhere of a matter; pauses each with a number that rises as they were noted."""
        if last_at is not None:
            self._last[matter] = last_at
        if known := sorted(facts, key=_place):
            self.history[matter] = known
            if any(fact.kind == REJECTED for fact in known):
                self._rejections.add(matter)
            if any(fact.kind in reviews.CORRECTIONS for fact in known):
                self._corrected.add(matter)
            if any(fact.kind in stops.BEGIN for fact in known):
                self._stopped.add(matter)
            if any(map(deliveries.may_undo, known)):
                self._undoing.add(matter)
        if stretches := list(pauses):
            self._pauses[matter] = stretches

    def saw(self, matter: str, at: datetime) -> None:
        """Note that something of a matter happened or was ruled at `at`."""
        last = self._last.get(matter)
        if last is None or at > last:
            self._last[matter] = at


def _at(fact: Fact) -> datetime:
    return fact.at


def _place(fact: Fact) -> tuple[datetime, str]:
    return fact.place
