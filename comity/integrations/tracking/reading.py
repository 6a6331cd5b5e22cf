"""Tracking news of four aggregators, in one vocabulary: who signed a body, and what it says of which parcel.

Each reader takes a webhook's body and the same object as the aggregator's API answers it. What a body says in words
that are not known here is kept as "unknown" with those words; nothing is dropped.
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from babel.core import get_global

from comity.lib.ids import name_of

Json = Any


@dataclass(frozen=True, slots=True)
class News:
    """One event of one parcel.

    at       as written, with its zone or without one
    country  where it was, ISO 3166 with two letters; empty for unknown
    status   in Comity's vocabulary (`actions.shipments.STATUSES`); `said` in the aggregator's own words
    key      the same event told twice has the same
    """

    number: str
    carrier: str
    at: str
    status: str
    said: str
    place: str
    country: str
    key: str


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


def read(provider: str, body: Json) -> list[News]:
    """Return the events that a body tells; none for one about no parcel. Raises ValueError for what is no body."""
    try:
        return list(_READERS[provider](body))
    except (AttributeError, TypeError, LookupError) as error:
        raise ValueError(f"not a body of {provider}: {type(error).__name__}: {error}") from error


def _easypost(body: Json) -> Iterator[News]:
    if body.get("object") == "Event" and body.get("description", "").startswith("tracker."):
        trackers = [body["result"]]
    elif body.get("object") == "Tracker":
        trackers = [body]
    else:
        trackers = [each for each in body.get("trackers", []) if each]
    for tracker in trackers:
        for each in tracker.get("tracking_details") or []:
            said, detail = each.get("status") or "", each.get("status_detail") or ""
            status = _EASYPOST_DETAILS.get(detail) or _EASYPOST.get(said, "unknown")
            place, words = each.get("tracking_location") or {}, f"{said} {detail}: {each.get('message') or ''}"
            yield _news(
                "easypost",
                number=tracker["tracking_code"],
                carrier=tracker.get("carrier"),
                at=each.get("datetime"),
                status=status,
                said=words,
                city=place.get("city"),
                country=place.get("country"),
            )


def _aftership(body: Json) -> Iterator[News]:
    data = body.get("data") or {}
    parcels = [each for each in (body.get("msg"), data.get("tracking"), *(data.get("trackings") or [])) if each]
    for tracking in parcels:
        for each in tracking.get("checkpoints") or []:
            tag, subtag = each.get("tag") or "", each.get("subtag") or ""
            status = _AFTERSHIP_SUBTAGS.get(subtag) or _AFTERSHIP.get(tag, "unknown")
            yield _news(
                "aftership",
                number=tracking["tracking_number"],
                carrier=each.get("slug") or tracking.get("slug"),
                at=each.get("checkpoint_time"),
                status=status,
                said=f"{subtag or tag}: {each.get('message') or ''}",
                city=each.get("city") or each.get("location"),
                country=each.get("country_iso3"),
            )


def _17track(body: Json) -> Iterator[News]:
    data = body.get("data") or {}
    parcels = [data] if "number" in data else data.get("accepted") or []
    for parcel in parcels:
        tracking = (parcel.get("track_info") or {}).get("tracking") or {}
        for provider in tracking.get("providers") or []:
            carrier = (provider.get("provider") or {}).get("name") or str(parcel.get("carrier") or "")
            for each in provider.get("events") or []:
                stage, said = each.get("stage") or "", each.get("sub_status") or ""
                finer = _17TRACK_STAGES.get(stage) or _17TRACK_FINER.get(said)
                status = finer or _17TRACK.get(said.partition("_")[0], "unknown")
                raw = each.get("time_raw") or {}
                # The carrier's own time has no zone; it is taken only where 17TRACK could not make one of it that has.
                written = f"{raw.get('date')}T{raw.get('time') or '00:00:00'}"
                at = each.get("time_utc") or each.get("time_iso") or written
                yield _news(
                    "17track",
                    number=parcel["number"],
                    carrier=carrier,
                    at=at,
                    status=status,
                    said=f"{said or stage}: {each.get('description') or ''}",
                    city=each.get("location"),
                    country=None,
                )


def _shippo(body: Json) -> Iterator[News]:
    parcel = body.get("data", body)
    for each in parcel.get("tracking_history") or []:
        said, place = each.get("status") or "", each.get("location") or {}
        code = (each.get("substatus") or {}).get("code") or ""
        status = _SHIPPO_SUBSTATUS.get(code) or _SHIPPO.get(said, "unknown")
        yield _news(
            "shippo",
            number=parcel["tracking_number"],
            carrier=parcel.get("carrier"),
            at=each.get("status_date"),
            status=status,
            said=f"{code or said}: {each.get('status_details') or ''}",
            city=place.get("city"),
            country=place.get("country"),
        )


def _news(
    provider: str,
    *,
    number: str,
    carrier: str | None,
    at: str | None,
    status: str,
    said: str,
    city: str | None,
    country: str | None,
) -> News:
    land = _two_letters(country)
    place = ", ".join(str(part) for part in (city, land or country) if part)
    key = name_of(provider, str(number), str(at), status, said)
    said, place = (text.strip().replace("\x00", "") for text in (said, place))
    return News(str(number), str(carrier or ""), str(at or ""), status, said[:300], place[:100], land, key)


def _two_letters(country: str | None) -> str:
    """Return a country as ISO 3166 has it with two letters, from two or three; empty for what is none."""
    code = str(country or "").strip().upper()
    if len(code) == 3:
        # CLDR knows countries of three letters as aliases of those of two.
        code = next(iter(_ALIASES.get(code, ())), "")
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


_ALIASES: Mapping[str, list[str]] = get_global("territory_aliases")


_EASYPOST = {
    "pre_transit": "label_made", "in_transit": "in_transit", "out_for_delivery": "out_for_delivery",
    "delivered": "delivered", "available_for_pickup": "available_for_pickup", "return_to_sender": "returned",
    "failure": "exception", "cancelled": "exception", "error": "exception",
}  # fmt: skip
_EASYPOST_DETAILS = {
    "label_created": "label_made", "received_at_origin_facility": "accepted",
    "attempted_delivery": "attempted", "delivery_attempted": "attempted", "lost": "lost",
    "arrived_at_pickup_location": "available_for_pickup",
}  # fmt: skip
_AFTERSHIP = {
    "InfoReceived": "label_made", "InTransit": "in_transit", "OutForDelivery": "out_for_delivery",
    "AttemptFail": "attempted", "Delivered": "delivered", "AvailableForPickup": "available_for_pickup",
    "Exception": "exception",
}  # fmt: skip
_AFTERSHIP_SUBTAGS = {
    "InTransit_002": "accepted", "InTransit_005": "customs", "InTransit_006": "customs", "Exception_011": "returned",
    "Exception_013": "lost",
}  # fmt: skip
_17TRACK = {
    "InfoReceived": "label_made", "InTransit": "in_transit", "OutForDelivery": "out_for_delivery",
    "DeliveryFailure": "attempted", "Delivered": "delivered", "AvailableForPickup": "available_for_pickup",
    "Exception": "exception",
}  # fmt: skip
_17TRACK_FINER = {
    "InTransit_PickedUp": "accepted", "InTransit_CustomsProcessing": "customs", "InTransit_CustomsReleased": "customs",
    "InTransit_CustomsRequiringInformation": "customs", "Exception_Returned": "returned", "Exception_Lost": "lost",
}  # fmt: skip
_17TRACK_STAGES = {"PickedUp": "accepted", "Returned": "returned"}
_SHIPPO = {
    "PRE_TRANSIT": "label_made", "TRANSIT": "in_transit", "DELIVERED": "delivered", "RETURNED": "returned",
    "FAILURE": "exception",
}  # fmt: skip
_SHIPPO_SUBSTATUS = {
    "package_accepted": "accepted", "out_for_delivery": "out_for_delivery", "delivery_attempted": "attempted",
    "pickup_available": "available_for_pickup", "package_lost": "lost",
}  # fmt: skip
_READERS: Mapping[str, Callable[[Json], Iterator[News]]] = {
    "easypost": _easypost, "aftership": _aftership, "17track": _17track, "shippo": _shippo,
}  # fmt: skip
PROVIDERS = tuple(_READERS)
