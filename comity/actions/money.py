"""The money of an order: what may still go back and for what, and instructions to the payment system.

Nothing else writes refunds. All of an order's money is counted under its seller's lock, so that of two who give the
same money back at once the second sees what the first has done.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _

from comity.actions.doing import NotNow, WhyNot, require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.telling import fact_about
from comity.lib.ids import uuid7
from comity.lib.money import Money
from comity.policy import shares
from comity.policy.disputes.case import OPEN
from comity.policy.disputes.fold import fold
from comity.policy.facts import COSTS, Scalar
from comity.policy.money import WITHDRAWN, Ledger, borne
from comity.records import errands, money, statements
from comity.records.models import DisputePiece, Order, OrderLine, Refund, RefundPart, RefundVia
from comity.records.money import NOTHING, WentBack

MAX_CODE_CHARS = 40


@dataclass(frozen=True, slots=True)
class Part:
    """What of a refund is for a line (None: for the postage), in minor units; `pieces`: of how many of its pieces."""

    line: OrderLine | None
    amount: int
    pieces: int = 0


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is to go back to the buyer.

    amount       more than nothing, in the order's currency
    parts        for which lines, and the postage; they come to the amount. None where that is not known
    cost         who bears it: seller, platform or carrier
    because      why, as a code, such as agreed or decided
    dispute_ref  the dispute from which it follows, as dispute:id
    across       how it is split among several payments, one of `shares.ORDERS`
    once         names the instruction among the order's: the same again is the same, and is sent once
    """

    amount: Money
    parts: tuple[Part, ...] = ()
    cost: str = "seller"
    because: str = ""
    dispute_ref: str = ""
    across: str = shares.IN_PROPORTION
    once: str = ""


def after_money(order: Order, *, at: datetime, noted_at: datetime) -> None:
    """React to money of an order that moved, in the transaction in which that was noted. `order` is as it is now."""
    from comity.actions.disputes import outside  # disputes pay by this module

    outside.react(order, at=at, noted_at=noted_at)


def of(order: Order) -> Ledger:
    """Return the sums of an order's money as its row has them."""
    return money.ledger_of(order)


@contextmanager
def holding(order: Order) -> Iterator[Order]:
    """Hold an order and its money still: its seller is locked, and its columns are read anew."""
    with transaction.atomic():
        statements.lock(order.seller_id)
        order.refresh_from_db(fields=[field.name for field in order._meta.concrete_fields if not field.is_relation])
        yield order


# What is left


def worth(line: OrderLine, count: int, *, before: int = 0) -> Money:
    """Return what was paid for `count` pieces of a line, tax in and discounts off, after `before` of its pieces.

    Raises ValueError for more pieces than it has.
    """
    return Money(shares.of_pieces(line.paid, line.quantity, before, count), line.order.paid_in)


@dataclass(frozen=True, slots=True)
class Brought:
    """What a dispute has brought its buyer, which counts as not gone where it is looked at what that may bring.

    dispute_ref  the dispute, as dispute:id; empty for none
    amount       instructed or confirmed, minor units
    """

    dispute_ref: str = ""
    amount: int = 0


NOTHING_BROUGHT = Brought()


def left_for(order: Order, pieces: Mapping[OrderLine, int], but: Brought = NOTHING_BROUGHT) -> Money:
    """Return the most that can still go back for so many pieces of lines of an order.

    What is instructed counts as gone, `but` what a dispute brought itself. Never more than is left of the order as a
    whole. Raises Refused for more pieces than a line has, or a line of another order.
    """
    gone = money.Gone.of(order, but=but.dispute_ref)
    left = sum(_left_of(order, line, count, gone) for line, count in pieces.items())
    return Money(min(left, of(order).refundable + but.amount), order.paid_in)


def left_by_line(order: Order) -> Mapping[OrderLine, int]:
    """Return the most that can still go back for all pieces of each line of an order. Three statements."""
    gone, refundable = money.Gone.of(order), of(order).refundable
    lines = order.lines.select_related("bundle")
    return {line: min(_left_of(order, line, line.quantity, gone), refundable) for line in lines}


def left_of_postage(order: Order, but: Brought = NOTHING_BROUGHT) -> Money:
    """Return what of the postage can still go back, `but` what a dispute brought itself."""
    gone = money.by_line(order, but=but.dispute_ref).get(None, NOTHING).amount
    return Money(min(max((order.postage or 0) - gone, 0), of(order).refundable + but.amount), order.paid_in)


