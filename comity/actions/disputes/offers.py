"""Offers: made, countered, taken back, declined, accepted by number; and sealed bids, where the rules have them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import in_parts, worth
from comity.actions.disputes.agreeing import NOTHING, Terms, agree, require_terms
from comity.actions.disputes.cases import Held, Verb, Words, held, require_ahead, tell, written
from comity.actions.disputes.in_parts import NewPart
from comity.actions.disputes.mediation import heard
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib import moments
from comity.lib.ids import digest, salt
from comity.lib.money import Money
from comity.policy.disputes.case import ACTS, GOES_BACK, Offer, Part, Stage
from comity.policy.facts import PAYERS, Scalar
from comity.policy.time.calendars import later
from comity.records.models import Dispute, SealedBid

OFFER = Verb("offer", "dispute.offer")
WITHDRAW = Verb("withdraw-offer", "dispute.offer")
DECLINE = Verb("decline-offer", "dispute.offer")
ACCEPT = Verb("accept-offer", "dispute.offer")
PROPOSE = Verb("propose", "dispute.mediate")
BID = Verb("bid", "dispute.offer")


@dataclass(frozen=True, slots=True)
class NewOffer:
    """What is offered.

    kind            a kind of the rulebook's; empty for an offer in parts
    amount          what goes back; None for kinds that pay nothing
    return_postage  who pays the way back, where goods go back; empty: as the rules say
    until           until when it can be accepted; None: as long as the rules say
    act_by          by when what is promised will be done
    parts           what is offered for which pieces, where it is not the same for all: every piece is in one of them
    """

    kind: str = ""
    amount: Money | None = None
    return_postage: str = ""
    until: datetime | None = None
    act_by: datetime | None = None
    text: str = ""
    parts: tuple[NewPart, ...] = ()


def offer(
    actor: Actor, dispute: Dispute, new: NewOffer, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> int:
    """Make an offer; it takes the place of one's own last. Return its number. Raises Refused, NotNow, Forbidden."""
    with OFFER.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        said = _said(now, new, actor.role, at)
        if actor.role == "seller" and now.case.answer not in ("rejected", "offered") and is_negotiated(now):
            now = tell(now, actor, "dispute.answered", {"answer": "offered"}, at=at, noted_at=noted_at)
        return _made(now, actor, said, new.text, at=at, noted_at=noted_at).case.offers[-1].number


def is_negotiated(now: Held) -> bool:
    """Whether the two are still among themselves: then an offer is the seller's answer."""
    return now.case.stage is Stage.NEGOTIATION


