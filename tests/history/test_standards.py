"""The backtest of standards, by hand: four sellers over two periods of 90 days, each with a fate of its own."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.cli.main import run

FIRST = datetime(2018, 1, 1, 12, tzinfo=UTC)
ORDERS = (
    "order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,"
    "order_delivered_customer_date,order_estimated_delivery_date\n"
)
ITEMS = "order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value\n"
REVIEWS = "review_id,order_id,review_score,review_creation_date,review_answer_timestamp\n"
#: Of each seller: in the first and in the second period so many orders, of which so many are late.
SOLD = {"unlucky": ((3, 1), (20, 0)), "careless": ((40, 30), (40, 30)), "small": ((2, 0), (0, 0)),
        "gone": ((1, 1), (0, 0))}  # fmt: skip


def tables(folder: Path, *, days: int = 181) -> Path:
    """The published CSVs; the last order, which ends time, is `days` after the first."""
    orders, items, reviews = ORDERS, ITEMS, REVIEWS
    for seller, parts in SOLD.items():
        for period, (number, late) in enumerate(parts):
            for n in range(number):
                order, at = f"{seller}-{period}-{n}", FIRST + timedelta(days=90 * period + 10 + n % 30, minutes=n)
                orders += _order(order, at, at + timedelta(days=5 if n < late else 1))
                items += _item(order, seller, at)
                if seller in ("small", "unlucky"):
                    score = 1 if n == 0 and period == 0 else 5
                    reviews += f"r-{order},{order},{score},{at + timedelta(days=9):%Y-%m-%d %H:%M:%S},\n"
    for n, at in enumerate((FIRST, FIRST + timedelta(days=days))):
        # They only say where time begins and ends; both lie outside of all periods.
        orders += _order(f"edge-{n}", at, at + timedelta(days=1))
        items += _item(f"edge-{n}", "edge", at)
    for name, text in (("orders", orders), ("order_items", items), ("order_reviews", reviews)):
        (folder / f"olist_{name}_dataset.csv").write_text(text)
    return folder


def _order(order: str, at: datetime, sent: datetime) -> str:
    moments = (at, at, sent, sent + timedelta(days=2), at + timedelta(days=20))
    return f"{order},c-{order},delivered," + ",".join(f"{each:%Y-%m-%d %H:%M:%S}" for each in moments) + "\n"


def _item(order: str, seller: str, at: datetime) -> str:
    return f"{order},1,p,{seller},{at + timedelta(days=3):%Y-%m-%d %H:%M:%S},10.00,1.00\n"


def parts(share: dict[str, Any]) -> tuple[int, int]:
    return share["part"], share["of"]


def test_who_is_warned_by_either_test_and_what_came_later(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["standards", "backtest", str(tables(tmp_path)), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["periods"], found["days"], found["limit"], found["error"]) == (2, 90, 0.05, 0.05)
    raw, certain = (found["standards"]["late_handover"][test] for test in ("raw", "certain"))
    # One late of three is over 5 %, and so is one of one: evidence is only what the careless seller did.
    assert (parts(raw["flagged"]), parts(certain["flagged"])) == ((3, 4), (1, 4))
    assert [parts(band) for band in raw["by_size"]] == [(1, 2), (2, 2), (0, 0), (0, 0)]
    assert [parts(band) for band in certain["by_size"]] == [(0, 2), (1, 2), (0, 0), (0, 0)]
    # The unlucky seller had 20 good orders in the next period; the one that is gone had none.
    assert (raw["gone"], certain["gone"]) == (1, 0)
    assert {by: parts(share) for by, share in raw["precision"].items()} == {"raw": (1, 2), "certain": (1, 2)}
    assert {by: parts(share) for by, share in certain["precision"].items()} == {"raw": (1, 1), "certain": (1, 1)}
    assert {by: parts(share) for by, share in certain["recall"].items()} == {"raw": (1, 1), "certain": (1, 1)}
    assert raw["flagged"]["rate"] is None, "of four sellers no share is told"

    raw, certain = (found["standards"]["low_reviews"][test] for test in ("raw", "certain"))
    assert (parts(raw["flagged"]), parts(certain["flagged"])) == ((2, 2), (0, 2))
    assert (raw["gone"], parts(raw["precision"]["raw"])) == (1, (0, 1))


def test_with_a_volume_from_which_on_it_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["standards", "backtest", str(tables(tmp_path)), "--at-least", "10", "--json"]) == 0
    raw = json.loads(capsys.readouterr().out)["standards"]["late_handover"]["raw"]
    # When the unlucky seller's tenth order counts, the late one has left the window.
    assert parts(raw["flagged"]) == (1, 4)
    assert parts(raw["precision"]["raw"]) == (1, 1)


def test_the_same_as_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["standards", "backtest", str(tables(tmp_path)), "--limit", "2.5"]) == 0
    told = capsys.readouterr().out
    assert "A limit of 2.5%, looked at every night of 2 periods of 90 days" in told
    (line,) = [line for line in told.splitlines() if line.startswith("warned, 1 to 9 orders") and "0 of 2" in line]
    assert line.split()[5:] == ["1", "of", "2", "0", "of", "2"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--limit", "0"], "--limit must be above 0"), (["--limit", "100"], "below 100"),
        (["--error", "1"], "--error must be"), ([], "has neither orders.parquet nor olist_orders_dataset.csv"),
    ],
)  # fmt: skip
def test_wrong_use_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str) -> None:
    assert run(["standards", "backtest", str(tmp_path), *arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_past_too_short_to_see_what_came_later_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = tables(tmp_path, days=130)
    assert run(["standards", "backtest", str(short)]) == 2
    assert "at least 180 are needed" in capsys.readouterr().err
