"""Lanes: what was counted of them last."""

from comity.records.models import LaneCard

#: Fewer arrivals than this on a lane say nothing about how long it takes.
LEAST_KNOWN = 30


def typical_days(origin: str, destination: str, service: str) -> float | None:
    """Return within how many days nine in ten parcels of a lane arrive once they are sent; None for too few."""
    card = LaneCard.objects.filter(
        carrier="", origin=origin, destination=destination, service=service, known__gte=LEAST_KNOWN
    ).first()
    return card.p90_days if card else None


def cards_of(origin: str, destination: str, service: str) -> list[LaneCard]:
    """Return the carriers' cards of a lane."""
    rows = LaneCard.objects.filter(origin=origin, destination=destination, service=service).exclude(carrier="")
    return list(rows.order_by("carrier"))
