"""One conversation as one timeline, with its reply box."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.actions import answers, conversations, drafts, files, messages
from comity.actions.enact import Refused
from comity.actions.guard import Actor, allows, require
from comity.files.uploads import ACCEPTED
from comity.policy.duties.matter import DutyStatus
from comity.records import placeholders
from comity.records.models import (
    Answer,
    Conversation,
    JournalLine,
    Listing,
    Message,
    Order,
    Party,
    ReadMark,
)
from comity.web.common import live, timeline
from comity.web.common.acts import carry_out, offers
from comity.web.common.doors import actor_of
from comity.web.common.gate import identity, needs, refused
from comity.web.seller.selling import items
from comity.web.trade import writing
from comity.web.trade.conversation_acts import ACTS


@needs()
@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Read a conversation; a POST writes in it. A text that is refused is not lost."""
    actor, conversation, now = actor_of(request), _conversation(uuid), datetime.now(UTC)
    require(actor, "conversation.read", conversation)
    version = live.etag(request, now, *_versions(actor, conversation))
    if (same := live.unchanged(request, version)) is not None:
        return same
    draft, looked_at = "", []
    if request.method == "POST":
        draft = request.POST.get("text", "")
        # By JavaScript the text was looked at before; files would be lost by asking here.
        if not request.POST.get("looked") and not request.FILES:
            looked_at = writing.of_text(actor, conversation, draft)
        try:
            if looked_at:
                raise Refused([_("Look at it once more before you send it.")])
            once = messages.Arrival(identity=identity(request))
            answers.ask(actor, conversation, text=draft, at=now, arrival=once, extras=extras(request))
            return redirect("conversation", uuid=uuid)
        except Refused as error:
            for problem in error.problems:
                flash.error(request, problem)
    # Not where only the moving part is asked for and nothing is new: that answered above.
    conversations.mark_read(actor, conversation, at=now)
    context = {
        "conversation": conversation,
        "draft": draft,
        "once": uuid4(),
        "now": now,
        "accepted": ACCEPTED,
        "remarks": looked_at,
        "events": live.events_url([conversation.ref]),
        **_turn(actor, conversation, now),
        **_said(actor, conversation, now),
        **_help(actor, conversation, now),
    }
    status = 422 if request.method == "POST" else 200
    return live.rendered(request, "trade/conversation.html", "parts/thread.html", context, version, status=status)


def _versions(actor: Actor, conversation: Conversation) -> tuple[object, ...]:
    """Return what changes whenever the page does: the newest line, and up to when the other side read."""
    lines = JournalLine.objects.filter(party=conversation.seller, matter=conversation.ref)
    return lines.aggregate(newest=Max("seq"))["newest"], _read_at(actor, conversation)


def _read_at(actor: Actor, conversation: Conversation) -> datetime | None:
    """Return up to when the other side has read."""
    other = conversation.buyer_id if actor.party.pk == conversation.seller_id else conversation.seller_id
    return ReadMark.objects.filter(conversation=conversation, party=other).values_list("at", flat=True).first()


def extras(request: HttpRequest) -> messages.Extras:
    """Return what came with a message that a form sent. Raises Refused for files that are not taken."""
    given = request.FILES.getlist("files")
    return messages.Extras(
        files=files.taken((file.name or "", file.read()) for file in given),
        quote="quote" in request.POST,
        channel="page",
        drafted="drafted" in request.POST,
    )


def ask_about(
    request: HttpRequest, *, seller: Party, title: str, order: Order | None = None, listing: Listing | None = None
) -> Conversation:
    """Open a conversation about an order or a listing with the question that a form sent, which quotes it.

    The same form twice is one conversation. Raises Refused, Forbidden.
    """
    actor, once, now = actor_of(request), identity(request), datetime.now(UTC)
    text, brought = request.POST.get("text", ""), replace(extras(request), quote=True)
    if not text.strip() and not brought.files:
        raise Refused([_("Write what you want to ask.")])
    topic = title[: messages.MAX_TOPIC_CHARS]
    new = messages.NewConversation(buyer=actor.party, seller=seller, topic=topic, order=order, listing=listing)
    conversation = messages.open_conversation(actor, new, at=now, identity=once)
    answers.ask(actor, conversation, text=text, at=now, arrival=messages.Arrival(identity=once), extras=brought)
    return conversation


