"""Agents' own accounts: whoever buys or sells here as well takes no case of the own, nor of whom they traded with."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.records.models import Interest, Party


def declare(actor: Actor, account: Party, *, at: datetime) -> Interest:
    """Declare that an account of a buyer or seller is the agent's own; once is enough, and nobody takes it back.

    Raises Refused for what is no account of a buyer or seller, Forbidden for whoever is no agent.
    """
    require(actor, "interest.declare", actor.party, at=at)
    if account.role not in ("buyer", "seller"):
        raise Refused([_("Name an account of a buyer or a seller.")])
    declared, _made = Interest.objects.get_or_create(agent=actor.party, party=account)
    return declared


def of(agent: Party) -> QuerySet[Interest]:
    """Return what an agent declared."""
    return Interest.objects.filter(agent=agent).select_related("party").order_by("pk")
