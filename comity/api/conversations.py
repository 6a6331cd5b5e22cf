"""Conversations and messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import Field

from comity.actions import answers, conversations, deeds, messages
from comity.actions.enact import Refused
from comity.actions.files import MAX_FILES, taken
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment, needs, speaker, when
from comity.api.deeds import DeedOut, told
from comity.api.given_files import FileIn, decoded
from comity.api.paging import After, ExternalId, Limit, named, page
from comity.api.shapes import ERRORS, NOW, Dated, Done, DutyOut, In, Text
from comity.files.uploads import SafeFile
from comity.identity.files import handed_out
from comity.records import statements
from comity.records.models import Conversation, Duty, Listing, Message, Note, Order, Party

router = Router()


class ConversationIn(Dated):
    """A new conversation of a buyer with a seller."""

    seller: UUID
    topic: Text
    order: UUID | None = None
    listing: UUID | None = None


class ConversationOut(Schema):
    """A conversation. `turn`: who is to act, as a role, or empty for nobody; since when, and by when if a rule says.

    `external_id`: the shop's own id, where it told one.
    """

    uuid: UUID
    key: str
    external_id: str | None
    topic: str
    opened_at: datetime
    turn: str
    turn_since: datetime | None
    due_at: datetime | None
    closed_at: datetime | None


class Conversations(Schema):
    """A page of conversations."""

    items: list[ConversationOut]
    next: str


class MessageIn(Dated):
    """A message: a text, files, or both. `quote`: the order or listing as it stands now goes with it."""

    text: Annotated[str, Field(max_length=messages.MAX_TEXT_CHARS)] = ""
    files: Annotated[list[FileIn], Field(max_length=MAX_FILES)] = []
    quote: bool = False


class MessageChange(Dated):
    """A message's new text."""

    text: Annotated[str, Field(min_length=1, max_length=messages.MAX_TEXT_CHARS)]


class FileOut(Schema):
    """A file that came with a message; its content is at /files/{uuid}."""

    uuid: UUID
    name: str
    kind: str
    size: int
    sha256: str


class MessageOut(Schema):
    """A message. `fact`: its name in the journal, for its writer's receipt (GET /receipts/{fact}).

    `quoted`: JSON of the order or listing as it stood then, or empty.
    """

    uuid: UUID
    fact: str = Field(alias="ref")
    role: str
    automatic: bool
    text: str
    at: datetime
    edited_at: datetime | None
    channel: str
    quoted: str
    files: list[FileOut]


class Thread(Schema):
    """A page of messages, oldest first, and the duties of the conversation: whose turn it is and until when."""

    items: list[MessageOut]
    next: str
    duties: list[DutyOut]


class NoteIn(In):
    """A note."""

    text: Annotated[str, Field(min_length=1, max_length=conversations.MAX_NOTE_CHARS)]


class NoteOut(Schema):
    """A note of one side, `seller` or `agent`."""

    side: str
    text: str
    at: datetime


class NoReply(Dated):
    """Why no reply is needed, as a code: thanks, spam, duplicate, other."""

    reason: str


class Ending(Dated):
    """Why a conversation ends, as a code: solved, silent."""

    reason: str = "solved"


class Verdict(Dated):
    """Whether an automatic answer helped."""

    helped: bool


@router.post("/conversations", response={201: ConversationOut, **ERRORS}, summary="Open a conversation")
@needs("conversation.open")
def open_(request: HttpRequest, what: ConversationIn) -> Status[Conversation]:
    """Open a conversation with a seller, about an order of yours, a listing or nothing yet."""
    who = speaker(request, what)
    seller = Party.objects.filter(uuid=what.seller, role="seller").first()
    if seller is None:
        raise Refused([f"seller: there is no seller {what.seller}"])
    order = None
    # Somebody else's order is answered like one that is not there.
    if what.order is not None and (order := Order.objects.filter(uuid=what.order, buyer=who.party).first()) is None:
        raise Refused([f"order: you have no order {what.order}"])
    listing = None
    if what.listing is not None and (listing := Listing.objects.filter(uuid=what.listing).first()) is None:
        raise Refused([f"listing: there is no listing {what.listing}"])
    new = messages.NewConversation(buyer=who.party, seller=seller, topic=what.topic, order=order, listing=listing)
    return Status(201, messages.open_conversation(who, new, at=when(request, what)["at"]))


