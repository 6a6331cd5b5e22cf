"""Facts in columns come back as they were written."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.history import source
from comity.history.errors import BadFile
from comity.policy.facts import Fact
from tests.policy.strategies import START


def test_facts_come_back_to_the_microsecond(tmp_path: Path) -> None:
    moments = [START + timedelta(seconds=n, microseconds=micros) for n, micros in enumerate((0, 1, 500_000, 999_999))]
    facts = [
        Fact(id=str(n), kind="order.paid", at=at, noted_at=at + timedelta(microseconds=7), subject="order:1",
             matter="order:1", party=f"seller:{n % 2}", data={"n": n})
        for n, at in enumerate(moments)
    ]  # fmt: skip
    path = tmp_path / "facts.parquet"
    source.write(path, iter(facts))
    found = dict(source.by_party(path))
    assert found == {"seller:0": facts[::2], "seller:1": facts[1::2]}
    shares = [party for part in range(3) for party, _ in source.by_party(path, part=part, parts=3)]
    assert sorted(shares) == ["seller:0", "seller:1"]
    seen = source.look(path)
    assert (seen.facts, seen.parties, seen.first_at, seen.last_at) == (4, 2, moments[0], moments[-1])


@pytest.mark.parametrize("body", ["{}", "no JSON", "", None])
def test_a_body_that_is_not_a_fact_is_told(tmp_path: Path, body: str | None) -> None:
    path = tmp_path / "facts.parquet"
    written = Fact(id="1", kind="order.paid", at=START, noted_at=START, subject="order:1", matter="order:1",
                   party="seller:1", data={})  # fmt: skip
    source.write(path, [written])
    _with_body(path, body)
    with pytest.raises(BadFile, match="not a fact"):
        list(source.by_party(path))


def test_a_body_may_stand_on_several_lines(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    fact = Fact(id="1", kind="order.paid", at=START, noted_at=START, subject="order:1", matter="order:1",
                party="seller:1", data={"note": "a\nb"})  # fmt: skip
    source.write(path, [fact])
    _with_body(path, msgspec.json.format(msgspec.json.encode(fact)).decode())
    assert list(source.by_party(path)) == [("seller:1", [fact])]


def _with_body(path: Path, body: str | None) -> None:
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.schema.get_field_index("body"), "body", pa.array([body], pa.string())), path)
