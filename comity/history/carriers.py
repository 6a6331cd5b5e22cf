"""Carriers' scorecards by lane, from columns: who keeps what was promised, how fast, and how surely one can say so.

A lane is origin, destination and service. A share on time comes with its 95 % interval (Wilson); a carrier is only
recommended on a lane where it carried enough parcels, and by the lower end of that interval: good luck with few parcels
does not beat a long record.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from comity.history.cards import Card, Cards
from comity.history.errors import BadFile

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