@router.get("/conversations", response={200: Conversations, **ERRORS}, summary="List conversations")
@needs("conversation.read")
def list_(
    request: HttpRequest,
    limit: Limit = 50,
    after: After = "",
    external_id: ExternalId = "",
    seller: UUID | None = None,
) -> dict[str, object]:
    """Return the conversations that you may read, newest first; by `seller` and the shop's own id, if you say so."""
    who = actor(request)
    # Agents read all; the powers of the others are told as a filter, so that pages have their full length.
    rows = Conversation.objects.all()
    if who.role not in ("agent", "platform"):
        rows = rows.filter(Q(buyer=who.party) | Q(seller=who.party))
    rows = named(rows, external_id, seller)
    items, following = page(rows, by="opened_at", limit=limit, after=after)
    return {"items": items, "next": following}


@router.get("/conversations/{uuid}/messages", response={200: Thread, **ERRORS}, summary="Read a conversation")
@needs("conversation.read")
def thread(request: HttpRequest, uuid: UUID, limit: Limit = 50, after: After = "") -> dict[str, object]:
    """Return a conversation's messages, and its duties."""
    conversation = _conversation(actor(request), uuid)
    rows = Message.objects.filter(conversation=conversation).prefetch_related("files")
    items, following = page(rows, by="at", limit=limit, after=after, descending=False)
    duties = Duty.objects.filter(party=conversation.seller, matter=conversation.ref).order_by("-opened_at")[:50]
    return {"items": items, "next": following, "duties": list(duties)}


@router.post("/conversations/{uuid}/messages", response={201: MessageOut, **ERRORS}, summary="Write a message")
@needs("conversation.read", "message.send")
def send(request: HttpRequest, uuid: UUID, what: MessageIn) -> Status[Message]:
    """Write in a conversation."""
    who = speaker(request, what)
    extras = messages.Extras(files=_files(what.files), quote=what.quote, channel="api")
    told, conversation = when(request, what), _conversation(who, uuid)
    arrival = messages.Arrival(told["noted_at"])
    return Status(201, answers.ask(who, conversation, text=what.text, at=told["at"], arrival=arrival, extras=extras))


@router.put(
    "/conversations/{uuid}/messages/{message}", response={200: MessageOut, **ERRORS}, summary="Change a message"
)
@needs("conversation.read", "message.edit")
def edit(request: HttpRequest, uuid: UUID, message: UUID, what: MessageChange) -> Message:
    """Change an own message within 24 hours; what it said before is kept, and no deadline changes."""
    who = speaker(request, what)
    written = get_object_or_404(Message, uuid=message, conversation=_conversation(who, uuid))
    messages.edit(who, written, text=what.text, **when(request, what))
    written.refresh_from_db()
    return written


@router.get("/files/{uuid}", response={200: None, **ERRORS}, summary="Get a file's content")
@needs("conversation.read")
def file(request: HttpRequest, uuid: UUID) -> FileResponse:
    """Return the content of a file that came with a message which you may read."""
    return handed_out(actor(request), uuid)


@router.get(
    "/conversations/{uuid}/deeds",
    response={200: list[DeedOut], **ERRORS},
    summary="What you may do with a conversation",
)
@needs("conversation.read")
def deeds_of(request: HttpRequest, uuid: UUID) -> list[DeedOut]:
    """Return what your role may do with a conversation: what can be done now, and why the rest cannot."""
    who, now = actor(request), moment()
    return told(deeds.of(Conversation), who, _conversation(who, uuid), now)


