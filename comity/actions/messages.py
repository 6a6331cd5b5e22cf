"""Conversations: opened and written in; messages changed by their writers."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from comity.actions.doing import Deed, WhyNot
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.files.uploads import SafeFile
from comity.lib import moments, texts
from comity.lib.greetings import is_greeting
from comity.lib.ids import digest, salt, short_key, uuid7
from comity.policy.facts import Scalar
from comity.records import files
from comity.records.models import (
    Attachment,
    Conversation,
    Listing,
    Message,
    MessageVersion,
    Order,
    Party,
    SentAnswer,
)

MAX_TEXT_CHARS = 10_000
MAX_TOPIC_CHARS = 200
#: For how long its writer may change a message.
EDITABLE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewConversation:
    """A conversation to be opened, about an order, a listing or nothing yet."""

    buyer: Party
    seller: Party
    topic: str
    order: Order | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """How Comity learnt of something that was written.

    noted_at  when, where that is later than it was written
    identity  of the form or the mail: what comes a second time under it changes nothing
    """

    noted_at: datetime | None = None
    identity: UUID | None = None


@dataclass(frozen=True, slots=True)
class Extras:
    """What comes with a text.

    files      made safe already (`actions.files.taken`)
    quote      whether to quote the order or the listing as it stands now
    channel    the way it came in: page, api or mail
    drafted    whether a drafting helper wrote a first version
    automatic  whether no person wrote it
    answer     which saved answer it is, where it is one
    """

    files: tuple[SafeFile, ...] = ()
    quote: bool = False
    channel: str = ""
    drafted: bool = False
    automatic: bool = False
    answer: SentAnswer | None = None


AT_ONCE = Arrival()
PLAIN = Extras()


def open_conversation(
    actor: Actor, new: NewConversation, *, at: datetime, identity: UUID | None = None
) -> Conversation:
    """Open a conversation of a buyer with a seller. Raises Refused, Forbidden.

    With `identity`, the same request again returns the conversation that is there.
    """
    if identity and (there := _opened(actor, identity)):
        return there
    buyer, seller, order, listing = new.buyer, new.seller, new.order, new.listing
    conversation = Conversation(
        uuid=identity or uuid7(at),
        key=short_key("C"),
        buyer=buyer,
        seller=seller,
        order=order,
        listing=listing,
        topic=new.topic.strip(),
        opened_at=at,
        last_at=at,
    )
    require(actor, "conversation.open", conversation, at=at)
    wrong = []
    if not conversation.topic or len(conversation.topic) > MAX_TOPIC_CHARS:
        wrong.append(f"the topic must have 1 to {MAX_TOPIC_CHARS} characters")
    if buyer.role != "buyer" or seller.role != "seller":
        wrong.append("a conversation is between a buyer and a seller")
    if order is not None and (order.buyer_id, order.seller_id) != (buyer.pk, seller.pk):
        wrong.append(f"order {order.key} is not between these two")
    if listing is not None and listing.seller_id != seller.pk:
        wrong.append(f"listing {listing.key} is another seller's")
    if wrong:
        raise Refused(wrong)
    try:
        # A savepoint: on PostgreSQL an error spoils the transaction that the caller may be in.
        with transaction.atomic():
            conversation.save(force_insert=True)
    except IntegrityError:
        if identity and (there := _opened(actor, identity)):  # the same request was a moment quicker
            return there
        _refuse_taken(Conversation, identity)
        raise
    return conversation


def _opened(actor: Actor, identity: UUID) -> Conversation | None:
    return Conversation.objects.filter(uuid=identity, buyer=actor.party).first()


def _refuse_taken(model: type[Conversation] | type[Message], identity: UUID | None) -> None:
    """Raise Refused where somebody else's form or mail had that identity."""
    if identity and model.objects.filter(uuid=identity).exists():
        raise Refused([_("This form was used for something else. Open the page again.")]) from None


def send(
    actor: Actor,
    conversation: Conversation,
    *,
    text: str,
    at: datetime,
    arrival: Arrival = AT_ONCE,
    extras: Extras = PLAIN,
) -> Message:
    """Write in a conversation. A buyer's message opens the seller's duty to reply, or keeps it running.

    `conversation` has its buyer and seller with it. The same message again, by the identity of its arrival, returns
    the one that is there, even if both came at once. Raises Refused for a text that is empty or too long, Forbidden.
    """
    require(actor, "message.send", conversation, at=at)
    text = _sound(text, empty=bool(extras.files))
    identity = arrival.identity
    if identity and (known := _known(actor, identity)):
        return known
    message = Message(
        uuid=identity or uuid7(at),
        conversation=conversation,
        author=actor.party,
        role=actor.role,
        automatic=extras.automatic,
        text=text,
        salt=salt(),
        at=at,
        channel=extras.channel,
        quoted=_quoted(conversation) if extras.quote else "",
    )
    data = _told(message, extras)
    attached = [_attached(message, file) for file in extras.files]
    rows: tuple[Model, ...] = (message, *attached)
    if (sent := extras.answer) is not None:
        sent.message = message
        rows, data = (*rows, sent), data | {"answer": str(sent.answer.uuid), "model": sent.model}
    try:
        told = replace(arrival, identity=message.uuid)
        tell(actor, conversation, "message.sent", data, at=at, arrival=told, rows=rows)
    except IntegrityError:
        if identity and (known := _known(actor, identity)):  # the same request was a moment quicker
            return known
        _refuse_taken(Message, identity)
        raise
    # Who shows it need not ask for what is known.
    known_files = message.files.all()
    known_files._result_cache = attached
    message._prefetched_objects_cache = {"files": known_files}  # type: ignore[attr-defined]
    return message


