"""Running counts against counting every row, over random rows and windows that move on, jump and go back."""

from collections import Counter
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.policy.standards.rates import Count
from comity.policy.standards.running import Tallies
from comity.policy.standards.tally import Fault, Tally, faults_of
from tests.policy.strategies import hour
from tests.profiles import examples

MOMENTS = st.one_of(st.none(), st.integers(0, 30).map(hour))
FAULTS = st.lists(
    st.builds(
        Fault, kind=st.sampled_from(["a" * 20, "b" * 20]), thing=st.sampled_from(["", "dispute:1", "dispute:2"]),
        faulty_at=MOMENTS, cleared_at=MOMENTS,
    ).filter(lambda fault: fault.faulty_at or fault.cleared_at), max_size=3,
).map(faults_of)  # fmt: skip
ROWS = st.builds(
    lambda subject, **moments: Tally(standard="s", subject=f"order:{subject}", **moments), subject=st.integers(1, 6),
    basis=MOMENTS, counted_at=MOMENTS, faulty_at=MOMENTS, cleared_at=MOMENTS, excluded_at=MOMENTS, faults=FAULTS,
    value=st.one_of(st.none(), st.integers(1, 5)), buyer=st.sampled_from([None, "buyer:ana", "buyer:bo"]),
)  # fmt: skip
PUTS = st.tuples(st.just("put"), ROWS, st.booleans())
#: The hour of the evaluation, how long the window is, and how long before the evaluation it ends.
COUNTS = st.tuples(st.just("count"), st.integers(0, 40), st.sampled_from([3, 10, 30]), st.sampled_from([0, 2]))


def plainly(rows: dict[str, Tally], begin: datetime, end: datetime, at: datetime) -> Count:
    found = [row for row in rows.values() if row.basis is not None and begin <= row.basis < end and row.counts(at)]
    values = [row.value for row in found if row.value is not None]
    return Count(len(found), sum(row.is_faulty(at) for row in found), sum(values), len(values))


def buyers_of(rows: dict[str, Tally], begin: datetime, end: datetime, at: datetime) -> dict[str, int]:
    found = [row for row in rows.values() if row.basis is not None and begin <= row.basis < end and row.counts(at)]
    return dict(Counter(row.buyer for row in found if row.is_faulty(at) and row.buyer is not None))


@given(st.lists(st.one_of(PUTS, COUNTS), max_size=30), st.booleans())
@settings(max_examples=examples(1000))
def test_a_running_count_is_what_counting_every_row_gives(steps: list[tuple[Any, ...]], forwards: bool) -> None:
    tallies = Tallies()
    hours = iter(sorted(step[1] for step in steps if step[0] == "count"))
    for step in steps:
        if step[0] == "put":
            tallies.put(step[1], instead=step[2])
            continue
        at = next(hours) if forwards else step[1]
        begin, end = hour(at - step[3] - step[2]), hour(at - step[3])
        rows = tallies.rows.get("s", {})
        assert tallies.count("s", (begin, end), hour(at)) == plainly(rows, begin, end, hour(at))
        assert tallies.buyers("s", (begin, end), hour(at)) == buyers_of(rows, begin, end, hour(at))
        bases = [row.basis for row in rows.values() if row.basis is not None]
        assert tallies.any_from("s", begin) == any(basis >= begin for basis in bases)
