"""How long the evidence of a dispute stays: until nobody can need it any more."""

from datetime import datetime, timedelta

#: How long after a payment a bank can still take it back: the card schemes' outermost limit (Mastercard, Chargeback
#: Guide: 540 days from the settlement of the transaction). Most reasons have 120 days.
CHARGE_BACK = timedelta(days=540)
#: So long before it ends it is told.
TOLD_BEFORE = timedelta(days=30)


def kept_until(
    ended_at: datetime | None, *, appeal_until: datetime | None, paid_at: datetime | None, law: timedelta
) -> datetime | None:
    """Return until when the evidence of a dispute stays at least; None while it is open.

    The longest of what an appeal, the buyer's bank and the law ask for (`law`: after its end).
    """
    if ended_at is None:
        return None
    ends = [ended_at + law, appeal_until, paid_at + CHARGE_BACK if paid_at is not None else None]
    return max(each for each in ends if each is not None)
