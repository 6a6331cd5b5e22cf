"""Tracking news through the real endpoint: who signed it, what it says, late, twice, in any order, of parcels to come."""

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import yaml
from django.http import HttpResponse
from django.test import Client

from comity.actions import shipments
from comity.actions.addresses import ShipTo
from comity.integrations.tracking.fake import signature
from comity.integrations.tracking.news import read_all
from comity.integrations.tracking.reading import PROVIDERS, read, signed
from comity.records.models import Duty, JournalLine, Order, Scan, Shipment, TrackingBody
from tests.actions.test_delivery import big
from tests.cast import Cast, hours
from tests.data import DATA

PAYLOADS = DATA / "tracking-payloads"
SECRET = "sécret of both"
needs_payloads = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="recorded payloads are not beside the project")


@pytest.fixture(autouse=True)
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in PROVIDERS:
        monkeypatch.setenv(f"COMITY_{provider.upper()}_SECRET", SECRET)


def tell(provider: str, what: Any, **headers: str) -> HttpResponse:
    body = what if isinstance(what, bytes) else json.dumps(what).encode()
    query = {"token": SECRET} if provider == "shippo" else {}
    return Client().post(  # type: ignore[return-value]
        f"/hooks/tracking/{provider}/", body, content_type="application/json", query_params=query,
        headers=signature(provider, body, SECRET) | headers,
    )  # fmt: skip


def parcel(cast: Cast, number: str = "RR123456785CN", carrier: str = "china-post") -> Shipment:
    return shipments.dispatch(cast.li, cast.order(), shipments.Parcel(carrier, number), at=hours(5))


def easypost(*events: tuple[str, str, str], number: str = "RR123456785CN") -> dict[str, Any]:
    """A body of EasyPost's; each event its moment, status and detail."""
    details = [{"datetime": at, "status": status, "status_detail": detail, "message": "m",
                "tracking_location": {"city": "Leipzig", "country": "DE"}} for at, status, detail in events]  # fmt: skip
    tracker = {"object": "Tracker", "tracking_code": number, "carrier": "ChinaPost", "tracking_details": details}
    return {"object": "Event", "description": "tracker.updated", "id": "evt", "result": tracker}


