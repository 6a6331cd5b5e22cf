"""Tracking news of four aggregators, in one vocabulary: who signed a body, and what it says of which parcel.

Each reader takes a webhook's body and the same object as the aggregator's API answers it. What a body says in words
that are not known here is kept as "unknown" with those words; nothing is dropped.
"""

import base64
import hashlib
import hmac
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from comity.integrations.tracking.places import country_of, zone_of
from comity.lib import texts, zones
from comity.lib.ids import name_of

Json = Any
#: A body tells at most so many events: many times what any parcel has.
MOST_EVENTS = 200
#: No word of a body is read further.
_MOST_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class News:
    """One event of one parcel.

    at       as written, with its zone or without one; `zone`: where it has none, the zone of the place, if it is known
    country  where it was, ISO 3166 with two letters; empty for unknown
    status   in Comity's vocabulary (`actions.shipments.STATUSES`); `said` in the aggregator's own words
    key      the same event told twice has the same
    signed   whether the receiver signed for it, as far as that is told
    """

    number: str
    carrier: str
    at: str
    zone: str
    status: str
    said: str
    place: str
    country: str
    key: str
    postcode: str = ""
    signed: bool = False


def signed(provider: str, body: bytes, headers: Mapping[str, str], token: str, secret: str) -> bool:
    """Whether a body was signed with the secret that was agreed with the aggregator. The body is taken as it came."""
    key = secret.encode()
    if provider == "easypost":
        key = unicodedata.normalize("NFKD", secret).encode()
        right, given = (
            "hmac-sha256-hex=" + hmac.new(key, body, "sha256").hexdigest(),
            headers.get("x-hmac-signature", ""),
        )
    elif provider == "aftership":
        right = base64.b64encode(hmac.new(key, body, "sha256").digest()).decode()
        given = headers.get("aftership-hmac-sha256", "")
    elif provider == "17track":
        right, given = hashlib.sha256(body + b"/" + key).hexdigest(), headers.get("sign", "")
    else:  # Shippo signs nothing; the address it calls holds the secret
        right, given = secret, token
    # An empty secret would let everybody in who signs with nothing.
    return bool(secret) and hmac.compare_digest(right.encode(), given.encode())


def read(provider: str, body: bytes) -> list[News]:
    """Return the events that a body tells; none for one about no parcel. Raises ValueError for what is no body.

    What has another type than it should is not there. Of more than MOST_EVENTS, the others are not read.
    """
    try:
        whole = json.loads(body)
    except RecursionError:
        raise ValueError("it is nested too deeply to be read") from None
    if not isinstance(whole, dict):
        raise ValueError(f"not a body of {provider}: it is no object")
    return list(islice(_READERS[provider](whole), MOST_EVENTS))


def _text(value: Json, *, name: str = "") -> str:
    """Return a text, or the one of that name in an object; empty for what is neither text nor number."""
    if name:
        value = value.get(name)
    if isinstance(value, str):
        return texts.clean(value[:_MOST_CHARS])
    if isinstance(value, float):
        return str(value) if math.isfinite(value) else ""
    return str(value)[:_MOST_CHARS] if isinstance(value, int) and not isinstance(value, bool) else ""


def _part(whole: Json, name: str) -> Json:
    """Return the object of that name in an object; an empty one for what is none."""
    value = whole.get(name)
    return value if isinstance(value, dict) else {}


def _parts(whole: Json, name: str) -> list[Json]:
    """Return the objects in the list of that name in an object; none where there is no list."""
    value = whole.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _easypost(body: Json) -> Iterator[News]:
    if body.get("object") == "Event" and _text(body, name="description").startswith("tracker."):
        trackers = [_part(body, "result")]
    elif body.get("object") == "Tracker":
        trackers = [body]
    else:
        trackers = _parts(body, "trackers")
    for tracker in trackers:
        for each in _parts(tracker, "tracking_details"):
            said, detail = _text(each, name="status"), _text(each, name="status_detail")
            place = _part(each, "tracking_location")
            yield from _news(
                "easypost",
                number=_text(tracker, name="tracking_code"),
                carrier=_text(tracker, name="carrier"),
                at=_text(each, name="datetime"),
                status=_EASYPOST_DETAILS.get(detail) or _EASYPOST.get(said, "unknown"),
                said=f"{said} {detail}: {_text(each, name='message')}",
                city=_text(place, name="city"),
                country=_text(place, name="country"),
                postcode=_text(place, name="zip"),
                signed=bool(_text(tracker, name="signed_by")),
            )


