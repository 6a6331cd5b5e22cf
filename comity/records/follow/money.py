"""The money of orders follows facts: refunds, charge-backs, pay-outs, and the sums that an order shows."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from comity.policy import money
from comity.policy.facts import Fact, reference
from comity.policy.money import Ledger
from comity.records.follow.world import Contradiction, World
from comity.records.models import ChargeBack, Order, PayOut, Refund
from comity.records.models.money import CODE_CHARS, REFERENCE_CHARS
from comity.records.models.orders import MONEY
from comity.records.refs import uuid_of

R = TypeVar("R", Refund, ChargeBack, PayOut)


def moved(world: World, fact: Fact) -> None:
    """Money of an order moved. What that means follows once all that is told of it is known (`counted`)."""
    order = world.order(fact)
    currency = fact.data.get("currency")
    if world.asks and fact.id in world.fresh and order.currency and currency not in (None, order.currency):
        raise Contradiction(f"order {order.key} is in {order.currency}, not in {currency}")
    world.of_money.append(fact)


def counted(world: World, order: Order) -> None:
    """Let an order and what it has beside it say what became of its money."""
    ledger = money.ledger(world.of_money)
    world.change(order, **{name: getattr(ledger, name) for name in MONEY})
    if not order.currency:  # nobody told its price: it is in what its money is in
        world.change(order, currency=ledger.currency)
    _refunds(world, order, ledger)
    _charge_backs(world, order, ledger)
    _pay_outs(world, order, ledger)


def _refunds(world: World, order: Order, ledger: Ledger) -> None:
    rows = {row.uuid: row for row in world.beside(Refund, order)}
    for seen in ledger.refunds:
        uuid = _uuid(world, order, seen, rows)
        values: dict[str, Any] = {
            "amount": seen.confirmed if seen.asked is None else seen.asked,
            "currency": ledger.currency,
            "cost": seen.cost,
            "because": seen.because[:CODE_CHARS],
            "dispute_ref": seen.dispute,
            "outside": seen.asked is None,
            "instructed_at": seen.instructed_at,
            "confirmed": seen.confirmed,
            "confirmed_at": seen.confirmed_at,
            "reference": seen.reference[:REFERENCE_CHARS],
            "state": seen.state,
            "failed_at": seen.failed_at,
            "failed_code": seen.failed_why[:CODE_CHARS],
        }
        if seen.state != "instructed":  # there is nothing left to send
            values |= {"due_at": None, "failed_why": ""}
        if (row := rows.pop(uuid, None)) is None:
            world.add_beside(Refund(uuid=uuid, order=order, **values))
        else:
            world.change(row, **values)
    for row in rows.values():
        # No fact speaks of it: what was reported as made outside was ours, or the rows are made anew.
        if row.outside or not world.asks:
            world.drop(row)


def _uuid(world: World, order: Order, seen: money.Refund, rows: Mapping[UUID, Refund]) -> UUID:
    """Return the id of the row of a refund: ours, or from what one made outside is called.

    One that nobody instructed here is none of ours, though it be called like one: another installation may tell of its.
    """
    kind, identity = reference(seen.ref)
    ours = uuid_of(identity) if kind == "refund" else None
    if ours is not None and (seen.asked is not None or ours in rows):
        return ours
    return uuid5(NAMESPACE_URL, f"comity:{world.party.uuid}/{order.ref}/{seen.ref}")


def _charge_backs(world: World, order: Order, ledger: Ledger) -> None:
    made = [
        ChargeBack(order=order, reference=each.reference[:REFERENCE_CHARS], amount=each.amount, reversed=each.reversed,
                   at=each.at)
        for each in ledger.charge_backs
    ]  # fmt: skip
    _hold(world, order, ChargeBack, made, lambda row: row.reference, ("amount", "reversed", "at"))


def _pay_outs(world: World, order: Order, ledger: Ledger) -> None:
    made = [
        PayOut(order=order, reference=each.reference[:REFERENCE_CHARS], amount=each.amount, netted=each.netted,
               platform=each.platform, at=each.at)
        for each in ledger.pay_outs
    ]  # fmt: skip
    names = ("amount", "netted", "platform", "at")
    _hold(world, order, PayOut, made, lambda row: (row.reference, row.netted > 0), names)


def _hold(
    world: World,
    order: Order,
    model: type[R],
    wanted: Iterable[R],
    name: Callable[[R], Hashable],
    columns: tuple[str, ...],
) -> None:
    """Let the rows of a kind be those that facts tell: what is new is made, what is told no more goes."""
    rows = {name(row): row for row in world.beside(model, order)}
    for each in wanted:
        if (row := rows.pop(name(each), None)) is None:
            world.add_beside(each)
        else:
            world.change(row, **{column: getattr(each, column) for column in columns})
    for row in rows.values():
        world.drop(row)
