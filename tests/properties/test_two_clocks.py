"""A marketplace lived with two clocks at once, of which one is killed in the middle and started again: under each
shipped rulebook, replay equals live line by line, rows follow from chains, and chains hold.
"""

import pytest
from django.db import connection

from comity.rulebooks import shelf
from tests.properties import lived
from tests.properties.conftest import Named
from tests.properties.lived import Day, Working

#: Each rulebook on one of the engines, in turns.
SEED = 1 if connection.vendor == "sqlite" else 2
RULEBOOKS = shelf.names()[SEED - 1 :: 2]


@pytest.mark.parametrize("rulebook", RULEBOOKS)
def test_a_clock_that_is_killed_leaves_nothing_half_done(fresh_database: Named, rulebook: str) -> None:
    with fresh_database(f"{rulebook}_{SEED}") as database:
        one, other, restarted = Day(), Day(), lived.PROCESSES.Event()
        doomed = Working(lived.turn_the_clock_and_die, database, one)
        clock = Working(lived.turn_the_clock, database, other)
        people = Working(lived.people, database, SEED, rulebook, one, other, restarted)
        assert doomed.was_killed()
        again = Working(lived.turn_the_clock, database, one)
        restarted.set()
        for process in (people, clock, again):
            process.result()
        assert Working(lived.judge, database).result() == []