def _aftership(body: Json) -> Iterator[News]:
    data = _part(body, "data")
    for tracking in (_part(body, "msg"), _part(data, "tracking"), *_parts(data, "trackings")):
        for each in _parts(tracking, "checkpoints"):
            tag, subtag = _text(each, name="tag"), _text(each, name="subtag")
            yield from _news(
                "aftership",
                number=_text(tracking, name="tracking_number"),
                carrier=_text(each, name="slug") or _text(tracking, name="slug"),
                at=_text(each, name="checkpoint_time"),
                status=_AFTERSHIP_SUBTAGS.get(subtag) or _AFTERSHIP.get(tag, "unknown"),
                said=f"{subtag or tag}: {_text(each, name='message')}",
                city=_text(each, name="city") or _text(each, name="location"),
                country=_text(each, name="country_iso3"),
                postcode=_text(each, name="zip"),
                signed=subtag == "Delivered_003" or bool(_text(tracking, name="signed_by")),
            )


def _17track(body: Json) -> Iterator[News]:
    data = _part(body, "data")
    for parcel in [data] if "number" in data else _parts(data, "accepted"):
        for provider in _parts(_part(_part(parcel, "track_info"), "tracking"), "providers"):
            carrier = _text(_part(provider, "provider"), name="name") or _text(parcel, name="carrier")
            for each in _parts(provider, "events"):
                stage, said = _text(each, name="stage"), _text(each, name="sub_status")
                finer = _17TRACK_STAGES.get(stage) or _17TRACK_FINER.get(said)
                at, zone = _time_of_17track(each)
                address = _part(each, "address")
                yield from _news(
                    "17track",
                    number=_text(parcel, name="number"),
                    carrier=carrier,
                    at=at,
                    zone=zone,
                    status=finer or _17TRACK.get(said.partition("_")[0], "unknown"),
                    said=f"{said or stage}: {_text(each, name='description')}",
                    city=_text(each, name="location") or _text(address, name="city"),
                    country=_text(address, name="country"),
                    postcode=_text(address, name="postal_code"),
                    signed=said == "Delivered_Signed",
                )


def _time_of_17track(event: Json) -> tuple[str, str]:
    """Return when an event was, and in which zone that is meant if it does not say.

    The carrier's own time is taken only where 17TRACK could not make one of it that has a zone.
    """
    if at := _text(event, name="time_utc") or _text(event, name="time_iso"):
        return at, ""
    raw = _part(event, "time_raw")
    day, time, zone = (_text(raw, name=name) for name in ("date", "time", "timezone"))
    if not day:
        return "", ""
    if offset := _OFFSET.fullmatch(zone.strip()):
        sign, hours, minutes = offset.groups()
        zone, time = "", f"{time or '00:00:00'}{sign}{int(hours):02}:{minutes or '00'}"
    return f"{day}T{time}" if time else day, zone if zones.is_known(zone) else ""


#: How a distance to UTC is written: -03:00, +0800, UTC+8.
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?", re.ASCII | re.IGNORECASE)


def _shippo(body: Json) -> Iterator[News]:
    parcel = _part(body, "data") if "data" in body else body
    for each in _parts(parcel, "tracking_history"):
        said, place, code = _text(each, name="status"), _part(each, "location"), _code_of_shippo(each)
        yield from _news(
            "shippo",
            number=_text(parcel, name="tracking_number"),
            carrier=_text(parcel, name="carrier"),
            at=_text(each, name="status_date"),
            status=_SHIPPO_SUBSTATUS.get(code) or _SHIPPO.get(said, "unknown"),
            said=f"{code or said}: {_text(each, name='status_details')}",
            city=_text(place, name="city"),
            country=_text(place, name="country"),
            postcode=_text(place, name="zip"),
        )


def _code_of_shippo(event: Json) -> str:
    return _text(_part(event, "substatus"), name="code")


