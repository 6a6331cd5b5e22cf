"""Money that moved outside a dispute: what the shop refunds, or the bank takes, changes what there is to decide."""

from datetime import datetime

from comity.actions.disputes.agreeing import drop_what_is_not_left, end_where_nothing_is_left, pay, recall
from comity.actions.disputes.cases import Held, held, tell
from comity.actions.disputes.deciding import waits_for_appeal
from comity.actions.guard import Actor
from comity.actions.parties import platform
from comity.policy import money
from comity.policy.disputes.case import CONTESTED, OPEN, Case, Stage
from comity.policy.facts import Scalar
from comity.records.models import Dispute, Order


def react(order: Order, *, at: datetime, noted_at: datetime) -> None:
    """End the disputes that money from outside has met, drop offers for which too little is left, pay what waited."""
    disputes = Dispute.objects.filter(order=order, stage__in=OPEN).select_related("order__seller", "order__buyer")
    cases = [held(dispute) for dispute in disputes]
    cases = [_recalled(now, at=at, noted_at=noted_at) for now in cases]
    for now in cases:
        if because := _met(now, alone=len(cases) == 1):
            data: dict[str, Scalar] = {"because": because, "again": False}
            tell(now, Actor(platform(noted_at)), "dispute.closed", data, at=at, noted_at=noted_at)
        elif _waited(now):
            cost = now.case.decision.cost if now.case.decision else "seller"
            pay(now, because="waited", cost=cost, at=at, noted_at=noted_at)
        else:
            end_where_nothing_is_left(now, at=at, noted_at=noted_at)
    if cases:
        drop_what_is_not_left(order, at=at, noted_at=noted_at)


def taken_for_good(order: Order, reference: str, *, at: datetime, noted_at: datetime) -> bool:
    """End the disputes that a charge-back has met, once it stays with the buyer; return whether any was.

    Of several disputes none is met by a part: nobody said for what it was.
    """
    disputes = Dispute.objects.filter(order=order, stage__in=OPEN).select_related("order__seller", "order__buyer")
    cases, ended = [held(dispute) for dispute in disputes], False
    for now in cases:
        ledger = money.ledger(now.facts)
        taken = sum(each.left for each in ledger.charge_backs if each.reference == reference)
        is_met = not ledger.refundable or (len(cases) == 1 and 0 < _wanted(now.case) <= taken)
        if taken and is_met and not ledger.instructed:
            data: dict[str, Scalar] = {"because": "charged_back", "again": False}
            tell(now, Actor(platform(noted_at)), "dispute.closed", data, at=at, noted_at=noted_at)
            ended = True
    return ended


def _recalled(now: Held, *, at: datetime, noted_at: datetime) -> Held:
    """Take back what was not sent yet where the bank took the money first; it is paid once the bank gives it back."""
    ledger = money.ledger(now.facts)
    if now.case.stage is not Stage.CARRYING_OUT or not ledger.charged_back or ledger.went_back <= ledger.paid:
        return now
    return recall(now, at=at, noted_at=noted_at)


def _waited(now: Held) -> bool:
    """Whether something is to be paid that could not be before: the bank had the money, and has given it back.

    What failed is sent again by an agent, who sees to another account; what waits for an appeal goes on waiting.
    """
    case = now.case
    if case.stage not in OPEN - CONTESTED or case.asked_for >= case.due:
        return False
    if case.decision is not None and waits_for_appeal(now, "money"):
        return False
    ledger = money.ledger(now.facts)
    if not ledger.charge_backs or ledger.charged_back:
        return False
    return not any(refund.state == "failed" and refund.dispute == case.ref for refund in ledger.refunds)


def _wanted(case: Case) -> int:
    """Return what a refund from outside has to reach for nothing to be left to quarrel about."""
    rest = 0 if case.owes_act else case.to_pay - case.asked_for
    return rest if rest > 0 else case.apart.amount


def _met(now: Held, *, alone: bool) -> str:
    """Return why nothing is left to quarrel about, as a code; empty where something is.

    What the bank has taken may come back: the dispute waits then. Of several disputes none is met by a refund of which
    nobody said for what it was, before everything has gone back.
    """
    ledger = money.ledger(now.facts)
    if ledger.charged_back or ledger.instructed or (now.case.stage is Stage.CARRYING_OUT and now.case.paid):
        return ""
    since = [
        refund
        for refund in ledger.refunds
        if refund.dispute != now.case.ref and refund.confirmed_at and refund.confirmed_at >= now.case.opened_at
    ]
    if not any(refund.confirmed for refund in since):
        return ""
    if not ledger.refundable:
        return "refunded_in_full"
    # Of what another dispute brought, it is known for what it was.
    outside = sum(refund.confirmed for refund in since if not refund.dispute)
    wanted = _wanted(now.case)
    return "paid_outside" if alone and 0 < wanted <= outside else ""
