"""Offers in a dispute as its page has them: made, taken back, accepted, declined; sealed limits."""

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext as _

from comity.actions.disputes import (
    offers,
    worth,
)  # fmt: skip
from comity.actions.disputes.cases import held
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.money import said
from comity.policy.disputes.case import Offer
from comity.records.models import Dispute
from comity.web.common import words
from comity.web.common.gate import typed
from comity.web.trade.dispute_forms import (
    PAYERS,
    Ask,
    DisputeAct,
    Form,
    Sight,
    amount,
    choice,
    moment_typed,
    money_typed,
    number_typed,
    text,
)  # fmt: skip


def offer_asks(sight: Sight) -> tuple[Ask, ...]:
    """Return what an offer says, of the kinds that the rulebook lists."""
    now = sight.view.now
    most = said(worth.most(now.order, worth.pieces_of(sight.dispute)))
    kinds = [(kind, words.code(kind, "offer")) for kind in now.rules.offers]
    return (
        choice("kind", _("What you offer"), kinds, value=now.case.wants),
        amount(_("How much"), hint=_("At most %(sum)s. Leave it empty where no money goes back.") % {"sum": most}),
        choice("return_postage", _("Who pays the way back"), PAYERS, hint=_("Where goods go back.")),
        Ask("act_by", _("Done by"), "moment", hint=_("Where you promise to send or repair something.")),
        Ask("until", _("Can be accepted until"), "moment", hint=_("Empty: as long as the rules say.")),
        text(_("A word about it")),
    )


def offer_typed(request: HttpRequest, actor: Actor, dispute: Dispute) -> offers.NewOffer:
    """Return the offer that a form says. Raises Refused."""
    return offers.NewOffer(
        kind=typed(request, "kind"), amount=money_typed(request, dispute.order.currency),
        return_postage=typed(request, "return_postage"), until=moment_typed(request, actor, "until"),
        act_by=moment_typed(request, actor, "act_by"), text=typed(request, "text"),
    )  # fmt: skip


def _offering(sight: Sight) -> Iterator[Form]:
    mine = sight.view.now.case.open_offers(sight.at, by=sight.actor.role)
    title = _("Change your offer") if mine else _("Make an offer")
    yield Form(
        "offer", title, _("Send the offer"), offer_asks(sight),
        says=_("The other side may accept it as it is; then it binds both, and the dispute ends."),
    )  # fmt: skip


def _offer(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    offers.offer(actor, dispute, offer_typed(request, actor, dispute), at=at, shown=typed(request, "shown"))
    return _("Your offer is made; the other side is told.")


def offer_said(sight: Sight, offer: Offer) -> str:
    """Return what an offer says in a few words."""
    kind = words.code(offer.kind, "offer")
    return f"{kind}, {said(sight.money(offer.amount))}" if offer.amount else kind


def _theirs(sight: Sight) -> list[Offer]:
    role = sight.actor.role
    waiting = sight.view.now.case.open_offers(sight.at)
    return [each for each in waiting if each.by != role and role not in each.agreed]


def _taking(sight: Sight) -> Iterator[Form]:
    for each in _theirs(sight):
        what = {"what": offer_said(sight, each)}
        both = _("It takes the yes of both sides.") if each.by not in ("buyer", "seller") else ""
        title = _("Accept the platform's proposal") if both else _("Accept the offer")
        yield Form(
            "accept-offer", title, _("Accept: %(what)s") % what, hidden=(("number", each.number),),
            says=both or _("It binds both of you, and the dispute ends."),
        )  # fmt: skip


def _declining(sight: Sight) -> Iterator[Form]:
    for each in _theirs(sight):
        title = _("Decline: %(what)s") % {"what": offer_said(sight, each)}
        yield Form("decline-offer", title, _("Decline it"), (text(_("Why")),), (("number", each.number),))


def _taking_back(sight: Sight) -> Iterator[Form]:
    for each in sight.view.now.case.open_offers(sight.at, by=sight.actor.role):
        what = {"what": offer_said(sight, each)}
        yield Form(
            "withdraw-offer", _("Take your offer back: %(what)s") % what, _("Take it back"),
            hidden=(("number", each.number),), says=_("It can no longer be accepted."),
        )  # fmt: skip


def _accept_offer(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    offers.accept(actor, dispute, number=number_typed(request, "number"), at=at)
    if held(dispute).case.agreement is None:
        return _("You said yes; it takes the other side's yes as well.")
    return _("You accepted the offer. What you agreed on is being carried out.")


def _decline(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    offers.decline(actor, dispute, number=number_typed(request, "number"), text=typed(request, "text"), at=at)
    return _("The offer is declined.")


def take_back(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    """Take an own offer back."""
    offers.take_back(actor, dispute, number=number_typed(request, "number"), at=at)
    return _("Your offer is taken back.")


def _bidding(sight: Sight) -> Iterator[Form]:
    case, rules = sight.view.now.case, sight.view.now.rules.bidding
    if rules is None:
        return
    label = _("The least you would take") if sight.actor.role == "buyer" else _("The most you would give")
    margin = said(sight.money(int(rules.margin * case.amount)))
    hint = _(
        "Nobody sees it, not even the platform. If both limits are no further apart than %(margin)s, it is settled "
        "in the middle. Round %(round)s of %(rounds)s."
    )
    says = hint % {"margin": margin, "round": case.bid_round, "rounds": rules.rounds}
    yield Form("bid", _("Seal a limit"), _("Seal it"), (amount(label),), says=says)


def _bid(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    limit = money_typed(request, dispute.order.currency)
    if limit is None:
        raise Refused([_("Write how far you would go.")])
    done = offers.bid(actor, dispute, limit=limit, at=at)
    return {
        "waiting": _("Your limit is sealed; the other side is asked for its own."),
        "settled": _("Both limits were near enough: it is settled in the middle."),
        "apart": _("The two limits were too far apart."),
    }[done]


ACTS: tuple[DisputeAct, ...] = (
    DisputeAct("accept-offer", _taking, _accept_offer),
    DisputeAct("offer", _offering, _offer),
    DisputeAct("decline-offer", _declining, _decline),
    DisputeAct("withdraw-offer", _taking_back, take_back),
    DisputeAct("bid", _bidding, _bid),
)  # fmt: skip
