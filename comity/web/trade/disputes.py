"""One dispute, as its buyer, its seller and agents see it. Not theirs: answered like a number that never was."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages as flash
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from comity.actions.disputes import deciding, drafts, helping, reaching, worth
from comity.actions.disputes import view as looking
from comity.actions.disputes.cases import Gone, Held
from comity.actions.enact import Refused
from comity.actions.guard import Actor, allows
from comity.files.uploads import ACCEPTED
from comity.lib.money import Money
from comity.policy.disputes.case import CONTESTED, Appeal, Offer
from comity.policy.disputes.proof import Proof, proof
from comity.policy.duties.matter import DutyStatus
from comity.policy.facts import NEVER
from comity.records import rulebooks
from comity.records.models import Dispute, DisputeText, JournalLine
from comity.web.common import live, times
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs
from comity.web.common.timeline import told
from comity.web.seller import checks
from comity.web.trade import dispute_words
from comity.web.trade.dispute_acts import ACTS
from comity.web.trade.dispute_carrying_out import going_back
from comity.web.trade.dispute_forms import DisputeAct, Form, Sight, Tried, forms
from comity.web.trade.dispute_money import sums
from comity.web.trade.dispute_offers import offer_said, parts_said
from comity.web.trade.dispute_story import story

#: Verbs that are no answer in a turn, and stand behind what is; and those that few need.
_BESIDE = frozenset({"give-evidence", "say", "decline-offer", "escalate", "appeal", "ask-set-aside", "reopen"})
_SELDOM = frozenset(
    {
        "promise-evidence", "bid", "modify", "withdraw", "arrived", "withdraw-offer", "claim-carrier",
        "carrier-answers", "refund-in-full",
    }
)  # fmt: skip


@needs()
@require_GET
def dispute(request: HttpRequest, key: str) -> HttpResponse:
    """A dispute: whose turn it is, what may be done, what is claimed, what happened."""
    actor, now = actor_of(request), datetime.now(UTC)
    about = found(actor, key)
    if (same := live.unchanged(request, etag(request, about, now))) is not None:
        return same
    # Not where only the moving part is asked for and nothing is new: that answered above.
    reaching.acknowledge(actor, about, at=now)
    return page(request, about)


@needs()
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, key: str, slug: str) -> HttpResponse:
    """Do one thing in a dispute and say what was done, or why not: then with all that was typed."""
    about = found(actor_of(request), key)
    if request.method != "POST":  # reloaded, or read in another language
        return redirect("dispute", key=key)
    tried = done(request, ACTS, slug, about)
    if tried is not None:
        return page(request, about, tried=tried)
    return redirect("dispute", key=key)


def found(actor: Actor, key: str) -> Dispute:
    """Return the dispute with a key. Raises Http404 where there is none, and where it is not the actor's to see."""
    row = Dispute.objects.filter(key=key).select_related("order__seller", "order__buyer", "holder").first()
    if row is None or not allows(actor, "dispute.read", row):
        raise Http404
    return row


def done(request: HttpRequest, acts: Iterable[DisputeAct], slug: str, about: Dispute) -> Tried | None:
    """Do what a form asks for, and say what was done; return what was tried, where it was refused."""
    doing = next((each for each in acts if each.slug == slug), None)
    if doing is None:
        raise Http404
    try:
        flash.success(request, doing.do(request, actor_of(request), about, datetime.now(UTC)))
    except Refused as error:
        for problem in error.problems:
            flash.error(request, problem)
        about.refresh_from_db()
        return Tried(slug, request.POST, tuple(error.problems))
    return None


def page(request: HttpRequest, about: Dispute, *, tried: Tried | None = None) -> HttpResponse:
    """Return the page of a dispute; `tried`: what was refused, for its form to stay filled."""
    actor, now = actor_of(request), datetime.now(UTC)
    sight = seen(actor, about, now)
    made = [] if actor.role in ("agent", "platform") else forms(ACTS, sight, tried=tried)
    context = shown(sight) | _first(made) | {
        "moments": story(actor, sight.view), "accepted": ACCEPTED, "once": uuid4(), **moving(request, about, tried),
    }  # fmt: skip
    tag, status = etag(request, about, now), 422 if tried is not None else 200
    return live.rendered(request, "trade/dispute.html", "parts/dispute_case.html", context, tag, status=status)


def version(about: Dispute) -> str:
    """Return what changes whenever something new is in a case: its order's newest line, its newest words."""
    lines = JournalLine.objects.filter(party=about.order.seller_id, matter=about.order.ref)
    newest = lines.aggregate(newest=Max("seq"))["newest"], about.texts.aggregate(newest=Max("pk"))["newest"]
    return "-".join(str(each or 0) for each in newest)


def etag(request: HttpRequest, about: Dispute, now: datetime) -> str:
    """Return the ETag of a case's page for its reader."""
    return live.etag(request, now, about.pk, version(about))


