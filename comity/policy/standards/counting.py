"""Counting: a life that rules nothing. It keeps the rows of standards, and the moments at which these are evaluated."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from comity.policy.dossier import Dossier
from comity.policy.duties.life import DUTIES
from comity.policy.duties.matter import DutyState
from comity.policy.duties.rulings import Move, Open, OverturnDuty, Warn
from comity.policy.facts import DEADLINE, PEERS, Fact
from comity.policy.life import Life
from comity.policy.reviews import counting as reviews
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.standards import levels, tally
from comity.policy.standards.tally import Rows, Tally, merged
from comity.policy.time import deadlines

_TICK = timedelta(microseconds=1)
#: Evaluations of which is kept what the calendar says of them.
MOST_KEPT = 16_384
_OWN = "standard:"
#: Rulings that settle nothing: no row comes or goes.
_SETTLE_NOTHING = frozenset({Open, Warn, Move})


class EvaluationState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When the standard of `key` (standard:name) is evaluated next; None while no row is left that could count."""

    key: str
    next_at: datetime | None
    turn: int = 0

    @property
    def matter(self) -> str:
        """Itself."""
        return self.key

    @property
    def subject(self) -> str:
        """Itself."""
        return self.key


def evaluation_of(name: str) -> str:
    """Return the key of the evaluations of the standard `name`."""
    return f"{_OWN}{name}"


def next_evaluation(rulebooks: Rulebooks, name: str, after: datetime) -> datetime | None:
    """Return the first evaluation of the standard `name` strictly after `after`, by the versions known; or None."""
    at = after
    while True:
        book, change = rulebooks.in_force(at), rulebooks.after(at)
        rule = book.standards.get(name) if book else None
        if rule is not None:
            found = rule.evaluated.after(at)
            if change is None or found < change:
                return found
        if change is None:
            return None
        following = rulebooks.in_force(change)
        new = following.standards.get(name) if following else None
        if new is not None and new.evaluated.until(change) == change:
            return change
        at = change


class Night(NamedTuple):
    """What the calendar says of one evaluation.

    last       no evaluation by any version lies after it and before this one; None where none is before
    following  the next one
    earliest   where the earliest window begins that any version looks at from here
    """

    last: datetime | None
    following: datetime | None
    earliest: datetime | None

    def comes_after(self, since: datetime) -> bool:
        """Whether an evaluation may lie from `since` on and before this one."""
        return self.last is not None and self.last >= since


def night(books: Rulebooks, name: str, at: datetime) -> Night:
    """Return what the calendar says of the evaluation of `name` at `at`. Kept: it is the same for all parties."""
    kept: dict[tuple[str, datetime], Night] = books.kept.setdefault("nights", {})
    found = kept.get((name, at))
    if found is None:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        versions = [(book, rule) for book in books if (rule := book.standards.get(name)) is not None]
        last = max((rule.evaluated.before(at) for _, rule in versions), default=None)
        begins = [begin for book, rule in versions for _, (begin, _) in levels.stretches(rule, at, book.in_force_from)]
        found = Night(last, next_evaluation(books, name, at), min(begins, default=None))
        kept[name, at] = found
    return found


def _kinds(books: Rulebooks) -> frozenset[str]:
    # What changes a review changes what counts of it.
    corrections = reviews.CORRECTIONS if books.counting_kinds & reviews.KINDS else frozenset()
    return books.counting_kinds | {PEERS} | corrections


