"""Of two who act in a dispute at once exactly one has it their way, and the other hears what had happened."""

from tests.cast import START
from tests.properties import disputes_at_once
from tests.properties.conftest import Named
from tests.properties.disputes_at_once import MAY
from tests.properties.lived import PROCESSES, Working

TIMES = 4


def test_exactly_one_of_two_at_once(fresh_database: Named) -> None:
    with fresh_database("disputes") as database:
        things = Working(disputes_at_once.stage_all, database, TIMES).result()
        together = PROCESSES.Barrier(2)
        both = [Working(disputes_at_once.act, database, things, side, START, together) for side in (0, 1)]
        said = list(zip(*(each.result() for each in both), strict=True))
        outcomes, at_odds = Working(disputes_at_once.became, database, things).result()
    assert len(said) == len(things) == TIMES * len(MAY)
    for thing, answers, became in zip(things, said, outcomes, strict=True):
        assert answers in MAY[thing.kind], (thing.kind, answers)
        instructed, stages = MAY[thing.kind][answers]
        assert (became.instructed, set(became.stages)) == (instructed, stages), (thing.kind, answers)
        # Buyer and seller each hear of one agent, once.
        assert len(set(became.held_by)) == len(became.held_by) == (2 if thing.kind == "take" else 0)
    assert at_odds == 0
