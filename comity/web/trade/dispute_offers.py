"""Offers in a dispute as its page has them: made, taken back, accepted, declined; sealed limits."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from comity.actions.disputes import (
    offers,
    worth,
)  # fmt: skip
from comity.actions.disputes.agreeing import NOTHING
from comity.actions.disputes.cases import held
from comity.actions.disputes.in_parts import NewPart
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.actions.money import said
from comity.policy.disputes.case import ACTS as PROMISED
from comity.policy.disputes.case import GOES_BACK, Offer, Part
from comity.records.models import Dispute, OrderLine
from comity.web.common import words
from comity.web.common.gate import typed
from comity.web.common.times import until
from comity.web.trade.dispute_forms import (
    PAYERS,
    Ask,
    DisputeAct,
    Folded,
    Form,
    Group,
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
    most = said(worth.most(now.order, worth.pieces_of(sight.dispute), now.case))
    kinds = [(kind, words.code(kind, "offer")) for kind in now.rules.offers]
    return (
        choice("kind", _("What you offer"), kinds, value=now.case.wants),
        amount(_("How much"), hint=_("At most %(sum)s. Leave it empty where no money goes back.") % {"sum": most}),
        choice("return_postage", _("Who pays the way back"), PAYERS, hint=_("Where goods go back.")),
        Ask("act_by", _("To be done by"), "moment", hint=_("Where you promise to send or repair something.")),
        Ask("until", _("Can be accepted until"), "moment", hint=_("Empty: as long as the rules say.")),
        text(_("A word about it")),
    )


#: Groups of fields for the pieces of a line, and lines for which there are any.
MOST_GROUPS, MOST_LINES = 3, 30


def parts_asks(sight: Sight) -> Folded | None:
    """Return what an offer says of single pieces, of a dispute about several; without it, it says the same of all."""
    pieces = sorted(worth.pieces_of(sight.dispute).items(), key=lambda each: each[0].pk)
    if sum(count for _line, count in pieces) < 2 or len(pieces) > MOST_LINES:
        return None
    offered = dict.fromkeys((*sight.view.now.rules.offers, NOTHING))
    kinds = [("", _("— choose —")), *((kind, words.code(kind, "offer")) for kind in offered)]
    return Folded(
        _("Not the same for all pieces"),
        _(
            "Say here what each piece gets, and leave the amount above empty: then only this counts. A block in which "
            "you choose nothing is left out; pieces that get the same go into one. For a piece that gets nothing, "
            "offer nothing."
        ),
        tuple(
            _group(line, count, place, kinds)
            for line, count in pieces
            for place in range(1, min(count, MOST_GROUPS) + 1)
        ),
    )  # fmt: skip


def _group(line: OrderLine, count: int, place: int, kinds: Sequence[tuple[str, Any]]) -> Group:
    name = f"part-{line.pk}-{place}"
    usual = 1 if count <= MOST_GROUPS else ""
    asks = (
        Ask(f"{name}-quantity", line.title, "number", usual, most=count, hint=_("of %(left)s") % {"left": count}),
        choice(f"{name}-kind", _("What you offer"), kinds),
        amount(_("How much"), name=f"{name}-amount"),
        Ask(f"{name}-act_by", _("To be done by"), "moment"),
    )
    title = _("%(title)s, block %(place)s") % {"title": line.title, "place": place}
    return Group(name, line.title if count == 1 else title, asks)


def _parts_typed(request: HttpRequest, actor: Actor, dispute: Dispute) -> tuple[NewPart, ...]:
    """Return what a form says of single pieces: of the groups in which a kind is chosen. Raises Refused."""
    named = (_GROUP.fullmatch(name) for name in request.POST)
    pays = typed(request, "return_postage")
    found = []
    for name, line in ((each[1], int(each[2])) for each in named if each is not None):
        if kind := typed(request, f"{name}-kind"):
            found.append(NewPart(
                line=line, quantity=number_typed(request, f"{name}-quantity"), kind=kind,
                amount=money_typed(request, dispute.order.currency, f"{name}-amount"),
                return_postage=pays if kind in GOES_BACK else "",
                act_by=moment_typed(request, actor, f"{name}-act_by"),
            ))  # fmt: skip
    return tuple(found)


_GROUP = re.compile(r"(part-([0-9]{1,15})-[0-9])-kind")


def offer_typed(request: HttpRequest, actor: Actor, dispute: Dispute) -> offers.NewOffer:
    """Return the offer that a form says: of single pieces, where it says anything of these. Raises Refused."""
    if parts := _parts_typed(request, actor, dispute):
        return offers.NewOffer(
            amount=money_typed(request, dispute.order.currency), until=moment_typed(request, actor, "until"),
            act_by=moment_typed(request, actor, "act_by"), text=typed(request, "text"), parts=parts,
        )  # fmt: skip
    return offers.NewOffer(
        kind=typed(request, "kind"), amount=money_typed(request, dispute.order.currency),
        return_postage=typed(request, "return_postage"), until=moment_typed(request, actor, "until"),
        act_by=moment_typed(request, actor, "act_by"), text=typed(request, "text"),
    )  # fmt: skip


def _offering(sight: Sight) -> Iterator[Form]:
    mine = sight.view.now.case.open_offers(sight.at, by=sight.actor.role)
    title = _("Change your offer") if mine else _("Make an offer")
    yield Form(
        "offer", title, _("Send the offer"), offer_asks(sight), folded=parts_asks(sight),
        says=_("The other side may accept it as it is; then it binds both, and the dispute ends."),
    )  # fmt: skip


def _offer(request: HttpRequest, actor: Actor, dispute: Dispute, at: datetime) -> str:
    offers.offer(actor, dispute, offer_typed(request, actor, dispute), at=at, shown=typed(request, "shown"))
    return _("Your offer is made; the other side is told.")


def offer_said(sight: Sight, offer: Offer) -> str:
    """Return what an offer says in a few words."""
    kind = words.code(offer.kind, "offer")
    return f"{kind}, {said(sight.money(offer.amount))}" if offer.amount else kind


def parts_said(sight: Sight, parts: Iterable[Part]) -> tuple[str, ...]:
    """Return what an offer says of which pieces, each in a few words."""
    parts = tuple(parts)
    titles = dict(sight.view.now.order.lines.values_list("pk", "title")) if parts else {}
    return tuple(_part_said(sight, part, {str(pk): title for pk, title in titles.items()}) for part in parts)


def _part_said(sight: Sight, part: Part, titles: Mapping[str, str]) -> str:
    kind = words.code(part.kind, "offer")
    what = f"{kind}, {said(sight.money(part.amount))}" if part.amount else kind
    values = {"count": part.quantity, "title": titles.get(part.line, part.line), "what": what}
    return _("%(count)s × %(title)s: %(what)s") % values


def _theirs(sight: Sight) -> list[Offer]:
    role = sight.actor.role
    waiting = sight.view.now.case.open_offers(sight.at)
    return [each for each in waiting if each.by != role and role not in each.agreed]


def _taking(sight: Sight) -> Iterator[Form]:
    for each in _theirs(sight):
        what = {"what": offer_said(sight, each)}
        is_proposal = each.by not in ("buyer", "seller")
        title = _("Accept the platform's proposal") if is_proposal else _("Accept the offer")
        yield Form(
            "accept-offer", title, _("Accept: %(what)s") % what, hidden=(("number", each.number),),
            items=(*parts_said(sight, each.parts), *terms_said(each)), says=_binds(each, is_proposal=is_proposal),
        )  # fmt: skip


def _binds(offer: Offer, *, is_proposal: bool) -> str:
    """Return what a yes to an offer means: whether the dispute ends at once, or once all of it is done."""
    kinds = {offer.kind, *(part.kind for part in offer.parts)}
    ends = _("It binds both of you, and the dispute ends.")
    if kinds & (PROMISED | GOES_BACK):
        ends = _("It binds both of you; the dispute ends once all of it is done.")
    return " ".join([_("It takes the yes of both sides."), ends]) if is_proposal else ends


def terms_said(offer: Offer) -> tuple[str, ...]:
    """Return who pays the way back of an offer's goods, and by when what is promised is done, where it says so."""
    act_by = max((part.act_by for part in offer.parts if part.act_by is not None), default=offer.act_by)
    said_ = [_("Way back paid by: %(who)s") % {"who": words.code(offer.return_postage)}] if offer.return_postage else []
    said_ += [_("Done by %(at)s") % {"at": until(act_by)}] if act_by is not None else []
    return tuple(said_)


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
