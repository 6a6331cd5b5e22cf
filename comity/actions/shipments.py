"""Shipments: the parcels of an order, declared sent with what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.actions import checks
from comity.actions.doing import Deed, WhyNot
from comity.actions.doubts import Doubtful, doubt, explained
from comity.actions.enact import Refused, enact
from comity.actions.excuses import spreading
from comity.actions.guard import Actor
from comity.actions.telling import fact_about
from comity.lib.ids import digest, salt, uuid7
from comity.policy import tracking_numbers
from comity.policy.checks import Checklist
from comity.policy.facts import Scalar
from comity.records.models import Order, OrderLine, Shipment, ShipmentLine

#: Carriers' words in one vocabulary.
STATUSES = (
    "label_made", "accepted", "in_transit", "customs", "out_for_delivery", "attempted", "available_for_pickup",
    "delivered", "returned", "exception", "lost", "unknown",
)  # fmt: skip
#: What a carrier tells of a parcel that it need not have: no scan on the road.
NOTED = ("label_made", "unknown")
MAX_NUMBER_CHARS = 60
MAX_CARRIER_CHARS = 50


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel as it is declared.

    number     its tracking number; empty for a parcel that cannot be tracked
    contents   how many pieces of which line (by its key) it holds; None for all that is left
    for_dispute the dispute, as dispute:id, for which it goes back or replaces what was sent before; empty for none
    weight_g   what it weighed at posting, in grams, where that is known
    sure       whether the number was compared with the label: then one that speaks against itself is taken
    """

    carrier: str = ""
    number: str = ""
    contents: Mapping[int, int] | None = None
    sure: bool = False
    for_dispute: str = ""
    weight_g: int | None = None

    @property
    def is_too_long(self) -> bool:
        """Whether its number or its carrier's name is longer than can be kept."""
        return len(tracking_numbers.plain(self.number)) > MAX_NUMBER_CHARS or len(self.carrier) > MAX_CARRIER_CHARS


def _against_dispatching(actor: Actor, order: Order, at: datetime) -> WhyNot | None:
    key = {"order": order.key}
    if order.cancelled_at:
        return WhyNot("cancelled", _("Order %(order)s was cancelled; do not send it.") % key)
    if not order.paid_at:
        return WhyNot("not_paid", _("Order %(order)s is not paid yet; wait before you send it.") % key)
    if at < order.paid_at:
        return WhyNot("not_paid", _("Order %(order)s was not paid then; it was sent after that.") % key)
    return None


DISPATCH = Deed(Order, "dispatch", "shipment.dispatch", _against_dispatching)


def dispatch(actor: Actor, order: Order, parcel: Parcel, *, at: datetime, noted_at: datetime | None = None) -> Shipment:
    """Declare a parcel of an order sent. The same number of the same order again returns the shipment that is there.

    One `for_dispute` replaces what was sent before: it is none of the order's own parcels, and holds what is named or
    all. Whether there is such a dispute, and it asks for that, whoever calls this has seen to.

    Raises Refused, Forbidden; Doubtful for a number that speaks against itself, unless it is `sure`.
    """
    with DISPATCH.doing(actor, order, at=at):
        require_whole(parcel.number)
        number = tracking_numbers.kept(parcel.number)
        if parcel.number.strip() and not number:
            raise Refused([explained("empty", parcel.carrier, "")])
        if number and not parcel.carrier:
            raise Refused([_("A tracking number needs its carrier.")])
        if parcel.is_too_long:
            raise Refused([_("The tracking number or the carrier's name is too long.")])
        same = order.shipments.filter(returns=False, dispute_ref=parcel.for_dispute)
        same = same.filter(carrier=parcel.carrier, tracking_number=number)
        left = {} if parcel.for_dispute else left_to_send(order)
        # A second click; or all is sent, and a parcel without a number says nothing new.
        if (number or not any(left.values())) and (known := same.first()):
            return known
        contents = _replaced(order, parcel) if parcel.for_dispute else _contents(order, parcel.contents, left)
        code = doubt(parcel.carrier, parcel.number, order)
        if code and not parcel.sure:
            raise Doubtful([explained(code, parcel.carrier, parcel.number)])
        missing = [] if parcel.for_dispute else checks.lacking(order)
        _require_checked(missing)
        shipment = Shipment(
            uuid=uuid7(at),
            order=order,
            carrier=parcel.carrier,
            tracking_number=number,
            salt=salt(),
            dispatched_at=at,
            pieces=sum(contents.values()),
            dispute_ref=parcel.for_dispute,
        )
        marks: dict[str, Scalar] = {"doubt": code} if code else {}
        marks |= {"unchecked": True} if missing else {}
        _declare(actor, shipment, contents, marks, noted_at or at)
        spreading.excuse(order, parcel.carrier, noted_at or at)
    return shipment


def require_whole(number: str) -> None:
    """Return if a number is what somebody wrote; raise Refused where it is what a table program made of it."""
    if tracking_numbers.is_spoilt(number):
        said = _("%(number)s is what a table program made of a number. Format the column as text, and write it anew.")
        raise Refused([said % {"number": number.strip()[:40]}])


