"""A carrier's scorecard on a lane, and who is recommended by it. They are counted in `history.carriers`."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.policy.standards.rates import interval

#: Fewer parcels than this on a lane recommend nobody.
LEAST_PARCELS = 30


@dataclass(frozen=True, slots=True)
class Card:
    """How a carrier does on a lane.

    parcels     how many it was given; `known`: of which it is known whether they were on time
    on_time     of those known, how many arrived when promised; never arrived counts as not
    median_days, p90_days   from sending to arrival, of those that arrived; None without any
    lost, failed            never arrived; told of trouble
    scans, gap              scans of a parcel, and its longest silence in days, on the average; None without any
    """

    carrier: str
    origin: str
    destination: str
    service: str
    parcels: int
    known: int
    on_time: int
    median_days: float | None
    p90_days: float | None
    lost: int
    failed: int
    scans: float | None
    gap: float | None

    @property
    def lane(self) -> tuple[str, str, str]:
        """Origin, destination, service."""
        return (self.origin, self.destination, self.service)

    @property
    def share(self) -> float | None:
        """The share on time; None where nothing is known."""
        return self.on_time / self.known if self.known else None

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which shares the true one lies, with 95 % confidence."""
        low, high = interval(self.known - self.on_time, self.known) if self.known else (0.0, 1.0)
        return 1 - high, 1 - low

    @property
    def lost_share(self) -> float | None:
        """The share of those known that never arrived; None where nothing is known."""
        return self.lost / self.known if self.known else None

    @property
    def failed_share(self) -> float | None:
        """The share that the carrier told of trouble with; None without any parcel."""
        return self.failed / self.parcels if self.parcels else None


@dataclass(frozen=True, slots=True)
class Cards:
    """Scorecards: of each carrier on each lane, of each carrier everywhere, and of each lane whoever carried."""

    by_lane: list[Card]
    by_carrier: list[Card]
    of_lanes: list[Card]


def recommended(cards: Sequence[Card], origin: str, destination: str, service: str | None = None) -> list[Card]:
    """Return the carriers of a lane, the surest first; nobody with fewer than LEAST_PARCELS known parcels there."""
    lane = [
        card
        for card in cards
        if (card.origin, card.destination) == (origin, destination)
        and service in (None, card.service)
        and card.known >= LEAST_PARCELS
    ]
    return sorted(lane, key=lambda card: (-card.bounds[0], card.p90_days or 0.0, card.carrier))
