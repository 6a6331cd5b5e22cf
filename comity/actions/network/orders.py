"""What is known of the orders that issues name: through whom each was placed, and which of its pieces are meant."""

from comity.actions.disputes.cases import facts_of
from comity.actions.network.issue import Issue
from comity.records.models import Order


class UnknownItem(ValueError):
    """An issue names an item that is not in the order; `item` is its name."""

    def __init__(self, item: str):
        super().__init__(f"there is no item {item:.60} in the order")
        self.item = item


def placed_through(order: Order) -> str:
    """Return the participant through whose app an order was placed, as it was told last; empty where nobody told."""
    told = [fact for fact in facts_of(order) if fact.kind == "order.placed_through"]
    return str(max(told, key=lambda fact: (fact.noted_at, fact.place)).data["participant"]) if told else ""


def pieces(of: Order, told: Issue) -> dict[int, int] | None:
    """Return how many pieces of which lines an issue is about; None where it names no item. Raises UnknownItem."""
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
            raise UnknownItem(item)
        found[line.pk] = min(told.counts.get(item, line.quantity), line.quantity)
    return found