def propose(
    actor: Actor, dispute: Dispute, new: NewOffer, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> int:
    """Propose, as the mediator. Both must say yes; a changed proposal voids every yes before. Return its number."""
    with PROPOSE.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        said = _said(now, new, "agent", at)
        now = _made(now, actor, said, new.text, at=at, noted_at=noted_at)
        heard(now, actor, actor.party.ref, at=at, noted_at=noted_at)
        return now.case.offers[-1].number


def _made(
    now: Held, actor: Actor, said: Sequence[Mapping[str, Scalar]], text: str, *, at: datetime,
    noted_at: datetime | None,
) -> Held:  # fmt: skip
    """Note an offer, part for part; its words are with the last, by which it is whole."""
    words = Words("offer", written(text))
    for data in said[:-1]:
        now = tell(now, actor, "dispute.offered", data, at=at, noted_at=noted_at)
    return tell(now, actor, "dispute.offered", said[-1], at=at, noted_at=noted_at, words=words)


def _said(now: Held, new: NewOffer, by: str, at: datetime) -> list[dict[str, Scalar]]:
    """Return what an offer says, checked: one thing, or one for each of its parts. Raises Refused, NotNow."""
    until = new.until or _expires(now, at)
    require_ahead(until, new.act_by, *(part.act_by for part in new.parts), at=at)
    common: dict[str, Scalar] = {
        "by": by, "number": len(now.case.offers) + 1, "until": moments.to_text(until) if until else None,
    }  # fmt: skip
    if not new.parts:
        _require_possible(now, new)
        if new.amount is not None and new.amount.minor:
            worth.require_left(now.order, worth.pieces_of(now.dispute), new.amount, now.case)
        return [common | _terms(now, new, new.return_postage)]
    return [common | each for each in _in_parts(now, new)]


def _in_parts(now: Held, new: NewOffer) -> list[dict[str, Scalar]]:
    """Return what the parts of an offer say, checked: about every piece once, and no more than is left for any."""
    if new.kind or new.amount is not None or new.return_postage or new.act_by is not None:
        raise Refused([_("Where pieces get different things, leave amount and date for all of them empty.")])
    pieces, pays = worth.pieces_of(now.dispute), in_parts.payer(new.parts)
    in_parts.require_whole(pieces, new.parts)
    for part in new.parts:
        _require_possible(now, part)
        if part.amount is not None and part.amount.minor:
            worth.require_left(now.order, pieces, part.amount, now.case)
    said = [
        _terms(now, part, pays)
        | {"part": place, "parts": len(new.parts), "line": str(part.line), "quantity": part.quantity}
        for place, part in enumerate(new.parts, start=1)
    ]
    all_ = sum(part.amount.minor for part in new.parts if part.amount)
    if all_:
        worth.require_left(now.order, pieces, Money(all_, now.order.paid_in), now.case)
        in_parts.require_left(now.order, pieces, [
            Part(line=str(part.line), quantity=part.quantity, kind=part.kind, amount=part.amount.minor)
            for part in new.parts if part.amount
        ], now.case)  # fmt: skip
    return said


def _require_possible(now: Held, new: NewOffer | NewPart) -> None:
    """Return if the rules list what is offered, and it goes together; raise Refused where they do not."""
    # That one piece gets nothing can be said wherever another gets something.
    if new.kind not in now.rules.offers and not (isinstance(new, NewPart) and new.kind == NOTHING):
        listed = ", ".join(now.rules.offers)
        raise Refused([_("The rules list no such offer. They list: %(offers)s.") % {"offers": listed}])
    require_terms(new.kind, new.amount)
    if new.return_postage and new.return_postage not in PAYERS:
        raise Refused([_("Who pays the way back: %(payers)s.") % {"payers": ", ".join(PAYERS)}])
    if isinstance(new, NewPart) and new.return_postage and new.kind not in GOES_BACK:
        raise Refused([_("Who pays the way back is said only where goods go back.")])
    if isinstance(new, NewPart) and new.act_by is not None and new.kind not in ACTS:
        raise Refused([_("A date is named only for what is promised: replacement, resend or repair.")])


def _terms(now: Held, new: NewOffer | NewPart, pays: str) -> dict[str, Scalar]:
    back = new.kind in GOES_BACK
    return {
        "offer": new.kind,
        "amount": new.amount.minor if new.amount else None,
        "currency": now.order.currency if new.amount else None,
        "return_postage": (pays or now.rules.pays_way_back(now.case.reason)) if back else None,
        "act_by": moments.to_text(new.act_by) if new.act_by and new.kind in ACTS else None,
    }


def _expires(now: Held, at: datetime) -> datetime | None:
    length = now.rules.offer_expires
    zone = now.book.zone if now.book else "UTC"
    return later(at, length, zone) if length is not None else None


def take_back(actor: Actor, dispute: Dispute, *, number: int, at: datetime, noted_at: datetime | None = None) -> None:
    """Take an own offer back; one that was accepted a moment ago cannot be. Raises NotNow."""
    with WITHDRAW.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        chosen(now, number, at, by=actor.role)
        data: dict[str, Scalar] = {"by": actor.role, "number": number}
        tell(now, actor, "dispute.offer_withdrawn", data, at=at, noted_at=noted_at)


def decline(
    actor: Actor, dispute: Dispute, *, number: int, text: str = "", at: datetime, noted_at: datetime | None = None
) -> None:
    """Decline the other side's offer, or the mediator's. Raises NotNow."""
    with DECLINE.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        if chosen(now, number, at).by == actor.role:
            raise NotNow(WhyNot("no_offer", sentence("no_offer")))
        data: dict[str, Scalar] = {"by": actor.role, "number": number}
        tell(now, actor, "dispute.offer_declined", data, at=at, noted_at=noted_at, words=Words("answer", written(text)))


def accept(actor: Actor, dispute: Dispute, *, number: int, at: datetime, noted_at: datetime | None = None) -> None:
    """Accept an offer by its number: what it says is agreed and carried out. A mediator's takes the yes of both.

    Raises NotNow where it was withdrawn, replaced or has expired, or so much is not left.
    """
    try:
        _accept(actor, dispute, number=number, at=at, noted_at=noted_at)
    except NotNow as refused:
        raise _why_gone(dispute, number) or refused from refused


def _why_gone(dispute: Dispute, number: int) -> NotNow | None:
    """Return how much is left, where an offer fell because that is too little for it; else None."""
    now = held(dispute)
    offered, pieces = now.case.offer(number), worth.pieces_of(dispute)
    limit = worth.most(now.order, pieces, now.case)
    if offered is None or offered.status != "withdrawn":
        return None
    if offered.amount > limit.minor:
        return NotNow(money.why_not_more(now.order, limit, pieces))
    for line, left in in_parts.too_much(now.order, pieces, offered.parts, now.case).items():
        return NotNow(money.why_not_more(now.order, left, [line]))
    return None


def _accept(actor: Actor, dispute: Dispute, *, number: int, at: datetime, noted_at: datetime | None) -> None:
    with ACCEPT.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        offered = chosen(now, number, at)
        if offered.by == actor.role:
            raise NotNow(WhyNot("no_offer", sentence("no_offer")))
        if offered.by not in ("buyer", "seller"):
            if actor.role not in offered.agreed:
                data: dict[str, Scalar] = {"by": actor.role, "number": number}
                now = tell(now, actor, "dispute.agreed", data, at=at, noted_at=noted_at)
            offered = now.case.offer(number) or offered
            if not {"buyer", "seller"} <= set(offered.agreed):
                return
        agree(now, actor, terms_of(offered), at=at, noted_at=noted_at)


def terms_of(offered: Offer) -> Terms:
    """Return what an offer says, as it is agreed on."""
    return Terms(
        offered.kind, offered.amount, offered.number, offered.return_postage, offered.act_by, offered.parts
    )  # fmt: skip


def chosen(now: Held, number: int, at: datetime, *, by: str = "") -> Offer:
    """Return the open offer of that number, of one side or of any; raise NotNow where there is none."""
    for each in now.case.open_offers(at, by=by):
        if each.number == number:
            return each
    raise NotNow(WhyNot("offer_changed", sentence("offer_changed")))


def bid(actor: Actor, dispute: Dispute, *, limit: Money, at: datetime, noted_at: datetime | None = None) -> str:
    """Seal how far a side would go. Once both have, they settle at the midpoint if they are within the margin.

    Returns waiting, settled or apart. Nobody learns the other's limit; after the last round no more are taken, so that
    a side cannot search it out.
    """
    with BID.doing(actor, dispute, at=at, noted_at=noted_at) as now:
        worth.require_left(now.order, worth.pieces_of(dispute), limit, now.case)
        round_ = now.case.bid_round
        sealed = SealedBid(dispute=dispute, role=actor.role, round=round_, amount=limit.minor, salt=salt())
        sealed.save(force_insert=True)
        data: dict[str, Scalar] = {
            "by": actor.role, "round": round_, "digest": digest(bytes(sealed.salt), str(limit.minor))
        }  # fmt: skip
        now = tell(now, actor, "dispute.bid", data, at=at, noted_at=noted_at)
        limits = dict(SealedBid.objects.filter(dispute=dispute, round=round_).values_list("role", "amount"))
        if len(limits) < 2:
            return "waiting"
        assert now.rules.bidding is not None
        apart, margin = limits["buyer"] - limits["seller"], now.rules.bidding.margin * now.case.amount
        if apart > margin:
            tell(now, actor, "dispute.bids_apart", {"round": round_}, at=at, noted_at=noted_at)
            return "apart"
        middle = (limits["buyer"] + limits["seller"]) // 2
        agree(now, actor, Terms(kind="partial refund", amount=middle), at=at, noted_at=noted_at)
        return "settled"
