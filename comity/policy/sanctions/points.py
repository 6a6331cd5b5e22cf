"""Points: what a ledger's charges come to, with its caps, merges, strikes and credits, and which rungs they reach.

Which measures there ought to be follows from the charges in force (and, for a score, from the rows that let it rise)
alone, so a charge that comes or goes late is handled by comparing.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from heapq import heappop, heappush
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from comity.lib.ids import name_of
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.sanctions.measures import Rung
from comity.policy.sanctions.rule import LedgerRule
from comity.policy.standards import levels
from comity.policy.standards.tally import Counting


class ChargeState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One charge on a ledger, for `because`: a breached duty, a finding, a rating. A credit is below zero.

    One that came with another account was that account's charge `because`; its points are what it adds.

    taken_from   the account with which it came, as role:id; "" for an own one
    counts_from  since when it counts here; None for an own one, which counts since `at`
    """

    key: str
    ledger: str
    points: int
    rulebook: str
    rule: str
    matter: str
    because: str
    at: datetime
    expires_at: datetime
    overturned_at: datetime | None = None
    taken_from: str = ""
    counts_from: datetime | None = None
    next_at: None = None

    @property
    def since(self) -> datetime:
        """Since when it counts."""
        return self.counts_from or self.at

    def counted_by(self, at: datetime) -> bool:
        """Whether it counts towards what a charge of the moment `at` reaches: what came later does not, nor with it."""
        return self.counts_from is None or self.counts_from < at


class Charges(dict[str, ChargeState]):
    """A party's charges by key; those in force also in their order on each ledger."""

    def __init__(self) -> None:
        super().__init__()
        self._on_ledger: dict[str, list[ChargeState]] = {}
        #: By ledger and version, as far as charges came in their order.
        self._climbs: dict[str, dict[str, _Climb]] = {}
        #: Ledgers to which some came with another account: these count by another moment than their own.
        self._joined: set[str] = set()

    def on_ledger(self, name: str) -> Sequence[ChargeState]:
        """Return the charges in force on a ledger, in their order."""
        return self._on_ledger.get(name, ())

    def __setitem__(self, key: str, charge: ChargeState) -> None:
        old = self.get(key)
        super().__setitem__(key, charge)
        ledger = self._on_ledger.setdefault(charge.ledger, [])
        if old is not None and old.overturned_at is None:
            ledger.remove(old)
            self._climbs.pop(charge.ledger, None)
        if charge.taken_from:
            self._joined.add(charge.ledger)
        if charge.overturned_at is None:
            # Charges come late, too: each has its place by when it counts, not by when it came.
            insort(ledger, charge, key=order)
            if ledger[-1] is not charge:
                self._climbs.pop(charge.ledger, None)

    def newest(self, book: Rulebook, ledger: str) -> tuple[int, int] | None:
        """Return what lives on a ledger before its newest charge, and what that one adds, by the rules of `book`.

        None for a ledger that has to be counted anew.
        """
        if ledger in self._joined:
            return None
        climbs = self._climbs.setdefault(ledger, {})
        climb = climbs.get(book.ref)
        if climb is None:
            climb = climbs[book.ref] = _Climb(book.ledgers[ledger])
        climb.catch_up(self._on_ledger[ledger])
        return climb.before, climb.adds

    def setdefault(self, key: str, charge: ChargeState) -> ChargeState:
        """Hold `charge` unless a newer state of it is here already."""
        if key not in self:
            self[key] = charge
        return self[key]


class Crossing(NamedTuple):
    """A charge that reached a rung: the measure that ought to be, and every charge that counted.

    `risen`: by how much a score had risen for good subjects.
    """

    key: str
    charge: ChargeState
    at: int
    rung: Rung
    points: int
    because: tuple[str, ...]
    risen: int = 0


def order(charge: ChargeState) -> tuple[datetime, str]:
    """Where a charge stands on its ledger."""
    return (charge.at, charge.because)


def weights(rule: LedgerRule, ordered: Iterable[ChargeState]) -> list[int]:
    """Return what each charge adds to its ledger, given all of them in order: caps, merges and strikes applied.

    Those that came with another account are weighed already, and change nothing of the others.
    """
    if rule.cap is None and rule.merges is None and not rule.strikes:
        return [charge.points for charge in ordered]
    weigh = _Weights(rule)
    return [weigh.next(charge) for charge in ordered]


