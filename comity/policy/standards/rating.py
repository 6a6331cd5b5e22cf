"""Ratings: the evaluations of standards, when they fall and what they find.

An evaluation is a moment like a deadline. It looks at the rows as things stood at its moment; one that was held before
a fact became known is held again, and what no longer holds is overturned.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache

import msgspec

from comity.lib import moments as texts
from comity.lib.ids import name_of
from comity.policy.dossier import Dossier
from comity.policy.facts import DEADLINE, Fact
from comity.policy.life import Life
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.rulings import Ruling
from comity.policy.standards import levels
from comity.policy.standards.counting import TALLIES, evaluation_of, next_evaluation, night
from comity.policy.standards.levels import Verdict
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.rulings import OverturnRating, Rate
from comity.policy.standards.tally import Counting, PeerState

_TICK = timedelta(microseconds=1)


class RatingState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A level of a standard that was reached at the evaluation of `at`."""

    key: str
    standard: str
    rulebook: str
    at: datetime
    level: int
    counted: int
    faulty: int
    overturned_at: datetime | None = None
    next_at: None = None

    def as_ruled(self, books: Rulebooks) -> Rate:
        """Return the ruling that reached the level, but for the rate, which nobody keeps."""
        level = books.version(self.rulebook).standards[self.standard].levels[self.level]
        return Rate(
            at=self.at, matter=f"standard:{self.standard}", rule=self.standard, rulebook=self.rulebook, key=self.key,
            level=self.level, name=level.name, counted=self.counted, faulty=self.faulty, rate=None,
        )  # fmt: skip


def evaluations(rulebooks: Rulebooks, name: str, since: datetime, before: datetime) -> Iterator[datetime]:
    """Yield the evaluations of `name` from `since` on and before `before`."""
    at = next_evaluation(rulebooks, name, since - _TICK)
    while at is not None and at < before:
        yield at
        at = night(rulebooks, name, at).following


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
        # As bad as the night before: the consequences were then.
        if before.level is not None and before.level >= verdict.level:
            return None
    seen = verdict.outcome.telling
    return Rate(
        at=at, matter=f"standard:{name}", rule=name, rulebook=book.ref, key=key_of(name, at), level=verdict.level,
        name=rule.levels[verdict.level].name, counted=seen.counted, faulty=seen.faulty,
        rate=verdict.outcome.millionths,
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
    newest = max(known, key=lambda peer: (peer.at, peer.key), default=None)
    return None if newest is None else Fraction(newest.faulty, newest.counted)


@lru_cache(maxsize=16_384)
def key_of(name: str, at: datetime) -> str:
    """Return the key of the rating of `name` at `at`. Kept: it is the same for all parties."""
    return name_of("rating", name, texts.to_text(at))


def held_again(books: Rulebooks, dossier: Dossier, fact: Fact) -> dict[str, list[datetime]]:
    """Return the evaluations that came before `fact`, of each standard whose rows it changed."""
    found = {}
    for name, since in sorted(dossier.changed.items()):
        state = dossier.here(TALLIES.name, evaluation_of(name))
        coming = state.next_at if state is not None else None
        if coming is not None and not night(books, name, coming).comes_after(since):
            continue
        # The next one has not been held yet; with none to come, all before now have.
        before = coming or fact.noted_at
        if moments := list(evaluations(books, name, since, before)):
            found[name] = moments
    return found


def _rule(books: Rulebooks, dossier: Dossier, fact: Fact, so_far: Sequence[Ruling]) -> list[Ruling]:
    """Hold an evaluation whose moment has passed, or those again that came before the fact that changed their rows."""
    if fact.kind == DEADLINE and not dossier.changed:
        rated = rate(books, fact.matter.partition(":")[2], fact.at, dossier.counting, _peers(dossier))
        return [] if rated is None else _again(_in_force(dossier, rated.key), rated, fact)
    rulings: list[Ruling] = []
    for name, moments in held_again(books, dossier, fact).items():
        was = {rated.at: rated for rated in dossier.in_force("rating") if rated.standard == name}
        for at in moments:
            rulings += _again(was.get(at), rate(books, name, at, dossier.counting, _peers(dossier)), fact)
    return rulings


def _in_force(dossier: Dossier, key: str) -> RatingState | None:
    held: RatingState | None = dossier.of("rating").get(key)
    return held if held is not None and held.overturned_at is None else None


def _peers(dossier: Dossier) -> Collection[PeerState]:
    peers: Collection[PeerState] = dossier.of("peer").values()
    return peers


def _again(was: RatingState | None, now: Rate | None, because: Fact) -> list[Ruling]:
    """Return the rulings that lead from what an evaluation came to, to what it comes to with what is known now."""
    if was and now and (was.level, was.counted, was.faulty) == (now.level, now.counted, now.faulty):
        return []
    gone = [] if was is None else [
        OverturnRating(
            at=because.undone_at, matter=f"standard:{was.standard}", rule=was.standard, rulebook=was.rulebook,
            key=was.key, was=str(was.level), because=because.id,
        )
    ]  # fmt: skip
    return [*gone, *([] if now is None else [now])]


def apply(rating: RatingState | None, ruling: Ruling) -> RatingState:
    """Return the rating as it stands after `ruling`. The one definition of what each ruling does to a rating."""
    match ruling:
        case Rate():
            return RatingState(
                key=ruling.key, standard=ruling.rule, rulebook=ruling.rulebook, at=ruling.at, level=ruling.level,
                counted=ruling.counted, faulty=ruling.faulty,
            )  # fmt: skip
        case OverturnRating() if rating is not None:
            return msgspec.structs.replace(rating, overturned_at=ruling.at)
    raise TypeError(f"{type(ruling).__name__} is not a ruling on a rating that is there")


RATINGS = Life(
    name="rating",
    rulings=(Rate, OverturnRating),
    has_work=lambda books: books.measure,
    moments="standard",
    after_rows=True,
    rule=_rule,
    apply=apply,
    state=RatingState,
)
