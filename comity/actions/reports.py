"""What the payment system did: answers to what it was asked, and reports that it sends by itself.

Reports come twice, late, out of order, before our own answer is written down, and name sums so far. Each becomes at
most one fact, told apart by the payment system's own id; the ledger counts by that (`policy.money`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from comity.actions.doing import require_one_of
from comity.actions.enact import Refused, enact
from comity.actions.guard import Actor, require
from comity.actions.money import after_money, holding
from comity.actions.telling import fact_about
from comity.lib import options
from comity.lib.ids import name_of
from comity.lib.money import Money
from comity.policy.facts import MAX_AMOUNT, MAX_ID_CHARS, Scalar
from comity.records.models import ChargeBack, Order, Payment, Refund, RefundVia
from comity.records.models.money import CODE_CHARS, REFERENCE_CHARS

#: What the payment system may report.
KINDS = ("refunded", "failed", "charged_back", "charge_back_reversed", "charge_back_lost", "paid_more")
Told = Literal["recorded", "same"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a try to give money back.

    state      confirmed; pending: taken, and a report will follow; failed: a definite no; unknown: nobody knows
    reference  the payment system's id of the refund
    reason     why it failed, as a code; of unknown, what happened
    """

    state: Literal["confirmed", "pending", "failed", "unknown"]
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the payment system reports. It names the order by one of `order`, `payment`, `key` or a known `reference`.

    kind       one of KINDS
    payment    its id of the payment
    key        the key under which we sent a refund, or the refund's own id, where it repeats that
    reference  its id of the refund or the charge-back
    amount     of this one; `total`: refunded in all so far, where it tells that instead
    reason     why a refund failed, as a code
    event      its id of the report, by which several reversals of one charge-back are told apart
    """

    kind: str
    order: Order | None = None
    payment: str = ""
    key: str = ""
    reference: str = ""
    amount: Money | None = None
    total: Money | None = None
    reason: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report: recorded, or the same as before; and the order that it is about."""

    told: Told
    order: Order


def begin(via: RefundVia, *, at: datetime) -> bool:
    """Note that a refund is sent, before it is; False where there is nothing to send any more."""
    refund = via.refund
    with holding(refund.order):
        waits = Refund.objects.filter(pk=refund.pk, state="instructed")
        if not waits.exists() or not RefundVia.objects.filter(pk=via.pk, state="instructed").exists():
            return False
        waits.filter(sent_at=None).update(sent_at=at)
        return True


def outcome(actor: Actor, via: RefundVia, found: Outcome, *, at: datetime, noted_at: datetime | None = None) -> Told:
    """Note what became of a try to give money back by one payment. Of an unknown one there is nothing to note."""
    require(actor, "money.report")
    order = via.refund.order
    with holding(order):
        via.refresh_from_db(fields=["state", "reference", "code"])
        if found.state == "unknown" or (via.state == "failed" and not _was_another(via, found)):
            return "same"
        if found.reference:
            _is_not(via, found.reference, at)
        if found.state == "failed":
            return _fail(actor, via, found.reference, found.reason, at=at, noted_at=noted_at)
        if found.state == "pending":
            known = via.reference == found.reference[:REFERENCE_CHARS]
            RefundVia.objects.filter(pk=via.pk).update(reference=found.reference[:REFERENCE_CHARS])
            return "same" if known else "recorded"
        return _confirm(actor, via, found.reference, None, at=at, noted_at=noted_at)


def report(actor: Actor, what: Report, *, at: datetime, noted_at: datetime | None = None) -> Reported:
    """Take in what the payment system reports; `at`: when it happened there. Told again, it changes nothing.

    A refund that nobody instructed was made outside: by the shop itself. Raises Forbidden, and Refused for a report
    that names no order, another currency, or says neither how much nor of what.
    """
    require(actor, "money.report")
    require_one_of("kind", what.kind, KINDS)
    via = _by_key(what.key) or _by_reference(what)
    order = _order_of(what, via)
    if wrong := _problems(order, what):
        raise Refused(wrong)
    with holding(order):
        # Asked again under the lock: our own answer may have been written down meanwhile.
        via = _held(_by_key(what.key) or _by_reference(what, order), order)
        match what.kind:
            case "refunded":
                told = _refunded(actor, order, via, what, at=at, noted_at=noted_at)
            case "failed":
                told = _failed(actor, order, via, what, at=at, noted_at=noted_at)
            case "charged_back":
                told = _charged_back(actor, order, what, at=at, noted_at=noted_at)
            case "charge_back_reversed":
                told = _reversed(actor, order, what, at=at, noted_at=noted_at)
            case "charge_back_lost":
                told = _lost(order, what, at=at, noted_at=noted_at)
            case _:
                name = f"order.paid_more:{order.uuid}:{what.reference}"
                told = _note(actor, order, "order.paid_more", name, _told_of(what), at=at, noted_at=noted_at)
    return Reported(told, order)


