"""What is in an order and what was paid for it: lines, sets, postage, payments; that it adds up, and its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from comity.lib.money import Money
from comity.policy import shares
from comity.policy.facts import MAX_PIECES
from comity.records.models import Listing, Order, OrderLine, Payment

MAX_TITLE_CHARS = 200
MAX_LINES = 100
MAX_PARTS, MAX_PAYMENTS = 100, 20
MAX_NAME_CHARS, MAX_REFERENCE_CHARS = 100, 190


@dataclass(frozen=True, slots=True)
class LinePart:
    """A part of a set that is sold at one price: so many pieces for the whole line; `net`: its share without tax."""

    title: str
    pieces: int
    net: Money


@dataclass(frozen=True, slots=True)
class Line:
    """Some pieces of one thing that is ordered; `price` of one piece.

    paid     what is really paid for all of them, discounts off and tax in; None: what they cost, less their share of
             what the order as a whole costs less
    tax      what of that is tax; listed: what they cost without discounts; None where the shop does not say
    parts    of a set: what it consists of
    weight_g of one piece, packed, in grams
    """

    title: str
    quantity: int
    price: Money
    listing: Listing | None = None
    paid: Money | None = None
    tax: Money | None = None
    listed: Money | None = None
    parts: tuple[LinePart, ...] = ()
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class NewPayment:
    """One of the means by which an order is paid; `reference`: the payment system's id of the payment."""

    name: str
    amount: Money
    reference: str = ""


def paid_for(lines: Sequence[Line], amount: int, postage: int) -> list[int]:
    """Return what is paid for each line of an order of `amount`, of which `postage` is for sending it.

    Where no line says it, a discount on the order is shared by what the lines cost.
    """
    cost = [line.price.minor * line.quantity for line in lines]
    if any(line.paid is not None for line in lines):
        return [each if line.paid is None else line.paid.minor for line, each in zip(lines, cost, strict=True)]
    goods = amount - postage
    return shares.of_parts(goods, cost) if 0 <= goods < sum(cost) else cost


def rows(order: Order, lines: Sequence[Line], payments: Sequence[NewPayment]) -> list[OrderLine | Payment]:
    """Return the rows of an order's lines, of the parts of its sets behind each, and of its payments."""
    made: list[OrderLine | Payment] = []
    for line, paid in zip(lines, paid_for(lines, order.amount, order.postage or 0), strict=True):
        row = OrderLine(
            order=order,
            listing=line.listing,
            title=line.title.strip(),
            quantity=line.quantity,
            amount=line.price.minor,
            paid=paid,
            tax=None if line.tax is None else line.tax.minor,
            listed=None if line.listed is None else line.listed.minor,
            weight_g=line.weight_g,
            described=line.listing.description if line.listing else "",
        )
        made += [row, *_parts(row, line.parts)]
    given = [Payment(order=order, name=p.name.strip(), reference=p.reference, amount=p.amount.minor) for p in payments]
    return [*made, *given]


def _parts(row: OrderLine, parts: Sequence[LinePart]) -> Iterator[OrderLine]:
    """Yield the rows of a set's parts: what was paid for each, with its share of the tax."""
    nets = [part.net.minor for part in parts]
    taxes = shares.of_parts(row.tax or 0, nets)
    for part, net, tax in zip(parts, nets, taxes, strict=True):
        yield OrderLine(
            order=row.order,
            bundle=row,
            title=part.title.strip(),
            quantity=part.pieces,
            amount=(net + tax) // part.pieces,
            paid=net + tax,
            tax=None if row.tax is None else tax,
        )


