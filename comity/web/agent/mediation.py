"""The mediators' desk: what waits by due time and amount, and one case with both accounts along one timeline."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages as flash
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comity.actions import returns, scans
from comity.actions.disputes import deciding, drafts, helping, interests, mediation, reaching
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.actions.network import desk
from comity.files.uploads import ACCEPTED
from comity.lib.money import Money
from comity.policy.disputes import contradictions
from comity.policy.disputes.case import Stage
from comity.policy.disputes.guide import guide
from comity.policy.facts import NEVER
from comity.records import merges
from comity.records.models import Dispute, DisputeText, DraftDecision, OutgoingMail, Party, Refund
from comity.web.agent.mediation_acts import ACTS, DECIDE, INPUT, decide_form, given_inputs
from comity.web.common import live, words
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, refused, typed
from comity.web.trade import dispute_words
from comity.web.trade.dispute_forms import Sight, Tried, filled, forms
from comity.web.trade.dispute_lists import glances
from comity.web.trade.dispute_story import story
from comity.web.trade.disputes import cited, done, etag, found, moving, seen, shown

MOST = 100
#: Cases alike in words that a case page shows.
MOST_ALIKE = 5
#: Mails that did not reach somebody, of each kind, that a case page shows.
_MOST_UNDELIVERED = 10
#: What says in codes of the verbs is the same as what the policy holds against the facts.
_SAME = {"says_sent": "says_shipped"}
_BY_REASON = {"not received": "says_not_received", "refund not received": "says_not_refunded"}


@needs("agent", "platform")
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for an agent: cases, appeals, requests to set aside, drafts, refunds that failed."""
    actor, now = actor_of(request), datetime.now(UTC)
    require(actor, "dispute.list")
    tag = live.etag(request, now, *_newest())
    if (same := live.unchanged(request, tag)) is not None:
        return same
    rows = Dispute.objects.select_related("order__seller", "order__buyer", "holder")
    waiting = glances(list(rows.filter(stage=Stage.MEDIATION, leaves_at=None).order_by("escalated_at")[:MOST]))
    waiting.sort(key=lambda each: (each.due or NEVER, -each.dispute.asked))
    mine = [each for each in waiting if each.dispute.holder_id == actor.party.pk]
    written = list(rows.filter(leaves_at__isnull=False).order_by("leaves_at")[:MOST])
    context = {
        "complaints": desk.waiting(actor).count(),
        "mine": mine,
        "free": [each for each in waiting if each.dispute.holder_id is None],
        "others": [each for each in waiting if each.dispute.holder_id not in (None, actor.party.pk)],
        "drafts": glances(written),
        "without_second": [each.key for each in written if drafts.is_without_second(each)],
        "appeals": glances(list(rows.filter(appealed_at__isnull=False).order_by("appealed_at")[:MOST]), appealed=True),
        "aside": glances(
            list(rows.filter(set_aside_asked_at__isnull=False).order_by("set_aside_asked_at")[:MOST]), appealed=True
        ),
        "failed": _failed(),
        "interests": list(interests.of(actor.party)) if actor.role == "agent" else [],
        "role": "agent",
        "now": now,
    }
    return live.rendered(request, "agent/disputes.html", "parts/dispute_queue.html", context, tag)


def _newest() -> tuple[object, ...]:
    """Return what changes whenever the queue does: how many cases there are of each kind, and when one moved last."""
    counted = {
        name: Count("pk", filter=condition)
        for name, condition in {
            "waiting": Q(stage=Stage.MEDIATION), "held": Q(stage=Stage.MEDIATION, holder__isnull=False),
            "appealed": Q(appealed_at__isnull=False), "aside": Q(set_aside_asked_at__isnull=False),
            "written": Q(leaves_at__isnull=False),
        }.items()
    }  # fmt: skip
    there = Q(stage=Stage.MEDIATION) | Q(appealed_at__isnull=False) | Q(set_aside_asked_at__isnull=False)
    rows = Dispute.objects.filter(there | Q(leaves_at__isnull=False))
    moved = rows.aggregate(since=Max("since"), escalated=Max("escalated_at"), **counted)
    return (*moved.values(), Refund.objects.filter(state="failed", replaced_by=None).count())


