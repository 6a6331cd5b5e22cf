"""Conversations: read, noted on, ended, said to need no reply, joined by an agent whom a side asked for."""

from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot, require_one_of
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.messages import Arrival, tell
from comity.records.models import Conversation, Note, ReadMark

MAX_NOTE_CHARS = 4_000
CLOSE_REASONS = ("solved", "silent")
NO_REPLY_REASONS = ("thanks", "spam", "duplicate", "answered", "other")


def mark_read(actor: Actor, conversation: Conversation, *, at: datetime) -> None:
    """Note that the actor has read the conversation up to `at`. Only its two sides are noted."""
    require(actor, "conversation.read", conversation)
    if actor.party.pk in (conversation.buyer_id, conversation.seller_id):
        ReadMark.objects.update_or_create(conversation=conversation, party=actor.party, defaults={"at": at})


def _against_closing(actor: Actor, conversation: Conversation, at: datetime) -> WhyNot | None:
    if conversation.closed_at is not None:
        return WhyNot("closed_already", _("The conversation has already ended."), done=True)
    if conversation.turn == "seller" and actor.role != "buyer":
        said = _("The buyer is waiting for an answer; answer, or say that no reply is needed.")
        return WhyNot("answer_owed", said)
    return None


def _against_leaving_it(actor: Actor, conversation: Conversation, at: datetime) -> WhyNot | None:
    if conversation.turn != "seller":
        return WhyNot("nothing_owed", _("Nobody is waiting for the seller to answer."), done=True)
    return None


def _against_asking(actor: Actor, conversation: Conversation, at: datetime) -> WhyNot | None:
    if conversation.asked_agent_at is not None:
        return WhyNot("asked_already", _("The platform has already been asked."), done=True)
    return None


def _against_joining(actor: Actor, conversation: Conversation, at: datetime) -> WhyNot | None:
    if conversation.joined_by_id == actor.party.pk:
        return WhyNot("joined_already", _("You have already joined."), done=True)
    if conversation.asked_agent_at is None:
        return WhyNot("nobody_asked", _("Nobody has asked for an agent here."))
    if conversation.joined_by_id is not None:
        return WhyNot("another_joined", _("Another agent has already joined."))
    return None


CLOSE = Deed(Conversation, "end", "conversation.close", _against_closing)
NO_REPLY_NEEDED = Deed(Conversation, "no-reply-needed", "conversation.close_turn", _against_leaving_it)
ASK_AGENT = Deed(Conversation, "ask-agent", "conversation.ask_agent", _against_asking)
JOIN = Deed(Conversation, "join", "conversation.join", _against_joining)


def close(
    actor: Actor, conversation: Conversation, *, reason: str, at: datetime, noted_at: datetime | None = None
) -> None:
    """End a conversation; the next message opens it again. A second closing changes nothing.

    A buyer may end it while an answer is owed: then none is needed. A seller must answer first. Raises Refused.
    """
    require_one_of("reason", reason, CLOSE_REASONS)
    with CLOSE.doing(actor, conversation, at=at) as to_do:
        if not to_do:
            return
        if conversation.turn == "seller":
            # Who may end it says that with it: a token needs no scope of its own for it.
            ending = replace(actor, scopes=None)
            no_reply_needed(ending, conversation, reason="answered", at=at, noted_at=noted_at)
        tell(
            actor,
            conversation,
            "conversation.closed",
            {"by": actor.role, "reason": reason},
            at=at,
            arrival=Arrival(noted_at),
        )


def no_reply_needed(
    actor: Actor, conversation: Conversation, *, reason: str, at: datetime, noted_at: datetime | None = None
) -> None:
    """Say that the last message asks for no answer. The buyer's next message opens the duty again.

    Where no answer is owed, it changes nothing.
    """
    with NO_REPLY_NEEDED.doing(actor, conversation, at=at) as to_do:
        require_one_of("reason", reason, NO_REPLY_REASONS)
        if to_do:
            tell(
                actor,
                conversation,
                "conversation.no_reply_needed",
                {"by": actor.role, "reason": reason},
                at=at,
                arrival=Arrival(noted_at),
            )


def ask_agent(actor: Actor, conversation: Conversation, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Ask the platform to join. A second request changes nothing."""
    with ASK_AGENT.doing(actor, conversation, at=at) as to_do:
        if to_do:
            tell(actor, conversation, "conversation.agent_asked", {"by": actor.role}, at=at, arrival=Arrival(noted_at))


def join(actor: Actor, conversation: Conversation, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Join a conversation as the platform's agent, once a side has asked for one. Raises Refused."""
    with JOIN.doing(actor, conversation, at=at) as to_do:
        if to_do:
            tell(
                actor,
                conversation,
                "conversation.agent_joined",
                {"agent": actor.party.ref},
                at=at,
                arrival=Arrival(noted_at),
            )


def notes_of(actor: Actor, conversation: Conversation) -> QuerySet[Note]:
    """Return the notes of the actor's side, oldest first."""
    return conversation.notes.filter(side=_side(actor)).select_related("author")


def note(actor: Actor, conversation: Conversation, *, text: str, at: datetime) -> Note:
    """Keep a note that only the own side sees: agents, or the seller. It stops no clock. Raises Refused."""
    require(actor, "conversation.note", conversation)
    text = text.strip().replace("\x00", "")
    if not text or len(text) > MAX_NOTE_CHARS:
        limits = {"most": MAX_NOTE_CHARS, "has": len(text)}
        raise Refused([_("A note has 1 to %(most)s characters; this one has %(has)s.") % limits])
    side = _side(actor)
    return Note.objects.create(conversation=conversation, author=actor.party, side=side, text=text, at=at)


def _side(actor: Actor) -> str:
    return "seller" if actor.role == "seller" else "agent"
