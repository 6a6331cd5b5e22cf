"""Offers: made, countered, taken back, declined, accepted by number; and sealed bids, where the rules have them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import worth
from comity.actions.disputes.agreeing import ACTS, GOES_BACK, Terms, agree, require_terms
from comity.actions.disputes.cases import Held, Verb, Words, held, tell, written
from comity.actions.disputes.mediation import heard
from comity.actions.disputes.why import sentence
from comity.actions.doing import NotNow, WhyNot
from comity.actions.enact import Refused
from comity.actions.guard import Actor
from comity.lib import moments
from comity.lib.ids import digest, salt
from comity.lib.money import Money
from comity.policy.disputes.case import Offer, Stage
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

    kind            a kind of the rulebook's
    amount          what goes back; None for kinds that pay nothing
    return_postage  who pays the way back, where goods go back; empty: as the rules say
    until           until when it can be accepted; None: as long as the rules say
    act_by          by when what is promised will be done
    """

    kind: str
    amount: Money | None = None
    return_postage: str = ""
    until: datetime | None = None
    act_by: datetime | None = None
    text: str = ""


def offer(
    actor: Actor, dispute: Dispute, new: NewOffer, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> int:
    """Make an offer; it takes the place of one's own last. Return its number. Raises Refused, NotNow, Forbidden."""
    with OFFER.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        data = _said(now, new, actor.role, at)
        words = Words("offer", written(new.text))
        if actor.role == "seller" and now.case.answer not in ("rejected", "offered") and is_negotiated(now):
            now = tell(now, actor, "dispute.answered", {"answer": "offered"}, at=at, noted_at=noted_at)
        now = tell(now, actor, "dispute.offered", data, at=at, noted_at=noted_at, words=words)
        return now.case.offers[-1].number


def is_negotiated(now: Held) -> bool:
    """Whether the two are still among themselves: then an offer is the seller's answer."""
    return now.case.stage is Stage.NEGOTIATION


def propose(
    actor: Actor, dispute: Dispute, new: NewOffer, *, at: datetime, noted_at: datetime | None = None, shown: str = ""
) -> int:
    """Propose, as the mediator. Both must say yes; a changed proposal voids every yes before. Return its number."""
    with PROPOSE.doing(actor, dispute, at=at, noted_at=noted_at, shown=shown) as now:
        data = _said(now, new, "agent", at)
        words = Words("offer", written(new.text))
        now = tell(now, actor, "dispute.offered", data, at=at, noted_at=noted_at, words=words)
        heard(now, actor, actor.party.ref, at=at, noted_at=noted_at)
        return now.case.offers[-1].number


def _said(now: Held, new: NewOffer, by: str, at: datetime) -> dict[str, Scalar]:
    if new.kind not in now.rules.offers:
        listed = ", ".join(now.rules.offers)
        raise Refused([_("The rules list no such offer. They list: %(offers)s.") % {"offers": listed}])
    require_terms(new.kind, new.amount)
    if new.amount is not None and new.amount.minor:
        worth.require_left(now.order, worth.pieces_of(now.dispute), new.amount)
    if new.return_postage and new.return_postage not in PAYERS:
        raise Refused([_("Who pays the way back: %(payers)s.") % {"payers": ", ".join(PAYERS)}])
    until = new.until or _expires(now, at)
    for moment in (until, new.act_by):
        if moment is not None and moment <= at:
            raise Refused([_("Name a moment that lies ahead.")])
    back = new.kind in GOES_BACK
    return {
        "by": by,
        "offer": new.kind,
        "number": len(now.case.offers) + 1,
        "amount": new.amount.minor if new.amount else None,
        "currency": now.order.currency if new.amount else None,
        "return_postage": (new.return_postage or now.rules.pays_way_back(now.case.reason)) if back else None,
        "until": moments.to_text(until) if until else None,
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
    limit = worth.most(now.order, pieces)
    if offered is None or offered.status != "withdrawn" or offered.amount <= limit.minor:
        return None
    return NotNow(money.why_not_more(now.order, limit, pieces))


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
    return Terms(offered.kind, offered.amount, offered.number, offered.return_postage, offered.act_by)


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
        worth.require_left(now.order, worth.pieces_of(dispute), limit)
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
