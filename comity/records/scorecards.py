"""Scorecards: how a party does by each standard, officially (its last evaluation) and as of now."""

from dataclasses import dataclass
from datetime import datetime

from comity.policy.facts import PEERS, read_fact
from comity.policy.rulebook import Rulebook
from comity.policy.standards import counting, rating
from comity.policy.standards.rates import Reading, interval
from comity.policy.standards.rule import StandardRule
from comity.policy.standards.tally import of_peers
from comity.records import rulebooks
from comity.records.models import JournalLine, Party
from comity.records.tallies import Tallies

CURRENT, PROJECTED = "current", "projected"


@dataclass(frozen=True, slots=True)
class Score:
    """What a standard says at one moment: what was read, the level reached ("" for none), and whether it is enough."""

    cycle: str
    at: datetime
    seen: Reading
    level: str
    enough: bool

    @property
    def state(self) -> str:
        """fine, broken or not_enough."""
        if not self.enough:
            return "not_enough"
        return "broken" if self.level else "fine"

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which rates the true one lies, with 95 % confidence; None where nothing counts."""
        return interval(self.seen.faulty, self.seen.counted) if self.seen.counted else None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One standard of a party: its official score, the score as of now, and when it is evaluated next."""

    rule: StandardRule
    current: Score
    projected: Score
    next_at: datetime | None


def scorecards(party: Party, now: datetime) -> list[Scorecard]:
    """Return how `party` does by each standard in force for its role. Two counts each, by index."""
    books = rulebooks.current()
    book = books.in_force(now)
    if book is None:
        return []
    cards = []
    for rule in book.standards.values():
        if rule.who == party.role:
            # Never before this version: an evaluation under another one says nothing of these limits.
            official = max(rule.evaluated.until(now), book.in_force_from)
            cards.append(
                Scorecard(
                    rule,
                    _score(party, book, rule, CURRENT, official),
                    _score(party, book, rule, PROJECTED, now),
                    counting.next_evaluation(books, rule.name, now),
                )
            )
    return cards


def _score(party: Party, book: Rulebook, rule: StandardRule, cycle: str, at: datetime) -> Score:
    peers = []
    if rule.compares_with_peers:
        lines = JournalLine.objects.filter(party=party, kind=PEERS, at__lte=at)
        peers = [of_peers(read_fact(line.body)) for line in lines]
    verdict = rating.verdict_at(book, rule, at, Tallies(party.pk), peers)
    level = rule.levels[verdict.level].name if verdict.level is not None else ""
    return Score(cycle, at, verdict.outcome.telling, level, verdict.outcome.enough)
