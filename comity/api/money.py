"""The money of orders: what went back and may still go back, instructions, and reports of the payment system."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import AfterValidator, Field

from comity.actions import money, payouts, reports
from comity.actions.enact import Refused
from comity.actions.guard import require
from comity.api.access import actor, moment, needs, order_of, speaker, when
from comity.api.shapes import ERRORS, Dated, In, Moment, Some, storable
from comity.lib.money import Money
from comity.policy.facts import MAX_PIECES
from comity.records import money as rows
from comity.records.models import Order, Refund

router = Router()

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Short = Annotated[str, Field(max_length=40), AfterValidator(storable)]
Reference = Annotated[str, Field(max_length=190), AfterValidator(storable)]


class RefundPartOut(Schema):
    """What of a refund is for a line (null: for the postage), and the tax in it (null: not known)."""

    line: int | None
    amount: int
    tax: int | None
    pieces: int


class RefundWayOut(Schema):
    """By which payment a part of a refund goes back; empty where the order has only one, of which nobody told."""

    payment: str
    amount: int
    state: str
    reference: str


class RefundOut(Schema):
    """Money that goes back to the buyer. Only what is `confirmed` has gone back.

    `state`: instructed, confirmed, failed, cancelled. `outside`: made by the shop itself; then nobody knows for what.
    `cost`: who bears it (empty for buyers). `failed_code`: why it did not go through. `replaces`: the one that failed,
    in whose place it is.
    """

    uuid: UUID
    amount: int
    confirmed: int
    currency: str
    state: str
    outside: bool
    because: str
    dispute: str
    cost: str
    reference: str
    instructed_at: datetime | None
    confirmed_at: datetime | None
    failed_at: datetime | None
    failed_code: str
    replaces: UUID | None
    parts: list[RefundPartOut]
    ways: list[RefundWayOut]


class PaymentOut(Schema):
    """One of the means by which an order was paid, and what went back by it, or is to."""

    name: str
    amount: int
    refunded: int


class LeftOut(Schema):
    """What can still go back for all pieces of a line."""

    line: int
    left: int


class SellersOut(Schema):
    """What of an order's money is the seller's. `owed`: went back after he had been paid. `why_held`: a code."""

    held: int
    due: int
    paid_out: int
    owed: int
    platform: int
    why_held: str


class MoneyOut(Schema):
    """The money of an order, in minor units of `currency`.

    `paid` = `refunded` + `instructed` + `charged_back` + held + due + paid_out - owed; the latter four are in
    `sellers`, which buyers do not see. `left`: what can still go back, by line; never more than `refundable` in all.
    """

    currency: str
    paid: int
    refunded: int
    instructed: int
    charged_back: int
    refundable: int
    left: list[LeftOut]
    left_of_postage: int
    payments: list[PaymentOut]
    refunds: list[RefundOut]
    sellers: SellersOut | None


@router.get("/orders/{uuid}/money", response={200: MoneyOut, **ERRORS}, summary="The money of an order")
@needs("order.read", "money.read")
def of_order(request: HttpRequest, uuid: UUID) -> MoneyOut:
    """Return what was paid, went back, is to go back and may still go back."""
    who = actor(request)
    order = order_of(who, uuid)
    due = payouts.of_order(who, order, now=moment())
    ledger, sees_all = money.of(order), who.role != "buyer"
    refunds = Refund.objects.filter(order=order).prefetch_related("parts", "ways__payment").select_related("replaces")
    return MoneyOut(
        currency=order.currency,
        paid=ledger.paid,
        refunded=ledger.refunded,
        instructed=ledger.instructed,
        charged_back=ledger.charged_back,
        refundable=ledger.refundable,
        left=[LeftOut(line=line.pk, left=left) for line, left in money.left_by_line(order).items()],
        left_of_postage=money.left_of_postage(order).minor,
        payments=[PaymentOut(name=p.name, amount=p.amount, refunded=gone) for p, gone in rows.by_payment(order)],
        refunds=[_refund(refund, sees_all) for refund in refunds],
        sellers=_sellers(due) if sees_all else None,
    )


def _refund(refund: Refund, sees_all: bool) -> RefundOut:
    ways = [
        RefundWayOut(
            payment=way.payment.name if way.payment else "", amount=way.amount, state=way.state, reference=way.reference
        )
        for way in refund.ways.all()
    ]
    return RefundOut(
        uuid=refund.uuid,
        amount=refund.amount,
        confirmed=refund.confirmed,
        currency=refund.currency,
        state=refund.state,
        outside=refund.outside,
        because=refund.because,
        dispute=refund.dispute_ref,
        cost=refund.cost if sees_all else "",
        reference=refund.reference,
        instructed_at=refund.instructed_at,
        confirmed_at=refund.confirmed_at,
        failed_at=refund.failed_at,
        failed_code=refund.failed_code,
        replaces=refund.replaces.uuid if refund.replaces else None,
        parts=[
            RefundPartOut(line=part.line_id, amount=part.amount, tax=part.tax, pieces=part.pieces)
            for part in refund.parts.all()
        ],
        ways=ways,
    )


def _sellers(due: payouts.Due) -> SellersOut:
    return SellersOut(
        held=due.held,
        due=due.due,
        paid_out=due.order.paid_out,
        owed=due.owed,
        platform=due.platform,
        why_held=due.why_held,
    )


# Instructions


class RefundPartIn(In):
    """What of a refund is for a line, by its id (null: for the postage), and for how many of its pieces."""

    line: Annotated[int, Field(ge=1, le=2**62)] | None = None
    amount: Some
    pieces: Annotated[int, Field(ge=0, le=MAX_PIECES)] = 0


class RefundIn(Dated):
    """Money that is to go back, in minor units of the order's currency: never all by being left out.

    `parts` come to the amount. `across`: how it is split among several payments. Send an Idempotency-Key, so that a
    request that is sent twice is one refund.
    """

    amount: Some
    currency: Currency
    parts: Annotated[list[RefundPartIn], Field(max_length=200)] = []
    because: Short = ""
    across: Literal["in_proportion", "in_order"] = "in_proportion"


@router.post("/orders/{uuid}/refunds", response={201: RefundOut, **ERRORS}, summary="Have money go back")
@needs("order.read", "refund.instruct")
def instruct(request: HttpRequest, uuid: UUID, what: RefundIn) -> Status[RefundOut]:
    """Have the payment system give money of an order back. It counts as refunded once that is confirmed."""
    who = speaker(request, what)
    order = order_of(who, uuid)
    asked = money.Instruction(
        amount=Money(what.amount, what.currency),
        parts=_parts(order, what.parts),
        because=what.because,
        across=what.across,
    )
    refund = money.instruct(who, order, asked, **when(request, what))
    return Status(201, _refund(Refund.objects.get(pk=refund.pk), sees_all=True))


def _parts(order: Order, given: Sequence[RefundPartIn]) -> tuple[money.Part, ...]:
    lines = {line.pk: line for line in order.lines.select_related("bundle")}
    if unknown := [part.line for part in given if part.line is not None and part.line not in lines]:
        raise Refused([f"parts: order {order.key} has no line {unknown[0]}"])
    return tuple(
        money.Part(None if part.line is None else lines[part.line], part.amount, part.pieces) for part in given
    )


@router.post("/refunds/{uuid}/again", response={200: RefundOut, **ERRORS}, summary="Send a refund again")
@needs("order.read", "refund.again")
def again(request: HttpRequest, uuid: UUID) -> RefundOut:
    """Send a refund again that failed: anew, with a key of its own; one of unknown outcome under its old key."""
    who = actor(request)
    refund = get_object_or_404(Refund.objects.select_related("order__seller", "order__buyer"), uuid=uuid)
    require(who, "order.read", refund.order)
    sent = money.again(who, refund, at=moment())
    return _refund(Refund.objects.select_related("replaces").get(pk=sent.pk), sees_all=True)


# Reports


class ReportIn(In):
    """What the payment system did. It names the order by its `order`, a `payment`, our `key` or a known `reference`.

    kind       refunded, failed (a refund), charged_back, charge_back_reversed, charge_back_lost (what was taken stays
               with the buyer), paid_more
    payment    the payment system's id of the payment
    key        the key under which Comity sent the refund, or the refund's uuid
    reference  the payment system's id of the refund or the charge-back: told again, it changes nothing
    amount     of this one, in minor units; `total`: refunded in all so far, where that is what is told
    reason     why a refund failed, as a code
    event      the payment system's id of the report
    at         when it happened there
    """

    kind: Literal["refunded", "failed", "charged_back", "charge_back_reversed", "charge_back_lost", "paid_more"]
    order: UUID | None = None
    payment: Reference = ""
    key: Reference = ""
    reference: Reference = ""
    amount: Some | None = None
    total: Some | None = None
    currency: Currency | None = None
    reason: Short = ""
    event: Reference = ""
    at: Moment | None = None


class ReportOut(Schema):
    """What became of a report: `recorded`, or the `same` as before; and the order that it is about."""

    told: str
    order: UUID


@router.post("/money/reports", response={200: ReportOut, **ERRORS}, summary="What the payment system did")
@needs("money.report")
def report(request: HttpRequest, what: ReportIn) -> ReportOut:
    """Take in a report of the payment system: doubled, late and out of order, it counts once."""
    who = actor(request)
    require(who, "money.report")
    order = None
    if what.order is not None:
        order = get_object_or_404(Order.objects.select_related("seller", "buyer"), uuid=what.order)
    if what.currency is None and (what.amount is not None or what.total is not None):
        raise Refused(["currency is missing: an amount needs it"])
    told = reports.Report(
        kind=what.kind,
        order=order,
        payment=what.payment,
        key=what.key,
        reference=what.reference,
        amount=_money(what.amount, what.currency),
        total=_money(what.total, what.currency),
        reason=what.reason,
        event=what.event,
    )
    found = reports.report(who, told, **when(request, Dated(at=what.at)))
    return ReportOut(told=found.told, order=found.order.uuid)


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
