"""The promise adviser: life tables by hand, coverage where conditions are steady and where they turn, never looking ahead."""

import json
import math
from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from comity.cli.main import run
from comity.history import promise
from comity.history.promise import Adviser, Backtest, Parcels, TooFewParcels, Watch, backtest, quantiles
from tests.data import DATA

DAYS = 150
KNOWN_AFTER = promise.KNOWN_AFTER


def made(seed: int = 1, *, each_day: int = 60, slower_from: float = math.inf, lost: float = 0.0) -> Parcels:
    """Parcels of two lanes, one twice as long; from a day on, whatever is on its way goes at half the speed."""
    random = np.random.default_rng(seed)
    placed = np.sort(random.uniform(0, DAYS, DAYS * each_day))
    lane = random.integers(0, 2, len(placed)).astype(float)
    took = np.exp(random.normal(np.log(5 * (1 + lane)), 0.4))
    arrives = placed + took
    late = arrives > slower_from
    arrives[late] += np.minimum(took[late], arrives[late] - slower_from)
    arrives[random.uniform(size=len(placed)) < lost] = np.nan
    features = np.column_stack([lane, random.normal(size=len(placed))])
    return Parcels(placed, arrives, placed + 20, features, (0,))


@pytest.fixture(scope="module", autouse=True)
def known_soon() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(promise, "KNOWN_AFTER", 30.0)
        yield


@pytest.fixture(scope="module")
def steady(known_soon: None) -> Backtest:
    """A road whose conditions stay as they are, tried once for all tests of it."""
    return backtest(made(), since=60, until=130, levels=[0.8, 0.95])


@pytest.fixture(scope="module")
def turned(known_soon: None) -> Backtest:
    """A road that turns slow on day 80, its promises watched, tried once for all tests of it."""
    return backtest(made(slower_from=80), since=60, until=130, levels=[0.5, 0.9, 0.95], wanted=0.95)


def test_a_life_table_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promise, "LEAST_ARRIVALS", 1)
    begins = np.array([0.0, 0.0, 0.0, 2.5, 0.0])
    ends = np.array([1.0, 2.0, 3.0, 4.0, 1.5])
    arrived = np.array([True, True, True, True, False])
    # Under way after 1: 3/4 (four at risk; the fourth came later); after 2: 3/4 * 1/2; after 3: 3/16; after 4: nobody.
    assert quantiles(begins, ends, arrived, [0.2, 0.3, 0.5, 0.6, 0.64]) == [1.0, 2.0, 2.0, 3.0, 3.0]


def test_what_has_not_arrived_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = np.concatenate([np.linspace(1, 10, 150), np.full(150, 10.0)])
    arrived = np.arange(300) < 150
    blind = quantiles(np.zeros(150), ends[:150], arrived[:150], [0.45])[0]
    assert quantiles(np.zeros(300), ends, arrived, [0.45])[0] > blind


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_coverage_where_conditions_are_steady(steady: Backtest, level: float) -> None:
    found = steady
    assert level - 0.015 < found.kept(level).coverage < level + 0.05, (
        "promises end with a day, so a little more is kept"
    )
    lanes = found.parcels.features[found.rows, 0]
    for lane in (0.0, 1.0):
        kept = found.kept(level, lanes == lane).coverage
        assert level - 0.03 < kept < level + 0.07, "on each lane, not only on the whole"
    assert found.kept(level, lanes == 1.0).mean_days > 1.5 * found.kept(level, lanes == 0.0).mean_days


def test_a_road_that_turns_slow_is_followed_within_weeks(turned: Backtest) -> None:
    found = turned
    placed = found.parcels.placed[found.rows]
    before, after = (found.kept(0.9, (placed >= a) & (placed < b)) for a, b in ((60, 70), (100, 120)))
    assert after.mean_days > 1.5 * before.mean_days
    assert abs(after.coverage - 0.9) < 0.04


@pytest.mark.parametrize("day", [70.0, 95.0])
def test_nothing_looks_ahead(day: float) -> None:
    parcels = made(seed=3)
    today = np.flatnonzero((parcels.placed >= day) & (parcels.placed < day + 1))
    said = Adviser(parcels).promise(day, today, [0.9])
    future = parcels.delivered > day
    changed = parcels.delivered.copy()
    changed[future] = day + 1 + 40 * np.random.default_rng(5).uniform(size=future.sum())
    other = Parcels(parcels.placed, changed, parcels.promised, parcels.features, parcels.categories)
    assert (Adviser(other).promise(day, today, [0.9]) == said).all()


