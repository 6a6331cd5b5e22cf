"""What a seller offers, as a buyer sees it: the promise, and a question before there is an order."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.actions import answers, messages
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.lib.uploads import ACCEPTED
from comity.records.models import Listing
from comity.web.conversations import extras
from comity.web.doors import actor_of
from comity.web.gate import identity, needs, refused


@needs()
@require_http_methods(["GET", "POST"])
def listing(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One offer; a buyer's POST asks the seller about it."""
    actor, now = actor_of(request), datetime.now(UTC)
    found = get_object_or_404(Listing.objects.select_related("seller"), uuid=uuid)
    require(actor, "listing.read", found)
    if request.method == "POST":
        once, text = identity(request), request.POST.get("text", "")
        if not text.strip() and not request.FILES:
            return refused(request, Refused([_("Write what you want to ask.")]), f"/listings/{uuid}/")
        try:
            conversation = messages.open_conversation(
                actor, buyer=actor.party, seller=found.seller, topic=f"{found.title} ({found.key})"[:200], at=now,
                listing=found, identity=once,
            )  # fmt: skip
            quoted = replace(extras(request), quote=True)
            answers.ask(actor, conversation, text=text, at=now, identity=once, extras=quoted)
        except Refused as error:
            return refused(request, error, f"/listings/{uuid}/")
        return redirect("conversation", uuid=conversation.uuid)
    may_ask = actor.role == "buyer"
    context = {"listing": found, "may_ask": may_ask, "once": uuid4(), "accepted": ACCEPTED}
    return render(request, "listing.html", context)