class _Weights:
    """What charges add to their ledger, one after another in their order."""

    __slots__ = ("_day", "_first", "_of_day", "_rule", "_zone")

    def __init__(self, rule: LedgerRule):
        self._rule, self._zone = rule, ZoneInfo(rule.zone)
        self._day: date | None = None
        self._of_day = 0
        self._first: datetime | None = None

    def next(self, charge: ChargeState) -> int:
        """Return what the next charge adds. Credits stay what they are: neither capped nor merged."""
        rule, points = self._rule, charge.points
        if points <= 0 or charge.taken_from:
            return points
        points = 1 if rule.strikes else points
        if rule.merges is not None:
            if self._first is not None and charge.at - self._first < rule.merges:
                points = 0
            else:
                self._first = charge.at
        if rule.cap is not None:
            day = charge.at.astimezone(self._zone).date()
            # In their order, no day comes again.
            self._of_day = self._of_day if day == self._day else 0
            points = min(points, rule.cap - self._of_day)
            self._day, self._of_day = day, self._of_day + points
        return points


class _Climb:
    """A ledger's charges added one after another: what lived before the newest of them, and what that one adds.

    However many are held, one more costs no more than finding which of them have expired meanwhile.
    """

    __slots__ = ("_ends", "_weights", "adds", "before", "count", "live")

    def __init__(self, rule: LedgerRule):
        self._weights = _Weights(rule)
        self._ends: list[tuple[datetime, int]] = []
        self.count = self.live = self.before = self.adds = 0

    def catch_up(self, ordered: Sequence[ChargeState]) -> None:
        """Add those of `ordered` that were not added yet."""
        for position in range(self.count, len(ordered)):
            charge = ordered[position]
            while self._ends and self._ends[0][0] <= charge.at:
                self.live -= heappop(self._ends)[1]
            self.before, self.adds = self.live, self._weights.next(charge)
            self.live += self.adds
            heappush(self._ends, (charge.expires_at, self.adds))
        self.count = len(ordered)


def standing(book: Rulebook, name: str, charges: Iterable[ChargeState], at: datetime, counting: Counting) -> int:
    """Return the ledger's points at `at`, or its score. A charge expires at `expires_at` sharp; neither is below 0."""
    rule = book.ledgers[name]
    ordered = sorted((charge for charge in charges if charge.ledger == name and charge.since <= at), key=order)
    return come_to(rule, ordered, at, _risen(book, rule, at, counting))


def _clipped(rule: LedgerRule, live: int, risen: int) -> int:
    if rule.start is None:
        return max(live, 0)
    return min(max(rule.start + risen - live, 0), rule.most)


def _risen(book: Rulebook, rule: LedgerRule, at: datetime, counting: Counting) -> int:
    """Return by how much a score has risen for good subjects, as things stood at `at`."""
    if rule.accrual is None or rule.accrual.of not in book.standards:
        return 0
    of = book.standards[rule.accrual.of]
    seen = levels.outcome(of, counting, at, book.in_force_from).readings[0]
    return (seen.counted - seen.faulty) // rule.accrual.every * rule.accrual.points


def crossings(
    rulebooks: Rulebooks,
    charges: Sequence[ChargeState],
    counting: Counting,
    *,
    last_only: bool = False,
    in_order: bool = False,
) -> list[Crossing]:
    """Return the rungs that `charges` (of one ledger) reach, one for each charge that reaches any.

    Where one charge reaches several, only the heaviest is executed. With `last_only`, look at the newest charge alone:
    enough when all others have been looked at before. One that came with another account reaches none, and counts
    towards what later ones reach.
    """
    ordered = charges if in_order else sorted(charges, key=order)
    weighed: dict[str, list[int]] = {}
    crossed = []
    for position in range(len(ordered) - 1 if last_only else 0, len(ordered)):
        charge = ordered[position]
        if charge.taken_from:
            continue
        book = rulebooks.version(charge.rulebook)
        rule = book.ledgers[charge.ledger]
        if book.ref not in weighed:
            weighed[book.ref] = weights(rule, ordered)
        adds = weighed[book.ref]
        # Capped, merged into another or a credit: it adds nothing, and reaches nothing.
        if adds[position] > 0:
            risen = _risen(book, rule, charge.at, counting)
            if (crossing := _crossing(rule, ordered, adds, position, risen)) is not None:
                crossed.append(crossing)
    return crossed


