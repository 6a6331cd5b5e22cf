"""Standards: ratings, and when each standard is evaluated next. Their rows are `records.tallies`."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comity.policy.facts import PEERS, read_fact
from comity.policy.rulings import Ruling
from comity.policy.standards.counting import TALLIES, EvaluationState, next_evaluation
from comity.policy.standards.rating import RATINGS
from comity.policy.standards.tally import of_peers
from comity.records import rulebooks
from comity.records.carry_out.rows import Rows, Sitting
from comity.records.models import JournalLine, Rating, Standing
from comity.records.models.parties import NO_EVALUATIONS
from comity.records.tallies import Tallies

logger = logging.getLogger(__name__)


class RatingRows(Rows):
    """Ratings; with them comes what was measured of the party's peers."""

    def __init__(self) -> None:
        super().__init__(RATINGS, Rating)

    def leave_word(self, sitting: Sitting) -> None:
        """Let the memory read ratings and peers when an evaluation is held."""
        super().leave_word(sitting)
        memory, party_id = sitting.memory, sitting.standing.party_id
        compared = any(rule.compares_with_peers for book in memory.rulebooks for rule in book.standards.values())
        if compared:
            # Peers have no table of their own: they are few, and each is a line of the journal.
            lines = JournalLine.objects.filter(party_id=party_id, kind=PEERS)
            memory.fetch["peer"] = lambda: [of_peers(read_fact(line.body)) for line in lines]


class Evaluations:
    """When each standard is evaluated next: on the standing itself, which every sitting reads and writes anyway."""

    life = TALLIES

    def leave_word(self, sitting: Sitting) -> None:
        """Say where the rows are counted, and what is due when."""
        sitting.memory.counting = Tallies(sitting.standing.party_id)
        sitting.memory.load(self.life.name, _states(sitting.standing))

    def write(self, sitting: Sitting, changed: Mapping[str, Sequence[Ruling]]) -> None:
        """Write the rows that wait, and when each standard is evaluated next."""
        if isinstance(sitting.memory.counting, Tallies):
            sitting.memory.counting.write()
        states: Collection[EvaluationState] = sitting.memory.shelves[self.life.name].values()
        # Most parties have no standards' rows; theirs stays as it is.
        if states or sitting.standing.evaluations != NO_EVALUATIONS:
            sitting.standing.set_evaluations(
                {_standard(each.key): each.next_at for each in states if each.next_at is not None}
            )

    def falling(self, standing: Standing, before: datetime) -> Collection[EvaluationState]:
        """All are in the memory already."""
        return ()

    def next_moment(self, standing: Standing) -> datetime | None:
        """Return when any standard is evaluated next."""
        return min(standing.next_evaluations.values(), default=None)

    def step_aside(self, standing: Standing, key: str, *, at: datetime, why: str) -> None:
        """Leave an evaluation out whose judging failed, and go on with the next one."""
        name, evaluations = _standard(key), standing.next_evaluations
        failed = evaluations.pop(name)
        logger.error("the evaluation of %s at %s failed and is left out: %s", name, failed.isoformat(), why)
        following = next_evaluation(rulebooks.published(getattr(standing, "newest_rulebook", None)), name, failed)
        standing.set_evaluations(evaluations | ({name: following} if following else {}))

    def stuck(self) -> Iterator[Any]:
        """None waits aside: the next evaluation looks at the same rows."""
        return iter(())

    def take_back(self, row: Any) -> None:
        """There is none to take back."""
        raise TypeError("no evaluation steps aside")


def _states(standing: Standing) -> Iterator[EvaluationState]:
    for name, at in standing.next_evaluations.items():
        yield EvaluationState(key=f"{TALLIES.name}:{name}", next_at=at)


def _standard(key: str) -> str:
    return key.removeprefix(f"{TALLIES.name}:")
