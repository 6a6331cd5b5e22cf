"""Listings: what sellers offer, as the shop tells it. Buyers ask about them before there is an order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.lib.ids import short_key, uuid7
from comity.lib.money import Money
from comity.records import statements
from comity.records.models import Listing, Party

MAX_TITLE_CHARS, MAX_DESCRIPTION_CHARS, MAX_CATEGORY_CHARS = 200, 10_000, 60
MAX_HANDLING_HOURS, MAX_DELIVERY_DAYS = 24 * 60, 180


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is promised of the way: days to arrival (None: each order has its own date), whence, how."""

    days: int | None = None
    ships_from: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a seller offers. `external_id`: the shop's own id; the same one again changes the offer that is there."""

    seller: Party
    title: str
    price: Money
    handling_hours: int
    description: str = ""
    delivery: Delivery = Delivery()
    category: str = ""
    external_id: str | None = None


def offer(actor: Actor, what: Offered, *, at: datetime) -> Listing:
    """Offer something, or change the offer with that external id. What conversations quoted of it stays as it was.

    Raises Refused with everything that is wrong, Forbidden.
    """
    with transaction.atomic():
        statements.lock(what.seller.pk)
        return _offer(actor, what, at)


def _offer(actor: Actor, what: Offered, at: datetime) -> Listing:
    """Offer something of a locked seller's."""
    known = Listing.objects.filter(seller=what.seller, external_id=what.external_id) if what.external_id else None
    listing = known.first() if known is not None else None
    is_new = listing is None
    if listing is None:
        listing = Listing(
            uuid=uuid7(at), key=short_key("L"), seller=what.seller, external_id=what.external_id, added_at=at
        )
    # A frozen seller offers nothing new; what is offered already may be put right.
    require(actor, "listing.add", listing, at=at if is_new else None)
    listing.title, listing.description = what.title.strip(), what.description.strip().replace("\x00", "")
    listing.amount, listing.currency, listing.handling_hours = (
        what.price.minor,
        what.price.currency,
        what.handling_hours,
    )
    listing.delivery_days, listing.ships_from = what.delivery.days, what.delivery.ships_from
    listing.service, listing.category = what.delivery.service, what.category.strip().lower()
    if wrong := list(_problems(listing)):
        raise Refused(wrong)
    listing.save()
    return listing


def _problems(listing: Listing) -> Iterator[str]:
    if listing.delivery_days is not None and not 1 <= listing.delivery_days <= MAX_DELIVERY_DAYS:
        yield f"delivery_days must be from 1 to {MAX_DELIVERY_DAYS}"
    if len(listing.ships_from) > 16 or len(listing.service) > 50:
        yield "ships_from has at most 16 characters, service 50"
    if len(listing.category) > MAX_CATEGORY_CHARS or not listing.category.isprintable():
        yield f"category must have at most {MAX_CATEGORY_CHARS} printable characters"
    if not listing.title or len(listing.title) > MAX_TITLE_CHARS:
        yield f"title must have 1 to {MAX_TITLE_CHARS} characters"
    if len(listing.description) > MAX_DESCRIPTION_CHARS:
        yield f"description must have at most {MAX_DESCRIPTION_CHARS} characters"
    if listing.amount < 0:
        yield "the price must not be negative"
    if not 1 <= listing.handling_hours <= MAX_HANDLING_HOURS:
        yield f"handling_hours must be from 1 to {MAX_HANDLING_HOURS}"
    if listing.seller.role != "seller":
        yield f"{listing.seller.ref} is not a seller"
