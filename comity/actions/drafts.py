"""Asking a helper for a draft. Off unless the operator names one; it never sends, and what it drafted is marked."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.lib import options
from comity.records.models import Conversation, Draft

#: A draft that was asked for this recently is not asked for again.
FRESH = timedelta(minutes=1)


def is_on() -> bool:
    """Whether the operator has a helper."""
    return bool(options.value("COMITY_DRAFT_URL"))


def ask(actor: Actor, conversation: Conversation, *, at: datetime) -> Draft:
    """Ask for a draft of the next answer, which errands fetch; twice within a minute is once. Raises Refused."""
    require(actor, "conversation.note", conversation)
    if not is_on():
        raise Refused([_("This marketplace has no drafting helper.")])
    recent = Draft.objects.filter(conversation=conversation, asked_by=actor.party, asked_at__gt=at - FRESH)
    return recent.filter(failed_why="").first() or Draft.objects.create(
        conversation=conversation, asked_by=actor.party, asked_at=at, due_at=at
    )


def latest(actor: Actor, conversation: Conversation, *, at: datetime) -> Draft | None:
    """Return the actor's last draft in a conversation, unless somebody wrote since or it is older than an hour."""
    require(actor, "conversation.note", conversation)
    newest = Draft.objects.filter(conversation=conversation, asked_by=actor.party).order_by("-asked_at").first()
    if newest is None or at - newest.asked_at > timedelta(hours=1):
        return None
    return None if conversation.messages.filter(at__gt=newest.asked_at).exists() else newest