def moving(request: HttpRequest, about: Dispute, tried: Tried | None) -> dict[str, Any]:
    """Return what a page needs to be kept up to date. What was refused has another address than the case."""
    address = request.path.removesuffix(f"{tried.slug}/") if tried is not None else ""
    return {"version": version(about), "events": live.events_url([about.order.ref]), "from": address}


def seen(actor: Actor, about: Dispute, at: datetime) -> Sight:
    """Return what an actor sees of a dispute. Raises Http404 for one of which the journal knows nothing."""
    try:
        return Sight(actor, looking.of(actor, about, at=at), at)
    except Gone as error:
        raise Http404 from error


def foremost(made: Iterable[Form]) -> list[Form]:
    """Return the forms that take the turn, and those of which something was refused."""
    return [each for each in made if each.wrong or each.slug not in _BESIDE | _SELDOM]


def _first(made: list[Form]) -> dict[str, Any]:
    """Return the forms in their places: first what takes the turn, one of it solid; the rest behind it.

    What was refused is shown among the first, for its words to be seen.
    """
    first = foremost(made)
    return {
        "first": first,
        "rest": [each for each in made if each not in first and each.slug in _BESIDE],
        "more": [each for each in made if each not in first and each.slug in _SELDOM],
        "solid": next((each for each in first if each.wrong), next(iter(first), None)),
    }


def shown(sight: Sight) -> dict[str, Any]:
    """Return what every page of a case shows, whoever reads it."""
    view, now, case = sight.view, sight.view.now, sight.view.now.case
    amount = Money(view.amount, sight.currency)
    return {
        "dispute": now.dispute,
        "order": now.order,
        "case": case,
        "view": view,
        "now": sight.at,
        "role": sight.actor.role,
        "reason": dispute_words.reason_title(now.rules, case.reason),
        "asked": Money(case.amount, sight.currency) if case.amount else None,
        "worth": Money(case.worth, sight.currency) if case.worth else None,
        "pieces": sorted(worth.pieces_of(now.dispute).items(), key=lambda each: each[0].pk),
        "claims": [text for text in view.texts if text.kind == "claim"],
        "runs": _runs(now),
        "turn": dispute_words.turn(view.turn.who, sight.actor.role, waits=view.turn.waits),
        "longer": [
            *dispute_words.longer(view.turn.longer),
            *dispute_words.comes_next(now, sight.money(case.still_to_pay)),
            *dispute_words.label_ends(case, view.turn),
            *dispute_words.sealed(case, now.rules.bidding.rounds if now.rules.bidding else 0),
        ],
        "otherwise": dispute_words.if_nobody_acts(now, view.turn, amount),
        "offers": [
            (each, offer_said(sight, each), parts_said(sight, each.parts), state(each, sight.at))
            for each in _side_by_side(sight)
        ],
        **_agreed(sight),
        "money": sums(now, sight.at),
        **_way_back(sight),
        "proof": proof_of(sight),
        "checks": checks.shown(now.order),
        "asks": _asks(sight),
        "answer_says": _says(sight),
        **_by_facts_now(sight),
        **_decision(sight),
    }


def _way_back(sight: Sight) -> dict[str, Any]:
    """Return whether goods go back, who pays for that, and what of it is taken off the refund."""
    case, rules = sight.view.now.case, sight.view.now.rules
    reached = case.decision or case.agreement
    goes_back = (reached is not None and reached.goes_back) or case.back.sent_at is not None
    agreed = case.agreement.return_postage if case.agreement else ""
    return {
        "goes_back": goes_back,
        "back_pieces": going_back(sight) if goes_back else (),
        "pays_back": (agreed or rules.pays_way_back(case.reason)) if goes_back else "",
        "taken_off": sight.money(case.taken_off),
        "label_words": [text for text in sight.view.texts if text.kind == "label"][-1:],
    }


def _agreed(sight: Sight) -> dict[str, Any]:
    """Return how much was agreed on, and of an agreement in parts what became of each."""
    case = sight.view.now.case
    parts = case.agreement.parts if case.agreement else ()
    whole = sum(part.amount for part in parts) or (case.agreement.amount if case.agreement else 0)
    states = [case.state_of(part) for part in parts]
    return {
        "agreed": Money(whole, sight.currency),
        "agreed_parts": list(zip(parts_said(sight, parts), states, strict=True)),
    }


def _runs(now: Held) -> list[dict[str, object]]:
    """Return the times that run in a case, the first due first, each with its rule."""
    duties = now.seller.duties.filter(subject__in=now.dispute.names, status=DutyStatus.OPEN, due__lt=NEVER)
    books, found_ = rulebooks.current(), []
    for duty in duties.order_by("due"):
        try:
            rule = books.version(duty.rulebook).by_name[duty.rule]
        except LookupError:
            continue
        found_.append({"duty": duty, "title": gettext(rule.title), "who": rule.who})
    return found_