def _left_of(order: Order, line: OrderLine, count: int, gone: money.Gone) -> int:
    if line.order_id != order.pk or not 1 <= count <= line.quantity:
        said = ngettext(
            "Order %(order)s has %(count)s piece of “%(title)s”.",
            "Order %(order)s has %(count)s pieces of “%(title)s”.",
            line.quantity,
        )
        raise Refused([said % {"order": order.key, "count": line.quantity, "title": line.title}])
    left = shares.left_of_pieces(line.paid, line.quantity, gone.for_line(line), count)
    if line.bundle is not None:  # a set goes back as a whole or by its parts, and not twice
        left = min(left, max(line.bundle.paid - gone.for_line(line.bundle), 0))
    return left


def said(price: Money) -> str:
    """Return an amount as the reader writes it."""
    return price.said(to_locale(get_language() or "en"))


def why_not_more(order: Order, left: Money, lines: Iterable[OrderLine] = ()) -> WhyNot:
    """Return why no more than `left` can go back, for those lines or, without any, for the order: for people."""
    titles = ", ".join(f"“{line.title}”" for line in lines)
    words = {"left": said(left), "what": titles, "order": order.key}
    if titles:
        sentence = _("At most %(left)s is left for %(what)s.") % words
    else:
        sentence = _("At most %(left)s is left of order %(order)s.") % words
    if order.charged_back:
        bank = {"amount": said(Money(order.charged_back, order.paid_in))}
        sentence += " " + _("The buyer's bank has taken %(amount)s.") % bank
    if (at := postage_went_back_at(order)) is not None:
        day = formats.date_format(timezone.localtime(at), "MONTH_DAY_FORMAT")
        sentence += " " + _("The postage went back on %(day)s.") % {"day": day}
    return WhyNot("more_than_is_left", sentence)


def postage_went_back_at(order: Order) -> datetime | None:
    """Return when the postage went back, or was last instructed to; None where all or some of it is left."""
    if not order.postage or money.by_line(order).get(None, NOTHING).amount < order.postage:
        return None
    parts = RefundPart.objects.filter(refund__order=order, line=None).select_related("refund").order_by("-pk")
    first = parts.filter(refund__state__in=["instructed", "confirmed"]).first()
    return (first.refund.confirmed_at or first.refund.instructed_at) if first else None


# Instructions


def instruct(
    actor: Actor, order: Order, what: Instruction, *, at: datetime, noted_at: datetime | None = None
) -> Refund:
    """Have the payment system give money back; return the refund, which is sent by errands and confirmed by reports.

    Raises Forbidden; Refused for nothing, another currency, parts that do not come to the amount; NotNow (code
    `more_than_is_left`) for more than is left of the order, of its postage or of the pieces of a line.
    """
    require(actor, "refund.instruct", order, at=at)
    with holding(order):
        uuid = uuid5(order.uuid, f"refund/{what.once}") if what.once else uuid7(at)
        if what.once and (known := Refund.objects.filter(uuid=uuid).first()) is not None:
            return known
        if wrong := list(_problems(order, what)):
            raise Refused(wrong)
        _require_left(order, what)
        if actor.role == "seller" and _goes_beside_a_dispute(order, what):
            said_ = _("A dispute about it is open: offer there what you would give back. A refund in full ends it.")
            raise NotNow(WhyNot("dispute_open", said_))
        refund = _row(order, what, uuid, at=at, noted_at=noted_at)
        return _instructed(actor, order, refund, what, at=at, noted_at=noted_at)


def _goes_beside_a_dispute(order: Order, what: Instruction) -> bool:
    """Whether a part of what is left would go back beside a dispute about it: there it would be an offer."""
    if what.dispute_ref or what.amount.minor >= money.ledger_of(order).refundable:
        return False
    lines = {part.line.pk if part.line else None for part in what.parts} or {None}
    about = DisputePiece.objects.filter(dispute__order=order, dispute__stage__in=OPEN)
    open_about = set(about.values_list("line", flat=True))
    return bool(open_about) and (None in lines or bool(lines & open_about))


def _row(order: Order, what: Instruction, uuid: UUID, *, at: datetime, noted_at: datetime | None) -> Refund:
    return Refund(
        uuid=uuid,
        order=order,
        dispute_ref=what.dispute_ref,
        amount=what.amount.minor,
        currency=what.amount.currency,
        cost=what.cost,
        because=what.because,
        state="instructed",
        instructed_at=at,
        due_at=noted_at or at,
    )