def _news(
    provider: str,
    *,
    number: str,
    carrier: str,
    at: str,
    status: str,
    said: str,
    city: str,
    country: str,
    zone: str = "",
    postcode: str = "",
    signed: bool = False,
) -> Iterator[News]:
    """Yield an event in one form; nothing for one of no parcel."""
    if not number.strip():
        return
    if status == "delivered" and _TO_SENDER.search(said):
        status = "returned"
    land = country_of(country)
    place = ", ".join(part for part in (city, land or country) if part)
    key = name_of(provider, number, at, status, said)
    zone = zone or zone_of(land, city)
    about = (number, carrier, at, zone, status, said.strip()[:300], place.strip()[:100], land, key)
    yield News(*about, postcode=postcode.strip()[:20], signed=signed and status == "delivered")


#: A parcel that was handed to its sender was not delivered, whatever the carrier calls it.
_TO_SENDER = re.compile(
    r"\b(?:to|by) (?:the )?(?:original )?(?:sender|shipper)\b|\bao remetente\b|\bal? (?:su )?remitente\b"
    r"|\bà l.exp[ée]diteur|\bal mittente\b|\b(?:an|zum|beim)\b.{0,20}\babsender|\b(?:aan|bij|naar)\b.{0,12}\bafzender"
    r"|\bdo nadawcy\b|\bzwr[oó]c|\bотправителю\b|寄件人签收|退回|退件|退签",
    re.IGNORECASE,
)


_EASYPOST = {
    "pre_transit": "label_made", "in_transit": "in_transit", "out_for_delivery": "out_for_delivery",
    "delivered": "delivered", "available_for_pickup": "available_for_pickup", "return_to_sender": "returned",
    "failure": "exception", "cancelled": "exception", "error": "exception",
}  # fmt: skip
_EASYPOST_DETAILS = {
    "label_created": "label_made", "received_at_origin_facility": "accepted",
    "attempted_delivery": "attempted", "delivery_attempted": "attempted", "lost": "lost",
    "arrived_at_pickup_location": "available_for_pickup", "return": "returned",
}  # fmt: skip
_AFTERSHIP = {
    "InfoReceived": "label_made", "InTransit": "in_transit", "OutForDelivery": "out_for_delivery",
    "AttemptFail": "attempted", "Delivered": "delivered", "AvailableForPickup": "available_for_pickup",
    "Exception": "exception",
}  # fmt: skip
_AFTERSHIP_SUBTAGS = {
    "InTransit_002": "accepted", "InTransit_005": "customs", "InTransit_006": "customs", "Exception_010": "returned",
    "Exception_011": "returned", "Exception_013": "lost",
}  # fmt: skip
_17TRACK = {
    "InfoReceived": "label_made", "InTransit": "in_transit", "OutForDelivery": "out_for_delivery",
    "DeliveryFailure": "attempted", "Delivered": "delivered", "AvailableForPickup": "available_for_pickup",
    "Exception": "exception",
}  # fmt: skip
_17TRACK_FINER = {
    "InTransit_PickedUp": "accepted", "InTransit_CustomsProcessing": "customs", "InTransit_CustomsReleased": "customs",
    "InTransit_CustomsRequiringInformation": "customs", "Exception_Returned": "returned",
    "Exception_Returning": "returned", "Exception_Lost": "lost",
}  # fmt: skip
_17TRACK_STAGES = {"PickedUp": "accepted", "Returned": "returned", "Returning": "returned"}
_SHIPPO = {
    "PRE_TRANSIT": "label_made", "TRANSIT": "in_transit", "DELIVERED": "delivered", "RETURNED": "returned",
    "FAILURE": "exception",
}  # fmt: skip
_SHIPPO_SUBSTATUS = {
    "package_accepted": "accepted", "out_for_delivery": "out_for_delivery", "delivery_attempted": "attempted",
    "pickup_available": "available_for_pickup", "package_lost": "lost", "return_to_sender": "returned",
}  # fmt: skip
_READERS: Mapping[str, Callable[[Json], Iterator[News]]] = {
    "easypost": _easypost, "aftership": _aftership, "17track": _17track, "shippo": _shippo,
}  # fmt: skip
PROVIDERS = tuple(_READERS)
