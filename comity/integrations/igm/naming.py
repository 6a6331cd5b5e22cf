"""What an issue names: the order, and of it the items and parcels. What is not there is refused by its code.

Who complains speaks for orders that were placed through its app, and for no others: the shop tells which these are
(order.placed_through). An order of somebody else's is answered as one that is not there.
"""

import logging
from collections.abc import Iterable, Iterator

from comity.actions.disputes.cases import facts_of
from comity.actions.network.issue import Issue
from comity.integrations.igm.keeping import NotOurs
from comity.integrations.igm.network import Network
from comity.records.models import Order, Party, Shipment

logger = logging.getLogger(__name__)
#: Sellers may give their orders the same id; of more than so many, none is meant.
MOST = 50


def order(told: Issue, complainant: str, network: Network) -> Order:
    """Return the order that an issue names by the shop's id, of the provider that it names. Raises NotOurs."""
    orders = Order.objects.filter(external_id__in=told.refs["ORDER"]).select_related("buyer", "seller")
    if providers := told.refs.get("PROVIDER"):
        known = Party.objects.filter(role="seller", external_id__in=providers)
        orders = orders.filter(seller__in=known) if known.exists() else orders  # the network may name them otherwise
    found = list(_spoken_for(orders[:MOST], complainant, network))
    if len(found) != 1:
        raise NotOurs("IGM002", "there is no such order here")
    return found[0]


def pieces(of: Order, told: Issue) -> dict[int, int] | None:
    """Return how many pieces of which lines an issue is about; None where it names no item. Raises NotOurs."""
    if not told.refs.get("ITEM"):
        return None
    lines = list(of.lines.select_related("listing"))
    named = {name: line for line in lines for name in (str(line.pk), line.listing and line.listing.external_id) if name}
    # The only line needs no name, where the shop gave it none.
    only = lines[0] if len(lines) == 1 and not (lines[0].listing and lines[0].listing.external_id) else None
    found: dict[int, int] = {}
    for item in told.refs["ITEM"]:
        line = named.get(item) or (only if len(told.refs["ITEM"]) == 1 else None)
        if line is None:
            raise NotOurs("IGM004", f"there is no item {item:.60} in the order")
        found[line.pk] = min(told.counts.get(item, line.quantity), line.quantity)
    return found


def require_parcels(of: Order, told: Issue) -> None:
    """Refuse a fulfilment that is none of the order's parcels, where all of these are known. Raises NotOurs.

    While some of it is still to be sent, or the shop gave a parcel no id, the network may know one by a name that
    nobody told here.
    """
    named = set(told.refs.get("FULFILLMENT", ()))
    if not named:
        return
    parcels = Shipment.objects.filter(order=of).values_list("uuid", "external_id")
    known = {str(name) for parcel in parcels for name in parcel if name}
    are_all_known = of.sent_at is not None and all(external for _, external in parcels)
    if are_all_known and (strange := named - known):
        raise NotOurs("IGM003", f"there is no fulfilment {min(strange):.60} of the order")


def _spoken_for(orders: Iterable[Order], complainant: str, network: Network) -> Iterator[Order]:
    """Yield those orders about which a participant may complain."""
    for each in orders:
        through = placed_through(each)
        if through == complainant or (not through and network.accepts_untold):
            yield each
        else:
            why = f"it was placed through {through}" if through else "nobody told through whom it was placed"
            logger.warning("%s complains about order %s; %s: see docs/igm.md", complainant, each.key, why)


def placed_through(order: Order) -> str:
    """Return the participant through whose app an order was placed, as it was told last; empty where nobody told."""
    told = [fact for fact in facts_of(order) if fact.kind == "order.placed_through"]
    return str(max(told, key=lambda fact: (fact.noted_at, fact.place)).data["participant"]) if told else ""
