"""Something wrong with an order: what is so now, what usually helps, and three questions that open a dispute."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from django.contrib import messages as flash
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from comity.actions import money as purse
from comity.actions.disputes import evidence, guided, opening, worth
from comity.actions.disputes.cases import facts_of
from comity.actions.doing import NotNow
from comity.actions.enact import Refused
from comity.actions.guard import Actor, allows
from comity.files.uploads import ACCEPTED
from comity.lib.money import Money
from comity.policy.disputes.guide import Guide, Opens, guide
from comity.policy.disputes.openings import Window, window_of
from comity.policy.disputes.proof import proof
from comity.policy.disputes.rule import DisputeRules
from comity.policy.disputes.turn import otherwise
from comity.policy.facts import Fact
from comity.policy.matching import accepted
from comity.policy.rulebook import Rulebook
from comity.records.models import Dispute, Order
from comity.web.common.doors import actor_of
from comity.web.common.gate import needs, typed
from comity.web.trade import dispute_words
from comity.web.trade.dispute_claims import claim_typed, wants_of
from comity.web.trade.dispute_evidence import given_typed
from comity.web.trade.dispute_forms import Ask, Form, Tried, amount, choice, filled, pieces, text

#: Where what usually helps is done: on the order's page, in the form with that anchor.
_THERE = frozenset(
    {"follow_the_parcel", "ask_seller", "cancel", "check_address", "ask_for_new_tracking", "ask_to_send_again",
     "show_photos", "ask_for_replacement", "ask_for_discount", "ask_for_missing_part", "send_back"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One reason that the rules list, and how it stands for an order."""

    opens: Opens
    title: str
    window: str
    counted: tuple[str, ...]
    helps: tuple[tuple[str, bool], ...]


@needs("buyer")
@require_http_methods(["GET", "POST"])
def problem(request: HttpRequest, key: str) -> HttpResponse:
    """What to do when something is wrong: first what helps, then the questions, then a last look, then it is open."""
    order, actor, now = _order(request, key), actor_of(request), datetime.now(UTC)
    try:
        book, rules = opening.rules_for(order, now)
    except Refused as error:
        return render(request, "buyer/problem.html", {"order": order, "none": error.problems, "now": now})
    desk = _Desk(request, actor, order, book, rules, now)
    match typed(request, "step") if request.method == "POST" else "":
        case "open":
            return desk.open()
        case "look":
            return desk.look()
        case "change":
            return desk.page(tried=Tried("open", request.POST), status=200)
    return desk.page()


def _order(request: HttpRequest, key: str) -> Order:
    order = Order.objects.filter(key=key).select_related("buyer", "seller").first()
    if order is None or not allows(actor_of(request), "order.read", order):
        raise Http404
    return order


