"""Pay-outs: what sellers are due, and what they were paid."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema
from pydantic import AfterValidator, Field

from comity.actions import payouts
from comity.actions.enact import Refused
from comity.actions.guard import Actor, require
from comity.api.access import actor, moment, needs, when
from comity.api.money import Currency
from comity.api.shapes import ERRORS, Dated, In, Minor, Moment, storable
from comity.records.models import Order, Party

router = Router()


class DueOut(Schema):
    """What a seller is due for an order. `netted`: what the next pay-out takes off of what is `owed`.

    `platform`: what the platform pays of its own money. `why_held`: dispute, cancelled, measure or not_received; empty
    where nothing is held.
    """

    order: UUID
    external_id: str | None
    due: int
    held: int
    owed: int
    netted: int
    platform: int
    why_held: str


class DuesOut(Schema):
    """What a seller is due in a currency, by order, and what the next pay-out comes to. `next`: the next page."""

    currency: str
    pays: int
    items: list[DueOut]
    next: str


@router.get("/parties/{uuid}/due", response={200: DuesOut, **ERRORS}, summary="What a seller is due")
@needs("payout.read")
def due(request: HttpRequest, uuid: UUID, currency: Currency, after: Annotated[int, Field(ge=0)] = 0) -> DuesOut:
    """Return what a seller is due, and what is held and why. What is owed is taken off as far as what is due goes."""
    who = actor(request)
    seller = _seller(who, uuid)
    lines = payouts.due(who, seller, currency=currency, after=after, now=moment())
    items = [
        DueOut(
            order=line.order.uuid,
            external_id=line.order.external_id,
            due=line.due,
            held=line.held,
            owed=line.owed,
            netted=line.netted,
            platform=line.platform,
            why_held=line.why_held,
        )
        for line in lines
    ]
    pays = sum(line.due + line.platform - line.netted for line in lines)
    following = str(lines[-1].order.pk) if len(lines) == payouts.MOST else ""
    return DuesOut(currency=currency, pays=pays, items=items, next=following)


def _seller(who: Actor, uuid: UUID) -> Party:
    seller = get_object_or_404(Party, uuid=uuid)
    require(who, "payout.read", seller)
    return seller


class PaidLineIn(In):
    """What a pay-out brought for an order, took off for what was owed for it, and brought of the platform's own."""

    order: UUID
    amount: Minor = 0
    netted: Minor = 0
    platform: Minor = 0


class PayOutIn(In):
    """A pay-out that was made. `reference`: the payment system's id of it; told again, it changes nothing."""

    seller: UUID
    reference: Annotated[str, Field(min_length=1, max_length=140), AfterValidator(storable)]
    currency: Currency
    lines: Annotated[list[PaidLineIn], Field(min_length=1, max_length=payouts.MOST)]
    at: Moment | None = None


class PaidOut(Schema):
    """Of how many orders a pay-out was noted, and of how many it was known already."""

    recorded: int
    known: int


@router.post("/payouts", response={200: PaidOut, **ERRORS}, summary="A seller was paid")
@needs("payout.record")
def paid_out(request: HttpRequest, what: PayOutIn) -> PaidOut:
    """Note a pay-out: of all its orders or of none."""
    who = actor(request)
    require(who, "payout.record")
    seller = get_object_or_404(Party, uuid=what.seller, role="seller")
    found = {row.uuid: row for row in Order.objects.filter(uuid__in=[line.order for line in what.lines])}
    if unknown := [line.order for line in what.lines if line.order not in found]:
        raise Refused([f"lines: there is no order {unknown[0]}"])
    lines = tuple(payouts.PaidLine(found[line.order], line.amount, line.netted, line.platform) for line in what.lines)
    new = payouts.NewPayOut(what.reference, what.currency, lines)
    told = payouts.paid_out(who, seller, new, **when(request, Dated(at=what.at)))
    recorded = sum(told.values())
    return PaidOut(recorded=recorded, known=len(told) - recorded)
