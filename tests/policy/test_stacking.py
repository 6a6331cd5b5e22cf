"""A measure that runs is not stacked: a standard that is broken night after night brings one measure at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from comity.policy.facts import Fact
from comity.policy.memory import Memory, fold
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import MeasureState, MeasureStatus
from comity.rulebooks.language.parse import parse

PARTY = "seller:s1"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BOOK = """
name = "shop"
version = "1"
in_force_from = 2026-01-01

[[standard]]
name = "disputes"
each = "order"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened", unless = "withdrawn" }
window = "30 days"
evaluated = "daily"

[[standard.level]]
name = "bad"
limit = { rate = "<= 10%", at_least = 4 }
measure = { measure = "restriction", length = "6 days", notice = "1 day", decided_by = "automatic" }

[[standard.level]]
name = "worse"
limit = { rate = "<= 50%", at_least = 4 }
measure = { measure = "freeze", length = "6 days", notice = "1 day", decided_by = "automatic" }
"""


def fact(kind: str, order: int, days: float, noted: float | None = None) -> Fact:
    at, subject = START + days * DAY, f"order:{order}"
    known = at if noted is None else START + noted * DAY
    return Fact(
        id=f"{kind}:{order}", kind=kind, at=at, noted_at=known, subject=subject, matter=subject, party=PARTY, data={}
    )


def lived(facts: Sequence[Fact], days: float) -> Memory:
    in_turn = sorted(facts, key=lambda each: (each.noted_at, each.id))
    return fold(Rulebooks([parse(BOOK)]), PARTY, in_turn, until=START + days * DAY)


def measures(memory: Memory) -> list[tuple[str, int]]:
    """The measures that stand: which, and on which night."""
    states: list[MeasureState] = list(memory.of("sanction").values())
    found = [each for each in states if each.status is not MeasureStatus.OVERTURNED]
    return sorted(((each.measure, (each.at - START) // DAY + 1) for each in found), key=lambda each: each[1])


SOLD = [fact("order.paid", number, 0) for number in range(8)]


def test_night_after_night_one_measure_runs_at_a_time() -> None:
    memory = lived([*SOLD, fact("dispute.opened", 1, 0.1)], 20)
    assert measures(memory) == [("restriction", 1), ("restriction", 8), ("restriction", 15)]


def test_a_graver_one_comes_all_the_same() -> None:
    later = [fact("dispute.opened", number, 3.1) for number in range(2, 6)]
    memory = lived([*SOLD, fact("dispute.opened", 1, 0.1), *later], 12)
    assert measures(memory) == [("restriction", 1), ("freeze", 4), ("freeze", 11)]


def test_what_ran_and_fell_frees_the_night_after_it() -> None:
    """A dispute that was withdrawn had counted for one night: told late, what counted after it counts from there."""
    facts = [*SOLD, fact("dispute.opened", 1, 0.1), fact("dispute.opened", 2, 2.1)]
    assert measures(lived(facts, 9)) == [("restriction", 1), ("restriction", 8)]
    late = fact("dispute.withdrawn", 1, 0.5, noted=9)
    assert measures(lived([*facts, late], 9.1)) == [("restriction", 3)]
    in_time = fact("dispute.withdrawn", 1, 0.5)
    assert measures(lived([*facts, in_time], 9.1)) == [("restriction", 3)]
