"""Ratings: the evaluations of standards, when they fall and what they find.

An evaluation is a moment like a deadline. It looks at the rows as things stood at its moment; one that was held before
a fact became known is held again, and what no longer holds is overturned.
"""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from fractions import Fraction

from comity.lib import moments as texts
from comity.lib.ids import name_of
from comity.policy.dossier import PeerState, RatingState
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Rate
from comity.policy.standards import levels
from comity.policy.standards.levels import Verdict
from comity.policy.standards.rates import Reading
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import Counting

MILLION = 1_000_000
_TICK = timedelta(microseconds=1)


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


def evaluations(rulebooks: Rulebooks, name: str, since: datetime, before: datetime) -> Iterator[datetime]:
    """Yield the evaluations of `name` from `since` on and before `before`."""
    at = next_evaluation(rulebooks, name, since - _TICK)
    while at is not None and at < before:
        yield at
        at = next_evaluation(rulebooks, name, at)


def rate(
    rulebooks: Rulebooks, name: str, at: datetime, counting: Counting, peers: Collection[PeerState] = ()
) -> Rate | None:
    """Evaluate the standard `name` as things stood at `at`; return a ruling if a level is reached that bites then."""
    book = rulebooks.in_force(at)
    rule = book.standards.get(name) if book else None
    if book is None or rule is None:
        return None
    verdict = verdict_at(book, rule, at, counting, peers)
    if verdict.level is None:
        return None
    if rule.continuous:
        before = verdict_at(book, rule, rule.evaluated.before(at), counting, peers)
        if before.level is not None and before.level >= verdict.level:
            return None
    seen = telling(verdict)
    return Rate(
        at=at, matter=f"standard:{name}", rule=name, rulebook=book.ref, key=key_of(name, at), level=verdict.level,
        name=rule.levels[verdict.level].name, counted=seen.counted, faulty=seen.faulty,
        rate=None if seen.rate is None else round(seen.rate * MILLION),
    )  # fmt: skip


def verdict_at(
    book: Rulebook, rule: StandardRule, at: datetime, counting: Counting, peers: Collection[PeerState] = ()
) -> Verdict:
    """Return how a party does by `rule` of `book`, as things stood at `at`."""
    return levels.evaluate(rule, counting, at, since=book.in_force_from, peers=peers_at(rule, peers, at))


def peers_at(rule: StandardRule, peers: Collection[PeerState], at: datetime) -> Fraction | None:
    """Return the peers' rate that was last measured at `at`; None where nothing was."""
    if not rule.compares_with_peers:
        return None
    known = [peer for peer in peers if peer.standard == rule.name and peer.at <= at and peer.counted]
    newest = max(known, key=lambda peer: (peer.at, peer.id), default=None)
    return None if newest is None else Fraction(newest.faulty, newest.counted)


def telling(verdict: Verdict) -> Reading:
    """Return the reading to show: the first that is worst, of several windows."""
    return max(verdict.readings, key=lambda seen: (seen.rate or 0, seen.counted))


def key_of(name: str, at: datetime) -> str:
    """Return the key of the rating of `name` at `at`."""
    return name_of("rating", name, texts.to_text(at))


def held(ruling: Rate) -> RatingState:
    """Return the rating as it stands."""
    return RatingState(
        key=ruling.key, standard=ruling.rule, rulebook=ruling.rulebook, at=ruling.at, level=ruling.level,
        counted=ruling.counted, faulty=ruling.faulty,
    )  # fmt: skip