def test_promises_end_with_a_day() -> None:
    parcels = made()
    today = np.flatnonzero((parcels.placed >= 80) & (parcels.placed < 81))
    ends = parcels.placed[today] + Adviser(parcels).promise(80.0, today, [0.9])
    assert np.allclose(ends, np.round(ends))


def test_the_level_at_which_as_many_are_kept_as_the_shop_kept() -> None:
    found = backtest(made(lost=0.01), since=60, until=90, levels=[0.5, 0.7, 0.9, 0.99])
    assert found.never_arrived() > 0
    level = found.level_like_the_shop()
    assert found.kept(level).coverage >= found.shop().coverage
    assert level == 0.99


def test_too_few_is_said() -> None:
    with pytest.raises(TooFewParcels, match="at least 100 are needed"):
        backtest(made(each_day=1), since=40, until=50, levels=[0.9])
    with pytest.raises(TooFewParcels, match="no parcel was ordered"):
        backtest(made(), since=400, until=410, levels=[0.9])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "yesterday"], "must be a day"), (["--from", "2017-12-01", "--p", "1"], "--p must be"),
        (["--from", "2017-12-01"], "has neither orders.parquet"),
    ],
)  # fmt: skip
def test_wrong_use_is_said(
    tmp_path: object, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert run(["promise", "backtest", str(tmp_path), *arguments]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.long
@pytest.mark.skipif(not (DATA / "olist").is_dir(), reason="Olist's tables are not beside the project")
def test_olist_as_it_came(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promise, "KNOWN_AFTER", KNOWN_AFTER)
    folder = str(DATA / "olist")
    assert run(["promise", "backtest", folder, "--from", "2018-02-01", "--until", "2018-02-28", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [month["month"] for month in found["months"]] == ["2018-02"]
    assert found["advised"]["parcels"] == found["shop"]["parcels"] == 6556
    counted = duckdb.execute(f"""
        SELECT avg((order_delivered_customer_date::DATE <= order_estimated_delivery_date::DATE)::INT)
        FROM read_parquet('{folder}/orders.parquet') WHERE order_delivered_customer_date IS NOT NULL
        AND order_purchase_timestamp::DATE BETWEEN '2018-02-01' AND '2018-02-28'
        AND order_id IN (SELECT order_id FROM read_parquet('{folder}/order_items.parquet'))
    """).fetchall()  # the promised day counts to its end
    assert found["shop"]["coverage"] == round(counted[0][0], 4) == 0.8586
    assert found["months"][0]["within_2_points"], "a bad month: one promise in six of the shop's was broken"
    assert found["equal_coverage"]["coverage"] >= found["shop"]["coverage"]


def test_a_fall_is_watched_and_answered_until_it_is_over() -> None:
    watch = Watch(0.95)
    assert watch.level(10) == 0.95, "nothing has ended yet"
    ends, arrived = np.linspace(0, 9.9, 400), np.zeros(400)
    watch.note(ends, arrived)
    assert watch.level(10) == 0.95, "all were kept"
    arrived = np.where(np.arange(400) % 6 == 0, np.inf, 0)  # one in six was not
    watch.note(ends + 10, arrived)
    aimed = watch.level(20)
    assert 0.95 < aimed < 0.98, "half of what is missing is made up for"
    assert watch.level(60) == 0.95, "what is long over counts no more"
    few = Watch(0.95)
    few.note(ends[:50], np.full(50, np.inf))
    assert few.level(10) == 0.95, "a few say nothing"
    near = Watch(0.95)
    near.note(ends, np.where(np.arange(400) % 15 == 0, np.inf, 0))
    assert near.level(10) == 0.95, "93 of 100 may be chance"


def test_a_watched_backtest_never_looks_ahead_and_widens_after_a_fall(turned: Backtest) -> None:
    found, parcels = turned, turned.parcels
    unwatched = found.days[found.levels.index(0.95)]
    assert found.watched is not None
    assert (found.watched >= unwatched).all(), "never shorter than without"
    placed = parcels.placed[found.rows]
    wider = placed[found.watched > unwatched]
    assert len(wider)
    assert wider.min() > 80, "only after the fall could be seen"
    assert found.kept_watched(0.95).coverage >= found.kept(0.95).coverage
    assert found.kept_watched(0.5) == found.kept(0.5), "what was not wanted is not watched"
    cut = Parcels(parcels.placed, np.where(parcels.delivered < 110, parcels.delivered, np.nan), parcels.promised,
                  parcels.features, (0,))  # fmt: skip
    again = backtest(cut, since=60, until=109, levels=[0.95], wanted=0.95)
    assert np.array_equal(np.asarray(again.watched), found.watched[: len(again.rows)]), (
        "what came later changed nothing"
    )
