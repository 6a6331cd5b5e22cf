"""Issues that are no disputes: what waits at the desk, and what an agent does about it.

One that names no order, or is of a category for which the file of COMITY_IGM has no reason, is kept and waits here. An
agent names the order and the reason, by which it becomes a dispute, or answers it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions.disputes import opening
from comity.actions.disputes.interests import has_conflict
from comity.actions.disputes.why import sentence
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.network import issue as issues
from comity.actions.network.orders import UnknownItem, pieces, placed_through
from comity.actions.network.saying import append, head_of, resolution, step
from comity.records import rulebooks
from comity.records.models import Order
from comity.records.models.network import NetworkIssue

MAX_TEXT_CHARS = 2_000
READ, ANSWER = "network.read", "network.answer"
_WAITS = ("OPEN", "PROCESSING")


def waiting(actor: Actor) -> QuerySet[NetworkIssue]:
    """Return the issues that are no disputes and were not answered, the oldest first. Raises Forbidden."""
    require(actor, READ)
    rows = NetworkIssue.objects.filter(ours="respondent", dispute=None, status__in=_WAITS)
    return rows.select_related("order").order_by("at", "pk")


def why(row: NetworkIssue) -> str:
    """Return why an issue is no dispute: no_order or no_reason."""
    return "no_reason" if row.order_id else "no_order"


def reasons(at: datetime) -> list[str]:
    """Return the reasons for disputes that the rules in force have."""
    book = rulebooks.current().in_force(at)
    return list(book.dispute.reasons) if book is not None and book.dispute is not None else []


def order_named(name: str) -> Order:
    """Return the order of a key or of an id in the shop. Raises Refused where there is none, or more than one."""
    rows = Order.objects.filter(Q(key=name) | Q(external_id=name)).select_related("buyer", "seller")
    found = list(rows[:2]) if name else []
    if not found:
        raise Refused([_("There is no such order: write its key, or its id in the shop.")])
    if len(found) > 1:
        raise Refused([_("Several sellers have an order of this id: write its key.")])
    return found[0]


def name_order(actor: Actor, pk: int, order: Order, *, reason: str, at: datetime) -> NetworkIssue:
    """Say which order an issue is about, and for which reason: a dispute is opened for its buyer.

    Raises Refused for an order that was placed through somebody else or is not the one that the issue names, for what
    the rules refuse, to an agent who has an interest in it, and where nothing waits any more; Forbidden.
    """
    with _held(actor, pk, at) as row:
        told = issues.read(row.body)
        if row.order_id not in (None, order.pk):
            raise Refused([_("The complaint itself names another order.")])
        if placed_through(order) not in ("", row.complainant):
            raise Refused([_("This order was placed through another participant of the network.")])
        if actor.role == "agent" and has_conflict(actor.party, order):
            raise Refused([sentence("conflict")])
        try:
            meant = pieces(order, told)
        except UnknownItem as wrong:
            raise Refused([_("The order has no item %(item)s.") % {"item": wrong.item[:60]}]) from None
        claim = opening.Claim(reason=reason, pieces=meant, text=told.text[:5_000])
        row.dispute = opening.open_(Actor(order.buyer, spoken_by="platform"), order, claim, at=at)
        _shop, items, category = told.about
        row.order, row.told = order, head_of(order)
        row.about = f"{order.external_id or order.key}|{','.join(items)}|{category}"[:1_000]
        append(row, [step(row, "PROCESSING", at)], [], at)
    return row


def answer(actor: Actor, pk: int, *, text: str, at: datetime) -> NetworkIssue:
    """Answer an issue that becomes no dispute: it is resolved, and nothing more follows here unless it is escalated.

    Only who complains closes it. Raises Refused, Forbidden.
    """
    written = text.strip()
    if not 0 < len(written) <= MAX_TEXT_CHARS or "\x00" in written:
        raise Refused([_("Write an answer of at most %(most)s characters.") % {"most": MAX_TEXT_CHARS}])
    with _held(actor, pk, at) as row:
        id_ = f"D{len(row.body.get('resolutions') or [])}_0"
        proposed = resolution(id_, "nothing", 0, "", at)
        proposed["descriptor"]["short_desc"] = written
        done = step(row, "RESOLVED", at, ref=id_)
        done["descriptor"]["short_desc"] = written
        append(row, [done], [proposed], at)
    return row


@contextmanager
def _held(actor: Actor, pk: int, at: datetime) -> Iterator[NetworkIssue]:
    """Hold an issue that waits, alone, until what is done to it is kept. Raises Refused, Forbidden."""
    require(actor, ANSWER, at=at)
    with transaction.atomic():
        row = waiting(actor).select_related(None).select_for_update().filter(pk=pk).first()
        if row is None:
            raise Refused([_("It is a dispute, or was answered meanwhile; load the page again.")])
        yield row
