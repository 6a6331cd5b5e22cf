"""Conversations: opened, written in, declared to need no reply."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib.greetings import is_greeting
from comity.lib.ids import digest, salt, short_key, uuid7
from comity.policy.facts import Fact, Scalar
from comity.records.models import Answer, Conversation, Message, Order, Party, SentAnswer

MAX_TEXT_CHARS = 10_000
MAX_TOPIC_CHARS = 200
REASONS = ("thanks", "spam", "duplicate", "answered", "other")


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
    enact(conversation.seller, _sent(message, conversation, noted_at or at), rows=(message,))
    return message


def ask(
    actor: Actor, conversation: Conversation, *, text: str, at: datetime, identity: UUID | None = None
) -> Message:  # fmt: skip
    """Write in a conversation; a buyer's routine question is answered at once. Raises what `send` raises.

    The question is safe whatever becomes of the answer: they are two transactions.
    """
    from comity.actions import answers  # it sends by this module

    known = identity is not None and Message.objects.filter(uuid=identity).exists()
    message = send(actor, conversation, text=text, at=at, identity=identity)
    if actor.role == "buyer" and not known:
        answers.respond(conversation, message, at=at)
    return message


def send_automatically(
    conversation: Conversation, *, text: str, at: datetime, identity: UUID, answer: Answer, sent: SentAnswer
) -> Message | None:
    """Send a saved answer in the seller's name, and note by which model; None where it has been sent already."""
    if Message.objects.filter(uuid=identity).exists():
        return None
    message = Message(
        uuid=identity, conversation=conversation, author=conversation.seller, role="seller", automatic=True,
        text=text[:MAX_TEXT_CHARS], salt=salt(), at=at,
    )  # fmt: skip
    sent.message = message
    fact = _sent(message, conversation, at, answer=str(answer.uuid), model=sent.model)
    enact(conversation.seller, fact, rows=(message, sent))
    return message


def _sent(message: Message, conversation: Conversation, noted_at: datetime, **more: Scalar) -> Fact:
    return Fact(
        id=message.ref, kind="message.sent", at=message.at, noted_at=noted_at, subject=conversation.ref,
        matter=conversation.ref, party=conversation.seller.ref,
        data={
            "by": message.role, "automatic": message.automatic, "greeting": is_greeting(message.text),
            "message": str(message.uuid), "digest": digest(bytes(message.salt), message.text), **more,
        },
    )  # fmt: skip


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