def _against_editing(actor: Actor, message: Message, at: datetime) -> WhyNot | None:
    if message.author_id != actor.party.pk:
        return WhyNot("not_yours", _("Only its writer can change a message."))
    if message.is_kept_by_shop:
        return WhyNot("kept_by_shop", _("The shop keeps what this message says; change it there."))
    if message.automatic or at - message.at > EDITABLE:
        return WhyNot("too_late", _("A message can be changed by its writer within 24 hours."))
    return None


EDIT = Deed(Message, "edit", "message.edit", _against_editing)


def edit(actor: Actor, message: Message, *, text: str, at: datetime, noted_at: datetime | None = None) -> None:
    """Change an own message; what it said before is kept, and both sides see it. No clock changes by it.

    Raises Refused, also for what no person wrote and what is older than EDITABLE; Forbidden for another's message.
    """
    with EDIT.doing(actor, message, at=at):
        text = _sound(text, empty=False)
        if message.text == text:
            return
        MessageVersion.objects.create(message=message, text=message.text, salt=message.salt, until=at)
        # A new salt: the old one stays with the version, whose digest is in the journal.
        message.text, message.salt, message.edited_at = text, salt(), at
        message.save(update_fields=["text", "salt"])
        shas = list(message.files.values_list("sha256", flat=True))
        data: dict[str, Scalar] = {
            "by": actor.role,
            "message": str(message.uuid),
            "digest": digest_of(message, shas),
        }
        tell(actor, message.conversation, "message.edited", data, at=at, arrival=Arrival(noted_at))


def digest_of(message: Message, files: list[str]) -> str:
    """Return the salted digest that the journal holds, of what `held` says."""
    return digest(bytes(message.salt), held(message.text, message.quoted, files))


def held(text: str, quoted: str, files: list[str]) -> str:
    """Return what is digested of a message: its text, what it quotes, and its files' SHA-256s, in their order.

    They are joined by NUL, which no text holds; a text alone is digested as it is.
    """
    return "\x00".join([text, quoted, *files] if quoted or files else [text])


def _sound(text: str, *, empty: bool) -> str:
    """Return a text as it is kept; raise Refused where it is too long, or empty and may not be."""
    # PostgreSQL does not take NUL in a text, and digests join their parts by it.
    text = "" if texts.is_blank(text) else text.strip().replace("\x00", "")
    if len(text) > MAX_TEXT_CHARS or not (text or empty):
        limits = {"most": MAX_TEXT_CHARS, "has": len(text)}
        raise Refused([_("A message has 1 to %(most)s characters; this one has %(has)s.") % limits])
    return text


def _attached(message: Message, file: SafeFile) -> Attachment:
    """Keep a file and return its row. A file whose message then fails stays in the folder; nobody is shown it."""
    return Attachment(
        uuid=uuid7(message.at),
        message=message,
        name=file.name,
        kind=file.kind,
        size=len(file.data),
        sha256=files.keep(file),
        width=file.width,
        height=file.height,
    )


def _quoted(conversation: Conversation) -> str:
    """Return the conversation's order, or else its listing, as it stands now; empty where it has neither."""
    about: Order | Listing | None = conversation.order or conversation.listing
    if about is None:
        return ""
    quote: dict[str, Scalar] = {
        "key": about.key,
        "title": about.title,
        "amount": about.amount,
        "currency": about.currency,
    }
    if isinstance(about, Order):
        quote |= {"kind": "order", "state": about.state, **_promised(about)}
    else:
        quote |= {"kind": "listing", "handling_hours": about.handling_hours}
    # Kept as this text, not as JSON of the database: the journal's digest covers it byte by byte.
    return json.dumps(quote, ensure_ascii=False, sort_keys=True)


def _promised(order: Order) -> dict[str, Scalar]:
    return {} if order.deliver_by is None else {"deliver_by": moments.to_text(order.deliver_by)}


def _told(message: Message, extras: Extras) -> dict[str, Scalar]:
    """Return what the journal holds of a message: who wrote, how, and a digest; never its text."""
    data: dict[str, Scalar] = {
        "by": message.role,
        "automatic": message.automatic,
        "greeting": is_greeting(message.text),
        "message": str(message.uuid),
        "digest": digest_of(message, [file.sha256 for file in extras.files]),
    }
    data |= {"channel": extras.channel} if extras.channel else {}
    data |= {"files": len(extras.files)} if extras.files else {}
    data |= {"drafted": True} if extras.drafted else {}
    return data


def _known(actor: Actor, identity: UUID) -> Message | None:
    return Message.objects.filter(uuid=identity, author=actor.party).first()


def tell(
    actor: Actor,
    conversation: Conversation,
    kind: str,
    data: dict[str, Scalar],
    *,
    at: datetime,
    arrival: Arrival = AT_ONCE,
    rows: tuple[Model, ...] = (),
) -> None:
    """Enact a fact about a conversation. The identity of its arrival makes its id, where the same may be told twice."""
    name = f"{kind}:{arrival.identity or uuid7(at)}"
    fact = fact_about(conversation, kind, at=at, noted_at=arrival.noted_at, data=data, identity=name, actor=actor)
    enact(conversation.seller, fact, rows=rows, about=(conversation,))