# Which order, and which of our refunds


def order_named(what: Report) -> Order:
    """Return the order that a report names. Raises Refused where it names none, or several."""
    return _order_of(what, None)


def _by_key(key: str) -> RefundVia | None:
    """Return the way that we sent under a key, or the only one of the refund of that id."""
    uuid_text, _, number = key.removeprefix("refund:").rpartition("-") if key.count("-") == 5 else (key, "", "")
    try:
        uuid = UUID(uuid_text.removeprefix("refund:"))
    except ValueError:
        return None
    ways = RefundVia.objects.filter(refund__uuid=uuid).select_related("refund__order__seller", "refund__order__buyer")
    if number:
        return ways.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    found = list(ways[:2])
    return found[0] if len(found) == 1 else None


def _by_reference(what: Report, order: Order | None = None) -> RefundVia | None:
    if not what.reference or what.kind not in ("refunded", "failed"):
        return None
    ways = RefundVia.objects.filter(reference=what.reference, refund__outside=False)
    if order is not None:
        ways = ways.filter(refund__order=order)
    elif what.order is not None:
        ways = ways.filter(refund__order=what.order)
    return ways.select_related("refund__order__seller", "refund__order__buyer").order_by("-pk").first()


def _order_of(what: Report, via: RefundVia | None) -> Order:
    orders = Order.objects.select_related("seller", "buyer")
    if via is not None:
        if what.order is not None and what.order.pk != via.refund.order_id:
            raise Refused([_("The report names a refund of another order.")])
        return via.refund.order
    if what.order is not None:
        return what.order
    if what.payment:
        found = orders.filter(payments__reference=what.payment).distinct()
        if len(rows := list(found[:2])) > 1 and what.amount is not None:
            # One payment for the orders of several sellers: the one whose refund of that amount is under way.
            sent = RefundVia.objects.filter(refund__state="instructed", state="instructed", amount=what.amount.minor)
            rows = list(found.filter(pk__in=sent.values("refund__order"))[:2])
        if len(rows) == 1:
            return rows[0]
    if what.reference:
        outside = Q(refunds__reference=what.reference) | Q(charge_backs__reference=what.reference)
        if len(rows := list(orders.filter(outside).distinct()[:2])) == 1:
            return rows[0]
    raise Refused([_("The report names no order that is known: neither by its id, nor by its payment or refund.")])


def _problems(order: Order, what: Report) -> list[str]:
    wrong = []
    for name, given in (("amount", what.amount), ("total", what.total)):
        if given is not None and given.currency != order.currency:
            words = {"currency": order.currency, "other": given.currency}
            wrong.append(_("The order is in %(currency)s, the report in %(other)s.") % words)
        elif given is not None and not 1 <= given.minor <= MAX_AMOUNT:
            wrong.append(f"{name} must be from 1 to {MAX_AMOUNT}, not {given.minor}")
    if what.kind in ("charged_back", "paid_more") and what.amount is None:
        wrong.append(f"amount is missing: without it nobody knows how much was {what.kind}")
    if not what.reference and not (what.key and what.kind in ("refunded", "failed")):
        wrong.append("reference is missing: the payment system's own id, by which reports of one thing are one")
    if len(what.reference) > REFERENCE_CHARS or len(what.event) > REFERENCE_CHARS:
        wrong.append(f"reference and event have at most {REFERENCE_CHARS} characters")
    return wrong


def _was_another(via: RefundVia, found: Outcome) -> bool:
    """Whether the failure that was reported was of another refund than this one, which has gone through."""
    return found.state == "confirmed" and found.reference != via.reference


def _is_not(via: RefundVia, reference: str, at: datetime) -> None:
    """Take a guess back: what was reported as done before we had an answer was this refund, and not another."""
    order = via.refund.order_id
    ours = RefundVia.objects.filter(refund__order=order, refund__outside=False)
    others = ours.filter(reference=reference).exclude(pk=via.pk)
    for other in others:
        RefundVia.objects.filter(pk=other.pk).update(reference="", state="instructed")
        Refund.objects.filter(pk=other.refund_id).update(due_at=at)