def problems(
    order: Order, lines: Sequence[Line], payments: Sequence[NewPayment], postage: Money | None
) -> Iterator[str]:
    """Yield what is wrong with an order's lines and payments, a sentence each: among it, that they do not add up."""
    if not lines or len(lines) > MAX_LINES:
        yield f"an order has 1 to {MAX_LINES} lines"
    if order.pieces > MAX_PIECES:
        yield f"an order has at most {MAX_PIECES} pieces"
    sound = True
    for number, line in enumerate(lines, 1):
        for problem in _of_line(order, line):
            sound = False
            yield f"line {number}: {problem}"
    if postage is not None and (postage.minor < 0 or postage.currency != order.currency):
        sound = False
        yield f"postage must not be negative, and be in {order.currency}"
    for number, payment in enumerate(payments, 1):
        for problem in _of_payment(order, payment):
            sound = False
            yield f"payment {number}: {problem}"
    if sound and lines:
        yield from _sums(order, lines, payments, postage)


def _of_line(order: Order, line: Line) -> Iterator[str]:
    if not line.title.strip() or len(line.title) > MAX_TITLE_CHARS:
        yield f"title must have 1 to {MAX_TITLE_CHARS} characters"
    if line.quantity < 1:
        yield "quantity must be at least 1"
    if not _is_in(order, line.price):
        yield f"its price must not be negative, and be in {order.currency}"
    for name, given in (("paid", line.paid), ("tax", line.tax), ("listed", line.listed)):
        if given is not None and not _is_in(order, given):
            yield f"{name} must not be negative, and be in {order.currency}"
    if line.listing is not None and line.listing.seller_id != order.seller_id:
        yield f"listing {line.listing.key} is another seller's"
    if len(line.parts) > MAX_PARTS:
        yield f"a set has at most {MAX_PARTS} parts"
    for part in line.parts:
        if not part.title.strip() or len(part.title) > MAX_TITLE_CHARS or not 1 <= part.pieces <= MAX_PIECES:
            yield f"each part has a title of 1 to {MAX_TITLE_CHARS} characters, and at least 1 piece"
        if not _is_in(order, part.net):
            yield f"the net price of each part must not be negative, and be in {order.currency}"


def _of_payment(order: Order, payment: NewPayment) -> Iterator[str]:
    if not payment.name.strip() or len(payment.name) > MAX_NAME_CHARS:
        yield f"name must have 1 to {MAX_NAME_CHARS} characters"
    if len(payment.reference) > MAX_REFERENCE_CHARS:
        yield f"reference has at most {MAX_REFERENCE_CHARS} characters"
    if payment.amount.minor < 1 or payment.amount.currency != order.currency:
        yield f"its amount must be more than nothing, and be in {order.currency}"


def _is_in(order: Order, given: Money) -> bool:
    return given.minor >= 0 and given.currency == order.currency


def _sums(order: Order, lines: Sequence[Line], payments: Sequence[NewPayment], postage: Money | None) -> Iterator[str]:
    """Yield what does not add up."""

    def said(minor: int) -> str:
        money = Money(minor, order.currency)
        return f"{money.major} {money.currency}"

    sent = postage.minor if postage else 0
    paid = paid_for(lines, order.amount, sent)
    if (postage is not None or any(line.paid is not None for line in lines)) and sum(paid) + sent != order.amount:
        words = {"lines": said(sum(paid)), "postage": said(sent), "amount": said(order.amount)}
        yield (
            _("The lines come to %(lines)s and the postage to %(postage)s: that is not the order's %(amount)s.") % words
        )
    for number, (line, whole) in enumerate(zip(lines, paid, strict=True), 1):
        tax = line.tax.minor if line.tax else 0
        if tax > whole:
            yield f"line {number}: its tax is {said(tax)}, and {said(whole)} was paid for it"
        nets = sum(part.net.minor for part in line.parts)
        if line.parts and tax <= whole and nets != whole - tax:
            yield f"line {number}: its parts come to {said(nets)}, and without tax {said(whole - tax)} was paid for it"
    given = sum(payment.amount.minor for payment in payments)
    if payments and given != order.amount:
        words = {"payments": said(given), "amount": said(order.amount)}
        yield _("The payments come to %(payments)s: that is not the order's %(amount)s.") % words
