"""Sending refunds: each by one process, always under the same key, until the payment system has said yes or no.

A time-out says nothing about whether the work was done, so it is tried again under the same key; what was taken is
asked about until it is confirmed. What is never confirmed stays on the desk, and counts as instructed.
"""

import logging
import time
from datetime import datetime, timedelta

from comity.actions import reports
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.actions.reports import Outcome
from comity.integrations.payments.asking import Asked, Provider, ToldByWebhook
from comity.integrations.payments.fake import FakePayments
from comity.integrations.payments.shop import Shop
from comity.integrations.payments.stripe import Stripe
from comity.lib import options
from comity.lib.money import Money
from comity.records import errands
from comity.records.engines import AWAY
from comity.records.models import Refund, RefundVia

logger = logging.getLogger(__name__)

#: For how long one process has a refund to itself; longer than a try of all its ways may last.
LEASE = timedelta(minutes=10)
#: How long to wait after so many tries in a row whose outcome is unknown; then an agent decides when to try again.
WAITS = (
    timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20), timedelta(hours=24),
)  # fmt: skip
#: How often one that was taken is asked about, and after how long without a confirmation it is shown on the desk.
ASKED_EVERY, CONFIRMED_WITHIN = timedelta(hours=6), timedelta(days=3)
ROUND_SECONDS = 60.0
_FAKE = FakePayments()


def chosen() -> Provider:
    """Return the payment system that the operator chose. Raises BadOption for an unknown one, or half of one."""
    match options.value("COMITY_PAYMENTS"):
        case "":
            return ToldByWebhook()
        case "shop":
            return Shop.of_options()
        case "stripe":
            return Stripe.of_options()
        case "fake":
            return _FAKE
        case other:
            raise options.BadOption(f"COMITY_PAYMENTS must be shop, stripe, fake or empty, not {other!r}")


def send_due(now: datetime, *, provider: Provider | None = None) -> int:
    """Send the refunds that are due, the longest due first; return how many were sent or asked about."""
    provider, count, end = provider or chosen(), 0, time.monotonic() + ROUND_SECONDS
    while time.monotonic() < end:
        rows = Refund.objects.filter(state="instructed").select_related("order__seller", "order__buyer")
        taken = errands.take(rows, now, most=1, lease=LEASE, waits=WAITS)
        if not taken:
            break
        _send(taken[0], provider, now)
        count += 1
    return count


def _send(refund: Refund, provider: Provider, now: datetime) -> None:
    actor, why = Actor(platform(now)), ""
    for via in refund.ways.select_related("payment").filter(state="instructed"):
        via.refund = refund
        sent = refund.sent_at is not None
        if not reports.begin(via, at=now):
            continue
        found = _tried(via, provider, sent=sent)
        if found.state == "unknown":
            why = found.reason or "nobody knows whether it was carried out"
        else:
            reports.outcome(actor, via, found, at=now)
    if not Refund.objects.filter(pk=refund.pk, state="instructed").exists():
        return  # it is done: facts say so, and its row follows them
    if why:
        errands.failed([refund], why, now, WAITS)
        return
    since = now - (refund.instructed_at or now)
    late = f"not confirmed for {since.days} days" if since > CONFIRMED_WITHIN else ""
    errands.succeeded([refund], due_at=now + ASKED_EVERY, failed_why=late)


def _tried(via: RefundVia, provider: Provider, *, sent: bool) -> Outcome:
    """Try one way, or ask what became of it. Whatever goes wrong, nobody knows whether it was carried out."""
    refund, order = via.refund, via.refund.order
    asked = Asked(
        key=via.key,
        payment=via.payment.reference if via.payment else "",
        amount=Money(via.amount, refund.currency),
        refund=refund.ref,
        order=order.external_id or str(order.uuid),
        reference=via.reference,
        sent=sent,
    )
    try:
        return provider.look(asked) if via.reference else provider.refund(asked)
    except AWAY:
        raise
    except Exception as error:  # a mistake of ours or an answer that nobody reads: no other refund waits for it
        logger.exception("refund %s could not be sent", refund.uuid)
        return Outcome("unknown", reason=f"{type(error).__name__}: {error}")