def crossing_of_newest(rulebooks: Rulebooks, charges: Charges, ledger: str, counting: Counting) -> list[Crossing]:
    """Return the rung that the newest charge of a ledger reaches, if any: as `crossings` has it, for less."""
    ordered = charges.on_ledger(ledger)
    charge = ordered[-1]
    book = rulebooks.version(charge.rulebook)
    rule = book.ledgers[ledger]
    if (climbed := charges.newest(book, ledger)) is not None:
        before, adds = climbed
        if adds <= 0:
            return []
        risen = _risen(book, rule, charge.at, counting)
        if not _reached(rule, _clipped(rule, before, risen), _clipped(rule, before + adds, risen)):
            return []
    return crossings(rulebooks, ordered, counting, last_only=True, in_order=True)


def _crossing(
    rule: LedgerRule, ordered: Sequence[ChargeState], adds: Sequence[int], position: int, risen: int
) -> Crossing | None:
    charge = ordered[position]
    at = charge.at
    live = [each for each in range(position) if ordered[each].expires_at > at and ordered[each].counted_by(at)]
    before = sum(adds[each] for each in live)
    was, now = _clipped(rule, before, risen), _clipped(rule, before + adds[position], risen)
    reached = _reached(rule, was, now)
    if not reached:
        return None
    graver = -1 if rule.is_score else 1  # of two alike, the one further on
    threshold, rung = max(reached, key=lambda each: (each[1].weight, graver * each[0]))
    key = name_of("sanction", charge.ledger, str(threshold), charge.key)
    because = tuple(ordered[each].key for each in live if adds[each] > 0)
    return Crossing(key, charge, threshold, rung, now, (*because, charge.key), risen)


def newest(book: Rulebook, ordered: Sequence[ChargeState], risen: int) -> tuple[Crossing | None, int]:
    """Return what the last of `ordered` charges of one ledger reaches, if anything, and what the points come to then.

    `risen`: by how much a score has risen.
    """
    rule, last = book.ledgers[ordered[-1].ledger], ordered[-1]
    adds = weights(rule, ordered)
    crossing = _crossing(rule, ordered, adds, len(ordered) - 1, risen) if adds[-1] > 0 else None
    return crossing, come_to(rule, ordered, last.at, risen)


def come_to(rule: LedgerRule, ordered: Sequence[ChargeState], at: datetime, risen: int) -> int:
    """Return the points, or the score, of charges up to `at` in their order; `risen`: by how much a score has risen."""
    weighed = zip(ordered, weights(rule, ordered), strict=True)
    return _clipped(rule, sum(points for charge, points in weighed if at < charge.expires_at), risen)


def next_measure(rule: LedgerRule, points: int, adds: int) -> str:
    """Return the measure that `adds` more points would reach from where a ledger stands; empty for none.

    A foretaste for pages: caps and merges are not looked at.
    """
    was, now = points, points - adds if rule.is_score else points + adds
    reached = _reached(rule, was, now)
    return max(reached, key=lambda each: each[1].weight)[1].measure if reached else ""


def passed(rule: LedgerRule, was: int, now: int) -> int | None:
    """Return the threshold of the heaviest rung between two standings that no charge of the own passed; None for none.

    Nothing follows from it: it is for people to look at.
    """
    reached = _reached(rule, was, now)
    return max(reached, key=lambda each: each[1].weight)[0] if reached else None


def _reached(rule: LedgerRule, was: int, now: int) -> list[tuple[int, Rung]]:
    """Return the thresholds between two standings, with their rungs."""
    if rule.is_score:
        return [(rung.at, rung) for rung in rule.rungs if now <= rung.at < was]
    reached = [(rung.at, rung) for rung in rule.rungs if not rung.every and was < rung.at <= now]
    for rung in rule.rungs:
        if rung.every:
            last = rung.at + max(now - rung.at, 0) // rung.every * rung.every
            if was < last <= now:
                reached.append((last, rung))
    return reached