@dataclass(frozen=True, slots=True)
class _Desk:
    """One look at the guided opening: who asks, about which order, under which rules, when."""

    request: HttpRequest
    actor: Actor
    order: Order
    book: Rulebook
    rules: DisputeRules
    at: datetime

    def page(self, *, tried: Tried | None = None, status: int = 422) -> HttpResponse:
        """Show what is so, what helps, and for a chosen reason the questions."""
        facts = [fact for fact in facts_of(self.order) if fact.at <= self.at]
        so = guide(self.rules, facts, at=self.at)
        chosen = self._chosen()
        ways = [self._way(opens, facts) for opens in so.opens]
        advised = next((opens.helps[0] for opens in so.opens if opens.reason == chosen and opens.helps), "")
        guided.note(self.order, "reason" if chosen else "began", advised=advised, at=self.at)
        context = self._common() | _so(so, self.at) | {"ways": ways, "reason": chosen}
        if chosen:
            context |= self._reason(chosen, facts, next(way for way in ways if way.opens.reason == chosen), tried)
        return render(self.request, "buyer/problem.html", context, status=status if tried is not None else 200)

    def _common(self) -> dict[str, Any]:
        mine = Dispute.objects.filter(order=self.order).order_by("-opened_at")
        return {"order": self.order, "now": self.at, "accepted": ACCEPTED, "disputes": list(mine)}

    def _chosen(self) -> str:
        asked = self.request.POST.get("reason") or self.request.GET.get("reason", "")
        return asked if asked in self.rules.reasons else ""

    def _way(self, opens: Opens, facts: list[Fact]) -> Way:
        found: Window = window_of(self.rules, opens.reason, facts)
        helps = tuple((str(dispute_words.HELPS[code]), code in _THERE) for code in opens.helps)
        title = dispute_words.reason_title(self.rules, opens.reason)
        counted = tuple(dispute_words.counted(found.counted))
        return Way(opens, title, dispute_words.window(found, self.at), counted, helps)

    def _reason(self, name: str, facts: list[Fact], way: Way, tried: Tried | None) -> dict[str, Any]:
        reason = self.rules.reasons[name]
        shown = proof(reason, facts, prove=reason.prove, weights=reason.weights)
        form = self._questions(name)
        return {
            "way": way,
            "proof": shown,
            "form": filled(form, tried) if tried is not None else form,
            "may_ask": self.rules.inquiry and way.opens.state != "over",
            "left": sum(worth.left_of(self.order).values()),
        }

    def _questions(self, reason: str) -> Form:
        left = {line: count for line, count in worth.left_of(self.order).items() if count}
        most = worth.most(self.order, left) if left else Money(0, self.order.paid_in)
        hint = _("At most %(sum)s. Leave it empty for all that was paid for these pieces.") % {"sum": purse.said(most)}
        asks: tuple[Ask, ...] = (
            *(pieces(left) if sum(left.values()) > 1 else ()),
            choice("wants", _("What would you like?"), wants_of(self.rules, reason)),
            amount(_("How much?"), hint=hint),
            text(_("What happened?"), hint=_("The seller reads it, and the platform if it is asked to decide.")),
        )
        return Form("open", _("Open a dispute"), _("Look at it once more"), asks, (("reason", reason),))

    def look(self) -> HttpResponse:
        """Show once more what will be sent, and what follows. What is wrong with it is said here already."""
        try:
            new = claim_typed(self.request, self.order.currency)
            if self._is_inquiry:
                opening.require_reason(self.rules, new.reason)
                return self._last(new, {})
            opening.require_reason(self.rules, new.reason)
            opening.require_window(self.rules, new.reason, self.order, self.at)
            held = opening.pieces_for(self.order, new)
            told = opening.said(self.order, self.rules, new, held)
        except Refused as error:
            return self._again(error)
        return self._last(new, told, tuple(held.items()))

    @property
    def _is_inquiry(self) -> bool:
        return "inquire" in self.request.POST

    def _again(self, error: Refused) -> HttpResponse:
        for problem in error.problems:
            flash.error(self.request, problem)
        return self.page(tried=Tried("open", self.request.POST, tuple(error.problems)))

    def _last(self, new: opening.Claim, told: Mapping[str, Any], held: tuple[Any, ...] = ()) -> HttpResponse:
        guided.note(self.order, "look", at=self.at)
        money = Money(int(told.get("amount") or 0), self.order.paid_in) if told else None
        given = [(name, value) for name, value in self.request.POST.items()
                 if name not in ("csrfmiddlewaretoken", "step", "once", "item")]  # fmt: skip
        context = self._common() | {
            "claim": new, "title": dispute_words.reason_title(self.rules, new.reason), "money": money, "held": held,
            "wants": told.get("wants", ""), "given": given, "once": uuid4(), "inquiry": self._is_inquiry,
            "shows": self.rules.reasons[new.reason].buyer_evidence if new.reason in self.rules.reasons else (),
            "follows": [] if self._is_inquiry else list(self._follows(money)),
        }  # fmt: skip
        return render(self.request, "buyer/problem_look.html", context)

    def _follows(self, money: Money | None) -> list[str]:
        """Return what a dispute brings, by the duties that open with it in the rulebook in force."""
        fact = Fact(
            id="", kind="dispute.opened", at=self.at, noted_at=self.at, subject="", matter="", party="", data={}
        )
        found = []
        for rule in self.book.duties:
            if rule.each == "dispute" and accepted(rule.opened_by, fact):
                what, value = otherwise(rule)
                then = dispute_words.otherwise(what, value, money or Money(0, self.order.paid_in))
                values = {"who": dispute_words.side(rule.who), "what": _(rule.title), "then": then}
                found.append(
                    (_("%(what)s (%(who)s). If not: %(then)s.") if then else _("%(what)s (%(who)s).")) % values
                )
        return found

    def open(self) -> HttpResponse:
        """Open it, with the files that came along; a second click finds what the first has opened."""
        try:
            new = claim_typed(self.request, self.order.currency)
            dispute = self._opened(new)
        except Refused as error:
            return self._again(error)
        self._give(dispute)
        return redirect("dispute", key=dispute.key)

    def _opened(self, new: opening.Claim) -> Dispute:
        if self._is_inquiry:
            return opening.inquire(self.actor, self.order, reason=new.reason, text=new.text, at=self.at)
        try:
            dispute = opening.open_(self.actor, self.order, new, at=self.at)
        except NotNow as error:
            there = Dispute.objects.filter(order=self.order, reason=new.reason, ended_at=None).order_by("-pk").first()
            if error.code == "no_pieces_left" and there is not None:
                return there
            raise
        flash.success(self.request, _("The dispute is open; the seller is told."))
        return dispute

    def _give(self, dispute: Dispute) -> None:
        given = replace(given_typed(self.request), text="", sees="all", why="")
        if not given.files or dispute.evidence.exists():
            return
        try:
            taken = evidence.give(self.actor, dispute, given, at=self.at)
        except Refused as error:
            wrong: tuple[str, ...] = tuple(error.problems)
        else:
            wrong = taken.wrong
        for each in wrong:
            flash.error(self.request, each)


def _so(so: Guide, at: datetime) -> dict[str, Any]:
    """Return what is so of the order, as sentences."""
    promise = dispute_words.guide(so.promise, at) if so.promise is not None else ""
    return {"so": [dispute_words.guide(each, at) for each in so.now], "promise": promise}


urlpatterns = [
    path("buy/orders/<slug:key>/problem/", problem, name="problem"),
]
