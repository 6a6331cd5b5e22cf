"""Lanes counted from the rows: parcels in columns, cards, advice, and what pages and the API say of them."""

import json
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from comity.actions import lanes, orders, scans, shipments
from comity.lib.money import Money
from comity.records.lanes import typical_days
from comity.records.models import Advice, LaneCard, Watch
from tests.api.client import Api
from tests.cast import START, Cast, hours
from tests.web.test_pages import sign_in, text

DAY = 24


def row(seller: str, day: float, took: float) -> dict[str, object]:
    """A parcel as `history.parcels` keeps it, ordered so many days into the story."""
    at = START.replace(tzinfo=None) + timedelta(days=day)
    return {
        "seller": seller, "carrier": "post", "origin": "CN", "destination": "DE", "service": "", "placed": at,
        "sent": at, "promised": at + timedelta(days=24), "delivered": at + timedelta(days=took), "scans": 3,
        "failed": False, "gap": 1.0,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    return tmp_path / "history"


def sent(cast: Cast, number: int, *, carrier: str, took: float | None, at: float, promised: float = 12) -> None:
    order = orders.place(
        cast.platform,
        orders.NewOrder(
            buyer=cast.buyer,
            seller=cast.seller,
            title="Lamp",
            price=Money(1, "EUR"),
            handling_hours=48,
            deliver_by=hours(at) + timedelta(days=promised),
            lane=orders.Lane("CN", "DE", "express"),
        ),
        at=hours(at),
    )
    orders.pay(cast.platform, order, at=hours(at))
    parcel = shipments.dispatch(cast.li, order, shipments.Parcel(carrier, f"N{number}"), at=hours(at))
    if took is not None:
        scans.scan(cast.platform, parcel, scans.Event("in_transit", hours(at + took * DAY / 3)))
        scans.scan(cast.platform, parcel, scans.Event("delivered", hours(at + took * DAY)))


def test_lanes_are_counted_once_an_hour(cast: Cast, folder: Path) -> None:
    assert lanes.refresh(hours(0)) == 0, "without parcels there is nothing to count"
    for number in range(33):
        sent(cast, number, carrier="Sure Post", took=6, at=number)
    sent(cast, 90, carrier="lost", took=None, at=1)
    assert lanes.refresh(hours(60 * DAY)) == 1
    assert lanes.refresh(hours(60 * DAY) + timedelta(minutes=59)) == 0
    rows = pq.read_table(folder / lanes.OWN_FILE).to_pylist()
    assert len(rows) == 34
    assert rows[0]["carrier"] == "sure post"
    assert rows[0]["scans"] == 2
    assert rows[0]["gap"] == pytest.approx(4.0)
    cards = {card.carrier: card for card in LaneCard.objects.all()}
    assert (cards["sure post"].known, cards["sure post"].on_time, cards["lost"].lost) == (33, 33, 1)
    assert cards["sure post"].median_days == pytest.approx(6)
    assert [card.carrier for card in lanes.recommended("CN", "DE", "express")] == ["sure post"]
    assert lanes.recommended("CN", "FR", "express") == []
    assert typical_days("CN", "DE", "express") == pytest.approx(6)
    assert typical_days("CN", "FR", "") is None
    assert Watch.objects.get().judged == 0
    assert not Advice.objects.exists(), "too few parcels to advise anything"
    found = json.loads(Api(cast.platform, cast.li).get("/carriers?origin=CN&destination=DE&service=express").content)
    assert (found["recommended"], len(found["carriers"])) == (["sure post"], 2)
    assert Api(cast.platform, cast.ana).get("/carriers").status_code == 403


def test_a_seller_is_advised_and_sees_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    shipments_of = [row(str(cast.seller.uuid), number * 0.08, 3 + number % 3) for number in range(1300)]
    monkeypatch.setattr(lanes, "_rows", lambda: iter(shipments_of))
    sent(cast, 1, carrier="post", took=None, at=1)
    lanes.refresh(START + timedelta(days=104))
    (advice,) = Advice.objects.all()
    assert advice.seller == cast.seller
    assert (advice.origin, advice.destination) == ("CN", "DE")
    assert advice.promised == pytest.approx(24)
    assert 5 <= advice.days <= 7
    assert advice.kept == 1.0
    watch = Watch.objects.get()
    assert watch.level == watch.wanted == lanes.LEVEL
    assert watch.judged > 100
    assert watch.kept / watch.judged > 0.9
    page = text(sign_in(cast.li).get("/sell/ship/promises/"))
    assert f"Promise {advice.days:.0f} days instead of 24 days and still be on time in 95% of cases." in page
    assert json.loads(Api(cast.platform, cast.li).get("/promises").content)[0]["days"] == advice.days
    assert json.loads(Api(cast.platform, cast.max).get("/promises").content) == []
    assert "Too few parcels yet" in text(sign_in(cast.max).get("/sell/ship/promises/"))
    assert sign_in(cast.ana).get("/sell/ship/promises/").status_code == 403


def test_the_agents_page(cast: Cast) -> None:
    agent = sign_in(cast.ken)
    assert "No parcels yet" in text(agent.get("/desk/carriers/"))
    for number in range(40):
        sent(cast, number, carrier="<b>post</b>", took=6, at=number)
    lanes.refresh(hours(60 * DAY))
    page = text(agent.get("/desk/carriers/"))
    assert "&lt;b&gt;post&lt;/b&gt;" in page
    assert "<b>post" not in page
    assert "CN → DE · express (40)" in page
    assert "Surest on this lane" in page
    assert "Nobody is recommended" not in page
    assert agent.get("/desk/carriers/?lane=%00|x").status_code == 200
    for who in (cast.li, cast.ana):
        assert sign_in(who).get("/desk/carriers/").status_code == 403


def test_an_outage_is_recorded_from_the_page(cast: Cast) -> None:
    agent = sign_in(cast.ken)
    form = {"carrier": "post", "begins": "2026-03-02T10:00", "ends": "2026-03-04T10:00", "evidence": "罢工"}
    assert "The outage is recorded" in text(agent.post("/desk/carriers/", form, follow=True))
    assert "罢工" in text(agent.get("/desk/carriers/"))
    for wrong in ({"begins": "soon"}, {"ends": "2026-03-01T10:00"}, {"carrier": "\x00"}, {"begins": "2099-01-01T00:00", "ends": "2099-01-02T00:00"}):  # fmt: skip
        answer = agent.post("/desk/carriers/", form | wrong, follow=True)
        assert 'class="flash error"' in text(answer)
    made = Api(cast.platform, cast.ken).post("/outages", {"carrier": "post", "begins": "2026-03-02T10:00:00Z", "ends": "2026-03-03T10:00:00Z"})  # fmt: skip
    assert made.status_code == 201
    assert Api(cast.platform, cast.li).post("/outages", {"carrier": "post", "begins": "2026-03-02T10:00:00Z", "ends": "2026-03-03T10:00:00Z"}).status_code == 403  # fmt: skip
