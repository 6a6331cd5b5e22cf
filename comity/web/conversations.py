"""One conversation as one timeline, with its reply box."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from comity.actions import messages
from comity.actions.enact import Refused
from comity.actions.guard import allows, require
from comity.policy.dossier import DutyStatus
from comity.records.models import Conversation, Duty
from comity.web import timeline
from comity.web.doors import actor_of
from comity.web.gate import identity, needs, refused
from comity.web.selling import items


@needs()
@require_http_methods(["GET", "POST"])
def conversation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Read a conversation; a POST writes in it. A text that is refused is not lost."""
    actor, found = actor_of(request), _conversation(uuid)
    require(actor, "conversation.read", found)
    draft = ""
    if request.method == "POST":
        draft = request.POST.get("text", "")
        try:
            messages.ask(actor, found, text=draft, at=datetime.now(UTC), identity=identity(request))
            return redirect("conversation", uuid=uuid)
        except Refused as error:
            for problem in error.problems:
                flash.error(request, problem)
    duties = Duty.objects.filter(party=found.seller, matter=found.ref, current=True, ended_at=None)
    waiting = duties.filter(status__in=[DutyStatus.OPEN, DutyStatus.BREACHED]).order_by("due")
    return render(
        request, "conversation.html",
        {
            "conversation": found,
            "entries": timeline.of_matter(
                found.seller, found.ref, reader=actor.party, messages=found.messages.select_related("author")
            ),
            "waiting": items(found.seller, list(waiting)), "may_write": allows(actor, "message.send", found),
            "may_close": actor.role == "seller" and bool(waiting), "reasons": messages.REASONS, "draft": draft,
            "once": uuid4(), "now": datetime.now(UTC),
        },
        status=422 if draft else 200,
    )  # fmt: skip


@needs("seller", "buyer")
@require_POST
def no_reply_needed(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say that the last message asks for no answer."""
    try:
        messages.no_reply_needed(
            actor_of(request), _conversation(uuid), reason=request.POST.get("reason", ""), at=datetime.now(UTC)
        )
    except Refused as error:
        return refused(request, error, f"/conversations/{uuid}/")
    flash.success(request, _("Noted. If the buyer writes again, the time to reply begins anew."))
    return redirect("conversation", uuid=uuid)


def _conversation(uuid: UUID) -> Conversation:
    rows = Conversation.objects.select_related("buyer", "seller", "order")
    return get_object_or_404(rows, uuid=uuid)