# What became of refunds


def _refunded(
    actor: Actor, order: Order, via: RefundVia | None, what: Report, *, at: datetime, noted_at: datetime | None
) -> Told:
    outside = Refund.objects.filter(order=order, outside=True, reference=what.reference).first()
    if via is None and outside is not None and (outside.state == "confirmed" or what.amount is None):
        return "same"
    amount = what.amount.minor if what.amount else None
    if via is None and amount is None:
        if what.total is None:
            raise Refused([_("The report says neither how much was refunded nor how much in all.")])
        # Refunds that were told by their ids are in the total; what is more is this one.
        amount = what.total.minor - _refunded_by(order, what.payment)
        if amount < 1:
            return "same"
    if via is None:
        via = _under_way(order, what, amount or 0)
    if via is not None:
        return _confirm(actor, via, what.reference, amount, at=at, noted_at=noted_at)
    data: dict[str, Scalar] = {"amount": amount, "currency": order.currency, "reference": what.reference}
    name = f"order.refunded:{order.uuid}:{what.reference}"
    told = _note(actor, order, "order.refunded", name, data, at=at, noted_at=noted_at)
    made = Refund.objects.filter(order=order, outside=True, reference=what.reference).first()
    if told == "recorded" and made is not None and (payment := _payment(order, what)) is not None:
        RefundVia.objects.create(
            refund=made, payment=payment, amount=made.amount, reference=what.reference, state="confirmed"
        )
    return told


def _payment(order: Order, what: Report) -> Payment | None:
    """Return the payment of an order that a report names."""
    return order.payments.filter(reference=what.payment).first() if what.payment else None


def _refunded_by(order: Order, payment: str) -> int:
    """Return what has gone back of an order, or by a payment that is named: of several, or for several orders."""
    alone = order.payments.count() < 2 and Payment.objects.filter(reference=payment).count() < 2
    if not payment or alone:
        return order.refunded
    ways = RefundVia.objects.filter(payment__reference=payment, state="confirmed")
    return ways.aggregate(sum=Sum("amount"))["sum"] or 0


def _under_way(order: Order, what: Report, amount: int | None) -> RefundVia | None:
    """Return our refund of that amount that was sent and not answered: its report was faster than the answer.

    Without an amount, the only one that was.
    """
    ways = RefundVia.objects.filter(
        refund__order=order, refund__state="instructed", state="instructed", reference=""
    )  # fmt: skip
    if amount is not None:
        ways = ways.filter(amount=amount)
    if options.value("COMITY_PAYMENTS"):  # else the shop hears of it from the journal, and sends it itself
        ways = ways.exclude(refund__sent_at=None)
    if what.payment:
        ways = ways.filter(Q(payment=None) | Q(payment__reference__in=["", what.payment]))
    found = list(ways.select_related("refund").order_by("pk")[:2])
    return _held(found[0], order) if found and (amount is not None or len(found) == 1) else None


def _held(via: RefundVia | None, order: Order) -> RefundVia | None:
    """Return a way with the order that is held and was read anew."""
    if via is not None:
        via.refund.order = order
    return via


def _confirm(
    actor: Actor, via: RefundVia, reference: str, amount: int | None, *, at: datetime, noted_at: datetime | None
) -> Told:
    """Note that money went back by a way of ours."""
    refund, order = via.refund, via.refund.order
    reference = (reference or via.reference or via.key)[:REFERENCE_CHARS]
    data: dict[str, Scalar] = {
        "refund": refund.ref,
        "reference": reference,
        "amount": via.amount if amount is None else amount,
        "currency": refund.currency,
    }
    RefundVia.objects.filter(pk=via.pk).update(reference=reference, state="confirmed")
    name = f"order.refunded:{refund.uuid}:{reference}"
    told = _note(actor, order, "order.refunded", name, data, at=at, noted_at=noted_at)
    refund.refresh_from_db(fields=["state"])
    if refund.state == "failed" and not refund.ways.exclude(pk=via.pk).exists():
        # It failed after that: the last word counts, by when it was spoken.
        RefundVia.objects.filter(pk=via.pk).update(state="failed")
    return told


