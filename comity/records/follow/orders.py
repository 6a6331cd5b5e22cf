"""Orders follow facts: placed, paid, cancelled, promised anew, sent elsewhere."""

from collections.abc import Sequence

from comity.policy.facts import Fact
from comity.records.follow.world import Contradiction, World, moment, said
from comity.records.models import Address, CancelRequest, Delay, Order
from comity.records.models.orders import MONEY

#: What becomes of an order, as it is before anything has happened.
UNTOUCHED = {
    "paid_at": None,
    "dispatch_by": None,
    "sent_at": None,
    "delivered_at": None,
    "cancelled_at": None,
    "cancelled_by": "",
    "cancel_reason": "",
    "risk": "",
    **dict.fromkeys(MONEY, 0),
}
_CHARS = 20


def untouched(world: World, order: Order, first: Fact) -> None:
    """Take an order and what is beside it back to before anything had happened; `first`: what happened first."""
    world.change(order, **UNTOUCHED)
    if not order.complete:  # until we are told when it was placed, that is when we know of it
        world.change(order, placed_at=first.at)
    if order.named_by_shop:  # all of it was told by facts
        world.change(order, deliver_by=None, pieces=1)
    for parcel in world.parcels(order):
        world.change(parcel, delivered_at=None, sent=False, dispute_ref="")
        world.unmet.add(id(parcel))
        world.went_back.pop(id(parcel), None)
    for request in list(world.beside(CancelRequest, order)):
        world.reasons[order.ref] = request.reason  # facts of before 0.1.0 did not hold it
        world.drop(request)
    for delay in list(world.beside(Delay, order)):
        world.drop(delay)  # facts hold all of it, and make it anew
    for address in list(world.beside(Address, order)):
        if not address.salt:
            world.drop(address)  # the shop alone knows it: facts make it anew
            continue
        # One that came with the order is in force until another is; a wish is none before it is asked.
        world.change(address, state="in_force" if address.given_at <= order.placed_at else "replaced")


def sized(world: World, facts: Sequence[Fact]) -> None:
    """Let an order have as many pieces as facts say, before anything is made of what became of them."""
    # What was known before first: what is told now may yet contradict it.
    known_first = sorted(facts, key=lambda fact: world.asks and fact.id in world.fresh)
    ordered = next((_count(fact, "pieces") for fact in known_first if fact.kind == "order.placed"), 0)
    pieces = ordered or max(_count(fact, "of_pieces") for fact in facts)
    if pieces and (order := world.order(facts[0])).named_by_shop:
        world.change(order, pieces=pieces)
    if world.is_order(facts[0].matter) and (order := world.order(facts[0])).pk is not None:
        for parcel in world.parcels(order) if world.is_whole else ():
            if parcel.named_by_shop:  # where nobody says how much it holds, it is all
                world.change(parcel, pieces=order.pieces)


def _count(fact: Fact, name: str) -> int:
    value = fact.data.get(name)
    return value if isinstance(value, int) else 0


def placed(world: World, fact: Fact) -> None:
    """It was placed: now it is known by whom, and for how much."""
    order = world.order(fact)
    if world.asks and fact.id in world.fresh and (other := _otherwise(order, fact)):
        raise Contradiction(f"order {order.key} was placed already, with another {', '.join(other)}")
    values = dict(said(fact, "amount", "currency", "pieces"))
    if fact.data.get("buyer") and fact.id in world.fresh:
        values["buyer"] = world.buyer(fact.data["buyer"], fact.at)
    if (deliver_by := moment(fact, "deliver_by")) is not None:
        values["deliver_by"] = deliver_by
    world.change(order, placed_at=fact.at, complete=True, **values)
    world.of_money.append(fact)
    if order.paid_at is not None:  # it was told by a clock that is behind
        world.change(order, paid=order.amount)
    if "buyer" in values:
        world.is_whose(order)


def _otherwise(order: Order, fact: Fact) -> list[str]:
    """Return what a second word that an order was placed says otherwise than the first."""
    known = {"amount": order.amount, "currency": order.currency, "pieces": order.pieces, "buyer": order.buyer.ref}
    return [name for name, value in said(fact, *known).items() if value != known[name]] if order.complete else []


