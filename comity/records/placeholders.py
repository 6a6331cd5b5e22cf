"""Placeholders of saved answers, filled from what is known of a conversation's order; never guessed."""

import re
from collections.abc import Mapping
from datetime import datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.utils.translation import to_locale

from comity.lib import zones
from comity.records.models import Conversation, Order

NAMES = (
    "buyer",
    "seller",
    "order",
    "product",
    "carrier",
    "tracking_number",
    "parcel_place",
    "promised_date",
    "sent_date",
)
_MARK = re.compile(r"\{([^{}]{0,40})\}")


def unknown(text: str) -> list[str]:
    """Return the placeholders in `text` that there are none of, as written."""
    return sorted({f"{{{name}}}" for name in _MARK.findall(text) if name not in NAMES})


def is_said(reply: str, text: str) -> bool:
    """Whether `reply` holds the answer `text`, whatever its placeholders were filled with; more may stand around it."""
    said, place = " ".join(reply.split()), 0
    parts = [part for part in (" ".join(each.split()) for each in _MARK.split(text)[::2]) if part]
    for part in parts:
        found = said.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return bool(parts)


def fill(texts: Mapping[str, str], conversation: Conversation, at: datetime) -> str | None:
    """Return an answer in the buyer's language with every placeholder filled; None where that is not possible."""
    language = conversation.buyer.language
    # A buyer who reads pt-BR is served by a text in pt.
    text = texts.get(language) or texts.get(language.partition("-")[0])
    if not text:
        return None
    values = _values(conversation, language) if _MARK.search(text) else {}
    if any(not values.get(name) for name in _MARK.findall(text)):
        return None
    return _MARK.sub(lambda mark: values[mark.group(1)], text)


def _locale(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except (ValueError, UnknownLocaleError):  # one that nobody knows stops no answer
        return Locale("en")


def _values(conversation: Conversation, language: str) -> dict[str, str]:
    # A buyer of whom nobody knows who it is has no name.
    buyer = conversation.buyer.name if conversation.buyer.external_id != "" else ""
    values = {"buyer": buyer, "seller": conversation.seller.name}
    if conversation.order_id is None:
        return values
    order = Order.objects.get(pk=conversation.order_id)

    def day(moment: datetime) -> str:
        local = moment.astimezone(zones.zone(conversation.buyer.time_zone))
        return str(format_date(local, "long", locale=_locale(language)))

    values |= {"order": order.key, "product": "" if order.is_untitled else order.title}
    # What is over promises nothing: then the answer has a gap, and a person writes.
    if order.deliver_by is not None and order.state not in ("delivered", "cancelled"):
        values["promised_date"] = day(order.deliver_by)
    if parcel := order.shipments.prefetch_related("scans").order_by("-dispatched_at").first():
        values |= {"carrier": parcel.carrier, "tracking_number": parcel.tracking_number}
        values["sent_date"] = day(parcel.dispatched_at)
        if scan := parcel.last_scan:
            values["parcel_place"] = scan.place
    return values
