"""The seller's inbox: what waits soonest due first, what was answered, search; several at once."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as flash
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from comity.actions import conversations
from comity.actions.enact import Refused
from comity.records import search
from comity.records.models import Conversation, Party, ReadMark
from comity.web.common import live
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs

PAGE = 50
MOST_AT_ONCE = 100
#: Counts beyond this are shown as "99+": nobody reads them, and counting on takes time.
MOST_COUNTED = 100
VIEWS = {
    "waiting": gettext_lazy("Waiting for you"), "unread": gettext_lazy("Unread"),
    "buyer": gettext_lazy("Waiting for the buyer"), "closed": gettext_lazy("Ended"), "all": gettext_lazy("All"),
}  # fmt: skip


@needs("seller")
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """One view of the inbox, a page at a time; with ?q=, what is found, whatever the view."""
    seller, now = actor_of(request).party, datetime.now(UTC)
    version = live.etag(request, now, live.head_of(seller))
    if (same := live.unchanged(request, version)) is not None:
        return same
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    view = request.GET.get("view", "waiting")
    view = "all" if asked else view if view in VIEWS else "waiting"
    number = _number(request.GET.get("page", ""))
    rows = _rows(seller, view)
    if asked:
        rows = rows.filter(pk__in=search.conversations(seller.pk, asked))
    first = (number - 1) * PAGE
    some = list(rows.select_related("buyer", "order", "last_message")[first : first + PAGE + 1])
    read = dict(ReadMark.objects.filter(party=seller, conversation__in=some).values_list("conversation", "at"))
    shown = [{"row": row, "unread": _is_unread(row, read.get(row.pk))} for row in some[:PAGE]]
    return live.rendered(
        request,
        "seller/inbox.html",
        "parts/queue.html",
        {
            "rows": shown,
            "view": view,
            "views": VIEWS.items(),
            "asked": asked,
            "now": now,
            "number": number,
            "more": len(some) > PAGE,
            "counts": {name: _count(_rows(seller, name)) for name in ("waiting", "unread")},
            "reasons": conversations.NO_REPLY_REASONS,
            "events": live.events_url([f"party:{seller.pk}"]),
        },
        version,
    )


def _rows(seller: Party, view: str) -> QuerySet[Conversation]:
    rows = Conversation.objects.filter(seller=seller)
    if view == "waiting":
        return rows.filter(turn="seller").order_by(F("due_at").asc(nulls_last=True), "pk")
    if view == "unread":
        # Unread is what a buyer wrote last, after the seller had looked.
        read = ReadMark.objects.filter(conversation=OuterRef("pk"), party=seller, at__gte=OuterRef("last_at"))
        rows = rows.filter(~Exists(read), last_message__role="buyer")
    elif view == "buyer":
        rows = rows.filter(turn="buyer", closed_at=None)
    elif view == "closed":
        rows = rows.filter(closed_at__isnull=False)
    return rows.order_by("-last_at", "-pk")


def _is_unread(row: Conversation, read_at: datetime | None) -> bool:
    last = row.last_message
    return last is not None and last.role != "seller" and (read_at is None or read_at < last.at)


def _count(rows: QuerySet[Conversation]) -> int:
    return len(rows.order_by().values_list("pk", flat=True)[:MOST_COUNTED])


def _number(text: str) -> int:
    # Nobody turns to the ten thousandth page by hand, and the database would read all rows before it.
    return min(int(text), 10_000) if text.isascii() and text.isdecimal() and int(text) else 1


@needs("seller")
@require_POST
def several(request: HttpRequest) -> HttpResponse:
    """Do one thing to the conversations that are ticked; what cannot be done is said, the rest is done."""
    actor, now, deed = actor_of(request), datetime.now(UTC), request.POST.get("deed", "")
    done, refused = 0, []
    for row in _ticked(actor.party, request.POST.getlist("uuid")[:MOST_AT_ONCE]):
        try:
            if deed == "read":
                conversations.mark_read(actor, row, at=now)
            elif deed == "close":
                conversations.close(actor, row, reason="solved", at=now)
            elif deed == "no_reply":
                conversations.no_reply_needed(actor, row, reason="thanks", at=now)
            done += 1
        except Refused as error:
            refused.append(f"{row.key}: {error}")
    if done:
        said = ngettext("Done for %(n)s conversation.", "Done for %(n)s conversations.", done)
        flash.success(request, said % {"n": done})
    elif not refused:
        flash.error(request, _("Select some conversations first."))
    for problem in refused[:5]:
        flash.error(request, problem)
    return redirect("inbox")


def _ticked(seller: Party, given: list[str]) -> list[Any]:
    uuids = []
    for text in given:
        try:
            uuids.append(UUID(text))
        except ValueError:
            continue
    return list(Conversation.objects.filter(seller=seller, uuid__in=uuids).select_related("buyer", "seller"))


urlpatterns = [
    path("sell/inbox/", inbox, name="inbox"),
    path("sell/inbox/several/", several, name="inbox_several"),
]
