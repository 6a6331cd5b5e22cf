"""Odd tracking news: what no aggregator should say, numbers that are not one parcel's, times that say too little."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from comity.actions import orders, shipments
from comity.actions.guard import Actor
from comity.integrations.tracking.news import read_all, take_in
from comity.integrations.tracking.places import zone_of
from comity.integrations.tracking.reading import PROVIDERS, read
from comity.lib.money import Money
from comity.records import rebuild
from comity.records.models import Notice, Order, Shipment, TrackingBody
from tests.cast import Cast, hours

NUMBER, DAY = "LX987654325CN", 24


def easypost(*events: tuple[str, str, str], number: Any = NUMBER, carrier: Any = "ChinaPost") -> dict[str, Any]:
    """A body of EasyPost's; each event its moment, status and country."""
    details = [
        {"datetime": at, "status": status, "tracking_location": {"country": land}} for at, status, land in events
    ]
    tracker = {"object": "Tracker", "tracking_code": number, "carrier": carrier, "tracking_details": details}
    return {"object": "Event", "description": "tracker.updated", "result": tracker}


def hear(what: Any, *, provider: str = "easypost", now: float = DAY * 40) -> TrackingBody:
    """Take in a body and read it."""
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    take_in(provider, body, at=hours(now))
    read_all(hours(now))
    return TrackingBody.objects.latest("pk")


def bought(cast: Cast, seller: Actor, buyer: Actor, *, to: str = "", at: float = 0) -> Order:
    new = orders.NewOrder(
        buyer=buyer.party,
        seller=seller.party,
        title="Lamp",
        price=Money(100, "EUR"),
        handling_hours=72,
        deliver_by=hours(DAY * 30),
        lane=orders.Lane("CN", to),
    )
    return orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(at)), at=hours(at))


def sent(seller: Actor, order: Order, *, at: float = 5, carrier: str = "ChinaPost", number: str = NUMBER) -> Shipment:
    return shipments.dispatch(seller, order, shipments.Parcel(carrier, number, sure=True), at=hours(at))


def statuses(parcel: Shipment) -> list[str]:
    return list(parcel.scans.values_list("status", flat=True))


DEEP = b'{"a":' * 60_000 + b"1" + b"}" * 60_000
ONE = ("2026-03-04T08:00:00Z", "in_transit", "DE")
POISON: list[Any] = [
    DEEP,
    b"[" * 500_000,
    b"",
    b"\xff\xfe\x00",
    b'{"object": NaN, "trackers": [1e999, -1e999]}',
    b'{"object": ' + b"9" * 5_000 + b"}",
    easypost(ONE, number="\x00"),
    easypost(ONE, number="\ud800\x00LX987654325CN\udfff"),
    easypost(ONE, number="9" * 300_000),
    easypost(ONE, carrier="\ud800" * 5_000),
    easypost(ONE, number=10**400, carrier=float("nan")),
    easypost(ONE, number=True, carrier=[]),
    easypost(ONE, number={"a": 1}, carrier={}),
    *(easypost((at, "in_transit", "DE")) for at in ("10000-01-01T00:00:00Z", "0001-01-01", "0001-01-01T00:00:00+14:00",
      "9999-12-31T23:59:59-12:00", "\x00", "yesterday", "1e9", "2026-02-30", "2026-03-04T08:00:00+99:99")),
    easypost((7, 7, 7)),  # type: ignore[arg-type]
    easypost(({}, [], {})),  # type: ignore[arg-type]
    easypost((ONE[0], "\x00\ud800" * 900, "\x00")),
    {"object": "Event", "description": 7, "result": "x"},
    {"object": "Event", "description": "tracker.", "result": {"tracking_code": NUMBER, "tracking_details": {"a": 1}}},
    {"object": "Tracker", "tracking_code": NUMBER, "tracking_details": [None, 7, "x", [], {}]},
    {"trackers": {"a": 1}},
    easypost(*[(f"2026-03-04T08:{n % 60:02}:{n // 60 % 60:02}Z", "in_transit", "DE") for n in range(6_000)],
             number="LX111111115CN"),
]  # fmt: skip


