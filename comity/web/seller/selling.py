"""The seller's workspace: Today, conversations, orders, health."""

from datetime import UTC, datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from comity.actions import reached
from comity.policy.duties.matter import DutyStatus
from comity.policy.duties.rule import DutyRule
from comity.policy.facts import subject_kind
from comity.policy.rulebook import Rulebooks
from comity.policy.sanctions.measures import ChargeOf
from comity.policy.sanctions.points import next_measure
from comity.policy.sanctions.rule import LedgerRule
from comity.records import dossiers, merges, rulebooks
from comity.records.models import Conversation, Dispute, Duty, ImprovementPlan, Order, Party
from comity.records.refs import by_ref
from comity.records.rulebooks import duties_of_others
from comity.web.common import live
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.trade.health import health_of
from comity.web.trade.standing import standing_of, states_of

TODAY = 100
PAGE = 50


@needs("seller")
@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What is due, soonest first."""
    seller, now = actor_of(request).party, datetime.now(UTC)
    version = live.etag(request, now, live.head_of(seller))
    if (same := live.unchanged(request, version)) is not None:
        return same
    # Duties stand in the seller's record whoever owes them: a buyer's silence, an agent's.
    own = seller.duties.exclude(rule__in=duties_of_others("seller"))
    duties = own.filter(status=DutyStatus.OPEN, stuck_at=None).order_by("due")
    due = items(seller, list(duties[:TODAY]))
    late = own.filter(status=DutyStatus.BREACHED, ended_at=None).order_by("-due")
    return live.rendered(
        request,
        "seller/today.html",
        "parts/due.html",
        {
            "due": [each for each in due if each["dispute"] is None],
            "disputed": [each for each in due if each["dispute"] is not None],
            "count": duties.count(),
            "late": items(seller, list(late[:20])),
            "now": now,
            "standing": standing_of(seller, now),
            "merge": merges.of(seller),
            "events": live.events_url([f"party:{seller.pk}"]),
        },
        version,
    )


def items(seller: Party, duties: list[Duty]) -> list[dict[str, object]]:
    """Return duties with what they are about, and what follows if one is not done: the points, on which ledger."""
    books = rulebooks.current()
    points = dossiers.points_of(seller.pk, datetime.now(UTC)) if duties else {}
    matters = {duty.matter for duty in duties}
    conversations = by_ref(Conversation.objects.filter(seller=seller).select_related("buyer", "order"), matters)
    orders = by_ref(Order.objects.filter(seller=seller).select_related("buyer"), matters)
    disputes = by_ref(Dispute.objects.filter(order__seller=seller), {duty.subject for duty in duties})
    plans = ImprovementPlan.objects.filter(party=seller, key__in=[name[5:] for name in matters if name[:5] == "plan:"])
    asked = {plan.ref: plan for plan in plans}
    shown = []
    for duty in duties:
        about = conversations.get(duty.matter) or orders.get(duty.matter)
        rule, follows = _rule(books, duty), {}
        if rule is not None and rule.charge is not None and duty.status == DutyStatus.OPEN:
            follows = _follows(books.version(duty.rulebook).ledgers[rule.charge.ledger], rule.charge, points)
        shown.append(
            {
                "duty": duty,
                "title": gettext(rule.title) if rule else duty.rule,
                "about": about,
                "kind": subject_kind(duty.matter),
                "dispute": disputes.get(duty.subject),
                "plan": asked.get(duty.matter),
                **follows,
            }
        )
    return shown


def _follows(ledger: LedgerRule, charge: ChargeOf, points_on: dict[str, int]) -> dict[str, object]:
    """Return what a breach would bring: points, on which ledger, and the measure that these would reach."""
    points = points_on.get(ledger.name, ledger.start or 0)
    after = points - charge.points if ledger.is_score else points + charge.points
    measure = next_measure(ledger, points, charge.points)
    return {"charge": charge, "ledger": ledger.title, "reaches": measure, "after": max(after, 0)}


def _rule(books: Rulebooks, duty: Duty) -> DutyRule | None:
    """Return the rule of a duty, in its version; None where the books do not hold it."""
    try:
        rule = books.version(duty.rulebook).rules.get(duty.rule)
    except LookupError:
        return None
    return rule if isinstance(rule, DutyRule) else None


@needs("seller")
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """Orders, newest first."""
    rows = Order.objects.filter(seller=actor_of(request).party).select_related("buyer").order_by("-placed_at")
    return render(request, "seller/orders.html", {"page": Paginator(rows, PAGE).get_page(request.GET.get("page"))})


@needs("seller")
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """How the seller stands, and why."""
    seller, now = actor_of(request).party, datetime.now(UTC)
    reached.seen(seller, at=now)
    context = {
        "standing": states_of(seller, request.GET.get("page", "")),
        "health": health_of(seller, now),
        "plans": seller.plans.exists(),
        "now": now,
    }
    return render(request, "seller/health.html", context)


urlpatterns = [
    path("sell/", today, name="today"),
    path("sell/orders/", orders, name="sell_orders"),
    path("sell/health/", health, name="health"),
]
