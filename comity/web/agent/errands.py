"""Errands as agents see them: how each lane does, what failed and why, and a way to try it again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from comity.actions import errands
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.actions.money import said
from comity.records.models import (
    ErrandLane,
    NoticeMail,
    OutgoingMail,
    Refund,
    TransparencyStatement,
    UnreadMail,
    Webhook,
)
from comity.web.common import words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused

PAGE = 50
#: A lane that was not seen alive for so long does not run.
SILENT = timedelta(minutes=5)
LANES = {
    "mail-in": gettext_lazy("Mail that comes in"), "mail-out": gettext_lazy("Mail that goes out"),
    "tracking": gettext_lazy("Tracking news"), "webhooks": gettext_lazy("Webhooks"),
    "refunds": gettext_lazy("Refunds"),
    "drafts": gettext_lazy("Drafts of answers"), "orders": gettext_lazy("Orders looked after"),
    "counting": gettext_lazy("Counting and learning"), "seal": gettext_lazy("Sealing of the journal"),
    "network": gettext_lazy("Complaints by an open network"),
}  # fmt: skip
KINDS = {
    "mail": gettext_lazy("Mail that goes out"), "told": gettext_lazy("Mail about disputes and measures"),
    "webhook": gettext_lazy("Webhooks"), "refund": gettext_lazy("Refunds"),
    "mailbox": gettext_lazy("Mail not read yet"), "incoming": gettext_lazy("Mail that comes in"),
    "tracking": gettext_lazy("Tracking news"),
    "transparency": gettext_lazy("Statements of reasons"),
}  # fmt: skip


@needs("agent", "platform")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """How the lanes do, and what failed of one kind."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "errand.read")
    kind = request.GET.get("kind", "mail")
    if kind not in KINDS:
        raise Http404
    rows = errands.failing(actor, kind)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lanes = [
        (lane, LANES.get(lane.name, lane.name), now - lane.at > SILENT) for lane in ErrandLane.objects.order_by("name")
    ]
    return render(
        request,
        "agent/errands.html",
        {
            "lanes": lanes,
            "page": page,
            "rows": [_shown(row) for row in page],
            "given_up": errands.given_up(actor, kind).count(),
            "kind": kind,
            "tabs": [(name, said, errands.failing(actor, name).count()) for name, said in KINDS.items()],
        },
    )


def _shown(row: Any) -> dict[str, Any]:
    """What failed: about what, without an address that may hold a secret; why; and when it is tried next."""
    match row:
        case OutgoingMail():
            about = f"{row.party.name}: {row.message.conversation.key}"
        case NoticeMail():
            about = f"{row.party.name}: {row.about.key}"
        case TransparencyStatement():
            about = f"{row.sanction.party.name}: {words.code(row.sanction.measure)}"
        case Webhook():
            about = f"{row.owner.name}: {urlsplit(row.url).hostname}"
        case Refund():
            about = f"{row.order.key}: {said(row.money)}"
            if row.state == "failed":
                return {"row": row, "about": about, "why": words.code(row.failed_code, "refund"), "due_at": None,
                        "attempts": row.attempts or 1}  # fmt: skip
        case UnreadMail():
            about = f"{row.mailbox}: {row.number}"
        case _:
            return {"row": row, "about": row.received_at, "why": row.why, "due_at": None, "attempts": 1}
    return {"row": row, "about": about, "why": row.failed_why, "due_at": row.due_at, "attempts": row.attempts}


@needs("agent", "platform")
@require_POST
def again(request: HttpRequest, kind: str) -> HttpResponse:
    """Try one thing again, or all that was given up."""
    actor, now, back = actor_of(request), datetime.now(UTC), f"/desk/errands/?kind={kind}"
    if kind not in KINDS:
        raise Http404
    try:
        if key := request.POST.get("key", ""):
            errands.again(actor, kind, int(key[:18]) if key.isdecimal() else 0, at=now)
            count = 1
        else:
            count = errands.again_all(actor, kind, at=now)
    except Refused as error:
        return refused(request, error, back)
    said = ngettext("%(count)s is tried again now.", "%(count)s are tried again now.", count)
    flash.success(request, said % {"count": count})
    return redirect(back)


urlpatterns = [
    path("desk/errands/", overview, name="desk_errands"),
    path("desk/errands/<str:kind>/again/", again, name="errands_again"),
]
