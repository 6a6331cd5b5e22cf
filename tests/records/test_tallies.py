"""Rows in the database against rows in memory: the same counts, on either engine."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.policy.standards.running import Tallies as InMemory
from comity.policy.standards.tally import Fault, Tally, faults_of
from comity.records.models import Tally as Row
from comity.records.tallies import Asked, Tallies, as_they_are, is_faulty, look_ahead
from tests.cast import Cast, hours

MOMENTS = st.one_of(st.none(), st.integers(0, 30).map(hours))
FAULTS = st.lists(
    st.builds(
        Fault, kind=st.sampled_from(["a" * 20, "b" * 20]), thing=st.sampled_from(["", "dispute:1", "dispute:2"]),
        faulty_at=MOMENTS, cleared_at=MOMENTS,
    ).filter(lambda fault: fault.faulty_at or fault.cleared_at), max_size=3,
).map(faults_of)  # fmt: skip
ROWS = st.builds(
    lambda subject, **moments: Tally(standard="s", subject=f"order:{subject}", **moments), subject=st.integers(1, 5),
    basis=MOMENTS, counted_at=MOMENTS, faulty_at=MOMENTS, cleared_at=MOMENTS, excluded_at=MOMENTS, faults=FAULTS,
    value=st.one_of(st.none(), st.integers(1, 5)), buyer=st.sampled_from([None, "buyer:ana", "buyer:Bo", "buyer:bo"]),
)  # fmt: skip


@pytest.mark.django_db
@given(
    rows=st.lists(st.tuples(ROWS, st.booleans()), max_size=8), window=st.tuples(st.integers(0, 30), st.integers(0, 30)),
    at=st.integers(0, 31), latest=st.sampled_from([None, Fraction(1, 2), Fraction(1, 4)]),
)  # fmt: skip
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_counts_as_memory_does(
    cast: Cast, rows: list[tuple[Tally, bool]], window: tuple[int, int], at: int, latest: Fraction | None
) -> None:
    Row.objects.all().delete()
    memory, database = InMemory(), Tallies(cast.seller.pk)
    for row, instead in rows:
        memory.put(row, instead=instead)
        database.put(row, instead=instead)
        database.write()  # one at a time: which of the two ways comes first matters only within one subject
    stretch = (hours(window[0]), hours(window[1]))
    assert database.count("s", stretch, hours(at), latest) == memory.count("s", stretch, hours(at), latest)
    assert database.any_from("s", stretch[0]) == memory.any_from("s", stretch[0])
    assert database.buyers("s", stretch, hours(at)) == memory.buyers("s", stretch, hours(at))
    assert as_they_are(cast.seller.pk) == {("s", subject): row for subject, row in memory.rows.get("s", {}).items()}
    seen = Row.objects.filter(fault="").filter(is_faulty(hours(at)))
    now = {subject for subject, row in memory.rows.get("s", {}).items() if row.is_faulty(hours(at))}
    assert set(seen.values_list("subject", flat=True)) == now
    if latest is None:
        asked = Asked()
        asked.count("s", stretch, hours(at))
        asked.buyers("s", stretch, hours(at))
        asked.any_from("s", stretch[0])
        look_ahead([(database, asked.questions), (Tallies(cast.buyer.pk), asked.questions)])
        assert {*database.ahead, *database.buyers_ahead} == set(asked.questions)
        assert database.buyers("s", stretch, hours(at)) == memory.buyers("s", stretch, hours(at))
        assert database.count("s", stretch, hours(at)) == memory.count("s", stretch, hours(at))
        assert database.any_from("s", stretch[0]) == memory.any_from("s", stretch[0])


@pytest.mark.django_db
def test_what_waits_is_written_once_and_counted(cast: Cast) -> None:
    rows = Tallies(cast.seller.pk)
    rows.put(Tally(standard="s", subject="order:1", counted_at=hours(2), basis=hours(2)))
    rows.put(Tally(standard="s", subject="order:1", counted_at=hours(1), faulty_at=hours(3), basis=hours(1)))
    found = rows.count("s", (hours(0), hours(9)), hours(9))
    assert (found.counted, found.faulty) == (1, 1)
    (row,) = Row.objects.all()
    assert (row.counted_at, row.basis) == (hours(1), hours(1)), "the earliest counts"


@pytest.mark.django_db
def test_what_was_counted_ahead_is_counted_again_once_a_row_changes(cast: Cast) -> None:
    rows, asked, stretch = Tallies(cast.seller.pk), Asked(), (hours(0), hours(9))
    asked.count("s", stretch, hours(9))
    look_ahead([(rows, asked.questions)])
    assert rows.count("s", stretch, hours(9)).counted == 0
    rows.put(Tally(standard="s", subject="order:1", counted_at=hours(2), basis=hours(2)))
    assert rows.count("s", stretch, hours(9)).counted == 1
