"""Listings: what sellers offer, as the shop tells it. Buyers ask about them before there is an order."""

from dataclasses import dataclass
from datetime import datetime

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.lib.ids import short_key, uuid7
from comity.lib.money import Money
from comity.records.models import Listing, Party

MAX_TITLE_CHARS, MAX_DESCRIPTION_CHARS = 200, 10_000
MAX_HANDLING_HOURS, MAX_DELIVERY_DAYS = 24 * 60, 180


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is promised of the way: days to arrival (None: each order has its own date), whence, how."""

    days: int | None = None
    ships_from: str = ""
    service: str = ""


def offer(
    actor: Actor,
    *,
    seller: Party,
    title: str,
    price: Money,
    handling_hours: int,
    at: datetime,
    description: str = "",
    external_id: str | None = None,
    delivery: Delivery = Delivery(),
) -> Listing:
    """Offer something, or change the offer with that external id. What conversations quoted of it stays as it was.

    Raises Refused with everything that is wrong, Forbidden.
    """
    known = Listing.objects.filter(seller=seller, external_id=external_id).first() if external_id else None
    listing = known or Listing(uuid=uuid7(at), key=short_key("L"), seller=seller, external_id=external_id, added_at=at)
    require(actor, "listing.add", listing)
    listing.title, listing.description = title.strip(), description.strip().replace("\x00", "")
    listing.amount, listing.currency, listing.handling_hours = price.minor, price.currency, handling_hours
    listing.delivery_days, listing.ships_from, listing.service = delivery.days, delivery.ships_from, delivery.service
    wrong = []
    if delivery.days is not None and not 1 <= delivery.days <= MAX_DELIVERY_DAYS:
        wrong.append(f"delivery_days must be from 1 to {MAX_DELIVERY_DAYS}")
    if len(delivery.ships_from) > 16 or len(delivery.service) > 50:
        wrong.append("ships_from has at most 16 characters, service 50")
    if not listing.title or len(listing.title) > MAX_TITLE_CHARS:
        wrong.append(f"title must have 1 to {MAX_TITLE_CHARS} characters")
    if len(listing.description) > MAX_DESCRIPTION_CHARS:
        wrong.append(f"description must have at most {MAX_DESCRIPTION_CHARS} characters")
    if listing.amount < 0:
        wrong.append("the price must not be negative")
    if not 1 <= handling_hours <= MAX_HANDLING_HOURS:
        wrong.append(f"handling_hours must be from 1 to {MAX_HANDLING_HOURS}")
    if seller.role != "seller":
        wrong.append(f"{seller.ref} is not a seller")
    if wrong:
        raise Refused(wrong)
    listing.save()
    return listing
