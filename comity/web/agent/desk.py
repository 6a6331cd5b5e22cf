"""The agents' desk: parties and how they stand, proposed measures, the journal."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages as flash
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from comity.actions import clock, sanctions
from comity.actions.enact import Refused
from comity.actions.guard import allows, require
from comity.actions.merges import POWER
from comity.policy.duties.matter import DutyStatus
from comity.policy.facts.reviews import WRITERS
from comity.policy.identity import links
from comity.policy.sanctions.measures import MeasureStatus
from comity.records import identity, rulebooks
from comity.records import journal as chains
from comity.records import merges as merged
from comity.records.models import (
    Conversation,
    Duty,
    IncomingMail,
    JournalLine,
    NoticeMail,
    OutgoingMail,
    Party,
    Sanction,
)
from comity.records.reviews import summary_of
from comity.web.common import shown
from comity.web.common.doors import actor_of
from comity.web.common.gate import asked_at, needs, refused
from comity.web.common.timeline import entry_of
from comity.web.trade.health import health_of
from comity.web.trade.standing import states_of

PAGE = 50
MOST_PROPOSED = 50


@needs("agent", "platform")
@require_GET
def parties(request: HttpRequest) -> HttpResponse:
    """Parties with live points and open duties, the heaviest first; and what waits for a decision."""
    require(actor_of(request), "party.list")
    now, role, asked = (
        datetime.now(UTC),
        request.GET.get("role", "seller"),
        request.GET.get("q", "").replace("\x00", "").strip()[:100],
    )
    live = Q(charges__overturned_at=None, charges__at__lte=now, charges__expires_at__gt=now)
    rows = Party.objects.filter(role=role if role in ("buyer", "seller", "agent") else "seller")
    if asked:
        rows = rows.filter(Q(name__icontains=asked) | Q(external_id=asked))
    # Open and broken duties are counted for this page's parties alone, below: joined here, rows would multiply.
    rows = rows.annotate(points=Sum("charges__points", filter=live, default=0)).order_by("-points", "name", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    on_page = [party.pk for party in page]
    duties = Duty.objects.filter(party__in=on_page).values("party")
    counts = {
        row["party"]: row
        for row in duties.annotate(
            open=Count("pk", filter=Q(status=DutyStatus.OPEN)),
            broken=Count("pk", filter=Q(status__in=[DutyStatus.BREACHED, DutyStatus.CURED])),
            total=Count("pk", filter=~Q(status=DutyStatus.OVERTURNED)),
        )
    }
    # The highest rung comes last, and is the one that is kept for a party.
    placed = Sanction.objects.filter(Sanction.in_force(now), party__in=on_page).order_by("rung")
    measures = {each.party_id: each for each in placed}
    return render(
        request,
        "agent/parties.html",
        {
            "page": page,
            "role": role,
            "asked": asked,
            "waiting": list(shown.waiting()),
            "now": now,
            "rows": [{"party": each, "counts": counts.get(each.pk), "measure": measures.get(each.pk)} for each in page],
            "asked_for": Conversation.objects.filter(asked_agent_at__isnull=False, joined_by=None, closed_at=None)
            .select_related("buyer", "seller", "order")
            .order_by("asked_agent_at")[:20],
            "stuck": list(clock.stuck(actor_of(request)))[:20],
        },
    )


@needs("agent", "platform")
@require_GET
def party(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """How one party stands, and why."""
    about = get_object_or_404(Party, uuid=uuid)
    require(actor_of(request), "party.read", about)
    now = datetime.now(UTC)
    states, actor = states_of(about, request.GET.get("page", "")), actor_of(request)
    proposed = [
        (row, sanctions.APPROVE.why_not(actor, row, at=now))
        for row in about.sanctions.filter(status=MeasureStatus.PROPOSED).order_by("-at")[:MOST_PROPOSED]
        if sanctions.DECLINE.why_not(actor, row, at=now) is None
    ]
    context: dict[str, Any] = {
        "about": about,
        "standing": states,
        "health": health_of(about, now) if about.role in WRITERS else None,
        "now": now,
        "proposed": proposed,
        "reasons": sanctions.REASONS,
        "may_ask": about.role in ("buyer", "seller"),
        "links": [(pair, _why_no_measure(pair, now)) for pair in identity.pairs_of(about)]
        if allows(actor, "link.read")
        else [],
        "may_unlink": allows(actor, "link.take_back"),
        "may_merge": about.role in WRITERS and allows(actor, POWER),
        "merges": merged.about(about) if allows(actor, POWER) else [],
    }
    context |= {"summary": summary_of(about, now)} if about.role in WRITERS else {}
    return render(request, "agent/party.html", context)


def _why_no_measure(pair: identity.Pair, now: datetime) -> str:
    """Return why nothing is proposed for what joins two accounts; "" where something is."""
    if pair.matched:
        return ""
    book = rulebooks.current().in_force(now)
    if book is None or book.evasion is None:
        return _("The rules in force bring nothing for linked accounts.")
    if not pair.kinds:
        return _("All that joined them was taken back.")
    if not links.suffice(book.evasion, pair.kinds):
        return _(
            "Not enough for a measure: it needs %(least)s different kinds, of which one is a pay-out account, a "
            "document or an own admission."
        ) % {"least": book.evasion.least}
    return _("The other account was under no closure or freeze when this was found.")


@needs("agent", "platform")
@require_POST
def decide(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """Approve or decline a proposed measure."""
    row = get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)
    back, now = f"/desk/parties/{party}/", datetime.now(UTC)
    try:
        if request.POST.get("decision") == "approve":
            if sanctions.approve(actor_of(request), row, at=now, shown=asked_at(request)):
                flash.success(request, _("Approved. The seller is told now; it takes effect when the notice has run."))
            else:
                flash.success(request, _("Approved. It also needs another reviewer's approval."))
        else:
            sanctions.decline(
                actor_of(request), row, reason=request.POST.get("reason", ""), at=now, shown=asked_at(request)
            )
            flash.success(request, _("Declined."))
    except Refused as error:
        return refused(request, error, back)
    return redirect(back)


@needs("agent", "platform")
@require_GET
def journal(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One party's journal, newest first; with ?verify=1, whether its chain holds."""
    about = get_object_or_404(Party.objects.select_related("standing"), uuid=uuid)
    require(actor_of(request), "journal.read", about)
    rows = JournalLine.objects.filter(party=about).order_by("-seq")
    if matter := request.GET.get("matter", "").replace("\x00", "")[:200]:
        rows = rows.filter(matter=matter)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    checked = "verify" in request.GET
    return render(
        request,
        "agent/journal.html",
        {
            "about": about,
            "page": page,
            "matter": matter,
            "checked": checked,
            "lines": [{"line": line, "entry": entry_of(line, about), "hash": bytes(line.hash).hex()} for line in page],
            "troubles": list(chains.verify(about)) if checked else [],
        },
    )