def paid(world: World, fact: Fact) -> None:
    """It was paid: its handling time runs."""
    order = world.order(fact)
    world.of_money.append(fact)
    if order.paid_at is None:
        world.change(order, paid=order.amount)
        promised = moment(fact, "deliver_by")
        world.change(order, paid_at=fact.at, dispatch_by=moment(fact, "dispatch_by"))
        if promised is not None:
            world.change(order, deliver_by=promised)


def cancelled(world: World, fact: Fact) -> None:
    """It will not be carried out."""
    order = world.order(fact)
    if order.cancelled_at is None:
        by, reason = (str(fact.data.get(name) or "") for name in ("by", "reason"))
        world.change(order, cancelled_at=fact.at, cancelled_by=by, cancel_reason=reason[:_CHARS])


def cancelling_asked(world: World, fact: Fact) -> None:
    """The buyer asked to cancel it."""
    order = world.order(fact)
    if not world.beside(CancelRequest, order):
        reason = str(fact.data.get("reason") or world.reasons.get(order.ref) or "")[:_CHARS]
        world.add_beside(CancelRequest(order=order, asked_at=fact.at, reason=reason))


def cancelling_answered(world: World, fact: Fact) -> None:
    """The seller agreed to cancel it, or did not. Whether it is cancelled, another fact says."""
    order = world.order(fact)
    for request in world.beside(CancelRequest, order):
        if request.answered_at is None:
            world.change(request, answered_at=fact.at, accepted=fact.data.get("accepted"))


def delay_announced(world: World, fact: Fact) -> None:
    """A later date was announced; it takes the place of one that waits."""
    order, deliver_by = world.order(fact), moment(fact, "deliver_by")
    was = moment(fact, "was") or order.deliver_by
    if deliver_by is None or was is None or deliver_by <= was:
        return  # where nothing was promised, or nothing earlier, nothing is late
    for other in world.beside(Delay, order):
        if other.answered_at is None:
            world.change(other, answered_at=fact.at, accepted=False)
    reason = str(fact.data.get("reason") or "other")[:_CHARS]
    world.add_beside(Delay(order=order, announced_at=fact.at, was=was, deliver_by=deliver_by, reason=reason))


def delay_accepted(world: World, fact: Fact) -> None:
    """The buyer accepted the later date: it is the promise, and a doubt about the earlier one is over."""
    order = world.order(fact)
    _answer_delay(world, order, fact, accepted=True)
    world.change(order, deliver_by=moment(fact, "deliver_by"), risk="")


def delay_declined(world: World, fact: Fact) -> None:
    """The buyer did not accept it."""
    _answer_delay(world, world.order(fact), fact, accepted=False)


def _answer_delay(world: World, order: Order, fact: Fact, *, accepted: bool) -> None:
    for delay in world.beside(Delay, order):
        if delay.answered_at is None:
            world.change(delay, answered_at=fact.at, accepted=accepted)


def in_doubt(world: World, fact: Fact) -> None:
    """It became doubtful that the promise will be kept."""
    world.change(world.order(fact), risk=fact.data["reason"])


def address_asked(world: World, fact: Fact) -> None:
    """The buyer asked to send it elsewhere; a newer wish takes the place of an older one."""
    order = world.order(fact)
    for other in world.beside(Address, order):
        if other.state == "asked" and other.given_at != fact.at:
            world.change(other, state="replaced")
    world.change(_wish(world, order, fact), state="asked")


def address_changed(world: World, fact: Fact) -> None:
    """It goes elsewhere now."""
    order = world.order(fact)
    wish = _asked(world, order) or _wish(world, order, fact)
    for other in world.beside(Address, order):
        if other is not wish and other.state == "in_force":
            world.change(other, state="replaced")
    world.change(wish, state="in_force")
    if wish.country:
        world.change(order, destination=wish.lane_end)


def address_declined(world: World, fact: Fact) -> None:
    """It goes where it was to go first."""
    if (wish := _asked(world, world.order(fact))) is not None:
        world.change(wish, state="declined")


def _asked(world: World, order: Order) -> Address | None:
    return next((row for row in world.beside(Address, order) if row.state == "asked"), None)


def _wish(world: World, order: Order, fact: Fact) -> Address:
    """Return the address that a fact is about. Where the shop alone knows it, its row is empty."""
    for row in world.beside(Address, order):
        if row.given_at == fact.at:
            return row
    return world.add_beside(Address(order=order, salt=b"", given_at=fact.at, state="asked"))
