"""A carrier that only plays: parcels that go a scenario's way, told in the words of any of the four aggregators.

For trying an installation, for the demo and for tests. Its bodies are read, and its signatures checked, by the same
code as a real aggregator's; it is also a transport for httpx, so that polling can ask it.
"""

import base64
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from comity.integrations.tracking.reading import PROVIDERS
from comity.lib import moments


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a scenario: how many hours after the start, and where."""

    hours: float
    status: str
    city: str = ""
    country: str = ""


_ROAD = (Step(2, "label_made"), Step(20, "accepted", "Curitiba", "BR"), Step(50, "in_transit", "São Paulo", "BR"))
_LAST_MILE = (Step(118, "out_for_delivery", "Rio de Janeiro", "BR"), Step(124, "delivered", "Rio de Janeiro", "BR"))
SCENARIOS: Mapping[str, tuple[Step, ...]] = {
    "in_time": (*_ROAD, *_LAST_MILE),
    "slow": (*_ROAD, Step(300, "in_transit", "São Paulo", "BR"), Step(700, "delivered", "Rio de Janeiro", "BR")),
    "label_only": (Step(2, "label_made"),),
    "silent": _ROAD,
    "customs": (*_ROAD, Step(80, "customs", "Campinas", "BR"), *_LAST_MILE),
    "missed": (
        *_ROAD, Step(100, "attempted", "Rio de Janeiro", "BR"),
        Step(101, "available_for_pickup", "Rio de Janeiro", "BR"), Step(150, "delivered", "Rio de Janeiro", "BR"),
    ),
    "returned": (*_ROAD, Step(100, "exception", "Rio de Janeiro", "BR"), Step(200, "returned", "Curitiba", "BR")),
    "lost": (*_ROAD, Step(500, "lost")),
    "elsewhere": (*_ROAD, Step(90, "delivered", "Porto", "PT")),
}  # fmt: skip
#: Comity's vocabulary in each aggregator's words: status and finer code. EasyPost and Shippo have no word for customs.
_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "easypost": {
        "label_made": ("pre_transit", "label_created"), "accepted": ("in_transit", "received_at_origin_facility"),
        "in_transit": ("in_transit", "arrived_at_facility"), "customs": ("in_transit", ""),
        "out_for_delivery": ("out_for_delivery", ""), "attempted": ("failure", "delivery_attempted"),
        "available_for_pickup": ("available_for_pickup", ""), "delivered": ("delivered", ""),
        "returned": ("return_to_sender", ""), "exception": ("failure", ""), "lost": ("failure", "lost"),
    },
    "aftership": {
        "label_made": ("InfoReceived", ""), "accepted": ("InTransit", "InTransit_002"), "in_transit": ("InTransit", ""),
        "customs": ("InTransit", "InTransit_005"), "out_for_delivery": ("OutForDelivery", ""),
        "attempted": ("AttemptFail", ""), "available_for_pickup": ("AvailableForPickup", ""),
        "delivered": ("Delivered", ""), "returned": ("Exception", "Exception_011"), "exception": ("Exception", ""),
        "lost": ("Exception", "Exception_013"),
    },
    "17track": {
        "label_made": ("InfoReceived", ""), "accepted": ("InTransit_PickedUp", "PickedUp"),
        "in_transit": ("InTransit_Other", ""), "customs": ("InTransit_CustomsProcessing", ""),
        "out_for_delivery": ("OutForDelivery", ""), "attempted": ("DeliveryFailure", ""),
        "available_for_pickup": ("AvailableForPickup", ""), "delivered": ("Delivered", ""),
        "returned": ("Exception_Returning", "Returned"), "exception": ("Exception_Other", ""),
        "lost": ("Exception_Lost", ""),
    },
    "shippo": {
        "label_made": ("PRE_TRANSIT", ""), "accepted": ("TRANSIT", "package_accepted"), "in_transit": ("TRANSIT", ""),
        "customs": ("TRANSIT", ""), "out_for_delivery": ("TRANSIT", "out_for_delivery"),
        "attempted": ("TRANSIT", "delivery_attempted"), "available_for_pickup": ("TRANSIT", "pickup_available"),
        "delivered": ("DELIVERED", ""), "returned": ("RETURNED", ""), "exception": ("FAILURE", ""),
        "lost": ("FAILURE", "package_lost"),
    },
}  # fmt: skip


@dataclass(slots=True)
class FakeCarrier(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Parcels on their way: each number with its scenario and the moment at which it began. `now` is what it knows."""

    now: datetime
    name: str = "sample-post"
    parcels: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def send(self, number: str, scenario: str, at: datetime) -> None:
        """Take a parcel that will go a scenario's way from `at` on. Raises KeyError for no scenario of that name."""
        if scenario not in SCENARIOS:
            raise KeyError(f"no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
        self.parcels[number] = (scenario, at)

    def events(self, number: str) -> list[tuple[datetime, Step]]:
        """Return what has happened to a parcel until now."""
        if number not in self.parcels:
            return []
        scenario, start = self.parcels[number]
        told = [(start + timedelta(hours=step.hours), step) for step in SCENARIOS[scenario]]
        return [(at, step) for at, step in told if at <= self.now]

    def body(self, provider: str, number: str) -> bytes:
        """Return what a webhook of an aggregator says of a parcel now."""
        return json.dumps(_BODIES[provider](self.name, number, self.events(number)), ensure_ascii=False).encode()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a poll, to who does not wait for it."""
        return self.handle_request(request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a poll as the aggregator's API does whose address it has."""
        provider, number = _asked(request)
        self.asked.append(number)
        if number not in self.parcels:
            return httpx.Response(404, json={"error": "not found"}, request=request)
        return httpx.Response(200, content=self.body(provider, number), request=request)


def signature(provider: str, body: bytes, secret: str) -> dict[str, str]:
    """Return the headers with which an aggregator signs a body. Shippo signs nothing."""
    key = secret.encode()
    if provider == "easypost":
        # As EasyPost does it, and `reading.signed` expects it.
        normal = unicodedata.normalize("NFKD", secret).encode()
        return {"X-Hmac-Signature": "hmac-sha256-hex=" + hmac.new(normal, body, "sha256").hexdigest()}
    if provider == "aftership":
        return {"aftership-hmac-sha256": base64.b64encode(hmac.new(key, body, "sha256").digest()).decode()}
    return {"sign": hashlib.sha256(body + b"/" + key).hexdigest()} if provider == "17track" else {}


def _asked(request: httpx.Request) -> tuple[str, str]:
    path = request.url.path
    if path.endswith("/trackers"):
        return "easypost", request.url.params["tracking_code"]
    if path.endswith("/trackings"):
        return "aftership", request.url.params["tracking_numbers"]
    if path.endswith("/gettrackinfo"):
        return "17track", json.loads(request.content)[0]["number"]
    return "shippo", path.rsplit("/", 1)[-1]


def _easypost(name: str, number: str, events: list[tuple[datetime, Step]]) -> Any:
    details = [
        {
            "object": "TrackingDetail",
            "datetime": moments.to_text(at),
            "message": step.status,
            "status": _WORDS["easypost"][step.status][0],
            "status_detail": _WORDS["easypost"][step.status][1],
            "tracking_location": {"city": step.city or None, "country": step.country or None},
        }
        for at, step in events
    ]
    tracker = {"object": "Tracker", "tracking_code": number, "carrier": name, "tracking_details": details}
    return {"object": "Event", "description": "tracker.updated", "result": tracker}


def _aftership(name: str, number: str, events: list[tuple[datetime, Step]]) -> Any:
    points = [
        {
            "checkpoint_time": moments.to_text(at),
            "tag": _WORDS["aftership"][step.status][0],
            "slug": name,
            "subtag": _WORDS["aftership"][step.status][1],
            "message": step.status,
            "city": step.city or None,
            "country_iso3": {"BR": "BRA", "PT": "PRT"}.get(step.country),
        }
        for at, step in events
    ]
    return {"event": "tracking_update", "msg": {"tracking_number": number, "slug": name, "checkpoints": points}}


def _17track(name: str, number: str, events: list[tuple[datetime, Step]]) -> Any:
    told = [
        {
            "time_utc": moments.to_text(at),
            "sub_status": _WORDS["17track"][step.status][0],
            "stage": _WORDS["17track"][step.status][1] or None,
            "description": step.status,
            "location": step.city or None,
        }
        for at, step in events
    ]
    info = {"tracking": {"providers": [{"provider": {"name": name}, "events": told}]}}
    return {"event": "TRACKING_UPDATED", "data": {"number": number, "carrier": 0, "track_info": info}}


def _shippo(name: str, number: str, events: list[tuple[datetime, Step]]) -> Any:
    history = [
        {
            "status_date": moments.to_text(at),
            "status": _WORDS["shippo"][step.status][0],
            "substatus": {"code": _WORDS["shippo"][step.status][1]},
            "status_details": step.status,
            "location": {"city": step.city or None, "country": step.country or None},
        }
        for at, step in events
    ]
    return {"event": "track_updated", "data": {"carrier": name, "tracking_number": number, "tracking_history": history}}


_BODIES = dict(zip(PROVIDERS, (_easypost, _aftership, _17track, _shippo), strict=True))
