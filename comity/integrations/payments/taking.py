"""What payment systems tell of disputes there, taken in: each event once, the newest word of a dispute last.

Money that was taken becomes charge-backs, by the dispute's id there. While none was, the dispute is what the buyer
asked elsewhere (`actions.disputes.elsewhere`).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from comity.actions import reports
from comity.actions.disputes import elsewhere
from comity.actions.disputes.elsewhere import Asked
from comity.actions.enact import Refused, happened
from comity.actions.guard import Actor
from comity.actions.money import holding
from comity.actions.parties import platform
from comity.actions.reports import Report
from comity.integrations.payments import vocabulary
from comity.integrations.payments.paypal import Told
from comity.lib.money import Money
from comity.records.models import ChargeBack, Dispute, Order
from comity.records.models.money import REFERENCE_CHARS
from comity.records.models.network import NetworkMessage

RECORDED, SAME = "recorded", "same"
#: What is answered to an event that an event which stood for later has overtaken.
LATE = "a newer word of this dispute is known; nothing changes"
#: Between a dispute's id and the number of the charge-back, where it took money more than once.
_AGAIN = "#"


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A dispute elsewhere for which no money has moved, as one event tells it.

    reason     PayPal's word (`vocabulary`)
    opened_at  since when it is; at: when it stood so
    is_over    it has ended there; by_buyer: for the buyer took it back
    """

    where: str
    reference: str
    event: str
    reason: str
    opened_at: datetime
    at: datetime
    text: str = ""
    is_over: bool = False
    by_buyer: bool = False

    @property
    def asked(self) -> Asked:
        """It, as the buyer's question."""
        return Asked(self.where, self.reference, vocabulary.reasons_back(self.reason), self.text)


def paypal(told: Told, raw: bytes, now: datetime) -> str:
    """Take in what PayPal tells of a dispute; return what became of it.

    The newest word counts: of the events of a dispute that come in another order, an older one changes nothing.
    Raises Refused, Forbidden: then nothing is kept.
    """
    order = _order(told)
    with holding(order):
        if word := _known("paypal", told.reference, told.event, raw, happened(told.at, now)):
            return word
        moved = _money(order, told, now)
        inquiry = Inquiry(
            "paypal", told.reference, told.event, told.reason, told.opened_at, told.at, told.text, told.is_over,
            told.cancelled,
        )  # fmt: skip
        asked = _ask(order, inquiry, now, is_new=told.taken is None)
        return RECORDED if moved or asked else SAME


def inquiry(order: Order, what: Inquiry, raw: bytes, now: datetime) -> str:
    """Take in an inquiry elsewhere that moves no money; return what became of it. Raises Refused, Forbidden."""
    with holding(order):
        if word := _known(what.where, what.reference, what.event, raw, happened(what.at, now)):
            return word
        return RECORDED if _ask(order, what, now, is_new=True) else SAME


def _ask(order: Order, what: Inquiry, now: datetime, *, is_new: bool) -> bool:
    if what.is_over:
        return elsewhere.end(order, what.asked, by_buyer=what.by_buyer, at=happened(what.at, now), noted_at=now)
    if not is_new:
        return False
    if not what.asked.reasons:
        why = vocabulary.WITHOUT.get(what.reason, "nothing is asked here")
        raise Refused([f"{what.reason or 'no reason'} is no reason of a dispute about goods: {why}"])
    return elsewhere.ask(order, what.asked, at=happened(what.opened_at, now), noted_at=now)


def _order(told: Told) -> Order:
    """Return the order that a dispute is about: known before, else by its payment, else by the shop's number.

    Raises Refused where it names none, or several.
    """
    orders = Order.objects.select_related("seller", "buyer").order_by("pk")
    taken = ChargeBack.objects.filter(reference=told.reference).values_list("order", flat=True)
    asked = Dispute.objects.filter(external_id=told.reference).values_list("order", flat=True)
    if len(known := {*taken[:2], *asked[:2]}) == 1:
        return orders.get(pk=known.pop())
    paid = list(orders.filter(payments__reference__in=told.payments).distinct()[:2])
    if len(paid) == 1:
        return paid[0]
    numbered = orders.filter(external_id__in=told.numbers)
    if paid:  # one payment for the orders of several sellers: the shop's number says which
        numbered = numbered.filter(payments__reference__in=told.payments).distinct()
    found = list(numbered[:2])
    if len(found) == 1 and not (paid and told.taken is not None and told.taken.minor > found[0].paid):
        return found[0]
    if paid or found:
        raise Refused(["the dispute is about several orders here: report what it took of each (docs/money.md)"])
    raise Refused(["the dispute names no order that is known: neither by its payment nor by the shop's number"])


def _known(where: str, dispute: str, event: str, raw: bytes, at: datetime) -> str:
    """Note an event as taken in; return what is answered to one that is known, or overtaken; "" for what is new.

    Asked while the order is held: of two at once the second sees the first. Raises ValueError for ids that cannot be
    kept.
    """
    if not all(0 < len(each) <= REFERENCE_CHARS for each in (dispute, event)):
        raise ValueError(f"the ids of an event and of its dispute have 1 to {REFERENCE_CHARS} characters")
    newest = NetworkMessage.objects.filter(sender=where, api="dispute", number=dispute).aggregate(at=Max("at"))["at"]
    digest = hashlib.sha256(raw).hexdigest()
    try:
        with transaction.atomic():
            NetworkMessage.objects.create(
                sender=where, api="dispute", number=dispute, message=event, digest=digest, at=at
            )  # fmt: skip
    except IntegrityError:
        return SAME
    return LATE if newest is not None and at < newest else ""


# Money


def _money(order: Order, told: Told, now: datetime) -> bool:
    """Let the charge-backs of a dispute be what it took and gave back; return whether anything changed."""
    teller, at = Actor(platform(now)), happened(told.at, now)
    payment = order.payments.filter(reference__in=told.payments).values_list("reference", flat=True).first() or ""

    def report(kind: str, reference: str, minor: int = 0) -> bool:
        amount = Money(minor, told.taken.currency) if minor and told.taken is not None else None
        what = Report(kind, order=order, payment=payment, reference=reference, amount=amount, event=told.event)
        return reports.report(teller, what, at=at, noted_at=now).told == RECORDED

    def lost() -> bool:
        ended = [report("charge_back_lost", row.reference) for row in _rows(order, told)]
        return True in ended

    changed = False
    if told.taken is not None:
        rows, wanted = _rows(order, told), told.taken.minor - told.back
        # What was taken and given back before anybody told of it was taken all the same.
        more = told.taken.minor if not rows else wanted - sum(row.amount - row.reversed for row in rows)
        if more > 0:
            number = f"{_AGAIN}{len(rows) + 1}" if rows else ""
            changed |= report("charged_back", f"{told.reference}{number}", more)
    # Before anything comes back: what the buyer has from PayPal is not paid again.
    if told.is_paid:
        changed |= lost()
    if told.taken is not None:
        less = sum(row.amount - row.reversed for row in _rows(order, told)) - (told.taken.minor - told.back)
        for row in reversed(_rows(order, told)):
            if (part := min(row.amount - row.reversed, less)) > 0:
                changed |= report("charge_back_reversed", row.reference, part)
                less -= part
    if told.stays:
        changed |= lost()
    return changed


def _rows(order: Order, told: Told) -> list[ChargeBack]:
    rows = order.charge_backs.filter(reference__startswith=told.reference).order_by("at", "pk")
    return [row for row in rows if row.reference.partition(_AGAIN)[0] == told.reference]
