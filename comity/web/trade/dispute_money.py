"""The money of a dispute as its page has it: asked, paid, on its way, refunded, left, held and why, by payment."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import worth
from comity.actions.disputes.cases import Held
from comity.lib.money import Money
from comity.policy.disputes.case import OPEN
from comity.records.models import Refund
from comity.web.common import words


@dataclass(frozen=True, slots=True)
class Going:
    """One refund that follows from a dispute: how much, where it stands, why it failed, and by which payments."""

    refund: Refund
    state: str
    why: str
    ways: tuple[tuple[str, Money, str], ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a case, each with its words; `held`: why the order's money waits, "" where it does not."""

    rows: tuple[tuple[Any, Money], ...]
    refunds: tuple[Going, ...]
    held: str


def sums(now: Held) -> Sums:
    """Return the money of a case, in the order's currency. What is nothing is left out, but what is left."""
    ledger, case, currency = money.of(now.order), now.case, now.order.currency
    left = worth.most(now.order, worth.pieces_of(now.dispute))
    rows = (
        (_("Asked for"), case.amount),
        (_("Paid for the order"), ledger.paid),
        (_("Back, confirmed"), ledger.refunded),
        (_("On its way back"), ledger.instructed),
        (_("With the buyer's bank"), ledger.charged_back),
    )
    shown = [(said, Money(amount, currency)) for said, amount in rows if amount]
    shown.append((_("Can still go back"), left))
    return Sums(tuple(shown), tuple(_going(now)), _held(now))


def _going(now: Held) -> list[Going]:
    rows = Refund.objects.filter(order=now.order, dispute_ref__in=now.dispute.names).prefetch_related("ways__payment")
    return [
        Going(
            row,
            words.code(row.state, "refund"),
            words.code(row.failed_code, "refund") if row.failed_code else "",
            tuple(
                (way.payment.name, Money(way.amount, row.currency), words.code(way.state, "refund"))
                for way in row.ways.all()
                if way.payment is not None
            ),
        )
        for row in rows.order_by("pk")
    ]


def _held(now: Held) -> str:
    if now.case.stage in OPEN:
        return _("While the dispute is open, the order's money is not paid out.")
    return ""
