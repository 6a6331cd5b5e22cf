"""What a dispute may give back: what is left for its pieces, with postage or without, and what is left of the order."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.money import Part
from comity.lib.money import Money
from comity.policy import shares
from comity.policy.disputes.case import OPEN, Case
from comity.policy.disputes.rule import DisputeRules
from comity.records.models import Dispute, DisputePiece, Order, OrderLine

Pieces = Mapping[OrderLine, int]
#: How a rulebook calls the ways in which money goes back by several payments.
_ACROSS = {"proportion": shares.IN_PROPORTION, "in order": shares.IN_ORDER}


def pieces_of(dispute: Dispute) -> dict[OrderLine, int]:
    """Return the pieces that a dispute is about, by line."""
    return {about.line: about.quantity for about in dispute.about.select_related("line__order", "line__bundle")}


def left_of(order: Order) -> dict[OrderLine, int]:
    """Return how many pieces of each line can be disputed: neither in an open dispute nor given back already.

    Counted by what the two agreed or what was decided, never by scans. Of a set sold at one price, its parts.
    """
    lines = list(order.lines.select_related("bundle", "order"))
    sets = {line.bundle_id for line in lines if line.bundle_id}
    left = {line: line.quantity for line in lines if line.pk not in sets}
    for about in DisputePiece.objects.filter(dispute__order=order).select_related("dispute", "line"):
        if about.line in left and (about.dispute.stage in OPEN or about.dispute.gone):
            left[about.line] -= about.quantity
    return {line: max(count, 0) for line, count in left.items()}


def goods(order: Order, pieces: Pieces, case: Case | None = None) -> Money:
    """Return what pieces are worth: what was paid for them and has not gone back.

    case  the dispute about them: what that has brought itself is not gone, but what the buyer keeps of it
    """
    but, kept = brought(case)
    return Money(max(money.left_for(order, pieces, but).minor - kept, 0), order.paid_in)


def most(order: Order, pieces: Pieces, case: Case | None = None) -> Money:
    """Return the most that can go back for pieces: what is left for them and of the postage, and of the order.

    case  the dispute about them, where it is asked what that may bring in all, and not what may go back beside that
    """
    but, kept = brought(case)
    left = money.left_for(order, pieces, but) + money.left_of_postage(order, but)
    return Money(max(min(left.minor, money.of(order).refundable + but.amount) - kept, 0), order.paid_in)


def brought(case: Case | None) -> tuple[money.Brought, int]:
    """Return what a case has brought, where a sum for it would be in the place of that; and what is beside the sum.

    So it is where a decision fell that was paid, or one is to be changed: else it could not be decided alike again.
    """
    case = case.apart if case is not None else None
    if case is None or case.asked_for <= case.kept:
        return money.NOTHING_BROUGHT, 0
    return money.Brought(case.ref, case.asked_for), case.kept


def require_left(order: Order, pieces: Pieces, amount: Money, case: Case | None = None) -> None:
    """Return if an amount can go back for pieces; raise Refused, or NotNow with what is left, where it cannot.

    case  the dispute about them, which brings the amount in all
    """
    if amount.currency != order.currency:
        said = _("The order was paid in %(currency)s: name amounts in it.")
        raise Refused([said % {"currency": order.currency}])
    if amount.minor <= 0:
        raise Refused([_("Name an amount above zero; to offer nothing, offer nothing.")])
    limit = most(order, pieces, case)
    if amount.minor > limit.minor:
        raise NotNow(money.why_not_more(order, limit, pieces))


def parts(order: Order, pieces: Pieces, amount: int, first: Iterable[tuple[OrderLine, int]] = ()) -> tuple[Part, ...]:
    """Return how an amount is spread: over the pieces first, what is more over the postage.

    first   lines that have theirs before the others, each with how much
    """
    room = {line: money.left_for(order, {line: count}).minor for line, count in pieces.items()}
    spread = dict.fromkeys(pieces, 0)
    left = amount
    for line, most_of_it in (*first, *room.items()):
        part = min(left, most_of_it, room.get(line, 0) - spread.get(line, 0))
        if part > 0:
            spread[line] += part
            left -= part
    found = tuple(Part(line, part, pieces[line]) for line, part in spread.items() if part)
    return (*found, Part(None, left)) if left else found


def across(rules: DisputeRules) -> str:
    """Return how the rules split what goes back among several payments."""
    return _ACROSS.get(rules.refund_order, shares.IN_PROPORTION)
