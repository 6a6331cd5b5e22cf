"""What a dispute may give back: what is left for its pieces, with postage or without, and what is left of the order."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.enact import Refused
from comity.actions.money import in_words
from comity.lib.money import Money
from comity.policy.disputes.case import OPEN
from comity.records.models import Dispute, DisputePiece, Order, OrderLine

Pieces = Mapping[OrderLine, int]


def pieces_of(dispute: Dispute) -> dict[OrderLine, int]:
    """Return the pieces that a dispute is about, by line."""
    return {about.line: about.quantity for about in dispute.about.select_related("line__order")}


def left_of(order: Order) -> dict[OrderLine, int]:
    """Return how many pieces of each line can be disputed: neither in an open dispute nor given back already.

    Counted by what the two agreed or what was decided, never by scans.
    """
    left = {line: line.quantity for line in order.lines.all() if not line.is_bundle}
    for about in DisputePiece.objects.filter(dispute__order=order).select_related("dispute", "line"):
        if about.line in left and (about.dispute.stage in OPEN or about.dispute.gone):
            left[about.line] -= about.quantity
    return {line: max(count, 0) for line, count in left.items()}


def most(order: Order, pieces: Pieces) -> Money:
    """Return the most that can go back for pieces: what is left for them and of the postage, and of the order."""
    goods, postage = money.left_for(order, pieces), money.left_of_postage(order)
    return Money(min((goods + postage).minor, money.ledger_of(order).refundable), order.currency)


def goods(order: Order, pieces: Pieces) -> Money:
    """Return what pieces are worth: what was paid for them and has not gone back."""
    return money.left_for(order, pieces)


def require_left(order: Order, pieces: Pieces, amount: Money) -> None:
    """Return if an amount can go back for pieces; raise Refused, with what is left, where it cannot."""
    if amount.currency != order.currency:
        said = _("The order was paid in %(currency)s: name amounts in it.")
        raise Refused([said % {"currency": order.currency}])
    if amount.minor <= 0:
        raise Refused([_("Name an amount above zero; to offer nothing, offer nothing.")])
    limit = most(order, pieces)
    if amount.minor > limit.minor:
        raise Refused([money.too_much(order, pieces, limit)])


def parts(order: Order, pieces: Pieces, amount: int) -> Sequence[tuple[OrderLine | None, int]]:
    """Return how an amount is spread: over the pieces first, what is more over the postage."""
    spread: list[tuple[OrderLine | None, int]] = []
    left = amount
    for line, count in pieces.items():
        part = min(left, money.left_for(order, {line: count}).minor)
        if part:
            spread.append((line, part))
            left -= part
    return [*spread, (None, left)] if left else spread


__all__ = ["Pieces", "goods", "in_words", "left_of", "most", "parts", "pieces_of", "require_left"]