def _count(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Take the fact, and the duties that it settled, into the rows of the standards that count them."""
    if fact.kind == DEADLINE and fact.matter.startswith(_OWN):
        dossier.keep(TALLIES.name, _evaluated(books, dossier, fact.matter, fact.at))
        return []
    if fact.kind == PEERS:
        peer = tally.of_peers(fact)
        dossier.of("peer")[peer.key] = peer
        dossier.changes(peer.standard, peer.at)
    anew = dossier.reviews_changed(fact)
    known = dossier.facts_of(fact.matter) if anew else ()
    for row in (
        counted_anew(books, dossier.party, fact, known) if anew else rows_of_fact(dossier.book, dossier.party, fact)
    ):
        dossier.changes(row.standard, dossier.counting.put(row, instead=anew))
        _begin(books, dossier, row.standard, fact)
    overturned = {ruling.key for ruling in so_far if isinstance(ruling, OverturnDuty)}
    for key in dict.fromkeys(ruling.key for ruling in so_far if type(ruling) not in _SETTLE_NOTHING):
        if (duty := dossier.duties.get(key)) is not None:
            for row in rows_of_duty(books, duty):
                # Fresh: nothing had been counted of it that no longer holds.
                since = dossier.counting.put(row, instead=True, fresh=key not in overturned)
                dossier.changes(row.standard, since)
                _begin(books, dossier, row.standard, fact)
    return []


def rows_of_fact(book: Rulebook | None, party: str, fact: Fact) -> Iterator[Tally]:
    """Yield what a fact of `party` says of rows, by the version in force when it happened; merged with those before."""
    rules = book.counting_kinds.get(fact.kind, ()) if book is not None else ()
    if rules and fact.kind in reviews.KINDS:
        rules = tuple(rule for rule in rules if rule.asks_whose_review or not reviews.is_own(party, fact))
        fact = reviews.with_writer(fact)
    for rule in rules:
        if party.startswith(f"{rule.who}:") and (row := tally.of_fact(rule, fact)) is not None:
            yield row


def counted_anew(books: Rulebooks, party: str, fact: Fact, known: Sequence[Fact]) -> Iterator[Tally]:
    """Yield the rows on which the reviews of a matter bear, each instead of the one before.

    `fact` is about a review that was changed or removed, or about another beside it; `known` are the facts of the
    matter, in the order of time, with or without it.
    """
    told = reviews.in_time(known, fact)
    rows: dict[tuple[str, str], Tally] = {}
    for each in told:
        book = books.in_force(each.at)
        for rule in book.counting_kinds.get(each.kind, ()) if book is not None and each.kind in reviews.KINDS else ():
            if party.startswith(f"{rule.who}:") and (subject := rule.subject_of(each)) is not None:
                rows[rule.name, subject] = Tally(standard=rule.name, subject=subject)
    for each in reviews.as_they_stand(told):
        for row in rows_of_fact(books.in_force(each.at), party, each):
            if (place := (row.standard, row.subject)) in rows:
                rows[place] = merged(rows[place], row)
    yield from rows.values()


def rows_of_duty(books: Rulebooks, duty: DutyState) -> Iterator[Tally]:
    """Yield the rows of a duty as it stands, by the version that opened it; each instead of the one before."""
    book = books.version(duty.rulebook)
    for rule in book.standards_of_duty.get(duty.rule, ()):
        yield tally.of_duty(rule, duty, deadlines.decided_at(book.by_name[duty.rule], duty.opened_at, duty.due))


def _begin(books: Rulebooks, dossier: Dossier, name: str, fact: Fact) -> None:
    """Set the first evaluation of a standard that has rows now.

    Up to when a fact was noted, evaluations are over; after that, moments are ruled on in their order.
    """
    key = evaluation_of(name)
    state = dossier.here(TALLIES.name, key)
    if state is None or state.next_at is None:
        at = next_evaluation(books, name, max(fact.at, dossier.passed) - _TICK)
        dossier.keep(TALLIES.name, EvaluationState(key=key, next_at=at))


def stays(books: Rulebooks, name: str, at: datetime, counting: Rows) -> bool:
    """Whether rows are left that evaluations of `name` after the one at `at` look at."""
    earliest = night(books, name, at).earliest
    return earliest is not None and counting.any_from(name, earliest)


def _evaluated(books: Rulebooks, dossier: Dossier, key: str, at: datetime) -> EvaluationState:
    """Return the state after the evaluation of `at`: it waits for the next, while any row is left to look at."""
    name = key.partition(":")[2]
    following = night(books, name, at).following if stays(books, name, at, dossier.counting) else None
    return EvaluationState(key=key, next_at=following)


def _quiet(books: Rulebooks, dossier: Dossier, state: EvaluationState) -> EvaluationState | None:
    """Pass over an evaluation in which no level is broken: it rates nothing, and rows stay as they are."""
    at = state.next_at
    if at is None:
        return None
    book = books.in_force(at)
    rule = book.standards.get(state.key.partition(":")[2]) if book is not None else None
    if book is not None and rule is not None:
        if rule.compares_with_peers or levels.outcome(rule, dossier.counting, at, book.in_force_from).broken:
            return None
    return _evaluated(books, dossier, state.key, at)


TALLIES = Life(
    name="standard",
    rulings=(),
    has_work=lambda books: books.measure,
    kinds=_kinds,
    moments="standard",
    after=tuple(ruling for ruling in DUTIES.rulings if ruling not in _SETTLE_NOTHING),
    quiet=_quiet,
    rule=_count,
    state=EvaluationState,
)