def _instructed(
    actor: Actor, order: Order, refund: Refund, what: Instruction, *, at: datetime, noted_at: datetime | None
) -> Refund:
    """Note an instruction with its parts and ways, under the lock."""
    data: dict[str, Scalar] = {
        "refund": refund.ref,
        "amount": refund.amount,
        "currency": refund.currency,
        "cost": refund.cost,
        **({"because": refund.because} if refund.because else {}),
        **({"dispute": refund.dispute_ref} if refund.dispute_ref else {}),
    }
    rows = (refund, *_parts(order, refund, what.parts), *_ways(order, refund, what.across))
    kind = "refund.instructed"
    name = f"{kind}:{refund.uuid}"
    fact = fact_about(order, kind, at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
    enact(order.seller, fact, rows=rows, about=(order,), once=True)
    return refund


def _problems(order: Order, what: Instruction) -> Iterator[str]:
    if what.amount.currency != order.currency:
        words = {"currency": order.currency, "other": what.amount.currency}
        yield _("The order was paid in %(currency)s; nothing goes back in %(other)s.") % words
    elif what.amount.minor < 1:
        yield _("A refund is more than nothing.")
    if any(part.amount < 1 for part in what.parts):
        yield _("Each part of a refund is more than nothing.")
    elif what.parts and sum(part.amount for part in what.parts) != what.amount.minor:
        yield _("The parts do not come to %(amount)s.") % {"amount": said(what.amount)}
    if what.cost not in COSTS:
        yield f"cost must be one of {', '.join(COSTS)}, not {what.cost!r:.60}"
    if what.across not in shares.ORDERS:
        yield f"across must be one of {', '.join(shares.ORDERS)}, not {what.across!r:.60}"
    if len(what.because) > MAX_CODE_CHARS:
        yield f"because has at most {MAX_CODE_CHARS} characters"


def _require_left(order: Order, what: Instruction) -> None:
    """Return if so much is left: of the order, of the postage, of the pieces of each line; else raise NotNow."""
    refundable = Money(of(order).refundable, order.paid_in)
    if what.amount.minor > refundable.minor:
        raise NotNow(why_not_more(order, refundable))
    asked: dict[OrderLine | None, Part] = {}
    for part in what.parts:  # a line that is named twice is asked for once
        before = asked.get(part.line)
        more = replace(part, amount=part.amount + before.amount, pieces=part.pieces + before.pieces) if before else part
        asked[part.line] = more
    for line, part in asked.items():
        if line is None:
            if part.amount > (left := left_of_postage(order)).minor:
                raise NotNow(_no_postage(order, left))
        elif part.amount > (left := left_for(order, {line: part.pieces or line.quantity})).minor:
            raise NotNow(why_not_more(order, left, [line]))


def _no_postage(order: Order, left: Money) -> WhyNot:
    sentence = _("At most %(left)s is left of the postage.") % {"left": said(left)}
    if (at := postage_went_back_at(order)) is not None:
        day = formats.date_format(timezone.localtime(at), "MONTH_DAY_FORMAT")
        sentence = _("The postage went back on %(day)s.") % {"day": day}
    return WhyNot("more_than_is_left", sentence)


def _parts(order: Order, refund: Refund, parts: Sequence[Part]) -> Iterator[RefundPart]:
    """Yield the rows of a refund's parts, with the tax in each by all that went back for its line so far."""
    went = dict(money.by_line(order))
    for part in parts:
        line, before = part.line, went.get(part.line.pk if part.line else None, NOTHING)
        tax = None
        if line is not None and line.tax is not None:
            tax = shares.tax_of(line.tax, line.paid, before.amount, before.tax, part.amount)
        went[line.pk if line else None] = WentBack(before.amount + part.amount, before.tax + (tax or 0))
        yield RefundPart(refund=refund, line=line, amount=part.amount, tax=tax, pieces=part.pieces)


def _ways(order: Order, refund: Refund, across: str) -> Iterator[RefundVia]:
    """Yield by which payments a refund goes back; where the known ones have not enough left, nobody knows by which."""
    known = money.by_payment(order)
    gave = [payment.amount for payment, _gone in known]
    # More than it gave may have gone back outside.
    back = [min(gone, payment.amount) for payment, gone in known]
    if not known or refund.amount > sum(gave) - sum(back):
        yield RefundVia(refund=refund, amount=refund.amount)
        return
    for (payment, _gone), amount in zip(known, shares.across(gave, back, refund.amount, across), strict=True):
        if amount:
            yield RefundVia(refund=refund, payment=payment, amount=amount)


def again(actor: Actor, refund: Refund, *, at: datetime, noted_at: datetime | None = None) -> Refund:
    """Send a refund again; return the one that is sent.

    One that definitely failed is instructed anew, with a key of its own, in the place of the old one, as far as it is
    still missing: what its dispute has brought otherwise meanwhile, or brings no more, is not sent, and the refund is
    taken back. One of which nobody knows whether it was carried out is tried under its old key. Raises Refused,
    Forbidden.
    """
    require(actor, "refund.again", refund, at=at)
    order = refund.order
    with holding(order):
        refund.refresh_from_db(fields=["state", "amount", "confirmed", "due_at", "attempts", "failed_why"])
        if refund.state == "instructed":
            errands.again(refund, noted_at or at)
            return refund
        if (successor := Refund.objects.filter(replaces=refund).first()) is not None:
            return successor
        if refund.state != "failed" or refund.outside:
            raise Refused([_("This refund did not fail; there is nothing to send again.")])
        missing = _missing(order, refund)
        if missing <= 0:
            _take_back(actor, order, refund, at=at, noted_at=noted_at)
            return refund
        what = _rest_of(refund, missing)
        _require_left(order, what)
        made = _row(order, what, uuid7(at), at=at, noted_at=noted_at)
        made.replaces = refund
        return _instructed(actor, order, made, what, at=at, noted_at=noted_at)


def _missing(order: Order, refund: Refund) -> int:
    """Return what of a refund that failed is still to go back: of one from a dispute, no more than that has to pay."""
    rest = refund.amount - refund.confirmed
    facts = statements.facts_of_matter(order.seller_id, order.ref)
    case = fold(sorted(facts, key=lambda fact: fact.place), refund.dispute_ref) if refund.dispute_ref else None
    return rest if case is None else min(rest, case.due - case.asked_for)


def _rest_of(refund: Refund, rest: int) -> Instruction:
    """Return that so much of a refund that failed is to go back, for what its parts were for, in proportion."""
    old = list(refund.parts.select_related("line__bundle"))
    amounts = shares.of_parts(rest, [part.amount for part in old])
    parts = tuple(Part(part.line, amount, part.pieces) for part, amount in zip(old, amounts, strict=True) if amount)
    amount = Money(rest, refund.currency)
    return Instruction(amount, parts, refund.cost, refund.because, refund.dispute_ref)


def withdraw(actor: Actor, refund: Refund, *, at: datetime, noted_at: datetime | None = None) -> None:
    """Take an instruction back that was not sent yet. Twice changes nothing. Raises Refused once it was sent."""
    order = refund.order
    require(actor, "refund.instruct", order, at=at)
    with holding(order):
        refund.refresh_from_db(fields=["state", "sent_at"])
        if refund.state == "cancelled":
            return
        if refund.state != "instructed" or refund.sent_at is not None:
            raise Refused([_("This refund was sent already; it cannot be taken back.")])
        _take_back(actor, order, refund, at=at, noted_at=noted_at)


def withdraw_failed(actor: Actor, order: Order, dispute_ref: str, *, at: datetime, noted_at: datetime | None) -> None:
    """Take back what failed of a dispute and is not missing any more, so that nobody sends it again."""
    with holding(order):
        failed = Refund.objects.filter(order=order, dispute_ref=dispute_ref, state="failed", replaced_by=None)
        for refund in failed.filter(outside=False).order_by("pk"):
            if _missing(order, refund) <= 0:
                _take_back(actor, order, refund, at=at, noted_at=noted_at)


def _take_back(actor: Actor, order: Order, refund: Refund, *, at: datetime, noted_at: datetime | None) -> None:
    data: dict[str, Scalar] = {"refund": refund.ref, "reason": WITHDRAWN}
    if refund.confirmed:  # what went through of it stands
        data |= {"amount": refund.amount - refund.confirmed, "currency": refund.currency}
    name = f"refund.failed:{refund.uuid}:{WITHDRAWN}"
    fact = fact_about(order, "refund.failed", at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
    enact(order.seller, fact, about=(order, refund), once=True)


def bear(
    actor: Actor, order: Order, amount: Money, *, reference: str, because: str, at: datetime,
    noted_at: datetime | None = None,
) -> None:  # fmt: skip
    """Have the platform bear money of an order: it goes to the seller from its own, beside what the order brings.

    `amount` is all of it for `reference`, from which it follows, such as dispute:id: more or less than before takes the
    place of that, nothing takes it back, and the same again changes nothing. Raises Refused, Forbidden.
    """
    require(actor, "money.bear", order, at=at)
    with holding(order):
        require_one_of("currency", amount.currency, (order.currency,))
        facts = sorted(statements.facts_of_matter(order.seller_id, order.ref), key=lambda fact: fact.place)
        told = [fact for fact in facts if fact.kind == "platform.paid"]
        if borne(told).get(reference, 0) == amount.minor:
            return
        data: dict[str, Scalar] = {
            "amount": amount.minor, "currency": amount.currency, "reference": reference, "because": because,
        }  # fmt: skip
        before = sum(fact.data.get("reference") == reference for fact in told)
        name = f"platform.paid:{order.uuid}:{reference}" + (f":{before + 1}" if before else "")
        fact = fact_about(order, "platform.paid", at=at, noted_at=noted_at, data=data, identity=name, actor=actor)
        enact(order.seller, fact, about=(order,), once=True)
