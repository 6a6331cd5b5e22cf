"""Parcels follow facts: sent, seen by their carrier, arrived; and with them their order."""

from collections.abc import Sequence

from comity.policy.deliveries import SAME_DAY, TURNED_ROUND, UNDER_WAY
from comity.policy.facts import Fact, reference, subject_kind
from comity.policy.promises import TROUBLE, UNHEARD
from comity.records.follow.world import World
from comity.records.models import Order, Scan, Shipment

#: An event that is another parcel's, dated as one of this is: told in the timeline, and no row of its own.
ELSEWHERE = "other_destination"
#: What goes back, where no fact says which parcel it is.
UNNAMED = "shipment:return"
#: Facts of goods that go back.
OF_RETURNS = ("return.sent", "return.scanned", "return.delivered")


def dispatched(world: World, fact: Fact) -> None:
    """The seller declared it sent."""
    order = world.order(fact)
    parcel = world.parcel(order, fact)
    pieces = fact.data.get("pieces") or order.pieces
    # What replaces another parcel is none of the order's own: it changes nothing of what the order is.
    world.change(parcel, dispatched_at=fact.at, pieces=pieces, dispute_ref=_dispute(fact))
    if not parcel.carrier:
        world.change(parcel, carrier=str(fact.data.get("carrier") or "")[:50])
    _sent(world, order, parcel, fact)


def handed_over(world: World, fact: Fact) -> None:
    """The carrier has it."""
    order = world.order(fact)
    if subject_kind(fact.subject) == "order":
        if order.sent_at is None:
            world.change(order, sent_at=fact.at)
        return
    parcel = world.parcel(order, fact)
    _seen(world, order, parcel, fact)
    _scan(world, parcel, fact, "accepted", "carrier")


def scanned(world: World, fact: Fact) -> None:
    """Its carrier, or the seller by hand, told an event."""
    order = world.order(fact)
    parcel = world.parcel(order, fact)
    source, status = str(fact.data["source"]), str(fact.data.get("status") or "in_transit")
    if source == "carrier":
        _seen(world, order, parcel, fact)
        if status not in TROUBLE and order.risk in UNHEARD:
            world.change(order, risk="")
        _told(world, order, parcel, fact, status)
    _scan(world, parcel, fact, status, source)


def noted(world: World, fact: Fact) -> None:
    """What was told of it is no event on the road."""
    parcel = world.parcel(world.order(fact), fact)
    if (status := str(fact.data.get("status") or "unknown")) != ELSEWHERE:
        _scan(world, parcel, fact, status, str(fact.data["source"]))


def delivered(world: World, fact: Fact) -> None:
    """It arrived; and its order, once all its pieces have."""
    order = world.order(fact)
    if subject_kind(fact.subject) == "order":
        if order.delivered_at is None:
            world.change(order, delivered_at=fact.at)
        return
    parcel = world.parcel(order, fact)
    _seen(world, order, parcel, fact)
    if parcel.delivered_at is None and not _went_back(world, parcel, fact):
        world.change(parcel, delivered_at=fact.at)
    if order.delivered_at is None and _there(world, order) >= order.pieces:
        world.change(order, delivered_at=fact.at)
    _scan(world, parcel, fact, "delivered", "carrier")


def _there(world: World, order: Order) -> int:
    """Return how many pieces of an order have arrived."""
    return sum(row.pieces for row in _own(world, order) if row.delivered_at)


def _own(world: World, order: Order) -> list[Shipment]:
    """Return the parcels in which an order's pieces go to the buyer: none that goes back, or replaces another."""
    return [row for row in world.parcels(order) if not row.returns and not row.replaces]


def _told(world: World, order: Order, parcel: Shipment, fact: Fact, status: str) -> None:
    """Take from a parcel what its carrier's next word contradicts: whether it goes to the buyer, or has arrived."""
    if status in TURNED_ROUND:
        world.went_back.setdefault(id(parcel), fact.at)
    arrived = parcel.delivered_at
    is_sure = status in UNDER_WAY and not fact.data.get("zone_assumed")
    if arrived is None or not is_sure or fact.at - arrived < SAME_DAY:
        return
    by_parcels = order.delivered_at in {row.delivered_at for row in _own(world, order)}
    world.change(parcel, delivered_at=None)
    if by_parcels and _there(world, order) < order.pieces:
        world.change(order, delivered_at=None)


