"""What an issue names: the order, and of it the items and parcels. What is not there is refused by its code.

Who complains speaks for orders that were placed through its app, and for no others: the shop tells which these are
(order.placed_through). An order of somebody else's is answered as one that is not there.
"""

import logging
from collections.abc import Iterable, Iterator

from comity.actions.network import orders
from comity.actions.network.issue import Issue
from comity.integrations.igm.keeping import NotOurs
from comity.integrations.igm.network import Network
from comity.records.models import Order, Party, Shipment

logger = logging.getLogger(__name__)
#: Sellers may give their orders the same id; of more than so many, none is meant.
MOST = 50


def order(told: Issue, complainant: str, network: Network) -> Order:
    """Return the order that an issue names by the shop's id, of the provider that it names. Raises NotOurs."""
    rows = Order.objects.filter(external_id__in=told.refs["ORDER"]).select_related("buyer", "seller")
    if providers := told.refs.get("PROVIDER"):
        known = Party.objects.filter(role="seller", external_id__in=providers)
        rows = rows.filter(seller__in=known) if known.exists() else rows  # the network may name them otherwise
    found = list(_spoken_for(rows[:MOST], complainant, network))
    if len(found) != 1:
        raise NotOurs("IGM002", "there is no such order here")
    return found[0]


def pieces(of: Order, told: Issue) -> dict[int, int] | None:
    """Return how many pieces of which lines an issue is about; None where it names no item. Raises NotOurs."""
    try:
        return orders.pieces(of, told)
    except orders.UnknownItem as wrong:
        raise NotOurs("IGM004", str(wrong)) from None


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


def _spoken_for(rows: Iterable[Order], complainant: str, network: Network) -> Iterator[Order]:
    """Yield those orders about which a participant may complain."""
    for each in rows:
        through = orders.placed_through(each)
        if through == complainant or (not through and network.accepts_untold):
            yield each
        else:
            why = f"it was placed through {through}" if through else "nobody told through whom it was placed"
            logger.warning("%s complains about order %s; %s: see docs/igm.md", complainant, each.key, why)
