"""Carriers' scorecards by lane, from columns: who keeps what was promised, how fast, and how surely one can say so.

A lane is origin, destination and service. A share on time comes with its 95 % interval (Wilson); a carrier is only
recommended on a lane where it carried enough parcels, and by the lower end of that interval: good luck with few parcels
does not beat a long record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from comity.history.source import BadFile
from comity.policy.standards.rates import interval

#: Fewer parcels than this on a lane recommend nobody.
LEAST_PARCELS = 30
#: A parcel that has not arrived so many days after it was due is lost.
LOST_AFTER_DAYS = 30
COLUMNS = ("carrier", "origin", "destination", "service", "sent", "promised", "delivered", "scans", "failed", "gap")
# The files are read once for all three: by carrier and lane, by carrier, by lane.
_CARDS = """
SELECT coalesce(carrier, '') AS carrier, coalesce(origin, '') AS origin, coalesce(destination, '') AS destination,
       coalesce(service, '') AS service, count(*) AS parcels,
       count(*) FILTER (WHERE delivered IS NOT NULL OR promised < $now) AS known,
       count(*) FILTER (WHERE delivered <= promised) AS on_time,
       quantile_cont(epoch(delivered - sent), [0.5, 0.9]) AS took,
       count(*) FILTER (WHERE delivered IS NULL AND promised + INTERVAL ({lost}) DAY < $now) AS lost,
       count(*) FILTER (WHERE failed) AS failed, avg(scans) AS scans, avg(gap) AS gap,
       GROUPING(carrier) AS all_carriers, GROUPING(origin) AS all_lanes
FROM read_parquet($paths) WHERE sent <= $now
GROUP BY GROUPING SETS ((carrier, origin, destination, service), (carrier), (origin, destination, service))
ORDER BY carrier, origin, destination, service
"""


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


def scorecards(paths: Sequence[Path], *, now: str) -> Cards:
    """Return the scorecards of Parquet files of parcels, as of `now` (2018-03-31 00:00:00).

    The files have COLUMNS: texts; `sent`, `promised`, `delivered` as timestamps; `scans` a number; `failed` whether
    the carrier told of trouble; `gap` days. Raises BadFile.
    """
    with duckdb.connect() as database:
        database.execute("SET threads = 2; SET enable_progress_bar = false")
        try:
            query = _CARDS.format(lost=LOST_AFTER_DAYS).replace("$now", "$now::TIMESTAMP")
            rows = database.execute(query, {"paths": [str(path) for path in paths], "now": now}).fetchall()
        except duckdb.Error as error:
            names = ", ".join(str(path) for path in paths)
            raise BadFile(
                f"{names} cannot be read: {str(error).splitlines()[0]}; it needs {', '.join(COLUMNS)}"
            ) from None
    cards = Cards([], [], [])
    for *lane, parcels, known, on_time, took, lost, failed, scans, gap, all_carriers, all_lanes in rows:
        median, p90 = (seconds / 86_400 for seconds in took) if took else (None, None)
        card = Card(lane[0], lane[1], lane[2], lane[3], parcels, known, on_time, median, p90, lost, failed, scans, gap)
        (cards.of_lanes if all_carriers else cards.by_carrier if all_lanes else cards.by_lane).append(card)
    return cards


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