def test_whatever_a_body_holds_the_next_one_is_read(cast: Cast) -> None:
    parcel = sent(cast.li, cast.order())
    for number, what in enumerate(POISON):
        body = what if isinstance(what, bytes) else json.dumps(what).encode()
        for provider in PROVIDERS:
            take_in(provider, body + b" " * number, at=hours(DAY * 30))
    take_in("easypost", json.dumps(easypost(("2026-03-05T08:00:00Z", "in_transit", "DE"))).encode(), at=hours(DAY * 30))
    while read_all(hours(DAY * 40)):
        pass
    assert set(TrackingBody.objects.values_list("outcome", flat=True)) == {
        "taken",
        "unmatched",
        "nothing",
        "unreadable",
    }
    assert parcel.scans.filter(at=hours(DAY * 3 - 1)).exists(), "the genuine one behind them"
    assert parcel.scans.filter(at__lt=hours(0), status="in_transit").count() == 0


def test_an_error_of_ours_in_one_body_is_its_outcome(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import DataError, OperationalError

    from comity.actions import scans

    parcel, genuine = sent(cast.li, cast.order()), scans.scan
    for error, outcome in ((DataError("Ana's street"), "failed"), (OperationalError("away"), "")):

        def broken(*args: Any, error: Exception = error, **more: Any) -> bool:
            monkeypatch.setattr(scans, "scan", genuine)
            raise error

        monkeypatch.setattr(scans, "scan", broken)
        take_in("easypost", json.dumps(easypost(ONE, carrier=str(error))).encode(), at=hours(DAY))
        if outcome:
            read_all(hours(DAY * 9))
        else:
            with pytest.raises(OperationalError):
                read_all(hours(DAY * 9))
        assert TrackingBody.objects.latest("pk").outcome == outcome
    assert read_all(hours(DAY * 9)) == 1, "tried again, once the database is back"
    assert statuses(parcel) == ["in_transit"]


def test_what_waits_is_read_again_only_when_its_parcel_was_declared(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.integrations.tracking import news

    monkeypatch.setattr(news, "_MOST_NEW", 8)
    monkeypatch.setattr(news, "_MOST_WAITING", 2)
    for number in range(20):
        take_in("easypost", json.dumps(easypost(ONE, number=f"NOBODY{number}")).encode(), at=hours(1))
    assert [read_all(hours(DAY * 9)) for _ in range(4)] == [8, 8, 4, 0]
    for number in range(3):
        sent(cast.li, cast.order(at=number), at=6, number=f"NOBODY{number}")
    take_in("easypost", json.dumps(easypost(ONE, number="NOBODY99")).encode(), at=hours(2))
    assert [read_all(hours(DAY * 9)) for _ in range(3)] == [3, 1, 0], "the new one, and two of those that waited"
    assert TrackingBody.objects.filter(outcome="taken").count() == 3


#: Whose parcels have the number (seller, buyer, destination, placed and sent at), what is told, whose news it is.
SHARED: list[tuple[str, list[tuple[str, str, str, int, int]], list[tuple[str, str, str]], list[int]]] = [
    ("one bag, two orders", [("li", "ana", "", 0, 5), ("li", "ana", "", 1, 5)],
     [("2026-03-06T10:00:00Z", "delivered", "DE")], [0, 1]),
    ("one bag, and an order of next month", [("li", "ana", "", 0, 5), ("li", "ana", "", 700, 701)],
     [("2026-03-06T10:00:00Z", "delivered", "DE")], [0]),
    ("copied later", [("li", "ana", "", 0, 5), ("max", "bea", "", 0, 9)],
     [("2026-03-06T10:00:00Z", "delivered", "DE")], [0]),
    ("copied, and goes elsewhere", [("max", "bea", "FR", 0, 4), ("li", "ana", "DE", 0, 5)],
     [("2026-03-04T10:00:00Z", "in_transit", "CN"), ("2026-03-06T10:00:00Z", "delivered", "DE")], [1]),
    ("copied, and nobody knows where to", [("max", "bea", "", 0, 4), ("li", "ana", "DE", 0, 5)],
     [("2026-03-06T10:00:00Z", "delivered", "DE")], [1]),
    ("one number for two buyers", [("li", "ana", "BR", 0, 4), ("li", "bea", "DE", 0, 5)],
     [("2026-03-06T10:00:00Z", "delivered", "DE")], [1]),
    ("given again after it had arrived", [("max", "bea", "", 0, 4), ("li", "ana", "", 700, 701)],
     [("2026-04-02T10:00:00Z", "delivered", "DE")], [1]),
    ("fits neither", [("max", "bea", "FR", 0, 4), ("li", "ana", "BR", 0, 5)],
     [("2026-03-06T10:00:00Z", "delivered", "DE")], []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parcels", "told", "whose"), SHARED, ids=[row[0] for row in SHARED])
def test_a_number_that_several_orders_have(
    cast: Cast,
    name: str,
    parcels: list[tuple[str, str, str, int, int]],
    told: list[tuple[str, str, str]],
    whose: list[int],
) -> None:
    made: list[Shipment] = []
    for number, (seller, buyer, to, placed, at) in enumerate(parcels):
        order = bought(cast, getattr(cast, seller), getattr(cast, buyer), to=to, at=placed)
        made.append(sent(getattr(cast, seller), order, at=at))
        if name.startswith("given again") and number == 0:
            hear(easypost(("2026-03-05T10:00:00Z", "delivered", "")))
            made[0].scans.all().delete()
    body = hear(easypost(*told))
    assert body.outcome == ("taken" if whose else "unmatched")
    shipments.dispatch(cast.li, cast.order(at=2), shipments.Parcel("post"), at=hours(8))  # one without a number
    assert [place for place, parcel in enumerate(made) if parcel.scans.exists()] == whose
    assert whose or "fits none" in body.why
    assert read_all(hours(DAY * 41)) == 0


@pytest.mark.parametrize(
    ("rival_to", "mine_to", "whose"), [("FR", "DE", "mine"), ("DE", "", "rival"), ("", "", "rival"), ("FR", "BR", "")]
)
def test_a_copy_that_names_the_carrier_as_the_aggregator_does(
    cast: Cast, rival_to: str, mine_to: str, whose: str
) -> None:
    made = {
        "mine": sent(cast.li, bought(cast, cast.li, cast.ana, to=mine_to), carrier="CP Group"),
        "rival": sent(cast.max, bought(cast, cast.max, cast.bea, to=rival_to), at=6),
    }
    hear(easypost(("2026-03-06T10:00:00Z", "delivered", "DE")))
    assert [name for name, parcel in made.items() if parcel.scans.exists()] == ([whose] if whose else [])


@pytest.mark.parametrize(
    ("words", "arrived"),
    [
        ("Delivered, To Original Sender", False),
        ("Delivered to shipper", False),
        ("Objeto entregue ao remetente", False),
        ("Remis à l'expéditeur", False),
        ("Zugestellt an den Absender", False),
        ("Zwrócono do nadawcy", False),
        ("Вручение отправителю", False),
        ("退件已签收", False),
        ("Delivered, Front Door", True),
        ("Delivered; the sender is told", True),
        ("Zugestellt. Der Absender wurde benachrichtigt", True),
    ],
)
def test_handed_to_its_sender_is_not_delivered(cast: Cast, words: str, arrived: bool) -> None:
    sent(cast.li, cast.order())
    what = easypost(ONE, ("2026-03-09T10:00:00Z", "delivered", "CN"))
    what["result"]["tracking_details"][1]["message"] = words
    hear(what)
    assert (Order.objects.get().delivered_at is not None) == arrived
    assert rebuild.at_odds(cast.seller) == []


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize(
    ("provider", "status"),
    [
        ("easypost", "return_to_sender"),
        ("shippo", "RETURNED"),
        ("aftership", "Exception_010"),
        ("17track", "Returning"),
    ],
)
def test_what_goes_back_does_not_arrive_at_the_buyers(cast: Cast, provider: str, status: str, in_parts: bool) -> None:
    parcel = sent(cast.li, cast.order())

    def body(*told: tuple[str, bool]) -> dict[str, Any]:
        if provider == "easypost":
            return easypost(*((at, "delivered" if is_there else status, "CN") for at, is_there in told))
        if provider == "shippo":
            events = [{"status_date": at, "status": "DELIVERED" if is_there else status} for at, is_there in told]
            return {"data": {"tracking_number": NUMBER, "carrier": "ChinaPost", "tracking_history": events}}
        if provider == "aftership":
            points = [{"checkpoint_time": at, "tag": "Delivered" if is_there else "Exception",
                       "subtag": "" if is_there else status} for at, is_there in told]  # fmt: skip
            return {"msg": {"tracking_number": NUMBER, "slug": "china-post", "checkpoints": points}}
        news = [{"time_utc": at, "sub_status": "Delivered_Other" if is_there else "Exception_Other",
                 "stage": "" if is_there else status} for at, is_there in told]  # fmt: skip
        tracking = {"providers": [{"provider": {"name": "China Post"}, "events": news}]}
        return {"data": {"number": NUMBER, "track_info": {"tracking": tracking}}}

    told = [("2026-03-09T10:00:00Z", False), ("2026-03-20T10:00:00Z", True)]
    # The news that it was handed over may come first.
    for part in [[each] for each in reversed(told)] if in_parts else [told]:
        hear(body(*part), provider=provider)
    assert "returned" in statuses(parcel)
    assert Order.objects.get().delivered_at is None
    assert rebuild.at_odds(cast.seller) == []


def test_a_delivery_that_the_carrier_takes_back(cast: Cast) -> None:
    sent(cast.li, cast.order())
    there, again = ("2026-03-05T17:00:00Z", "delivered", ""), ("2026-03-07T09:00:00Z", "delivered", "")
    hear(easypost(there), now=DAY * 4)
    assert Order.objects.get().delivered_at == datetime(2026, 3, 5, 17, tzinfo=UTC)
    hear(easypost(there, ("2026-03-06T09:00:00Z", "out_for_delivery", "")), now=DAY * 4 + 1)
    assert Order.objects.get().delivered_at is None
    hear(easypost(there, ("2026-03-06T09:00:00Z", "out_for_delivery", ""), again), now=DAY * 6)
    assert Order.objects.get().delivered_at == datetime(2026, 3, 7, 9, tzinfo=UTC)
    assert rebuild.at_odds(cast.seller) == []


#: A body's time and place, and when that was in UTC. The seller is in Shanghai; placed at 9 and sent at 14 on 2 March.
TIMES: list[tuple[str, dict[str, Any], str]] = [
    ("17track", {"date": "2026-03-05", "time": "14:23:00", "timezone": "-03:00"}, "2026-03-05T17:23:00"),
    ("17track", {"date": "2026-03-05", "time": "14:23:00", "timezone": "UTC+8"}, "2026-03-05T06:23:00"),
    ("17track", {"date": "2026-03-05", "time": "14:23:00", "timezone": "America/Manaus"}, "2026-03-05T18:23:00"),
    ("17track", {"date": "2026-03-05", "time": "14:23", "country": "BR", "city": "Manaus"}, "2026-03-05T18:23:00"),
    ("17track", {"date": "2026-03-05", "time": "14:23", "country": "BR", "city": "Curitiba"}, "2026-03-05T17:23:00"),
    ("17track", {"date": "2026-03-05", "time": "14:23", "country": "JP"}, "2026-03-05T05:23:00"),
    ("17track", {"date": "2026-03-05", "time": "14:23", "country": "??"}, "2026-03-05T06:23:00"),
    ("17track", {"date": "2026-03-05", "time": None, "country": "JP"}, "2026-03-04T15:00:00"),
    ("easypost", {"at": "2026-03-05T14:23:00", "country": "DE"}, "2026-03-05T13:23:00"),
    ("easypost", {"at": "2026-03-05 14:23"}, "2026-03-05T06:23:00"),
    # The day alone: never before what is known to have been before.
    ("easypost", {"at": "2026-03-02", "country": "CN"}, "2026-03-02T14:00:00"),
    ("easypost", {"at": "2026-03-02T00:00:00", "country": "CN"}, "2026-03-02T14:00:00"),
    ("easypost", {"at": "2026-03-03", "country": "CN"}, "2026-03-02T16:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "when", "utc"), TIMES)
def test_times_that_do_not_say_their_zone_or_their_hour(
    cast: Cast, provider: str, when: dict[str, Any], utc: str
) -> None:
    cast.seller.time_zone = "Asia/Shanghai"
    cast.seller.save(update_fields=["time_zone"])
    parcel = sent(cast.li, cast.order())
    what = easypost((when.get("at", ""), "in_transit", when.get("country", "")))
    if provider == "17track":
        place = {"country": when.pop("country", None), "city": when.pop("city", None)}
        news = [{"time_utc": None, "time_raw": when, "sub_status": "InTransit_Other", "address": place}]
        tracking = {"providers": [{"provider": {"name": "ChinaPost"}, "events": news}]}
        what = {"data": {"number": NUMBER, "track_info": {"tracking": tracking}}}
    hear(what, provider=provider)
    scan = parcel.scans.get()
    assert (scan.status, scan.at.isoformat()) == ("in_transit", f"{utc}+00:00")
    assert scan.zone_assumed == (when.get("timezone") not in ("-03:00", "UTC+8"))


def test_a_day_before_the_order_is_another_parcels(cast: Cast) -> None:
    parcel = sent(cast.li, cast.order())
    hear(easypost(("2026-03-01", "in_transit", "")))
    assert statuses(parcel) == ["older_than_order"]
    assert Notice.objects.filter(kind="parcel.doubted").exists()


def test_events_of_one_day_of_which_one_says_no_hour(cast: Cast) -> None:
    sent(cast.li, cast.order())
    hear(easypost(("2026-03-05", "delivered", ""), ("2026-03-05T15:00:00Z", "out_for_delivery", "")))
    assert Order.objects.get().delivered_at == datetime(2026, 3, 5, 15, tzinfo=UTC)


def test_zones_of_places() -> None:
    assert [zone_of(*place) for place in (("BR", "São Paulo, SP"), ("US", "Nowhere"), ("FR", "Lyon"), ("ZZ", ""))] == [
        "America/Sao_Paulo", "America/New_York", "Europe/Paris", "",
    ]  # fmt: skip


def test_a_body_of_very_many_events_is_bounded() -> None:
    events = [(f"2026-03-04T08:00:{n % 60:02}Z", "in_transit", "DE") for n in range(5_000)]
    assert len(read("easypost", json.dumps(easypost(*events)).encode())) == 200


def test_a_long_body_is_entered_in_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.integrations.tracking import news

    monkeypatch.setattr(news, "_MOST_EVENTS", 8)
    parcel = sent(cast.li, cast.order())
    body = hear(easypost(*[(f"2026-03-04T{hour:02}:00:00Z", "in_transit", "") for hour in range(20)]))
    assert (body.outcome, parcel.scans.count()) == ("", 8)
    assert [read_all(hours(DAY * 40)) for _ in range(3)] == [1, 1, 0]
    body.refresh_from_db()
    assert (body.outcome, parcel.scans.count()) == ("taken", 20)