def _went_back(world: World, parcel: Shipment, fact: Fact) -> bool:
    """Whether the carrier had said before that it takes the parcel back: then its sender has it."""
    since = world.went_back.get(id(parcel))
    if since is not None or world.is_whole or parcel.pk is None:
        return since is not None and since < fact.at
    return Scan.objects.filter(shipment=parcel, source="carrier", status__in=TURNED_ROUND, at__lt=fact.at).exists()


def sent_back(world: World, fact: Fact) -> None:
    """The buyer sent the goods back."""
    if (parcel := _going_back(world, fact)) is not None:
        world.change(parcel, pieces=fact.data.get("pieces") or world.order(fact).pieces)
        world.change(parcel, sent=True, dispatched_at=fact.at, dispute_ref=_dispute(fact))


def back_scanned(world: World, fact: Fact) -> None:
    """A carrier told an event of what goes back."""
    if (parcel := _going_back(world, fact)) is not None:
        status, source = str(fact.data.get("status") or "in_transit"), str(fact.data.get("source") or "carrier")
        _scan(world, parcel, fact, status, source)


def back(world: World, fact: Fact) -> None:
    """The goods are back."""
    if (parcel := _going_back(world, fact)) is not None:
        if parcel.delivered_at is None:
            world.change(parcel, delivered_at=fact.at)
        _scan(world, parcel, fact, "delivered", "carrier")


def _going_back(world: World, fact: Fact) -> Shipment | None:
    """Return the parcel in which goods go back: the one that a fact names, else that of its return."""
    if subject_kind(fact.matter) != "order":
        return None
    order, dispute = world.order(fact), _dispute(fact)
    named = fact.data.get("shipment") or world.goes_back.get(f"{order.ref} {dispute}") or _unnamed(dispute)
    parcel = world.parcel(order, fact, str(named), returns=True)
    if dispute:
        world.change(parcel, dispute_ref=dispute)
    elif parcel.named_by_shop:
        world.change(parcel, pieces=order.pieces)
    return parcel


def named_later(world: World, facts: Sequence[Fact]) -> None:
    """Let what goes back have the name that any fact of its return gives it, before anything is made of it."""
    named: dict[str, str] = {}
    for fact in facts:
        if isinstance(name := fact.data.get("shipment"), str):
            named.setdefault(_dispute(fact), name)
    if not named or subject_kind(facts[0].matter) != "order":
        return
    order = world.order(facts[0])
    for dispute, name in named.items():
        world.goes_back[f"{order.ref} {dispute}"] = name
        names = {each: parcel for parcel in world.parcels(order) for each in parcel.names}
        if _unnamed(dispute) in names and name not in names:
            world.change(names[_unnamed(dispute)], external_id=reference(name)[1])


def _dispute(fact: Fact) -> str:
    """Return for which dispute goods go back, or replace others; empty for none."""
    return str(fact.data.get("dispute") or "")


def _unnamed(dispute: str) -> str:
    """Return what a parcel that goes back is called while no fact names it: one for each dispute."""
    return f"{UNNAMED}-{reference(dispute)[1]}" if dispute else UNNAMED


def _seen(world: World, order: Order, parcel: Shipment, fact: Fact) -> None:
    """Its carrier has it: so it was sent, whatever was declared."""
    if not parcel.sent:
        # Where nobody said how much it holds, it is all.
        pieces = fact.data.get("pieces") or (order.pieces if parcel.named_by_shop else parcel.pieces)
        world.change(parcel, dispatched_at=fact.at, pieces=pieces)
        _sent(world, order, parcel, fact)


def _sent(world: World, order: Order, parcel: Shipment, fact: Fact) -> None:
    """Note that a parcel is on its way, and its order once all pieces are."""
    world.change(parcel, sent=True)
    under_way = sum(row.pieces for row in _own(world, order) if row.sent)
    if order.sent_at is None and under_way >= order.pieces:
        world.change(order, sent_at=fact.at, risk="" if order.risk == "not_sent" else order.risk)


def _scan(world: World, parcel: Shipment, fact: Fact, status: str, source: str) -> None:
    """Keep an event that nobody has written down yet."""
    if fact.id in world.fresh and not world.is_given(Scan):
        world.make(
            Scan(
                shipment=parcel,
                at=fact.at,
                status=status[:30],
                source=source,
                zone_assumed=bool(fact.data.get("zone_assumed")),
                weight_g=fact.data.get("weight_g"),
                signed=fact.data.get("signed") is True,
            )
        )
