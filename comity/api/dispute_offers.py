"""Offers in a dispute: made, accepted by their number, declined, taken back; sealed limits; a mediator's proposal."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema, Status

from comity.actions.disputes import offers
from comity.actions.disputes.in_parts import NewPart
from comity.api.access import dispute_of, moment, needs, speaker, when
from comity.api.dispute_acts import Currency, OfferIn, Words, money_of
from comity.api.dispute_shapes import DisputeOut
from comity.api.dispute_view import told
from comity.api.shapes import ERRORS, NOW, Dated, Some
from comity.lib.money import Money

router = Router()


class OfferMade(Schema):
    """The number of an offer that was just made: who accepts it names it."""

    number: int
    dispute: DisputeOut


class DeclineIn(Dated):
    """Why an offer is declined; may be left out."""

    text: Words = ""


class BidIn(Dated):
    """How far a side would go, in minor units of `currency`. Nobody sees it."""

    amount: Some
    currency: Currency


class BidOut(Schema):
    """What became of the sealed limits: waiting (for the other's), settled (at the midpoint), apart."""

    result: str
    dispute: DisputeOut


NO_WORDS = DeclineIn()


@router.post("/disputes/{uuid}/offers", response={201: OfferMade, **ERRORS}, summary="Make an offer")
@needs("dispute.read", "dispute.offer")
def offer(request: HttpRequest, uuid: UUID, what: OfferIn) -> Status[OfferMade]:
    """Make an offer, or a counter-offer: it takes the place of your last. Of a seller it is the answer to the claim.

    Where not all pieces get the same, it has `parts`; it is accepted as a whole.
    """
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    number = offers.offer(who, dispute, new_offer(what), shown=what.shown, **when(request, what))
    return Status(201, OfferMade(number=number, dispute=told(who, dispute, moment())))


@router.post("/disputes/{uuid}/offers/{number}/accept", response={200: DisputeOut, **ERRORS}, summary="Accept an offer")
@needs("dispute.read", "dispute.offer")
def accept(request: HttpRequest, uuid: UUID, number: int, what: Dated = NOW) -> DisputeOut:
    """Accept an offer by its number: it is agreed, and carried out. A mediator's proposal takes the yes of both."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    offers.accept(who, dispute, number=number, **when(request, what))
    return told(who, dispute, moment())


@router.post(
    "/disputes/{uuid}/offers/{number}/decline", response={200: DisputeOut, **ERRORS}, summary="Decline an offer"
)
@needs("dispute.read", "dispute.offer")
def decline(request: HttpRequest, uuid: UUID, number: int, what: DeclineIn = NO_WORDS) -> DisputeOut:
    """Decline the other side's offer, or the mediator's."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    offers.decline(who, dispute, number=number, text=what.text, **when(request, what))
    return told(who, dispute, moment())


@router.post(
    "/disputes/{uuid}/offers/{number}/withdraw", response={200: DisputeOut, **ERRORS}, summary="Take an offer back"
)
@needs("dispute.read", "dispute.offer")
def take_back(request: HttpRequest, uuid: UUID, number: int, what: Dated = NOW) -> DisputeOut:
    """Take an own offer back; one that was accepted a moment ago cannot be."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    offers.take_back(who, dispute, number=number, **when(request, what))
    return told(who, dispute, moment())


@router.post("/disputes/{uuid}/bids", response={200: BidOut, **ERRORS}, summary="Seal a limit")
@needs("dispute.read", "dispute.offer")
def bid(request: HttpRequest, uuid: UUID, what: BidIn) -> BidOut:
    """Seal how far you would go. Once both have, limits within the margin of the rules settle at the midpoint."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    result = offers.bid(who, dispute, limit=Money(what.amount, what.currency), **when(request, what))
    return BidOut(result=result, dispute=told(who, dispute, moment()))


@router.post("/disputes/{uuid}/propose", response={201: OfferMade, **ERRORS}, summary="Propose, as the mediator")
@needs("dispute.read", "dispute.mediate")
def propose(request: HttpRequest, uuid: UUID, what: OfferIn) -> Status[OfferMade]:
    """Propose something to both; a changed proposal voids every yes before. Who has proposed does not decide."""
    who = speaker(request, what)
    dispute = dispute_of(who, uuid)
    number = offers.propose(who, dispute, new_offer(what), shown=what.shown, **when(request, what))
    return Status(201, OfferMade(number=number, dispute=told(who, dispute, moment())))


def new_offer(what: OfferIn) -> offers.NewOffer:
    """Return what is offered. Raises Refused."""
    return offers.NewOffer(
        kind=what.kind,
        amount=what.money(),
        return_postage=what.return_postage,
        until=what.until,
        act_by=what.act_by,
        text=what.text,
        parts=tuple(
            NewPart(
                line=part.line,
                quantity=part.quantity,
                kind=part.kind,
                amount=money_of(part.amount, part.currency),
                return_postage=part.return_postage,
                act_by=part.act_by,
            )
            for part in what.parts
        ),
    )
