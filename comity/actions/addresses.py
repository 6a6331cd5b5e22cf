"""Where an order goes: given with it, asked to be changed by the buyer, agreed to by the seller.

An address is personal: rows hold it, journals a salted digest of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib.ids import digest, salt
from comity.policy.facts import Fact, Scalar
from comity.records import statements
from comity.records.models import Address, Order

_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_REGION = re.compile(r"[A-Z0-9]{0,10}\Z")


@dataclass(frozen=True, slots=True)
class ShipTo:
    """An address as it is given. `country` as ISO 3166, two letters; `region`: its subdivision, such as SP."""

    name: str
    street: str
    city: str
    country: str
    postcode: str = ""
    region: str = ""

    @property
    def lane_end(self) -> str:
        """The region as lanes name it."""
        return f"{self.country}-{self.region}" if self.region else self.country


def first_address(order: Order, ship_to: ShipTo, at: datetime) -> Address:
    """Return the row of the address that an order is placed with. Raises Refused."""
    return _row(order, ship_to, at, "in_force")


def ask(actor: Actor, order: Order, ship_to: ShipTo, *, at: datetime) -> Address:
    """Ask to send an order to another address, before it is sent. A newer wish takes the place of an older one.

    Raises Refused, Forbidden.
    """
    require(actor, "address.ask", order)
    row = _row(order, ship_to, at, "asked")
    _still_open(order)
    with transaction.atomic():
        statements.lock(order.seller_id)
        Address.objects.filter(order=order, state="asked").update(state="replaced")
        row.save()
        _tell(order, "address.asked", row, at, {"digest": _digest(row)})
    return row


def answer(actor: Actor, order: Order, *, accepted: bool, at: datetime) -> None:
    """Agree to send an order to the address that was asked for, or not. Answering twice changes nothing."""
    require(actor, "address.answer", order)
    _still_open(order)
    with transaction.atomic():
        statements.lock(order.seller_id)
        row = Address.objects.filter(order=order, state="asked").first()
        if row is None:
            return
        if accepted:
            Address.objects.filter(order=order, state="in_force").update(state="replaced")
            Order.objects.filter(pk=order.pk).update(destination=row.lane_end)
            order.destination = row.lane_end
        Address.objects.filter(pk=row.pk).update(state="in_force" if accepted else "declined")
        data: dict[str, Scalar] = {"digest": _digest(row), "by": actor.role} if accepted else {}
        _tell(order, "address.changed" if accepted else "address.declined", row, at, data)


def _still_open(order: Order) -> None:
    if order.state not in ("placed", "paid"):
        raise Refused([_("The order was sent or cancelled; its address cannot be changed any more.")])


def _row(order: Order, ship_to: ShipTo, at: datetime, state: str) -> Address:
    if wrong := list(_problems(ship_to)):
        raise Refused(wrong)
    return Address(
        order=order, name=ship_to.name.strip(), street=ship_to.street.strip(), postcode=ship_to.postcode.strip(),
        city=ship_to.city.strip(), region=ship_to.region, country=ship_to.country, salt=salt(), given_at=at,
        state=state,
    )  # fmt: skip


def _problems(given: ShipTo) -> Iterator[str]:
    limits = {"name": 200, "street": 300, "city": 100}
    for name, most in limits.items():
        text = getattr(given, name).strip()
        if not text or len(text) > most or "\x00" in text:
            yield _("%(field)s must have 1 to %(most)s characters.") % {"field": name, "most": most}
    if len(given.postcode) > 20 or "\x00" in given.postcode:
        yield _("The postcode has at most 20 characters.")
    if not _COUNTRY.match(given.country):
        yield _("The country is written with two letters, such as DE.")
    if not _REGION.match(given.region):
        yield _("The region is written as ISO 3166 has it, such as SP.")


def _digest(row: Address) -> str:
    return digest(bytes(row.salt), "\n".join(row.lines))


def _tell(order: Order, kind: str, row: Address, at: datetime, data: dict[str, Scalar]) -> None:
    identity = f"{kind}:{order.uuid}:{int(row.given_at.timestamp() * 1_000_000):x}"
    enact(order.seller, Fact(
        id=identity, kind=kind, at=at, noted_at=at, subject=order.ref, matter=order.ref,
        party=order.seller.ref, data=data,
    ))  # fmt: skip
