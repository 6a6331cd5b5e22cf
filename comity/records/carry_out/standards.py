"""Standards: ratings, and when each standard is evaluated next. Their rows are `records.tallies`."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from comity.policy.facts import PEERS, read_fact
from comity.policy.standards.counting import TALLIES, EvaluationState, next_evaluation, stays
from comity.policy.standards.rating import RATINGS, rate
from comity.policy.standards.tally import PeerState, of_peers
from comity.records import rulebooks, tallies
from comity.records.carry_out.rows import Change, Rows, Sitting
from comity.records.models import JournalLine, Rating, Standing
from comity.records.models.parties import NO_EVALUATIONS
from comity.records.tallies import Tallies

logger = logging.getLogger(__name__)


class RatingRows(Rows):
    """Ratings; with them comes what was measured of the party's peers."""

    def __init__(self) -> None:
        super().__init__(RATINGS, Rating)

    def leave_word(self, sittings: Sequence[Sitting]) -> None:
        """Let the memories read ratings and peers when an evaluation is held."""
        super().leave_word(sittings)
        for sitting in sittings:
            if any(rule.compares_with_peers for book in sitting.memory.rulebooks for rule in book.standards.values()):
                sitting.memory.fetch["peer"] = partial(peers_of, sitting.standing.party_id)


def peers_of(party_id: int) -> list[PeerState]:
    """Return what was measured of a party's peers. It has no table of its own: it is little, each a line."""
    lines = JournalLine.objects.filter(party_id=party_id, kind=PEERS)
    return [of_peers(read_fact(line.body)) for line in lines]


class Evaluations:
    """When each standard is evaluated next: on the standing itself, which every sitting reads and writes anyway."""

    life = TALLIES

    def leave_word(self, sittings: Sequence[Sitting]) -> None:
        """Say where the rows are counted, and what is due when."""
        for sitting in sittings:
            sitting.memory.counting = Tallies(sitting.standing.party_id)
            sitting.memory.load(self.life.name, _states(sitting.standing))

    def next_of(self, sitting: Sitting) -> datetime | None:
        """Return when a standard is evaluated next, as the memory has it."""
        states = sitting.memory.shelves[self.life.name].values()
        return min((state.next_at for state in states if state.next_at is not None), default=None)

    def look_ahead(self, sittings: Sequence[Sitting]) -> None:
        """Count for several parties at once what the next evaluation of each will ask. A few statements for all."""
        asked = []
        for sitting in sittings:
            memory, at, questions = sitting.memory, self.next_of(sitting), tallies.Asked()
            for state in memory.shelves[self.life.name].values():
                if at is not None and state.next_at == at:
                    rate(memory.rulebooks, _standard(state.key), at, questions)
                    stays(memory.rulebooks, _standard(state.key), at, questions)
            if isinstance(memory.counting, Tallies):
                asked.append((memory.counting, questions.questions))
        tallies.look_ahead(asked)

    def write(self, changes: Sequence[Change]) -> None:
        """Write the rows that wait, and when each standard is evaluated next."""
        memories = [sitting.memory for sitting, _ in changes]
        tallies.write([memory.counting for memory in memories if isinstance(memory.counting, Tallies)])
        for sitting, _ in changes:
            states: Collection[EvaluationState] = sitting.memory.shelves[self.life.name].values()
            # Most parties have no standards' rows; theirs stays as it is.
            if states or sitting.standing.evaluations != NO_EVALUATIONS:
                sitting.standing.set_evaluations(
                    {_standard(each.key): each.next_at for each in states if each.next_at is not None}
                )

    def falling(self, party_ids: Sequence[int], before: datetime) -> Iterable[tuple[int, EvaluationState]]:
        """All are in the memories already."""
        return ()

    def next_moments(self, standings: Sequence[Standing]) -> Mapping[int, datetime | None]:
        """Return when any standard of each party is evaluated next."""
        return {standing.party_id: min(standing.next_evaluations.values(), default=None) for standing in standings}

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
