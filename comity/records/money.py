"""The money of orders, as their rows have it: what went back for which line, and by which payment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from comity.policy import shares
from comity.policy.money import Ledger
from comity.records.models import ChargeBack, Order, OrderLine, Payment, RefundPart, RefundVia
from comity.records.models.orders import MONEY


def ledger_of(order: Order) -> Ledger:
    """Return the sums of an order's money, without its single refunds, charge-backs and pay-outs. No statement."""
    return Ledger(currency=order.currency, **{name: getattr(order, name) for name in MONEY})


@dataclass(frozen=True, slots=True)
class WentBack:
    """What went back, or is to go back, of one line or of the postage, and the tax in it."""

    amount: int = 0
    tax: int = 0


NOTHING = WentBack()
#: Of a refund that was taken back, what had gone through before stands.
_NOTHING_WENT = Q(refund__state="cancelled", refund__confirmed=0)


def by_line(order: Order, *, but: str = "") -> Mapping[int | None, WentBack]:
    """Return what went back of each line of an order, by its key, and of the postage (None). One statement.

    `but`: a dispute, as dispute:id, whose refunds are left out. Of what went back without saying for which line,
    nothing is here. Of a refund that failed in part, what did not.
    """
    rows = RefundPart.objects.filter(refund__order=order).exclude(_NOTHING_WENT).select_related("refund")
    if but:
        rows = rows.exclude(refund__dispute_ref=but)
    of_refund: dict[int, list[RefundPart]] = {}
    for row in rows.order_by("refund_id", "pk"):
        of_refund.setdefault(row.refund_id, []).append(row)
    found: dict[int | None, WentBack] = {}
    for parts in of_refund.values():
        refund = parts[0].refund
        counts = refund.amount if refund.state in ("instructed", "confirmed") else refund.confirmed
        for part, amount in zip(parts, shares.of_parts(counts, [each.amount for each in parts]), strict=True):
            tax = shares.share(part.tax or 0, min(amount, part.amount), part.amount)
            before = found.get(part.line_id, NOTHING)
            found[part.line_id] = WentBack(before.amount + amount, before.tax + tax)
    return found


@dataclass(frozen=True, slots=True)
class Gone:
    """What went back of an order's lines; `parts`: the keys of the parts of its sets, by the set's key."""

    by_line: Mapping[int | None, WentBack]
    parts: Mapping[int, Sequence[int]]

    @classmethod
    def of(cls, order: Order, *, but: str = "") -> "Gone":
        """Return what went back of an order, but by one dispute. Two statements."""
        parts: dict[int, list[int]] = {}
        for bundle, part in order.lines.exclude(bundle=None).values_list("bundle_id", "pk"):
            parts.setdefault(bundle, []).append(part)
        return cls(by_line(order, but=but), parts)

    def for_line(self, line: OrderLine) -> int:
        """Return what went back of a line, and of a set by its parts."""
        return sum(self.by_line.get(key, NOTHING).amount for key in (line.pk, *self.parts.get(line.pk, ())))


def by_payment(order: Order) -> list[tuple[Payment, int]]:
    """Return the payments of an order, each with what went back by it, is to, or was taken by the bank.

    Three statements.
    """
    went: dict[int | None, int] = {}
    rows = RefundVia.objects.filter(refund__order=order).exclude(state="failed").exclude(_NOTHING_WENT)
    # Where facts alone tell that a refund failed, its ways do not say so.
    rows = rows.exclude(refund__state__in=["failed", "cancelled"], state="instructed")
    for row in rows.exclude(refund__state="failed", refund__outside=True):
        went[row.payment_id] = went.get(row.payment_id, 0) + row.amount
    for taken in ChargeBack.objects.filter(order=order).exclude(payment=None):
        went[taken.payment_id] = went.get(taken.payment_id, 0) + taken.amount - taken.reversed
    return [(payment, went.get(payment.pk, 0)) for payment in order.payments.all()]