def cited(now: Held, ids: Iterable[str]) -> list[str]:
    """Return facts of an order as sentences, each with its moment, in the order of time."""
    wanted = set(ids)
    return [
        f"{told(fact.kind, {**fact.data, 'at': fact.at.isoformat()})} ({times.moment(fact.at)})"
        for fact in now.facts
        if fact.id in wanted
    ]


def _by_facts_now(sight: Sight) -> dict[str, Any]:
    """Return what helps to agree: what the rules would give now, and what similar cases ended with."""
    now = sight.view.now
    if now.case.stage not in CONTESTED:
        return {}
    helps = helping.help_with(now, at=sight.at)
    told_ = {"similar": _similar(sight, helps.similar), "too_few": helps.n if helps.similar is None else None}
    if helps.row is None or helps.by_rule is None:
        return told_ | ({"depends_on": helps.asks} if helps.asks else {})
    return told_ | {"would": helps.row, "would_give": Money(helps.by_rule, sight.currency)}


def _similar(sight: Sight, found_: helping.Range | None) -> dict[str, Any] | None:
    """Return what similar cases ended with, as sums of this claim; None where they are too few."""
    if found_ is None:
        return None
    names = ("median", "low", "high", "quarter", "three_quarters")
    return {"n": found_.n} | {name: Money(getattr(found_, name), sight.currency) for name in names}


def _side_by_side(sight: Sight) -> list[Offer]:
    """Return the offers, those first that can be accepted, of these the newest first; then what was before."""
    newest = list(reversed(sight.view.now.case.offers))
    return sorted(newest, key=lambda each: not each.is_open(sight.at))


def state(offer: Offer, at: datetime) -> str:
    """Return how an offer stands, as a code."""
    return "expired" if offer.status == "open" and not offer.is_open(at) else offer.status


def proof_of(sight: Sight) -> Proof | None:
    """Return what evidence the reason asks of each side, and what of it is there."""
    now = sight.view.now
    reason = now.rules.reasons.get(now.case.reason)
    if reason is None:
        return None
    return proof(reason, now.facts, dispute=now.dispute.ref, prove=reason.prove, weights=reason.weights)


def _asks(sight: Sight) -> list[dict[str, Any]]:
    """Return what the platform asked of the sides, with its words and the answers' that the reader may see."""
    by_fact = {text.fact: text.text for text in sight.view.texts}
    facts: dict[str, list[str]] = {}
    for fact in sight.view.now.facts:
        if request := fact.data.get("request"):
            facts.setdefault(str(request), []).append(by_fact.get(fact.id, ""))
    return [
        {"request": each, "words": [words for words in facts.get(each.id, ()) if words]}
        for each in sight.view.now.case.requests
    ]


def _says(sight: Sight) -> list[str]:
    """Return what the seller says happened, as sentences, without what was said of another dispute."""
    own = sight.view.now.dispute.ref
    told = [fact for fact in sight.view.now.facts if fact.kind == "dispute.answered" and fact.subject == own]
    return [dispute_words.claimed(code) for code in str(told[-1].data.get("says", "")).split()] if told else []


def _decision(sight: Sight) -> dict[str, Any]:
    """Return the decision that stands, with its words, its row, why it deviates, and who decided."""
    view, case = sight.view, sight.view.now.case
    if case.decision is None:
        return {}
    row = next((each for each in view.now.rules.table if each.name == case.decision.row), None)
    known = deciding.known(view.now, at=case.decision.at) if row is not None else {}
    rests_on = {fact for each in known.values() for fact in each.because}
    words: dict[str, list[Any]] = {}
    for text in view.texts:
        words.setdefault(text.kind, []).append(text)
    return {
        "decision": case.decision,
        "decided": Money(case.decision.amount, sight.currency),
        "row": row,
        "decision_words": words.get("appeal_decision", [])[-1:] or words.get("decision", [])[-1:],
        "deviation": words.get("deviation", [])[-1:],
        "corrections": words.get("correction", []) + words.get("clarification", []),
        "decider": deciding.decider(view.now),
        "seconder": drafts.seconder(view.now),
        "rests_on": cited(view.now, rests_on),
        "rule": view.now.book.ref if view.now.book else "",
        "owed": sight.money(case.still_to_pay),
        "sent_before": sight.money(case.asked_for if case.asked_for > case.to_pay else 0),
        "appeals": _appeals(sight),
    }


def _appeals(sight: Sight) -> list[tuple[Appeal, list[DisputeText]]]:
    """Return each appeal with what it says and what was answered."""
    appeals = sight.view.now.case.appeals
    ends = [*(each.at for each in appeals[1:]), NEVER][: len(appeals)]
    said = [text for text in sight.view.texts if text.kind in ("appeal", "appeal_answer")]
    return [
        (each, [text for text in said if each.at <= text.at < end]) for each, end in zip(appeals, ends, strict=True)
    ]


urlpatterns = [
    path("disputes/<slug:key>/", dispute, name="dispute"),
    path("disputes/<slug:key>/<slug:slug>/", act, name="dispute_act"),
]