def _turn(actor: Actor, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Return whose turn it is, with its clocks, and what the reader may do about it."""
    duties = conversation.seller.duties.filter(matter=conversation.ref)
    live = duties.filter(current=True, ended_at=None, status__in=[DutyStatus.OPEN, DutyStatus.BREACHED])
    waiting = items(conversation.seller, list(live.order_by("due")))
    return {
        "waiting": waiting,
        "cycle": duties.exclude(status=DutyStatus.OVERTURNED).values("opened_by").distinct().count(),
        "may_write": allows(actor, "message.send", conversation),
        "offers": offers(ACTS, actor, conversation, now, address=f"/conversations/{conversation.uuid}/"),
    }


def _said(actor: Actor, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Return the timeline, what may be done with its messages, and up to when the other side has read."""
    rows = conversation.messages.select_related("author", "sent_answer").prefetch_related("files", "versions")
    entries = timeline.of_matter(conversation.seller, conversation.ref, reader=actor.party, messages=rows)
    said = [entry.message for entry in entries if entry.message is not None]
    sent = [message.sent_answer for message in said if hasattr(message, "sent_answer")]
    return {
        "entries": entries,
        "read_at": _read_at(actor, conversation),
        "changeable": {each.pk for each in said if messages.EDIT.why_not(actor, each, at=now) is None},
        "judgeable": {each.pk for each in sent if answers.JUDGE.why_not(actor, each, at=now) is None},
    }


def _help(actor: Actor, conversation: Conversation, now: datetime) -> dict[str, Any]:
    """Return what helps the writer: the answer that fits, all saved ones filled in, the own side's notes."""
    if not allows(actor, "conversation.note", conversation):
        return {}
    helps: dict[str, Any] = {
        "may_note": True,
        "may_draft": drafts.is_on() and allows(actor, "message.send", conversation),
        "notes": conversations.notes_of(actor, conversation),
    }
    if actor.role == "seller":
        saved = Answer.objects.filter(seller=conversation.seller, removed_at=None)
        filled = [(row.title, placeholders.fill(row.texts, conversation, now)) for row in saved]
        helps["saved"] = [(title, text) for title, text in filled if text]
        last = conversation.messages.filter(role="buyer").last()
        if conversation.turn == "seller" and last is not None and last.text:
            helps["suggested"] = answers.fitting(conversation, last.text, at=now)
    if helps["may_draft"]:
        helps["draft_asked"] = drafts.latest(actor, conversation, at=now)
    return helps


@needs()
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, uuid: UUID, message: UUID) -> HttpResponse:
    """Change an own message; what it said before stays for both to see."""
    actor, rows = actor_of(request), Message.objects.select_related("conversation__seller", "conversation__buyer")
    written = get_object_or_404(rows, uuid=message, conversation__uuid=uuid)
    require(actor, messages.EDIT.power, written)
    draft = request.POST.get("text", written.text)
    if request.method == "POST":
        try:
            messages.edit(actor, written, text=draft, at=datetime.now(UTC))
            return redirect("conversation", uuid=uuid)
        except Refused as error:
            for problem in error.problems:
                flash.error(request, problem)
    context = {"message": written, "conversation": written.conversation, "draft": draft}
    return render(request, "trade/message.html", context, status=422 if request.method == "POST" else 200)


@needs()
@require_POST
def act(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """Do one thing with a conversation and say what was done, or why not. The guard says who may."""
    return carry_out(request, ACTS, slug, _conversation(uuid), address=f"/conversations/{uuid}/")


@needs("seller", "agent")
@require_POST
def note(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep a note for the own side."""
    conversation, text = _conversation(uuid), request.POST.get("note", "")
    return _do(
        request, uuid, _("Noted."), lambda at: conversations.note(actor_of(request), conversation, text=text, at=at)
    )


@needs("buyer")
@require_POST
def verdict(request: HttpRequest, uuid: UUID, message: UUID) -> HttpResponse:
    """Say whether an automatic answer helped."""
    conversation, actor = _conversation(uuid), actor_of(request)
    if request.POST.get("helped") == "yes":
        done = _("Good to hear.")
        return _do(request, uuid, done, lambda at: answers.helped(actor, conversation, message, at=at))
    done = _("The seller was told, and must answer in person.")
    return _do(request, uuid, done, lambda at: answers.reject(actor, conversation, message, at=at))


def _do(request: HttpRequest, uuid: UUID, done: str, deed: Callable[[datetime], object]) -> HttpResponse:
    try:
        deed(datetime.now(UTC))
    except Refused as error:
        return refused(request, error, f"/conversations/{uuid}/")
    flash.success(request, done)
    return redirect("conversation", uuid=uuid)


def _conversation(uuid: UUID) -> Conversation:
    rows = Conversation.objects.select_related("buyer", "seller", "order", "listing", "joined_by")
    return get_object_or_404(rows, uuid=uuid)


urlpatterns = [
    path("conversations/<uuid:uuid>/", conversation, name="conversation"),
    path("conversations/<uuid:uuid>/note/", note, name="note"),
    path("conversations/<uuid:uuid>/helped/<uuid:message>/", verdict, name="verdict"),
    path("conversations/<uuid:uuid>/messages/<uuid:message>/", edit, name="edit_message"),
    path("conversations/<uuid:uuid>/<slug:slug>/", act, name="conversation_act"),
]