def _failed() -> list[dict[str, Any]]:
    """Return refunds that failed and in whose place there is no other, with the dispute that they follow from."""
    rows = list(Refund.objects.filter(state="failed", replaced_by=None).select_related("order").order_by("-pk")[:MOST])
    about = Dispute.objects.filter(order__in={row.order_id for row in rows})
    keys = {(each.order_id, name): each.key for each in about for name in each.names}
    return [
        {"refund": row, "why": words.code(row.failed_code, "refund"), "key": keys.get((row.order_id, row.dispute_ref))}
        for row in rows
    ]


@needs("agent")
@require_POST
def declare(request: HttpRequest) -> HttpResponse:
    """Declare an own account as a buyer or seller, by the shop's id of it."""
    asked = typed(request, "account")
    account = Party.objects.filter(external_id=asked, role__in=["buyer", "seller"]).first() if asked else None
    try:
        if account is None:
            raise Refused([_("No buyer or seller has that id in the shop.")])
        interests.declare(actor_of(request), account, at=datetime.now(UTC))
    except Refused as error:
        return refused(request, error, "/desk/disputes/")
    flash.success(request, _("Declared: %(name)s. Cases of it, and of whom it traded with, are for others.") % {
        "name": account.name,
    })  # fmt: skip
    return redirect("desk_disputes")


@needs("agent", "platform")
@require_GET
def case(request: HttpRequest, key: str) -> HttpResponse:
    """A case as who decides sees it."""
    about = found(actor_of(request), key)
    same = live.unchanged(request, etag(request, about, datetime.now(UTC)))
    return same if same is not None else _page(request, about)


@needs("agent", "platform")
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """Do one thing in a case and say what was done, or why not: then with all that was typed."""
    about = found(actor_of(request), key)
    if request.method != "POST":  # reloaded, or read in another language
        return redirect("desk_dispute", key=key)
    tried = done(request, (*ACTS, DECIDE), slug, about)
    return redirect("desk_dispute", key=key) if tried is None else _page(request, about, tried=tried)


def _page(request: HttpRequest, about: Dispute, *, tried: Tried | None = None) -> HttpResponse:
    now = datetime.now(UTC)
    sight = seen(actor_of(request), about, now)
    made = forms(ACTS, sight, tried=tried)
    first = [each for each in made if each.wrong or each.slug in _FIRST]
    may = {each.verb for each in sight.view.may}
    draft = DraftDecision.objects.filter(dispute=about).select_related("agent").first()
    context = shown(sight) | {
        "first": first,
        "rest": [each for each in made if each not in first],
        "solid": next(iter(first), None),
        "moments": story(sight.actor, sight.view),
        "accepted": ACCEPTED,
        "against": _contradictions(sight),
        "was": _before(sight),
        "joined": mediation.joined(sight.view.now),
        "earlier": _earlier(sight),
        "near": list(mediation.candidates(about)),
        "alike": helping.cases_like(sight.view.now)[:MOST_ALIKE],
        "undelivered": _undelivered(sight),
        "reached": [(party, reaching.reach(sight.view.now, party.role)) for party in _sides(sight)],
        "draft": draft,
        "draft_sum": sight.money(draft.data.get("amount") or 0) if draft is not None else None,
        "lacks_second": draft is not None and drafts.lacks_second(sight.view.now, draft),
        "stands_by": drafts.seconder(sight.view.now),
        "aside_words": _asked_aside(sight),
        "does_not_decide": _does_not_decide(sight),
        "gone_over": list(merges.by_account(party.pk for party in _sides(sight)).values()),
        **_table(request, sight, tried, decides="decide" in may),
        **moving(request, about, tried),
    }
    tag, status = etag(request, about, now), 422 if tried is not None else 200
    return live.rendered(request, "agent/dispute.html", "parts/dispute_desk.html", context, tag, status=status)


def _does_not_decide(sight: Sight) -> bool:
    """Whether the agent who has the case heard private or settlement talk, or proposed something: another decides."""
    now, mine = sight.view.now, sight.actor.party.ref
    if now.rules.who_heard_may_decide or now.case.stage is not Stage.MEDIATION:
        return False
    return now.case.holder == mine and mine in now.case.heard


def _asked_aside(sight: Sight) -> list[DisputeText]:
    """Return what a side wrote that asks to set a decision by its silence aside: the reason, and the answer."""
    asked_at = sight.view.now.case.set_aside_asked_at
    return [text for text in sight.view.texts if text.kind == "set_aside" and text.at == asked_at]


_FIRST = frozenset({"take", "take-appeal", "decide-appeal", "set-aside", "second"})


