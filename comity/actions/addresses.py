"""Where an order goes: given with it, asked to be changed by the buyer, agreed to by the seller.

An address is personal: rows hold it, journals a salted digest of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor
from comity.actions.telling import fact_about, micros
from comity.lib.ids import digest, salt
from comity.policy.facts import Scalar
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


def _against_asking(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if order.state not in ("placed", "paid"):
        said = _("The order was sent or cancelled; its address cannot be changed any more.")
        return WhyNot("sent_or_cancelled", said)
    return None


def _against_answering(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    if (why := _against_asking(actor, order, at)) is not None:
        return why
    if asked_for(order) is None:
        return WhyNot("nothing_asked", _("No other address is waiting for an answer."), done=True)
    return None


def _asked_at(order: Order) -> datetime | None:
    row = asked_for(order)
    return row.given_at if row else None


ASK = Deed(Order, "ask-address", "address.ask", _against_asking)
ANSWER = Deed(Order, "answer-address", "address.answer", _against_answering, _asked_at)


def asked_for(order: Order) -> Address | None:
    """Return the address that waits for the seller's answer."""
    return Address.objects.filter(order=order, state="asked").first()


def ask(actor: Actor, order: Order, ship_to: ShipTo, *, at: datetime, noted_at: datetime | None = None) -> Address:
    """Ask to send an order to another address, before it is sent. A newer wish takes the place of an older one.

    Raises Refused, Forbidden.
    """
    with ASK.doing(actor, order, at=at):
        # It is asked for once the fact is noted: until then, it is the one that waits beside another.
        row = _row(order, ship_to, at, "replaced")
        row.save()
        _tell(actor, order, "address.asked", row, at, {"digest": _digest(row)}, noted_at)
    return row


def answer(
    actor: Actor,
    order: Order,
    *,
    accepted: bool,
    at: datetime,
    noted_at: datetime | None = None,
    shown: datetime | None = None,
) -> None:
    """Agree to send an order to the address that was asked for, or not. Answering twice changes nothing.

    `shown`: when the address was given that is answered; None for the one that waits now.
    """
    with ANSWER.doing(actor, order, at=at, shown=shown):
        row = asked_for(order)
        if row is None:
            return
        data: dict[str, Scalar] = {"digest": _digest(row), "by": actor.role} if accepted else {}
        _tell(actor, order, "address.changed" if accepted else "address.declined", row, at, data, noted_at)


def _row(order: Order, ship_to: ShipTo, at: datetime, state: str) -> Address:
    if wrong := list(_problems(ship_to)):
        raise Refused(wrong)
    return Address(
        order=order,
        name=ship_to.name.strip(),
        street=ship_to.street.strip(),
        postcode=ship_to.postcode.strip(),
        city=ship_to.city.strip(),
        region=ship_to.region,
        country=ship_to.country,
        salt=salt(),
        given_at=at,
        state=state,
    )


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


def _tell(
    actor: Actor,
    order: Order,
    kind: str,
    row: Address,
    at: datetime,
    data: dict[str, Scalar],
    noted_at: datetime | None,
) -> None:
    # An order may get several addresses: the moment tells one wish, and what becomes of it, from the next.
    identity = f"{kind}:{order.uuid}:{micros(row.given_at)}"
    fact = fact_about(order, kind, at=at, noted_at=noted_at, data=data, identity=identity, actor=actor)
    enact(order.seller, fact, about=(order, row))
