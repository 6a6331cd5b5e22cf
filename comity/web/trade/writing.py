"""Help for who writes in a conversation: a look before sending, and a draft where the operator has a helper."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.actions import drafts
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.classify import tone
from comity.classify.remarks import MAX_REMARKS, Remark, remarks
from comity.lib import options
from comity.records.models import Attachment, Conversation
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused

WORDS = {
    "email": _("An e-mail address. Keep to this conversation: what happens elsewhere cannot be proved here."),
    "phone": _("A telephone number. Keep to this conversation: what happens elsewhere cannot be proved here."),
    "messenger": _("Another messenger. Keep to this conversation: what happens elsewhere cannot be proved here."),
    "link": _("A link. People do not follow links from strangers; say it in words, or send a picture."),
    "payment": _("A payment outside the marketplace. It protects neither of you."),
    "tone": _("A word that may hurt."),
    "shouting": _("It reads as if you were shouting."),
    "said": _("The buyer has already given you that."),
}
MAX_CHECKED_CHARS = 10_000


@needs("seller", "buyer", "agent")
@require_POST
def check(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Return what to look at again in a text, as a part of the page; nothing where there is nothing."""
    actor, conversation = actor_of(request), _conversation(uuid)
    require(actor, "message.send", conversation)
    remarks = of_text(actor, conversation, request.POST.get("text", ""))
    return render(request, "parts/remarks.html", {"remarks": remarks})


def of_text(actor: Actor, conversation: Conversation, text: str) -> list[tuple[Remark, object]]:
    """Return the remarks on a text that the actor is about to send, each with its sentence."""
    zones = {conversation.buyer.time_zone, conversation.seller.time_zone}
    said = _said(conversation) if actor.role == "seller" else frozenset()
    looked, model = text[:MAX_CHECKED_CHARS], options.value("COMITY_TONE_MODEL")
    every = remarks(looked, zones=zones, said=said)
    if model:
        every += tone.remarks(looked, Path(model), sure=options.number("COMITY_TONE_SURE") / 100)
    return [(each, WORDS[each.code]) for each in list(dict.fromkeys(every))[:MAX_REMARKS]]


def _said(conversation: Conversation) -> frozenset[str]:
    """Return what the buyer gave already: the order, where the conversation is about one, and pictures."""
    pictures = Attachment.objects.filter(message__conversation=conversation, message__role="buyer", width__gt=0)
    known = {"order_number": conversation.order_id is not None, "picture": pictures.exists()}
    return frozenset(name for name, there in known.items() if there)


@needs("seller", "agent")
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask the helper for a draft; the page asks again until it is there."""
    actor, conversation, now = actor_of(request), _conversation(uuid), datetime.now(UTC)
    if request.method == "POST":
        try:
            drafts.ask(actor, conversation, at=now)
        except Refused as error:
            return refused(request, error, f"/conversations/{uuid}/")
        if not request.headers.get("HX-Request"):
            return redirect("conversation", uuid=uuid)
    context = {"conversation": conversation, "draft_asked": drafts.latest(actor, conversation, at=now)}
    return render(request, "parts/draft.html", context)


def _conversation(uuid: UUID) -> Conversation:
    return get_object_or_404(Conversation.objects.select_related("buyer", "seller", "order", "joined_by"), uuid=uuid)


urlpatterns = [
    path("conversations/<uuid:uuid>/check/", check, name="check"),
    path("conversations/<uuid:uuid>/draft/", draft, name="draft"),
]
