"""Measures on the desk: what waits to be decided, what was said of one, and what an agent may do about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.actions import appeals, identity, merges, reached, sanctions
from comity.actions.doing import WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.actions.measured import written
from comity.actions.plans.reading import plan_before
from comity.policy.plans.fold import Stage
from comity.policy.sanctions.measures import MEASURES, MeasureStatus
from comity.records import identity as linked
from comity.records import merges as merged
from comity.records import rulebooks
from comity.records.confirmations import confirmations
from comity.records.models import (
    AccountMerge,
    Charge,
    Duty,
    ImprovementPlan,
    Listing,
    MeasureText,
    Party,
    Review,
    Sanction,
)
from comity.web.common import times
from comity.web.common.doors import actor_of
from comity.web.common.gate import asked_at, needs, refused, typed
from comity.web.common.timeline import title_of
from comity.web.trade import measure_words
from comity.web.trade.measures import shown
from comity.web.trade.standing import standing_of

_DAY = timedelta(days=1)
MOST = 100


@needs("agent", "platform")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for somebody: proposed measures, appeals, and parties whom nothing has reached."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "sanction.decide")
    rows = Sanction.objects.select_related("party")
    proposed = rows.filter(status=MeasureStatus.PROPOSED).order_by("at")[:MOST]
    appealed = rows.filter(appealed_at__isnull=False).order_by("appealed_at")[:MOST]
    answered = {
        said.matter for said in MeasureText.objects.filter(matter__in=[row.ref for row in proposed], kind="answered")
    }
    waiting = {row.pk: plan for row in proposed if (plan := plan_before(row)) is not None and plan.ended_at is None}
    goes_on = merged.by_account(row.party_id for row in (*proposed, *appealed))
    due = {
        (duty.party_id, duty.subject): duty.due
        for duty in Duty.objects.filter(subject__in=[row.ref for row in appealed], current=True)
    }
    return render(
        request,
        "agent/measures.html",
        {
            "proposed": [
                (
                    row,
                    sanctions.APPROVE.why_not(actor, row, at=now),
                    appeals.notice_ends(row),
                    row.ref in answered,
                    goes_on.get(row.party_id),
                )
                for row in proposed
                if row.pk not in waiting
            ],
            "for_plans": [(row, waiting[row.pk]) for row in proposed if row.pk in waiting],
            "appealed": [
                (
                    row,
                    due.get((row.party_id, row.ref)),
                    appeals.DECIDE.why_not(actor, row, at=now),
                    goes_on.get(row.party_id),
                )
                for row in appealed
            ],
            "plans": ImprovementPlan.objects.filter(stage=Stage.WRITTEN).count(),
            "reviews": list(
                Review.objects.filter(appealed_at__isnull=False, appeal_decided_at=None, removed_at__isnull=False)
                .select_related("order")
                .order_by("appealed_at")[:MOST]
            ),
            "merges": [(row, _against_deciding(actor, row, now)) for row in merged.waiting()],
            "passed": merged.to_look_at(),
            "unfounded": linked.unfounded(),
            "untold": list(reached.untold().select_related("party").order_by("at")[:MOST]),
            "now": now,
        },
    )


@needs("agent", "platform")
@require_GET
def measure(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """One measure: what was said of it, and what may be done about it."""
    actor, now, row = actor_of(request), datetime.now(UTC), _row(party, key)
    require(actor, "party.read", row.party)
    standing = standing_of(row.party, now)
    alive = Charge.objects.filter(party=row.party, key__in=row.because, overturned_at=None).order_by("at")
    return render(
        request,
        "agent/measure.html",
        {
            **shown(row, actor.party, now),
            "sanction": row,
            "now": now,
            "in_force": row.is_in_force(now),
            "overtaken": measure_words.overtaken(row),
            "confirmed": confirmations(row.party, row.ref),
            "appeals": appeals.appeals_of(row),
            "alive": [(each, title_of(each.rulebook, each.rule)) for each in alive],
            "why_not": {
                name: deed.why_not(actor, row, at=now)
                for name, deed in {
                    "approve": sanctions.APPROVE, "decline": sanctions.DECLINE, "release": sanctions.RELEASE,
                    "decide_appeal": appeals.DECIDE, "told": reached.TELL, "judge_anew": identity.TAKE_BACK,
                }.items()
            },
            "may_decide": appeals.who_may_decide(row) if row.appealed_at else [],
            "plan": plan_before(row),
            "besides": [each for each in (*standing.in_effect, *standing.proposed) if each.pk != row.pk],
            "why_else": sanctions.REASONS,
            "results": appeals.results_of(row, now),
            "said_at": appeals.last_said_at(row),
        },
    )  # fmt: skip


@needs("agent", "platform")
@require_POST
def act(request: HttpRequest, party: UUID, key: str, slug: str) -> HttpResponse:
    """Approve, decline or end a measure, or decide the appeal against it."""
    if slug not in _ACTS:
        raise Http404
    row = _row(party, key)
    try:
        flash.success(request, _ACTS[slug](request, actor_of(request), row, datetime.now(UTC)))
    except Refused as error:
        return refused(request, error, f"/desk/measures/{party}/{key}/")
    return redirect("desk_measure", party=party, key=key)


def _approve(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    if sanctions.approve(actor, row, at=now, shown=asked_at(request), because=typed(request, "because")):
        row.refresh_from_db()
        if row.is_in_force(now):
            return _("Approved. It is in force from now on.")
        if row.effective_at is not None:
            return _("Approved. It takes effect on %(at)s.") % {"at": times.moment(row.effective_at)}
        return _("Approved. It waits for what it needs before it takes effect.")
    return _("Approved. It also needs another reviewer's approval.")


def _decline(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    reason, because = typed(request, "reason"), typed(request, "because")
    sanctions.decline(actor, row, reason=reason, at=now, shown=asked_at(request), because=because)
    return _("Declined.")


def _release(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    sanctions.release(actor, row, reason=typed(request, "reason"), at=now, because=typed(request, "because"))
    return _("Ended. Whatever else the party is under stays as it is.")


def _decide_appeal(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    result = typed(request, "result")
    length = _days(request, "days") if result == "shortened" else None
    charges = list(row.party.charges.filter(key__in=request.POST.getlist("charge")).select_related("party"))
    appeals.decide(
        actor, row, result=result, because=typed(request, "because"), at=now, length=length, charges=charges,
        shown=asked_at(request),
    )  # fmt: skip
    return _("The appeal is decided, and the party is told.")


def _told(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    reached.by_hand(actor, row, at=now)
    return _("Noted: it is told, and its notice runs from now.")


def _take_back(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    identity.take_back(actor, row, words=written(typed(request, "because")), at=now)
    return _("Taken back, as if it had never been; the party is told.")


def _keep(request: HttpRequest, actor: Actor, row: Sanction, now: datetime) -> str:
    identity.keep(actor, row, words=written(typed(request, "because")), at=now)
    return _("Noted: it stays.")


_ACTS: dict[str, Callable[[HttpRequest, Actor, Sanction, datetime], str]] = {
    "take-back": _take_back,
    "keep": _keep,
    "approve": _approve,
    "decline": _decline,
    "release": _release,
    "decide-appeal": _decide_appeal,
    "told": _told,
}


def _against_deciding(actor: Actor, row: AccountMerge, now: datetime) -> WhyNot | None:
    """Return why an agent does not decide what a merge waits for; None where the agent may."""
    deed = merges.UNDO if row.stage == "undo_asked" else merges.APPROVE
    return deed.why_not(actor, row, at=now)


def _days(request: HttpRequest, name: str) -> timedelta | None:
    """Return a number of days that was typed; None where nothing was. Raises Refused."""
    said = typed(request, name)
    if not said:
        return None
    if not said.isdecimal() or len(said) > 4:
        raise Refused([_("Give days as a whole number.")])
    return int(said) * _DAY


@needs("agent", "platform")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for a measure on a party; another agent approves it."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "sanction.ask")
    about = get_object_or_404(Party, uuid=uuid, role__in=("buyer", "seller"))
    if request.method == "POST":
        try:
            made = sanctions.ask(actor, about, _wanted(request, about), at=now, identity=typed(request, "once")[:60])
        except Refused as error:
            return refused(request, error, request.path)
        flash.success(request, _("Asked for. The party is told, and another agent decides."))
        return redirect("desk_measure", party=uuid, key=made.key)
    book = rulebooks.current().in_force(now)
    rules = [(name, title_of(book.ref, name)) for name in book.conduct] if book is not None else []
    kinds = [name for name, kind in MEASURES.items() if not kind.is_good and name != "orders capped"]
    offered = Listing.objects.filter(seller=about).order_by("-pk")[:MOST]
    context: dict[str, Any] = {"about": about, "rules": rules, "kinds": kinds, "offered": offered, "once": uuid4()}
    return render(request, "agent/measure_asked.html", context)


def _wanted(request: HttpRequest, about: Party) -> sanctions.Wanted:
    named = [each for each in request.POST.getlist("listing") if len(each) < 20]
    return sanctions.Wanted(
        measure=typed(request, "measure"),
        rule=typed(request, "rule"),
        because=typed(request, "because"),
        length=_days(request, "days"),
        notice=_days(request, "notice") or timedelta(0),
        of=tuple(Listing.objects.filter(seller=about, key__in=named).select_related("seller")),
    )


@needs("agent", "platform")
@require_POST
def take_off(request: HttpRequest, party: UUID, key: str) -> HttpResponse:
    """Take points off."""
    charge = get_object_or_404(Charge.objects.select_related("party"), party__uuid=party, key=key)
    try:
        sanctions.take_off(
            actor_of(request), charge, reason=typed(request, "reason"), at=datetime.now(UTC),
            because=typed(request, "because"),
        )  # fmt: skip
        flash.success(request, _("Taken off, with every measure that would not have come without it."))
    except Refused as error:
        return refused(request, error, f"/desk/parties/{party}/")
    return redirect("desk_party", uuid=party)


def _row(party: UUID, key: str) -> Sanction:
    return get_object_or_404(Sanction.objects.select_related("party"), party__uuid=party, key=key)


urlpatterns = [
    path("desk/measures/", queue, name="desk_measures"),
    path("desk/measures/<uuid:party>/<str:key>/", measure, name="desk_measure"),
    path("desk/measures/<uuid:party>/<str:key>/<slug:slug>/", act, name="desk_measure_act"),
    path("desk/parties/<uuid:uuid>/ask-measure/", ask, name="ask_measure"),
    path("desk/charges/<uuid:party>/<str:key>/take-off/", take_off, name="take_off"),
]