def _failed(
    actor: Actor, order: Order, via: RefundVia | None, what: Report, *, at: datetime, noted_at: datetime | None
) -> Told:
    if via is None and not Refund.objects.filter(order=order, outside=True, reference=what.reference).exists():
        via = _under_way(order, what, what.amount.minor if what.amount else None)
    if via is not None:
        if via.state == "failed":
            return "same"
        return _fail(actor, via, what.reference, what.reason, at=at, noted_at=noted_at)
    data: dict[str, Scalar] = {"reference": what.reference, "reason": what.reason[:CODE_CHARS] or "declined"}
    name = f"refund.failed:{order.uuid}:{what.reference}"
    return _note(actor, order, "refund.failed", name, data, at=at, noted_at=noted_at)


def _fail(
    actor: Actor, via: RefundVia, reference: str, reason: str, *, at: datetime, noted_at: datetime | None
) -> Told:
    """Note that no money goes back by a way of ours, or that what had gone back came back."""
    refund, code = via.refund, reason[:CODE_CHARS] or "declined"
    was_confirmed, reference = via.state == "confirmed", reference or via.reference
    RefundVia.objects.filter(pk=via.pk).update(state="failed", code=code, reference=reference[:REFERENCE_CHARS])
    data: dict[str, Scalar] = {"refund": refund.ref, "reason": code}
    if reference:
        data["reference"] = reference[:REFERENCE_CHARS]
    if not was_confirmed and refund.ways.count() > 1:
        data |= {"amount": via.amount, "currency": refund.currency}
    # Which of its ways, not the key of the row: an id says the same wherever the facts are told again.
    which = refund.ways.filter(pk__lte=via.pk).count()
    name = f"refund.failed:{refund.uuid}:{which}"
    return _note(actor, refund.order, "refund.failed", name, data, at=at, noted_at=noted_at)


# What became of the payment


def _charged_back(actor: Actor, order: Order, what: Report, *, at: datetime, noted_at: datetime | None) -> Told:
    name = f"order.charged_back:{order.uuid}:{what.reference}"
    told = _note(actor, order, "order.charged_back", name, _told_of(what), at=at, noted_at=noted_at)
    if (payment := _payment(order, what)) is not None:
        ChargeBack.objects.filter(order=order, reference=what.reference).update(payment=payment)
    return told


def _reversed(actor: Actor, order: Order, what: Report, *, at: datetime, noted_at: datetime | None) -> Told:
    taken = ChargeBack.objects.filter(order=order, reference=what.reference).first()
    if taken is None and what.amount is None:
        raise Refused([_("No charge-back %(reference)s is known.") % {"reference": what.reference}])
    # One that comes before its charge-back counts once that has come.
    left = taken.amount - taken.reversed if taken is not None else MAX_AMOUNT
    kind = "order.charge_back_reversed"
    told = what.event or (str(what.amount.minor) if what.amount else "")
    name = f"{kind}:{order.uuid}:{what.reference}:{told}"
    if left < 1:
        return "same"
    amount = min(what.amount.minor if what.amount else left, left)
    data: dict[str, Scalar] = {"amount": amount, "currency": order.currency, "reference": what.reference}
    return _note(actor, order, kind, name, data, at=at, noted_at=noted_at)


def _lost(order: Order, what: Report, *, at: datetime, noted_at: datetime | None) -> Told:
    """End what the charge-back has met: the money counts as taken already, and is not argued about any more."""
    from comity.actions.disputes import outside  # disputes pay, and hear of money by `money.after_money`

    if not ChargeBack.objects.filter(order=order, reference=what.reference).exists():
        raise Refused([_("No charge-back %(reference)s is known.") % {"reference": what.reference}])
    ended = outside.taken_for_good(order, what.reference, at=at, noted_at=noted_at or at)
    return "recorded" if ended else "same"


def _told_of(what: Report) -> dict[str, Scalar]:
    assert what.amount is not None  # `_problems` asks for it
    return {"amount": what.amount.minor, "currency": what.amount.currency, "reference": what.reference}


def _note(
    actor: Actor,
    order: Order,
    kind: str,
    name: str,
    data: dict[str, Scalar],
    *,
    at: datetime,
    noted_at: datetime | None,
) -> Told:
    """Note that money moved, under the lock, and let others react; "same" where it is known."""
    # Ids of facts have a limit, and a payment system's ids may be as long.
    identity = name if len(name) <= MAX_ID_CHARS else f"{kind}:{order.uuid}:{name_of(name)}"
    fact = fact_about(order, kind, at=at, noted_at=noted_at, data=data, identity=identity, actor=actor)
    if enact(order.seller, fact, about=(order,), once=True) is None:
        return "same"
    after_money(order, at=at, noted_at=noted_at or at)
    return "recorded"
