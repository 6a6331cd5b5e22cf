"""Carriers' scorecards: counted by hand, unknown is not on time, and luck with few parcels recommends nobody."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.history.cards import LEAST_PARCELS, recommended
from comity.history.carriers import scorecards
from comity.history.errors import BadFile

START = datetime.fromisoformat("2026-03-01")
NOW = "2026-06-01 00:00:00"


def parcel(carrier: str, days: float | None, *, sent: float = 0, promised: float = 5, **more: Any) -> dict[str, Any]:
    at = START + timedelta(days=sent)
    return {
        "carrier": carrier, "origin": "SP", "destination": "RJ", "service": "usual", "sent": at,
        "promised": at + timedelta(days=promised), "delivered": None if days is None else at + timedelta(days=days),
        "scans": 4, "failed": False, "gap": 1.5, **more,
    }  # fmt: skip


def kept(folder: Path, rows: list[dict[str, Any]]) -> Path:
    path = folder / "parcels.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_a_card_by_hand(tmp_path: Path) -> None:
    rows = [parcel("post", days) for days in (2, 4, 5, 7)]
    rows += [parcel("post", None), parcel("post", None, sent=90), parcel("post", 3, failed=True, scans=8)]
    rows += [parcel("post", 2, sent=200)]  # after the day on which one looks
    card = scorecards([kept(tmp_path, rows)], now=NOW).by_lane[0]
    assert (card.parcels, card.known, card.on_time, card.lost, card.failed) == (7, 6, 4, 1, 1)
    assert card.share == pytest.approx(4 / 6)
    assert card.median_days == 4
    assert card.p90_days == pytest.approx(6.2)
    assert card.scans == pytest.approx(32 / 7)
    low, high = card.bounds
    assert 0.25 < low < 4 / 6 < high < 0.95


def test_luck_with_few_parcels_does_not_beat_a_long_record(tmp_path: Path) -> None:
    rows = [parcel("lucky", 1)] * (LEAST_PARCELS - 1)
    rows += [parcel("new", 1)] * LEAST_PARCELS
    rows += [parcel("sure", 2)] * 970 + [parcel("sure", 9)] * 30
    rows += [parcel("slow", 4)] * 700 + [parcel("slow", 9)] * 300
    cards = scorecards([kept(tmp_path, rows)], now=NOW).by_lane
    assert [card.carrier for card in recommended(cards, "SP", "RJ")] == ["sure", "new", "slow"]
    assert recommended(cards, "SP", "RJ", "express") == []
    assert recommended(cards, "SP", "AM") == []


def test_a_lane_without_arrivals_has_no_days(tmp_path: Path) -> None:
    card = scorecards([kept(tmp_path, [parcel("post", None, sent=90)])], now=NOW).by_lane[0]
    assert (card.known, card.share, card.median_days, card.bounds) == (0, None, None, (0.0, 1.0))


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "parcels.parquet"
    path.write_bytes(b"no parquet")
    with pytest.raises(BadFile, match="it needs carrier"):
        scorecards([path], now=NOW)
    pq.write_table(pa.table({"carrier": ["x"]}), path)
    with pytest.raises(BadFile, match="cannot be read"):
        scorecards([path], now=NOW)
