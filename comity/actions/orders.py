"""Orders: placed, paid, cancelled."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Model

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib import moments
from comity.lib.ids import short_key, uuid7
from comity.lib.money import Money
from comity.policy.facts import Fact, Scalar
from comity.records.models import Order, Party

MAX_TITLE_CHARS = 200
MAX_HANDLING_HOURS = 24 * 60


def place(
    actor: Actor,
    *,
    buyer: Party,
    seller: Party,
    title: str,
    price: Money,
    handling_hours: int,
    deliver_by: datetime,
    at: datetime,
    external_id: str | None = None,
    noted_at: datetime | None = None,
) -> Order:
    """Place an order with what the seller promises: handling time in hours, and delivery by a moment.

    The same external id again returns the order that is there. Raises Refused, and Forbidden for a frozen seller.
    """
    if external_id and (known := Order.objects.filter(external_id=external_id).first()):
        require(actor, "order.read", known)
        return known
    order = Order(
        uuid=uuid7(at), key=short_key("O"), external_id=external_id, buyer=buyer, seller=seller, title=title.strip(),
        amount=price.minor, currency=price.currency, handling_hours=handling_hours, placed_at=at,
        deliver_by=deliver_by,
    )  # fmt: skip
    require(actor, "order.place", order, at=at)
    if wrong := list(_problems(order)):
        raise Refused(wrong)
    data: dict[str, Scalar] = {"buyer": buyer.ref, "amount": price.minor, "currency": price.currency}
    _enact(order, "order.placed", at, noted_at, data, rows=(order,))
    return order


def pay(actor: Actor, order: Order, *, at: datetime, noted_at: datetime | None = None) -> Order:
    """Report that an order was paid: its handling time begins. A second report changes nothing."""
    require(actor, "order.pay", order)
    if order.cancelled_at:
        raise Refused([f"order {order.key} was cancelled; it cannot be paid"])
    dispatch_by = at + timedelta(hours=order.handling_hours)
    with transaction.atomic():
        changed = Order.objects.filter(pk=order.pk, paid_at=None).update(paid_at=at, dispatch_by=dispatch_by)
        if changed:
            order.paid_at, order.dispatch_by = at, dispatch_by
            _enact(order, "order.paid", at, noted_at, {
                "dispatch_by": moments.to_text(dispatch_by), "deliver_by": moments.to_text(order.deliver_by),
            })  # fmt: skip
    return order


def cancel(actor: Actor, order: Order, *, reason: str, at: datetime, noted_at: datetime | None = None) -> Order:
    """Cancel an order. What is still owed for it falls away; a second cancellation changes nothing."""
    require(actor, "order.cancel", order)
    if order.delivered_at:
        raise Refused([f"order {order.key} was delivered; it can be disputed, not cancelled"])
    with transaction.atomic():
        changed = Order.objects.filter(pk=order.pk, cancelled_at=None).update(cancelled_at=at, cancelled_by=actor.role)
        if changed:
            order.cancelled_at, order.cancelled_by = at, actor.role
            _enact(order, "order.cancelled", at, noted_at, {"by": actor.role, "reason": reason[:100]})
    return order


def _problems(order: Order) -> Iterator[str]:
    if order.buyer.role != "buyer":
        yield f"{order.buyer.ref} is no buyer"
    if order.seller.role != "seller":
        yield f"{order.seller.ref} is no seller"
    if not order.title or len(order.title) > MAX_TITLE_CHARS:
        yield f"title must have 1 to {MAX_TITLE_CHARS} characters"
    if order.amount < 0:
        yield "the price must not be negative"
    if not 1 <= order.handling_hours <= MAX_HANDLING_HOURS:
        yield f"handling_hours must be from 1 to {MAX_HANDLING_HOURS}"
    if order.deliver_by <= order.placed_at:
        yield "deliver_by must be after the order"


def _enact(
    order: Order,
    kind: str,
    at: datetime,
    noted_at: datetime | None,
    data: dict[str, Scalar],
    rows: tuple[Model, ...] = (),
) -> None:
    enact(
        order.seller,
        Fact(
            id=f"{kind}:{order.uuid}", kind=kind, at=at, noted_at=noted_at or at, subject=order.ref, matter=order.ref,
            party=order.seller.ref, data=data,
        ),
        rows=rows,
    )  # fmt: skip
