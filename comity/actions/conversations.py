"""Conversations: read, noted on, ended, joined by an agent whom a side asked for.

What changes a conversation's row locks the seller first, as `enact` does: two at once wait, and never for each other.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.messages import no_reply_needed, tell
from comity.records import statements
from comity.records.models import Conversation, Note, ReadMark

MAX_NOTE_CHARS = 4_000
CLOSE_REASONS = ("solved", "silent")


def mark_read(actor: Actor, conversation: Conversation, *, at: datetime) -> None:
    """Note that the actor has read the conversation up to `at`. Only its two sides are noted."""
    require(actor, "conversation.read", conversation)
    if actor.party.pk in (conversation.buyer_id, conversation.seller_id):
        ReadMark.objects.update_or_create(conversation=conversation, party=actor.party, defaults={"at": at})


def close(actor: Actor, conversation: Conversation, *, reason: str, at: datetime) -> None:
    """End a conversation; the next message opens it again. A second closing changes nothing.

    A buyer may end it while an answer is owed: then none is needed. A seller must answer first. Raises Refused.
    """
    require(actor, "conversation.close", conversation)
    if reason not in CLOSE_REASONS:
        raise Refused([f"reason must be one of {', '.join(CLOSE_REASONS)}, not {reason!r:.60}"])
    with transaction.atomic():
        statements.lock(conversation.seller_id)
        found = Conversation.objects.get(pk=conversation.pk)
        if found.closed_at is not None:
            return
        if found.turn == "seller" and actor.role != "buyer":
            raise Refused(["the buyer waits for an answer; answer, or say that no reply is needed"])
        if found.turn == "seller":
            no_reply_needed(actor, conversation, reason="answered", at=at)
        tell(conversation, "conversation.closed", {"by": actor.role, "reason": reason}, at=at)
        Conversation.objects.filter(pk=conversation.pk).update(closed_at=at)


def ask_agent(actor: Actor, conversation: Conversation, *, at: datetime) -> None:
    """Ask the platform to join. A second request changes nothing."""
    require(actor, "conversation.ask_agent", conversation)
    with transaction.atomic():
        statements.lock(conversation.seller_id)
        if Conversation.objects.filter(pk=conversation.pk, asked_agent_at=None).update(asked_agent_at=at):
            tell(conversation, "conversation.agent_asked", {"by": actor.role}, at=at)


def join(actor: Actor, conversation: Conversation, *, at: datetime) -> None:
    """Join a conversation as the platform's agent, once a side has asked for one. Raises Refused."""
    require(actor, "conversation.join", conversation)
    with transaction.atomic():
        statements.lock(conversation.seller_id)
        rows = Conversation.objects.filter(pk=conversation.pk, asked_agent_at__isnull=False)
        if rows.filter(joined_by=actor.party).exists():
            return
        if not rows.filter(joined_by=None).update(joined_by=actor.party):
            raise Refused(["nobody asked for an agent here, or another agent has joined already"])
        conversation.joined_by = actor.party
        tell(conversation, "conversation.agent_joined", {"agent": actor.party.ref}, at=at)


def notes_of(actor: Actor, conversation: Conversation) -> QuerySet[Note]:
    """Return the notes of the actor's side, oldest first."""
    return conversation.notes.filter(side=_side(actor)).select_related("author")


def note(actor: Actor, conversation: Conversation, *, text: str, at: datetime) -> Note:
    """Keep a note that only the own side sees: agents, or the seller. It stops no clock. Raises Refused."""
    require(actor, "conversation.note", conversation)
    text = text.strip().replace("\x00", "")
    if not text or len(text) > MAX_NOTE_CHARS:
        raise Refused([f"a note has 1 to {MAX_NOTE_CHARS} characters; this one has {len(text)}"])
    side = _side(actor)
    return Note.objects.create(conversation=conversation, author=actor.party, side=side, text=text, at=at)


def _side(actor: Actor) -> str:
    return "seller" if actor.role == "seller" else "agent"
