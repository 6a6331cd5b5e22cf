"""Conversations: opened, written in, declared to need no reply."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib.greetings import is_greeting
from comity.lib.ids import digest, salt, short_key, uuid7
from comity.policy.facts import Fact
from comity.records.models import Conversation, Message, Order, Party

MAX_TEXT_CHARS = 10_000
MAX_TOPIC_CHARS = 200
REASONS = ("thanks", "spam", "duplicate", "other")


def open_conversation(
    actor: Actor,
    *,
    buyer: Party,
    seller: Party,
    topic: str,
    at: datetime,
    order: Order | None = None,
    identity: UUID | None = None,
) -> Conversation:
    """Open a conversation of a buyer with a seller, about an order or nothing yet. Raises Refused, Forbidden.

    With `identity`, the same request again returns the conversation that is there.
    """
    if identity and (known := Conversation.objects.filter(uuid=identity, buyer=actor.party).first()):
        return known
    conversation = Conversation(
        uuid=identity or uuid7(at),
        key=short_key("C"),
        buyer=buyer,
        seller=seller,
        order=order,
        topic=topic.strip(),
        opened_at=at,
    )
    require(actor, "conversation.open", conversation)
    wrong = []
    if not conversation.topic or len(conversation.topic) > MAX_TOPIC_CHARS:
        wrong.append(f"the topic must have 1 to {MAX_TOPIC_CHARS} characters")
    if buyer.role != "buyer" or seller.role != "seller":
        wrong.append("a conversation is between a buyer and a seller")
    if order is not None and (order.buyer_id, order.seller_id) != (buyer.pk, seller.pk):
        wrong.append(f"order {order.key} is not between these two")
    if wrong:
        raise Refused(wrong)
    conversation.save(force_insert=True)
    return conversation


def send(
    actor: Actor,
    conversation: Conversation,
    *,
    text: str,
    at: datetime,
    automatic: bool = False,
    noted_at: datetime | None = None,
    identity: UUID | None = None,
) -> Message:
    """Write in a conversation. A buyer's message opens the seller's duty to reply, or keeps it running.

    `conversation` has its buyer and seller with it. With `identity`, the same message sent again returns the one that
    is there. Raises Refused for a text that is empty or too long, Forbidden.
    """
    require(actor, "message.send", conversation)
    text = text.strip().replace("\x00", "")
    if not text or len(text) > MAX_TEXT_CHARS:
        limits = {"most": MAX_TEXT_CHARS, "has": len(text)}
        raise Refused([_("A message has 1 to %(most)s characters; this one has %(has)s.") % limits])
    if identity and (known := Message.objects.filter(uuid=identity, author=actor.party).first()):
        return known
    message = Message(
        uuid=identity or uuid7(at), conversation=conversation, author=actor.party, role=actor.role,
        automatic=automatic, text=text, salt=salt(), at=at,
    )  # fmt: skip
    fact = Fact(
        id=f"message.sent:{message.uuid}", kind="message.sent", at=at, noted_at=noted_at or at,
        subject=conversation.ref, matter=conversation.ref, party=conversation.seller.ref,
        data={
            "by": actor.role, "automatic": automatic, "greeting": is_greeting(text), "message": str(message.uuid),
            "digest": digest(bytes(message.salt), text),
        },
    )  # fmt: skip
    enact(conversation.seller, fact, rows=(message,))
    return message


def no_reply_needed(actor: Actor, conversation: Conversation, *, reason: str, at: datetime) -> None:
    """Say that the last message asks for no answer. The buyer's next message opens the duty again."""
    require(actor, "conversation.close_turn", conversation, at=at)
    if reason not in REASONS:
        raise Refused([f"reason must be one of {', '.join(REASONS)}, not {reason!r:.60}"])
    enact(
        conversation.seller,
        Fact(
            id=f"conversation.no_reply_needed:{uuid7(at)}", kind="conversation.no_reply_needed", at=at, noted_at=at,
            subject=conversation.ref, matter=conversation.ref, party=conversation.seller.ref,
            data={"by": actor.role, "reason": reason},
        ),
    )  # fmt: skip
