"""Facts of one order's matter, as tests tell them."""

from datetime import datetime, timedelta
from typing import Any

from comity.lib import moments
from comity.lib.moments import UTC
from comity.policy.facts import Fact, problems

START = datetime(2026, 3, 2, tzinfo=UTC)
ORDER, CASE, PARCEL, OTHER = "order:1", "dispute:a", "shipment:1", "shipment:2"


def day(number: float) -> datetime:
    """The moment so many days into every story."""
    return START + timedelta(days=number)


def fact(kind: str, at: float, subject: str = ORDER, **data: Any) -> Fact:
    """A sound fact of the order's, so many days into the story; its id is its kind, subject and day."""
    said = {name.rstrip("_"): moments.to_text(value) if isinstance(value, datetime) else value
            for name, value in data.items()}  # fmt: skip
    told = Fact(
        id=f"{kind}:{subject}:{at}", kind=kind, at=day(at), noted_at=day(at), subject=subject, matter=ORDER,
        party="seller:1", data=said,
    )  # fmt: skip
    assert list(problems(told)) == []
    return told


def paid(*, promised: float | None = 20) -> list[Fact]:
    """An order of 600.00, paid on day 0."""
    more: dict[str, Any] = {} if promised is None else {"deliver_by": day(promised)}
    return [
        fact("order.placed", 0, amount=60000, currency="AUD", pieces=1),
        fact("order.paid", 0, dispatch_by=day(3), **more),
    ]


def sent(at: float = 1, subject: str = PARCEL, **data: Any) -> Fact:
    """The seller's word that a parcel was sent."""
    return fact("shipment.dispatched", at, subject, tracked=True, **data)


def scan(status: str, at: float, subject: str = PARCEL, **data: Any) -> Fact:
    """A carrier's scan."""
    return fact("shipment.scanned", at, subject, status=status, source="carrier", **data)


def arrived(at: float, subject: str = PARCEL, **data: Any) -> Fact:
    """A carrier's delivery."""
    return fact("shipment.delivered", at, subject, **data)


def opened(at: float, reason: str = "not_received") -> Fact:
    """The buyer opened the case."""
    return fact("dispute.opened", at, CASE, reason=reason)
