"""Parcels in columns: written whole or not at all; advised on as of a day; Olist's by state."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.history import parcels
from comity.history.carriers import scorecards
from comity.history.errors import BadFile
from comity.history.promise import TooFewParcels
from comity.integrations.olist.parcels import rows as olist_rows
from tests.data import real

START = datetime.fromisoformat("2026-01-01")


def row(number: int, *, seller: str = "s1", took: float | None = None, promised: float | None = 24.0) -> dict[str, Any]:
    at = START + timedelta(hours=2 * number)
    took = 3 + number % 3 if took is None else took
    return {
        "seller": seller, "carrier": "post", "origin": "CN", "destination": "DE" if number % 2 else "BR-SP",
        "service": "", "placed": at, "sent": at, "promised": None if promised is None else at + timedelta(days=promised),
        "delivered": at + timedelta(days=took), "scans": 3, "failed": False, "gap": 1.0,
    }  # fmt: skip


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "history" / "parcels.parquet"
    assert parcels.write(path, rows) == len(rows)
    return path


def day(number: float) -> datetime:
    return (START + timedelta(days=number)).replace(tzinfo=UTC)


def test_each_lane_of_each_seller_is_advised(tmp_path: Path) -> None:
    rows = [row(number, seller=f"s{number % 3}") for number in range(1300)]
    found = parcels.advise([written(tmp_path, rows)], now=day(105), level=0.95)
    assert len(found.lanes) == 6
    assert all(4 <= lane.days <= 8 and lane.promised == pytest.approx(24) and lane.kept == 1.0 for lane in found.lanes)
    assert found.level == 0.95
    assert found.judged > 300
    assert found.kept / found.judged > 0.94


def test_nothing_of_later_days_is_known(tmp_path: Path) -> None:
    calm = [row(number) for number in range(1100)]
    storm = [row(number, took=30.0) for number in range(1100, 1500)]
    before = parcels.advise([written(tmp_path / "a", calm)], now=day(91), level=0.95)
    after = parcels.advise([written(tmp_path / "b", calm + storm)], now=day(91), level=0.95)
    assert before == after
    assert before.judged > 300, "and the last weeks were tried"


def test_what_never_came_counts_as_not_kept(tmp_path: Path) -> None:
    rows = [row(number) for number in range(1300)]
    for each in rows[800::6]:
        each["delivered"] = None
    found = parcels.advise([written(tmp_path, rows)], now=day(108), level=0.95)
    assert 0.75 < found.kept / found.judged < 0.9
    assert found.level > 0.95, "too few were kept: the next ones aim higher"


def test_lanes_without_a_promise_are_advised_too(tmp_path: Path) -> None:
    rows = [row(number, promised=None) for number in range(1300)]
    (first, _) = parcels.advise([written(tmp_path, rows)], now=day(105), level=0.95).lanes
    assert first.promised != first.promised, "not a number: nothing was promised"
    assert first.kept is None


def test_too_few_and_none(tmp_path: Path) -> None:
    with pytest.raises(TooFewParcels):
        parcels.advise([written(tmp_path, [row(1)])], now=day(9), level=0.95)
    with pytest.raises(TooFewParcels, match="no parcel"):
        parcels.advise([written(tmp_path, [])], now=day(9), level=0.95)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("a file where a folder should be")
    with pytest.raises(BadFile, match="cannot be written"):
        parcels.write(tmp_path / "history" / "parcels.parquet", [row(1)])


def test_olists_lanes_are_states(tmp_path: Path) -> None:
    path = written(tmp_path, list(olist_rows(real("olist"))))
    cards = scorecards([path], now="2018-03-31 00:00:00")
    (card,) = cards.by_carrier
    assert card.carrier == "olist"
    assert card.parcels > 60_000
    lane = next(each for each in cards.by_lane if each.lane == ("BR-SP", "BR-RJ", ""))
    assert 0.7 < (lane.share or 0) < 0.95, "Rio was late often"
    assert {each.origin for each in cards.of_lanes} >= {"BR-SP", "BR-MG", "BR-PR"}
