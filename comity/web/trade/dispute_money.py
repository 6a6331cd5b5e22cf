"""The money of a dispute as its page has it: asked, paid, on its way, refunded, left, held and why, by payment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from comity.actions import money
from comity.actions.disputes import worth
from comity.actions.disputes.cases import Held
from comity.actions.payouts import awaited
from comity.lib.money import Money
from comity.policy.disputes.case import OPEN, Case
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
    """The sums of a case, each with its words.

    held     why the order's money waits, "" where it does not
    fallen   what has gone, or is on its way, by a decision that stands no more, in words; "" for nothing
    """

    rows: tuple[tuple[Any, Money], ...]
    refunds: tuple[Going, ...]
    held: str
    fallen: str = ""


def sums(now: Held, at: datetime) -> Sums:
    """Return the money of a case, in the order's currency. What is nothing is left out, but what is left."""
    ledger, case, currency = money.of(now.order), now.case, now.order.currency
    pieces = worth.pieces_of(now.dispute)
    goods, left = worth.goods(now.order, pieces), worth.most(now.order, pieces)
    rows = (
        (_("Asked for"), case.amount),
        (_("Paid for the order"), ledger.paid),
        (_("Back, confirmed"), ledger.refunded),
        (_("On its way back"), ledger.instructed),
        (_("With the buyer's bank"), ledger.charged_back),
    )
    shown = [(said, Money(amount, currency)) for said, amount in rows if amount]
    if goods != left:
        shown.append((_("Left for these pieces"), goods))
    shown.append((_("Can still go back"), left))
    return Sums(tuple(shown), tuple(_going(now)), _held(now, at), _fallen(case, currency))


def _fallen(case: Case, currency: str) -> str:
    """Return what became of the money of a decision that was set aside or sent back, while nothing new stands."""
    if not case.holds_money or not case.decisions:
        return ""
    amount = {"amount": money.said(Money(case.asked_for - case.kept, currency))}
    if case.paid < case.asked_for:
        return (
            _(
                "%(amount)s was sent by a decision that stands no more, and is not called back. "
                "What is decided or agreed next counts it; nothing goes back twice."
            )
            % amount
        )
    return (
        _(
            "%(amount)s went back by a decision that stands no more, and stays with the buyer for now. "
            "What is decided or agreed next counts it; nothing goes back twice."
        )
        % amount
    )


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


def _held(now: Held, at: datetime) -> str:
    """Return why the order's money waits, as `actions.payouts` has it; "" where it does not."""
    if now.case.stage in OPEN:
        return _("While the dispute is open, the order's money is not paid out.")
    if now.order.cancelled_at is None and awaited([now.order], at):
        return _("The order does not count as received yet; until then its money is not paid out.")
    return ""
