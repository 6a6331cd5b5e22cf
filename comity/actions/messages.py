"""Conversations: opened, written in, declared to need no reply."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Model
from django.utils.translation import gettext as _

from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.lib.greetings import is_greeting
from comity.lib.ids import digest, salt, short_key, uuid7
from comity.policy.facts import Fact, Scalar
from comity.records.models import Conversation, Message, Order, Party, SentAnswer

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
        last_at=at,
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
    sent: SentAnswer | None = None,
) -> Message:
    """Write in a conversation. A buyer's message opens the seller's duty to reply, or keeps it running.

    `conversation` has its buyer and seller with it. With `identity`, the same message sent again returns the one that
    is there, even if both came at once. `sent` says which saved answer it is, where no person wrote it. Raises Refused
    for a text that is empty or too long, Forbidden.
    """
    require(actor, "message.send", conversation)
    text = text.strip().replace("\x00", "")
    if not text or len(text) > MAX_TEXT_CHARS:
        limits = {"most": MAX_TEXT_CHARS, "has": len(text)}
        raise Refused([_("A message has 1 to %(most)s characters; this one has %(has)s.") % limits])
    if identity and (known := _known(actor, identity)):
        return known
    message = Message(
        uuid=identity or uuid7(at), conversation=conversation, author=actor.party, role=actor.role,
        automatic=automatic, text=text, salt=salt(), at=at,
    )  # fmt: skip
    data: dict[str, Scalar] = {
        "by": actor.role, "automatic": automatic, "greeting": is_greeting(text), "message": str(message.uuid),
        "digest": digest(bytes(message.salt), text),
    }  # fmt: skip
    rows: tuple[Model, ...] = (message,)
    if sent is not None:
        sent.message = message
        rows, data = (message, sent), data | {"answer": str(sent.answer.uuid), "model": sent.model}
    try:
        tell(conversation, "message.sent", data, at=at, noted_at=noted_at, identity=message.uuid, rows=rows)
    except IntegrityError:
        if identity and (known := _known(actor, identity)):  # the same request was a moment quicker
            return known
        raise
    return message


def _known(actor: Actor, identity: UUID) -> Message | None:
    return Message.objects.filter(uuid=identity, author=actor.party).first()


def no_reply_needed(actor: Actor, conversation: Conversation, *, reason: str, at: datetime) -> None:
    """Say that the last message asks for no answer. The buyer's next message opens the duty again."""
    require(actor, "conversation.close_turn", conversation, at=at)
    if reason not in REASONS:
        raise Refused([f"reason must be one of {', '.join(REASONS)}, not {reason!r:.60}"])
    tell(conversation, "conversation.no_reply_needed", {"by": actor.role, "reason": reason}, at=at)


def tell(
    conversation: Conversation,
    kind: str,
    data: dict[str, Scalar],
    *,
    at: datetime,
    noted_at: datetime | None = None,
    identity: UUID | None = None,
    rows: tuple[Model, ...] = (),
) -> None:
    """Enact a fact about a conversation. `identity` makes its id, where the same may be told twice."""
    enact(
        conversation.seller,
        Fact(
            id=f"{kind}:{identity or uuid7(at)}", kind=kind, at=at, noted_at=noted_at or at, subject=conversation.ref,
            matter=conversation.ref, party=conversation.seller.ref, data=data,
        ),
        rows=rows,
    )  # fmt: skip
