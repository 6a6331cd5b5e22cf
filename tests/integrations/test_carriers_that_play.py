"""The fake carrier: every scenario in every aggregator's words, by webhook and by polling, read as real ones are."""

import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Event, Thread

import httpx
import pytest
from django.test import Client

from comity.actions import shipments
from comity.integrations.tracking import polls
from comity.integrations.tracking.fake import SCENARIOS, FakeCarrier, signature
from comity.integrations.tracking.news import read_all
from comity.integrations.tracking.reading import PROVIDERS
from comity.records.models import Duty, Order, Scan, Shipment, TrackingBody
from tests.cast import Cast, hours

SECRET, NUMBER = "between us", "RR123456785CN"


@pytest.fixture(autouse=True)
def agreed(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in PROVIDERS:
        monkeypatch.setenv(f"COMITY_{provider.upper()}_SECRET", SECRET)


def parcel(cast: Cast, *, at: float = 5) -> Shipment:
    return shipments.dispatch(cast.li, cast.order(days=12), shipments.Parcel("sample-post", NUMBER), at=hours(at))


def playing(scenario: str, now: float) -> FakeCarrier:
    carrier = FakeCarrier(hours(now))
    carrier.send(NUMBER, scenario, hours(5))
    return carrier


def by_webhook(carrier: FakeCarrier, provider: str) -> int:
    body = carrier.body(provider, NUMBER)
    query = {"token": SECRET} if provider == "shippo" else {}
    answer = Client().post(
        f"/hooks/tracking/{provider}/", body, content_type="application/json", query_params=query,
        headers=signature(provider, body, SECRET),
    )  # fmt: skip
    return answer.status_code


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_in_every_aggregators_words(cast: Cast, scenario: str, provider: str) -> None:
    shipment = parcel(cast)
    for now in (30.0, 130.0, 1000.0):  # each tells all that has happened until then
        assert by_webhook(playing(scenario, now), provider) == 202
        read_all(hours(now))
    expected = [step.status for step in SCENARIOS[scenario]]
    if provider in ("easypost", "shippo"):
        expected = ["in_transit" if status == "customs" else status for status in expected]
    assert [scan.status for scan in shipment.scans.all()] == expected
    assert (Order.objects.get().delivered_at is not None) == ("delivered" in expected)
    assert {scan.carrier for scan in Scan.objects.all()} == {"sample-post"}


def test_a_label_alone_is_no_shipment(cast: Cast) -> None:
    from comity.actions import clock

    parcel(cast)
    by_webhook(playing("label_only", 300), "easypost")
    read_all(hours(300))
    clock.turn(hours(300))
    assert Duty.objects.get(rule="first scan").status == "breached"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_parcels_are_asked_about_until_they_arrive(cast: Cast, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shipment = parcel(cast)
    assert polls.poll(hours(6), transport=playing("in_time", 6)) == 0, "no key: nobody is asked"
    monkeypatch.setenv(f"COMITY_{provider.upper()}_KEY", "key")
    for now, asked in ((30, 1), (31, 0), (40, 1), (140, 1), (150, 0)):
        carrier = playing("in_time", now)
        polls.poll(hours(now), transport=carrier)
        read_all(hours(now))
        assert len(carrier.asked) == asked, now
    assert [scan.status for scan in shipment.scans.all()] == [step.status for step in SCENARIOS["in_time"]]
    assert Order.objects.get().state == "delivered"


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (httpx.Response(404, json={}), 0),
        (httpx.Response(429, json={}), 0),
        (httpx.Response(500, text="oh"), 0),
        (httpx.Response(200, text="<html>"), 1),
        (httpx.ConnectError("away"), 0),
    ],
)
def test_an_aggregator_that_does_not_help_is_asked_again(
    cast: Cast, answer: httpx.Response | httpx.ConnectError, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_SHIPPO_KEY", "key")

    def handle(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "ShippoToken key"
        assert request.url.path == f"/tracks/sample-post/{NUMBER}"
        if isinstance(answer, Exception):
            raise answer
        return answer

    parcel(cast)
    assert polls.poll(hours(10), transport=httpx.MockTransport(handle)) == kept
    read_all(hours(10))
    assert set(TrackingBody.objects.values_list("outcome", flat=True)) <= {"unreadable"}
    assert polls.poll(hours(10) + polls.EVERY + timedelta(minutes=1), transport=playing("in_time", 30)) == 1


def test_an_older_scenario_never_told_twice(cast: Cast) -> None:
    parcel(cast)
    for provider in PROVIDERS[:1] * 3:
        by_webhook(playing("in_time", 1000), provider)
    read_all(hours(1000))
    assert (TrackingBody.objects.count(), Scan.objects.count()) == (1, 5)


def test_a_scenario_that_there_is_none_of() -> None:
    with pytest.raises(KeyError, match="no scenario"):
        FakeCarrier(hours(0)).send(NUMBER, "teleport", hours(0))


def test_two_carriers_that_claim_one_parcel_are_both_shown(cast: Cast) -> None:
    shipment = parcel(cast)
    for name in ("sample-post", "last-mile"):
        carrier = FakeCarrier(hours(60), name=name)
        carrier.send(NUMBER, "in_time", hours(5 if name == "sample-post" else 6))
        by_webhook(carrier, "aftership")
    read_all(hours(60))
    assert set(shipment.scans.values_list("carrier", flat=True)) == {"sample-post", "last-mile"}
    assert json.loads(carrier.body("aftership", NUMBER))["msg"]["slug"] == "last-mile"


def _dripping(at_the_head: bool) -> Iterator[str]:
    """Serve answers that come byte by byte and never end, in their head or in their body; yield the address."""
    stopped = Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)

    def serve() -> None:
        while not stopped.is_set():
            with suppress(OSError):
                came, _ = listener.accept()
                with came:
                    came.recv(10_000)
                    came.sendall(b"HTTP/1.1 200 OK\r\n" + (b"" if at_the_head else b"Content-Length: 900000\r\n\r\n"))
                    while not stopped.wait(0.02):
                        came.sendall(b"x")

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        thread.join()
        listener.close()


@pytest.mark.parametrize("at_the_head", [True, False])
def test_an_answer_that_comes_byte_by_byte_holds_no_round(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, at_the_head: bool
) -> None:
    monkeypatch.setenv("COMITY_EASYPOST_KEY", "key")
    monkeypatch.setattr(polls, "ANSWER_SECONDS", 0.3)
    parcel(cast)
    with contextmanager(_dripping)(at_the_head) as address:
        monkeypatch.setenv("COMITY_TRACKING_URL", address)
        began = time.monotonic()
        assert polls.poll(hours(10)) == 0
        assert time.monotonic() - began < 5
    assert not TrackingBody.objects.exists()


def test_an_answer_without_end_is_left(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_EASYPOST_KEY", "key")
    sent = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            sent.append(0)
            yield b"x" * 100_000

    parcel(cast)
    answers = httpx.MockTransport(lambda request: httpx.Response(200, content=endless()))
    assert polls.poll(hours(10), transport=answers) == 0
    assert 20 <= len(sent) < 30
    assert not TrackingBody.objects.exists()


@pytest.mark.parametrize("key", ["\u5bc6", "key"])
def test_what_no_library_reads_stops_no_round(cast: Cast, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("COMITY_AFTERSHIP_KEY", key)
    parcel(cast)

    async def no_gzip() -> AsyncIterator[bytes]:
        yield b"no gzip"

    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=no_gzip(), headers={"Content-Encoding": "gzip"})

    assert polls.poll(hours(10), transport=httpx.MockTransport(broken)) == 0
    assert not TrackingBody.objects.exists()