def _require_checked(missing: Sequence[Checklist]) -> None:
    """Return where nothing that is missing keeps a parcel from being sent; else raise Refused."""
    if held := [_(each.title) for each in missing if each.without == "refused"]:
        said = _("Before this order is sent, fill in: %(titles)s. The rules want it first.")
        raise Refused([said % {"titles": "; ".join(f"“{title}”" for title in held)}])


def _declare(
    actor: Actor, shipment: Shipment, contents: dict[OrderLine, int], marks: dict[str, Scalar], noted_at: datetime
) -> None:
    """Enact that a parcel was sent, with what it holds; `marks`: what else is noted with it."""
    data: dict[str, Scalar] = {"tracked": bool(shipment.tracking_number), **part(shipment), **for_dispute(shipment)}
    if shipment.tracking_number:
        # A number leads to a person's door; it may have to be forgotten, so the journal holds a digest (decision 4).
        number = digest(bytes(shipment.salt), shipment.tracking_number)
        data |= {"carrier": shipment.carrier, "number": number}
    data |= marks
    lines = [ShipmentLine(shipment=shipment, line=line, quantity=quantity) for line, quantity in contents.items()]
    kind, at = "shipment.dispatched", shipment.dispatched_at
    name = f"{kind}:{shipment.uuid}"
    fact = fact_about(shipment, kind, at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
    enact(shipment.order.seller, fact, rows=(shipment, *lines), about=(shipment.order,), once=True)


def part(shipment: Shipment) -> dict[str, Scalar]:
    """Return how much of its order a parcel holds, where that is not all."""
    if shipment.pieces >= shipment.order.pieces:
        return {}
    return {"pieces": shipment.pieces, "of_pieces": shipment.order.pieces}


def for_dispute(shipment: Shipment) -> dict[str, Scalar]:
    """Return the dispute for which a parcel is sent, where there is one."""
    return {"dispute": shipment.dispute_ref} if shipment.dispute_ref else {}


def left_to_send(order: Order, *, unless_scanned: bool = False) -> dict[OrderLine, int]:
    """Return how many pieces of each line are in no parcel.

    `unless_scanned`: in none that the carrier has seen, so that a mistyped or missing number can be given.
    """
    parcels = order.shipments.filter(returns=False, dispute_ref="")
    if unless_scanned:
        seen = [status for status in STATUSES if status not in NOTED]  # a label alone was seen by nobody
        parcels = parcels.filter(scans__source="carrier", scans__status__in=seen)
    sums = ShipmentLine.objects.filter(shipment__in=parcels.values("pk")).values("line").annotate(sent=Sum("quantity"))
    sent = {row["line"]: row["sent"] for row in sums}
    return {line: max(line.quantity - sent.get(line.pk, 0), 0) for line in order.goods}


def _replaced(order: Order, parcel: Parcel) -> dict[OrderLine, int]:
    """Return what a parcel holds that replaces another: what is named, else all. Raises Refused for more than that."""
    every = {line: line.quantity for line in order.lines.all()}
    return every if parcel.contents is None else _within(every, parcel.contents)


def returned(order: Order, parcel: Parcel) -> dict[OrderLine, int]:
    """Return the pieces that go back in a parcel, where it names them; else none are named. Raises Refused."""
    if parcel.contents is None:
        return {}
    return _within({line: line.quantity for line in order.lines.all()}, parcel.contents)


def _contents(order: Order, asked: Mapping[int, int] | None, left: dict[OrderLine, int]) -> dict[OrderLine, int]:
    """Return what a new parcel holds; `left`: what no parcel has yet.

    Where all was sent, it is sent anew, or under its right number. Raises Refused for more than there is.
    """
    missing = {line: count for line, count in left.items() if count}
    if asked is None and missing:
        return missing
    free = left_to_send(order, unless_scanned=True)
    if asked is None:
        return {line: count for line, count in free.items() if count} or {line: line.quantity for line in free}
    return _within(free, asked)


def _within(free: Mapping[OrderLine, int], asked: Mapping[int, int]) -> dict[OrderLine, int]:
    """Return the pieces of lines that were asked for, by their keys. Raises Refused for more than are `free`."""
    lines = {line.pk: line for line in free}
    contents = {lines[key]: count for key, count in asked.items() if key in lines and count}
    if len(contents) < sum(1 for count in asked.values() if count) or not contents:
        raise Refused([_("Say how many pieces of which lines of this order the parcel holds.")])
    for line, count in contents.items():
        if not 0 < count <= free[line]:
            said = ngettext(
                "%(count)s of “%(title)s” cannot be in this parcel: %(left)s is left to be sent.",
                "%(count)s of “%(title)s” cannot be in this parcel: %(left)s are left to be sent.",
                free[line],
            )
            raise Refused([said % {"count": count, "title": line.title, "left": free[line]}])
    return contents