@router.post("/conversations/{uuid}/no-reply-needed", response={200: Done, **ERRORS}, summary="No reply needed")
@needs("conversation.read", "conversation.close_turn")
def no_reply_needed(request: HttpRequest, uuid: UUID, what: NoReply) -> Done:
    """Say that the last message asks for no answer."""
    who = speaker(request, what)
    conversations.no_reply_needed(who, _conversation(who, uuid), reason=what.reason, **when(request, what))
    return Done()


@router.post("/conversations/{uuid}/end", response={200: Done, **ERRORS}, summary="End a conversation")
@needs("conversation.read", "conversation.close")
def end(request: HttpRequest, uuid: UUID, what: Ending) -> Done:
    """End a conversation; the next message opens it again. A seller who owes an answer cannot."""
    who = speaker(request, what)
    conversations.close(who, _conversation(who, uuid), reason=what.reason, **when(request, what))
    return Done()


@router.post("/conversations/{uuid}/ask-agent", response={200: Done, **ERRORS}, summary="Ask the platform to join")
@needs("conversation.read", "conversation.ask_agent")
def ask_agent(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> Done:
    """Ask the platform to join. A second request changes nothing."""
    who = speaker(request, what)
    conversations.ask_agent(who, _conversation(who, uuid), **when(request, what))
    return Done()


@router.post("/conversations/{uuid}/join", response={200: Done, **ERRORS}, summary="Join as an agent")
@needs("conversation.read", "conversation.join")
def join(request: HttpRequest, uuid: UUID, what: Dated = NOW) -> Done:
    """Join a conversation in which a side asked for an agent."""
    who = speaker(request, what)
    conversations.join(who, _conversation(who, uuid), **when(request, what))
    return Done()


@router.get("/conversations/{uuid}/notes", response={200: list[NoteOut], **ERRORS}, summary="Notes of your side")
@needs("conversation.read", "conversation.note")
def notes(request: HttpRequest, uuid: UUID) -> list[Note]:
    """Return the notes of your side; the other side does not see them."""
    who = actor(request)
    conversation = _conversation(who, uuid)
    require(who, "conversation.note", conversation)
    return list(conversations.notes_of(who, conversation))


@router.post("/conversations/{uuid}/notes", response={201: NoteOut, **ERRORS}, summary="Keep a note")
@needs("conversation.read", "conversation.note")
def note(request: HttpRequest, uuid: UUID, what: NoteIn) -> Status[Note]:
    """Keep a note for your side. It stops no clock."""
    who = actor(request)
    return Status(201, conversations.note(who, _conversation(who, uuid), text=what.text, at=moment()))


@router.post("/conversations/{uuid}/read", response={200: Done, **ERRORS}, summary="Mark as read")
@needs("conversation.read")
def read(request: HttpRequest, uuid: UUID) -> Done:
    """Say that you have read the conversation up to now."""
    who = actor(request)
    conversations.mark_read(who, _conversation(who, uuid), at=moment())
    return Done()


@router.post(
    "/conversations/{uuid}/messages/{message}/verdict",
    response={200: Done, **ERRORS},
    summary="Say whether an automatic answer helped",
)
@needs("conversation.read", "answer.judge", "conversation.close_turn")
def verdict(request: HttpRequest, uuid: UUID, message: UUID, what: Verdict) -> Done:
    """Say whether an automatic answer helped. One that did not counts as never written."""
    who = speaker(request, what)
    say = answers.helped if what.helped else answers.reject
    say(who, _conversation(who, uuid), message, **when(request, what))
    return Done()


def _files(given: list[FileIn]) -> tuple[SafeFile, ...]:
    return taken(decoded(given))


def _conversation(who: Actor, uuid: UUID) -> Conversation:
    try:
        conversation = statements.conversation(uuid)
    except Conversation.DoesNotExist:
        raise Http404 from None
    require(who, "conversation.read", conversation)
    return conversation