def _table(request: HttpRequest, sight: Sight, tried: Tried | None, *, decides: bool) -> dict[str, Any]:
    """Return the decision table as it stands: what facts fill in, what is asked, the row, and why no other."""
    now = sight.view.now
    names = tuple(now.rules.inputs)
    given = given_inputs(request, names)
    known, applied = deciding.known(now, at=sight.at), deciding.considered(now, given, at=sight.at)
    inputs = []
    for place, name in enumerate(names):
        by_facts = known.get(name)
        inputs.append({
            "name": f"{INPUT}{place}", "label": words.code(name, "input"), "values": now.rules.inputs[name],
            "known": by_facts.value if by_facts else "", "chosen": given.get(name, ""),
            "because": cited(now, by_facts.because) if by_facts else [],
        })  # fmt: skip
    form = decide_form(sight, applied, given)
    form = _with_shown(form, sight)
    if tried is not None and tried.fills(form):
        form = filled(form, tried)
    return {
        "inputs": inputs, "applied": applied, "form": form if decides and not applied.asks else None,
        "by_row": Money(deciding.by_row(now, applied.row), sight.currency) if applied.row else None,
        "wrong": tried.wrong if tried is not None and tried.slug == "decide" and not form.wrong else (),
        "decides": decides,
    }  # fmt: skip


def _with_shown(form: Any, sight: Sight) -> Any:
    return replace(form, hidden=(*form.hidden, ("shown", sight.view.now.case.last)))


def _contradictions(sight: Sight) -> list[str]:
    """Return what a side says that does not go with the facts, marked for whoever judges."""
    now, own = sight.view.now, sight.view.now.dispute.ref
    claims = [
        contradictions.Claim(_SAME.get(code, code), str(fact.data.get("by", "seller")), fact.at)
        for fact in now.facts
        if fact.subject == own and fact.kind in ("dispute.answered", "dispute.said")
        for code in str(fact.data.get("says", "")).split()
    ]
    if (code := _BY_REASON.get(now.case.reason)) is not None:
        claims.append(contradictions.Claim(code, "buyer", now.case.claimed_at or now.case.opened_at))
    pieces = {each.line_id: each.quantity for each in sight.dispute.about.all()}
    beside = contradictions.Beside(scans.elsewhere(now.order), returns.goods_weight(now.order, pieces))
    against = contradictions.contradictions(claims, now.facts, dispute=own, beside=beside)
    return [dispute_words.contradiction(each) for each in against]


def _before(sight: Sight) -> list[str]:
    """Return how the order stood when the dispute was opened, as sentences."""
    now = sight.view.now
    facts = [fact for fact in now.facts if fact.at <= now.case.opened_at and not fact.kind.startswith("dispute.")]
    so = guide(now.rules, facts, at=now.case.opened_at)
    said = [dispute_words.guide(each, now.case.opened_at) for each in so.now]
    return [*said, dispute_words.guide(so.promise, now.case.opened_at)] if so.promise is not None else said


def _earlier(sight: Sight) -> list[Dispute]:
    """Return earlier cases of the same two."""
    order = sight.view.now.order
    rows = Dispute.objects.filter(order__buyer=order.buyer_id, order__seller=order.seller_id)
    return list(rows.exclude(pk=sight.dispute.pk).select_related("order").order_by("-opened_at")[:20])


def _sides(sight: Sight) -> tuple[Party, Party]:
    return sight.view.now.buyer, sight.view.now.seller


def _undelivered(sight: Sight) -> list[tuple[Party, str]]:
    """Return who of the two could not be sent a mail and why, "" for one that came back; the newest first."""
    sides = {party.pk: party for party in _sides(sight)}
    said = OutgoingMail.objects.filter(party__in=sides).exclude(failed_why="").order_by("-pk")
    told = sight.dispute.mails.filter(~Q(failed_why="") | Q(bounced_at__isnull=False)).order_by("-pk")
    return [
        *((sides[each.party_id], "" if each.bounced_at else each.failed_why) for each in told[:_MOST_UNDELIVERED]),
        *((sides[each.party_id], each.failed_why) for each in said[:_MOST_UNDELIVERED]),
    ]


urlpatterns = [
    path("desk/disputes/", queue, name="desk_disputes"),
    path("desk/disputes/interests/", declare, name="interest_declare"),
    path("desk/disputes/<slug:key>/", case, name="desk_dispute"),
    path("desk/disputes/<slug:key>/<slug:slug>/", act, name="desk_dispute_act"),
]
