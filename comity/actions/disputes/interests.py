"""Agents' own accounts: whoever buys or sells here as well takes no case of the own, nor of whom they traded with."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.records import merges
from comity.records.models import Interest, Order, Party


def declare(actor: Actor, account: Party, *, at: datetime) -> Interest:
    """Declare that an account of a buyer or seller is the agent's own; once is enough, and nobody takes it back.

    Raises Refused for what is no account of a buyer or seller, Forbidden for whoever is no agent.
    """
    require(actor, "interest.declare", actor.party, at=at)
    if account.role not in ("buyer", "seller"):
        raise Refused([_("Name an account of a buyer or a seller.")])
    declared, _made = Interest.objects.get_or_create(agent=actor.party, party=account)
    return declared


def own_accounts(agent: Party) -> set[int]:
    """Return the keys of an agent's own accounts: those declared, and those that are one with them."""
    return merges.one_with(Interest.objects.filter(agent=agent).values_list("party_id", flat=True))


def has_conflict(agent: Party, order: Order) -> bool:
    """Whether an agent has an account of the own that is in this order, or has traded with one of the two."""
    own = own_accounts(agent)
    if not own:
        return False
    sides = (order.buyer_id, order.seller_id)
    if own & set(sides):
        return True
    traded = Q(buyer__in=own, seller__in=sides) | Q(seller__in=own, buyer__in=sides)
    return Order.objects.filter(traded).exists()


def has_interest(agent: Party, account: Party) -> bool:
    """Whether an agent has an account of the own that is this one, or has traded with it."""
    own = own_accounts(agent)
    if not own:
        return False
    traded = Q(buyer__in=own, seller=account) | Q(seller__in=own, buyer=account)
    return account.pk in own or Order.objects.filter(traded).exists()


def of(agent: Party) -> QuerySet[Interest]:
    """Return what an agent declared."""
    return Interest.objects.filter(agent=agent).select_related("party").order_by("pk")
