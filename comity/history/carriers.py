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
from comity.policy.rates import interval

#: Fewer parcels than this on a lane recommend nobody.
LEAST_PARCELS = 30
#: A parcel that has not arrived so many days after it was due is lost.
LOST_AFTER_DAYS = 30
COLUMNS = ("carrier", "origin", "destination", "service", "sent", "promised", "delivered", "scans", "failed")
_CARDS = """
SELECT carrier, origin, destination, service, count(*) AS parcels,
       count(*) FILTER (WHERE delivered IS NOT NULL OR promised < $now) AS known,
       count(*) FILTER (WHERE delivered <= promised) AS on_time,
       median(epoch(delivered - sent)) / 86400 AS median_days,
       quantile_cont(epoch(delivered - sent), 0.9) / 86400 AS p90_days,
       count(*) FILTER (WHERE delivered IS NULL AND promised + INTERVAL ({lost}) DAY < $now) AS lost,
       count(*) FILTER (WHERE failed) AS failed,
       avg(scans) AS scans
FROM read_parquet($path) WHERE sent <= $now
GROUP BY carrier, origin, destination, service ORDER BY carrier, origin, destination, service
"""


@dataclass(frozen=True, slots=True)
class Card:
    """How a carrier does on a lane.

    parcels     how many it was given; `known`: of which it is known whether they were on time
    on_time     of those known, how many arrived when promised; never arrived counts as not
    median_days, p90_days   from sending to arrival, of those that arrived; None without any
    lost, failed, scans     never arrived, told of trouble; scans a parcel on average
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
    scans: float

    @property
    def share(self) -> float | None:
        """The share on time; None where nothing is known."""
        return self.on_time / self.known if self.known else None

    @property
    def bounds(self) -> tuple[float, float]:
        """Between which shares the true one lies, with 95 % confidence."""
        low, high = interval(self.known - self.on_time, self.known) if self.known else (0.0, 1.0)
        return 1 - high, 1 - low


def scorecards(path: Path, *, now: str) -> list[Card]:
    """Return a card for each carrier and lane of a Parquet file of parcels, as of `now` (2018-03-31 00:00:00).

    The file has COLUMNS: texts; `sent`, `promised`, `delivered` as timestamps; `scans` a number; `failed` whether the
    carrier told of trouble. Raises BadFile.
    """
    with duckdb.connect() as database:
        database.execute("SET threads = 2; SET enable_progress_bar = false")
        try:
            query = _CARDS.format(lost=LOST_AFTER_DAYS).replace("$now", "$now::TIMESTAMP")
            rows = database.execute(query, {"path": str(path), "now": now}).fetchall()
        except duckdb.Error as error:
            raise BadFile(
                f"{path} cannot be read: {str(error).splitlines()[0]}; it needs {', '.join(COLUMNS)}"
            ) from None
    return [Card(*row) for row in rows]


def recommended(cards: Sequence[Card], origin: str, destination: str, service: str | None = None) -> list[Card]:
    """Return the carriers of a lane, the surest first; nobody with fewer than LEAST_PARCELS known parcels there."""
    lane = [
        card for card in cards
        if (card.origin, card.destination) == (origin, destination) and service in (None, card.service)
        and card.known >= LEAST_PARCELS
    ]  # fmt: skip
    return sorted(lane, key=lambda card: (-card.bounds[0], card.p90_days or 0.0, card.carrier))