@needs("agent", "platform")
@require_GET
def journals(request: HttpRequest) -> HttpResponse:
    """All chains, the newest written first."""
    require(actor_of(request), "journal.verify")
    rows = Party.objects.filter(standing__chain_seq__gt=0).select_related("standing").order_by("-standing__chain_seq")
    return render(request, "agent/journals.html", {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))})


@needs("agent", "platform")
@require_GET
def mails(request: HttpRequest) -> HttpResponse:
    """Mail that came in and was no message, and mail that could not be sent."""
    require(actor_of(request), "party.list")
    rows = IncomingMail.objects.exclude(outcome="accepted").select_related("party").order_by("-noted_at")
    failed = OutgoingMail.objects.exclude(failed_why="").select_related("party", "message__conversation")
    told = NoticeMail.objects.filter(~Q(failed_why="") | Q(bounced_at__isnull=False)).select_related(
        "party", "dispute", "measure__party", "plan"
    )
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "failed": failed.order_by("-pk")[:PAGE], "told": told.order_by("-pk")[:PAGE]}
    return render(request, "agent/mails.html", context)


urlpatterns = [
    path("desk/", parties, name="desk"),
    path("desk/parties/<uuid:uuid>/", party, name="desk_party"),
    path("desk/parties/<uuid:uuid>/journal/", journal, name="desk_journal"),
    path("desk/journal/", journals, name="desk_journals"),
    path("desk/mail/", mails, name="desk_mails"),
    path("desk/parties/<uuid:party>/sanctions/<str:key>/", decide, name="decide"),
]