def fixtures() -> Iterator[tuple[str, str, Any]]:
    """Every recorded answer and body: the aggregator, where it stands, and what it says."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("tag:yaml.org,2002:python/unicode", lambda loader, node: str(node.value))
    for provider in PROVIDERS:
        for path in sorted((PAYLOADS / provider).glob("*.json")):
            yield provider, path.name, path.read_bytes()
        for path in sorted((PAYLOADS / provider).glob("*.yaml")):
            for number, said in enumerate(yaml.load(path.read_text(), Loader)["interactions"]):
                content = said["response"]["body"]
                content = content.get("string") if isinstance(content, dict) else content
                content = content.encode() if isinstance(content, str) else content or b""
                yield (
                    provider,
                    f"{path.name}:{number}",
                    gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content,
                )


@needs_payloads
def test_every_recorded_payload_goes_through_the_endpoint(db: None) -> None:
    told = list(fixtures())
    assert len(told) > 40
    assert [name for provider, name, body in told if tell(provider, body).status_code != 202] == []
    assert TrackingBody.objects.count() == len({(provider, body) for provider, _, body in told})
    read_all(hours(24 * 300))
    outcomes = set(TrackingBody.objects.values_list("outcome", flat=True))
    assert outcomes <= {"unmatched", "nothing", "unreadable"}, "no parcel of them is here, and nothing failed"
    assert TrackingBody.objects.filter(outcome="unmatched").count() >= 10


@needs_payloads
def test_a_recorded_signature_is_right() -> None:
    known = json.loads((PAYLOADS / "easypost" / "client-library-fixtures.json").read_text())["webhooks"]
    body = (PAYLOADS / "easypost" / "event-body.json").read_bytes()
    given = {"x-hmac-signature": known["hmac_signature"]}
    candidates = (body, body.strip(), json.dumps(json.loads(body), separators=(",", ":")).encode())
    assert any(signed("easypost", each, given, "", known["secret"]) for each in candidates)
    assert not any(signed("easypost", each + b" ", given, "", known["secret"]) for each in candidates)


@needs_payloads
@pytest.mark.parametrize("provider", PROVIDERS)
def test_recorded_events_are_told_in_one_vocabulary(provider: str) -> None:
    found = set()
    for name, _, body in fixtures():
        if name == provider:
            try:
                found |= {(news.status, bool(news.at), bool(news.number)) for news in read(provider, body)}
            except ValueError:
                continue
    assert found
    assert {status for status, _, _ in found} <= set(shipments.STATUSES)
    assert all(at and number for _, at, number in found)
    assert ("in_transit", True, True) in found or ("delivered", True, True) in found


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_wrong_signature_is_refused_and_nothing_kept(db: None, provider: str) -> None:
    body = json.dumps(easypost()).encode()
    answer = Client().post(f"/hooks/tracking/{provider}/?token=guess", body, content_type="application/json",
                           headers={name: value[:-1] + "0" for name, value in signature(provider, body + b"x", SECRET).items()})  # fmt: skip
    assert answer.status_code == 401
    assert "signature" in answer.json()["detail"]
    assert not TrackingBody.objects.exists()


def test_who_is_not_expected_and_what_is_too_large(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell("nobody", {}).status_code == 404
    monkeypatch.setenv("COMITY_EASYPOST_SECRET", "")
    assert tell("easypost", {}).status_code == 404
    assert tell("aftership", b"x" * 10_000_000).status_code == 413
    assert Client().get("/hooks/tracking/aftership/").status_code == 405


def test_events_in_any_order_twice_and_late_count_once_and_when_they_happened(cast: Cast) -> None:
    shipment = parcel(cast)
    late = easypost(
        ("2026-03-06T10:00:00Z", "delivered", "arrived_at_destination"),
        ("2026-03-03T08:00:00Z", "in_transit", "received_at_origin_facility"),
    )
    early = easypost(
        ("2026-03-03T08:00:00Z", "in_transit", "received_at_origin_facility"),
        ("2026-03-02T15:00:00Z", "pre_transit", "label_created"),
    )
    for what in (late, late, early, early):
        assert tell("easypost", what).status_code == 202
    assert TrackingBody.objects.count() == 2
    assert read_all(hours(24 * 10)) == 2
    assert read_all(hours(24 * 10)) == 0
    scans = list(Scan.objects.filter(shipment=shipment).values_list("status", "place"))
    assert scans == [("label_made", "Leipzig, DE"), ("accepted", "Leipzig, DE"), ("delivered", "Leipzig, DE")]
    assert Order.objects.get().delivered_at == hours(24 * 4 + 1)
    kinds = list(JournalLine.objects.filter(fact_id__startswith="scan:").order_by("at").values_list("kind", flat=True))
    assert kinds == ["shipment.noted", "shipment.scanned", "shipment.delivered"]


def test_a_label_is_no_scan(cast: Cast) -> None:
    parcel(cast)
    tell(
        "easypost",
        easypost(("2026-03-02T15:00:00Z", "pre_transit", "label_created"), ("2026-03-02T16:00:00Z", "a new word", "")),
    )
    read_all(hours(24))
    assert set(Scan.objects.values_list("status", flat=True)) == {"label_made", "unknown"}
    assert "a new word" in Scan.objects.get(status="unknown").said
    first = Duty.objects.filter(opened_by__startswith="shipment.dispatched").exclude(rule="reply")
    assert first.exists()
    assert not first.filter(status="met").exists(), "the carrier has not got it yet"


def test_news_of_a_parcel_to_come_is_kept_until_it_is_declared(cast: Cast) -> None:
    tell("easypost", easypost(("2026-03-02T20:00:00Z", "in_transit", "arrived_at_facility")))
    assert read_all(hours(12)) == 1
    assert TrackingBody.objects.get().outcome == "unmatched"
    assert read_all(hours(13)) == 0
    shipment = parcel(cast)
    assert read_all(hours(14)) == 1
    assert TrackingBody.objects.get().outcome == "taken"
    assert shipment.scans.get().at == hours(11)


def test_a_scan_from_before_the_order_counts_for_nothing(cast: Cast) -> None:
    shipment = parcel(cast)
    tell("easypost", easypost(("2026-02-20T10:00:00Z", "delivered", "")))
    read_all(hours(24))
    assert shipment.scans.get().status == "older_than_order"
    assert Order.objects.get().delivered_at is None


def test_a_time_without_a_zone_is_the_sellers_and_marked(cast: Cast) -> None:
    cast.seller.time_zone = "Asia/Shanghai"
    cast.seller.save(update_fields=["time_zone"])
    shipment = parcel(cast)
    what = easypost(("2026-03-03T08:00:00", "in_transit", ""))
    what["result"]["tracking_details"][0]["tracking_location"] = None
    tell("easypost", what)
    read_all(hours(48))
    assert (shipment.scans.get().at, shipment.scans.get().zone_assumed) == (hours(15), True)


@pytest.mark.parametrize("what", [b"", b"not json", b"[]", b"7", b'{"result": {}}', b'{"object": "Event", "description": "tracker.updated", "result": {"tracking_details": [{}]}}'])  # fmt: skip
@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_cannot_be_read_is_kept_and_said(db: None, provider: str, what: bytes) -> None:
    assert tell(provider, what).status_code == 202
    read_all(hours(1))
    assert TrackingBody.objects.get().outcome in {"unreadable", "nothing", "unmatched"}


def test_the_future_and_nonsense_are_left_out_and_the_rest_is_taken(cast: Cast) -> None:
    shipment = parcel(cast)
    tell(
        "easypost",
        easypost(
            ("2031-01-01T00:00:00Z", "delivered", ""),
            ("yesterday", "in_transit", ""),
            ("2026-03-03T08:00:00Z", "in_transit", ""),
        ),
    )
    read_all(hours(48))
    assert shipment.scans.get().at == hours(23)
    assert "in the future" in TrackingBody.objects.get().why


def test_two_orders_with_one_number_are_told_apart_by_their_carrier(cast: Cast) -> None:
    one = parcel(cast, carrier="ChinaPost")
    other = shipments.dispatch(cast.li, cast.order(at=1), shipments.Parcel("other", "RR123456785CN"), at=hours(5))
    tell("easypost", easypost(("2026-03-03T08:00:00Z", "in_transit", "")))
    read_all(hours(48))
    assert (one.scans.count(), other.scans.count()) == (1, 0)


def test_delivered_then_returned_keeps_both(cast: Cast) -> None:
    shipment = parcel(cast)
    tell(
        "easypost",
        easypost(("2026-03-04T08:00:00Z", "delivered", ""), ("2026-03-05T08:00:00Z", "return_to_sender", "")),
    )
    read_all(hours(24 * 9))
    assert list(shipment.scans.values_list("status", flat=True)) == ["delivered", "returned"]
    assert Order.objects.get().delivered_at == hours(47)


def test_a_false_shipment_is_overturned_by_a_scan_that_came_late(cast: Cast) -> None:
    from comity.actions import clock

    parcel(cast)
    clock.turn(hours(24 * 9))
    breached = Duty.objects.get(status="breached")
    tell("easypost", easypost(("2026-03-04T08:00:00Z", "in_transit", "received_at_origin_facility")))
    read_all(hours(24 * 9) + timedelta(minutes=1))
    assert Duty.objects.get(key=breached.key).status == "met"


def body_of(provider: str, at: str, postcode: str, signed_for: bool) -> dict[str, Any]:
    """What an aggregator says of a delivery in Melbourne, with its postcode and whether somebody signed."""
    number = "RR123456785CN"
    if provider == "easypost":
        where = {"city": "Melbourne", "country": "AU", "zip": postcode}
        detail = {"datetime": at, "status": "delivered", "message": "m", "tracking_location": where}
        tracker = {"object": "Tracker", "tracking_code": number, "carrier": "ChinaPost", "tracking_details": [detail]}
        return tracker | ({"signed_by": "A. SOUZA"} if signed_for else {})
    if provider == "aftership":
        point = {"checkpoint_time": at, "tag": "Delivered", "subtag": "Delivered_003" if signed_for else "Delivered_001",
                 "city": "Melbourne", "country_iso3": "AUS", "zip": postcode}  # fmt: skip
        return {"msg": {"tracking_number": number, "slug": "china-post", "checkpoints": [point]}}
    if provider == "17track":
        event = {"time_utc": at, "sub_status": "Delivered_Signed" if signed_for else "Delivered_Other",
                 "address": {"city": "Melbourne", "country": "AU", "postal_code": postcode}}  # fmt: skip
        providers = [{"provider": {"name": "China Post"}, "events": [event]}]
        return {"data": {"number": number, "track_info": {"tracking": {"providers": providers}}}}
    where = {"city": "Melbourne", "country": "AU", "zip": postcode}
    event = {"status_date": at, "status": "DELIVERED", "location": where}
    return {"data": {"tracking_number": number, "carrier": "ChinaPost", "tracking_history": [event]}}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_where_it_was_delivered_and_who_signed(provider: str) -> None:
    at = "2026-03-04T08:00:00Z"
    (news,) = read(provider, json.dumps(body_of(provider, at, "3000", True)).encode())
    assert (news.status, news.postcode, news.signed) == ("delivered", "3000", provider != "shippo")
    (news,) = read(provider, json.dumps(body_of(provider, at, "3000", False)).encode())
    assert not news.signed


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_aggregator_tells_of_a_delivery_elsewhere(cast: Cast, provider: str) -> None:
    order = big(cast, ship_to=ShipTo("Ana Souza", "1 George St", "Sydney", "AU", "2000", "NSW"))
    shipments.dispatch(cast.li, order, shipments.Parcel("china-post", "RR123456785CN"), at=hours(5))
    tell(provider, body_of(provider, "2026-03-04T08:00:00Z", "3000", True))
    tell(provider, body_of(provider, "2026-03-06T08:00:00Z", "2000", True))
    read_all(hours(48 * 3))
    first, second = Scan.objects.order_by("at")
    assert (first.status, first.postcode, second.status, second.postcode) == (
        "delivered_elsewhere", "3000", "delivered", "2000",
    )  # fmt: skip
    assert Order.objects.get().delivered_at == second.at
