"""A claim as its page has it: changed, taken back, accepted, rejected."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.actions.disputes import (
    claims,
    opening,
    worth,
)  # fmt: skip
from comity.actions.guard import Actor
from comity.actions.money import said
from comity.policy.disputes.rule import DisputeRules
from comity.records.models import Dispute, OrderLine
from comity.web.common import words
from comity.web.common.gate import typed
from comity.web.trade import dispute_words
from comity.web.trade.dispute_forms import (
    Ask,
    DisputeAct,
    Form,
    Sight,
    amount,
    choice,
    money_typed,
    number_typed,
    one,
    pieces,
    plain,
    text,
)
from comity.web.trade.order_acts import contents_of


def wants_of(rules: DisputeRules, reason: str) -> list[tuple[str, str]]:
    """Return the kinds of offers that a buyer may ask for, those first that the rulebook names for the reason."""
    first = rules.reasons[reason].wants if reason in rules.reasons else ()
    kinds = [*first, *(kind for kind in rules.offers if kind not in first and kind != "nothing")]
    return [(kind, words.code(kind, "offer")) for kind in kinds]


def claim_form(sight: Sight, slug: str, title: str, button: str, says: str = "") -> Form:
    """Return a form with a claim as it stands, to be changed or opened again."""
    now = sight.view.now
    own, left = worth.pieces_of(sight.dispute), worth.left_of(now.order)
    most: dict[OrderLine, int] = {line: left.get(line, 0) + own.get(line, 0) for line in {**left, **own}}
    full = said(worth.most(now.order, own, now.case)) if own else ""
    reasons = [(name, dispute_words.reason_title(now.rules, name)) for name in now.rules.reasons]
    asks = (
        choice("reason", _("What is wrong"), reasons, value=now.case.reason),
        *(pieces(most, value={line: own.get(line, 0) for line in most}) if sum(most.values()) > 1 else ()),
        choice("wants", _("What you would like"), wants_of(now.rules, now.case.reason), value=now.case.wants),
        amount(
            _("How much"), value=plain(sight.money(now.case.amount)) if now.case.amount else "",
            hint=_("At most %(sum)s for these pieces.") % {"sum": full} if full else "",
        ),
        text(_("What happened")),
    )  # fmt: skip
    return Form(slug, title, button, asks, says=says)


def claim_typed(request: HttpRequest, currency: str) -> opening.Claim:
    """Return the claim that a form says. Raises Refused."""
    return opening.Claim(
        reason=typed(request, "reason"), pieces=contents_of(request), wants=typed(request, "wants"),
        amount=money_typed(request, currency), text=typed(request, "text"),
    )  # fmt: skip


def _modify(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    new = claim_typed(request, dispute.order.currency)
    claims.modify(actor, dispute, new, at=at, shown=typed(request, "shown"))
    return _("The claim is changed; the seller is told, and answers anew.")


def _claim_it(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    opening.claim_it(actor, dispute, claim_typed(request, dispute.order.currency), at=at)
    return _("The dispute is open; the seller is told.")


def _withdraw(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    reason = typed(request, "reason")
    claims.withdraw(actor, dispute, reason=reason, text=typed(request, "text"), at=at, shown=typed(request, "shown"))
    return _("The dispute is withdrawn.")


def _arrived(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    claims.arrived(actor, dispute, at=at)
    return _("Good to hear. The dispute has ended.")


def _accepting(sight: Sight) -> Iterator[Form]:
    case = sight.view.now.case
    yield Form(
        "accept-claim", _("Accept the claim"), _("Accept: %(what)s") % {"what": asked(sight)},
        hidden=(("version", case.version),), says=_follows_claim(sight),
    )  # fmt: skip
    full = worth.goods(sight.view.now.order, worth.pieces_of(sight.dispute), case)
    if full.minor > case.amount or case.wants not in ("", "refund"):
        sum_ = {"sum": said(full)}
        yield Form(
            "refund-in-full", _("Refund all of it"), _("Refund %(sum)s") % sum_,
            says=_("All that was paid for these pieces goes back, and the dispute ends."),
        )  # fmt: skip


def asked(sight: Sight) -> str:
    """Return what the buyer asks for, with the amount where money goes back for it."""
    case = sight.view.now.case
    wants = words.code(case.wants or "refund", "offer")
    if case.wants in opening.ACTS:
        return wants
    return f"{wants}, {said(sight.money(case.amount))}" if case.amount else wants


def _follows_claim(sight: Sight) -> str:
    case = sight.view.now.case
    sum_ = {"sum": said(sight.money(case.amount))}
    if case.wants in opening.ACTS:
        return _("You promise it; the rules set by when.")
    if case.wants == "return and refund":
        return _("The buyer sends the goods back; once they are with you, %(sum)s goes back.") % sum_
    return _("%(sum)s goes back to the buyer, and the dispute ends.") % sum_


def _accept_claim(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    claims.accept(actor, dispute, version=number_typed(request, "version"), at=at)
    return _("You accepted the claim. What you agreed on is being carried out.")


def _refund_in_full(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    claims.refund_in_full(actor, dispute, at=at)
    return _("All of it goes back to the buyer.")


def _rejecting(sight: Sight) -> Iterator[Form]:
    says = tuple((code, dispute_words.claimed(code)) for code in claims.SAYS)
    asks = (
        Ask("says", _("What you say, held against the facts"), "several", value=[], choices=says),
        text(_("Why"), required=True, hint=_("The buyer reads it.")),
    )
    hint = _("The buyer may then ask the platform to decide.")
    yield Form("reject", _("Reject the claim"), _("Reject it"), asks, (("version", sight.view.now.case.version),), hint)


def _reject(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    says, version = tuple(request.POST.getlist("says")), number_typed(request, "version")
    claims.reject(actor, dispute, text=typed(request, "text"), says=says, version=version, at=at)
    return _("The claim is rejected; the buyer is told why.")


def _withdrawing(sight: Sight) -> Iterator[Form]:
    asks = (
        choice("reason", _("Why"), [(each, words.code(each)) for each in claims.REASONS]),
        text(_("A word about it")),
    )
    says = _("It can be opened again while there is time. If the seller promised you something, you then rely on that.")
    yield Form("withdraw", _("Withdraw the dispute"), _("Withdraw it"), asks, says=says)


ACTS: tuple[DisputeAct, ...] = (
    DisputeAct("accept-claim", _accepting, _accept_claim),
    DisputeAct("refund-in-full", lambda sight: iter(()), _refund_in_full, verb="accept-claim"),
    DisputeAct("reject", _rejecting, _reject),
    DisputeAct("modify", lambda sight: iter([claim_form(
        sight, "modify", _("Change the claim"), _("Change it"),
        _("The seller is told, and has new time to answer."))]), _modify),
    DisputeAct("claim", lambda sight: iter([claim_form(
        sight, "claim", _("Open a dispute"), _("Open the dispute"))]), _claim_it),
    DisputeAct("reopen", lambda sight: iter([claim_form(
        sight, "reopen", _("Open it again"), _("Open it again"))]), _claim_it),
    DisputeAct("arrived", one("arrived", gettext_lazy("It arrived after all"), gettext_lazy("It arrived"),
               says=gettext_lazy("The dispute ends; nothing goes back.")), _arrived),
    DisputeAct("withdraw", _withdrawing, _withdraw),
)  # fmt: skip
