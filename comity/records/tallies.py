"""Tallies: the rows of standards, counted where they lie. Each function is one statement.

The pure twin is `policy.standards.tally.Tallies`; `tests/records/test_tallies.py` holds the two against each other.
"""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil

from comity.policy.standards.rates import Count
from comity.policy.standards.tally import Tally, differs_from, merged
from comity.policy.time.clocks import Interval
from comity.records import statements
from comity.records.models import Tally as TallyRow

_COLUMNS = ("standard", "subject", "basis", "counted_at", "faulty_at", "cleared_at", "excluded_at", "value")
_SET = _COLUMNS[2:]
_DATED = _SET[1:-1]
_INSERT = f"INSERT INTO records_tally (party_id, {', '.join(_COLUMNS)}) {{rows}} "
_CONFLICT = "ON CONFLICT (party_id, standard, subject) DO UPDATE SET "
_INSTEAD = _INSERT + _CONFLICT + ", ".join(f"{name} = excluded.{name}" for name in _SET)
#: The earlier of two moments where either may be null. PostgreSQL's LEAST passes over nulls, SQLite's MIN does not.
_LEAST = "{name} = COALESCE({least}(records_tally.{name}, excluded.{name}), records_tally.{name}, excluded.{name})"
_COUNT = """
SELECT COUNT(*),
       COALESCE(SUM(CASE WHEN faulty_at <= %s AND (cleared_at IS NULL OR cleared_at > %s) THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(value), 0), COUNT(value)
FROM {rows}
"""
_COUNTING = """
records_tally WHERE party_id = %s AND standard = %s AND basis >= %s AND basis < %s
AND counted_at <= %s AND (excluded_at IS NULL OR excluded_at > %s)
"""
_LATEST = f"(SELECT faulty_at, cleared_at, value FROM {_COUNTING} ORDER BY basis DESC, subject DESC LIMIT %s) AS latest"
_ROW = f"SELECT {', '.join(_SET)} FROM records_tally WHERE party_id = %s AND standard = %s AND subject = %s"
_ANY = "SELECT 1 FROM records_tally WHERE party_id = %s AND standard = %s AND basis >= %s LIMIT 1"


class Tallies:
    """One party's rows in the database. What is put waits until it is counted, or written."""

    def __init__(self, party_id: int):
        self.party_id = party_id
        self.merging: dict[tuple[str, str], Tally] = {}
        self.replacing: dict[tuple[str, str], Tally] = {}

    def put(self, row: Tally, *, instead: bool = False, fresh: bool = False) -> datetime | None:
        """Take up a row: merged with the one there is, or instead of it. Return since when it may be seen otherwise.

        The row that was there is read only where it could have been seen before the moments that the new one says.
        """
        key = (row.standard, row.subject)
        since = differs_from(None, row)
        # Put instead: read it, unless there is none. Merged: only a date by itself can move a subject that counted
        # before.
        if not fresh if instead else row.basis is not None and row.counted_at is None:
            old = self._row(*key)
            since = differs_from(old, row if instead else merged(old, row))
        if instead:
            self.replacing[key] = row
        else:
            self.merging[key] = merged(self.merging.get(key), row)
        return since

    def _row(self, standard: str, subject: str) -> Tally | None:
        """Return a row as it stands."""
        self.write()
        rows = statements.fetch(_ROW, [self.party_id, standard, subject])
        if not rows:
            return None
        *moments, value = rows[0]
        basis, *dated = map(statements.moment, moments)
        said = dict(zip(_DATED, dated, strict=True))
        return Tally(standard=standard, subject=subject, basis=basis, value=value, **said)

    def write(self) -> None:
        """Write what waits: one statement for each of the two ways."""
        write([self])

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count the rows whose basis lies in `window`, as things stood at `at`; with `latest`, the newest share."""
        self.write()
        adapt = statements.adapter()
        moment = adapt(at)
        chosen = [self.party_id, standard, adapt(window[0]), adapt(window[1]), moment, moment]
        row = statements.fetch(_COUNT.format(rows=_COUNTING), [moment, moment, *chosen])[0]
        if latest is not None:
            # How many are the latest share is known only once all are counted.
            newest = ceil(row[0] * latest)
            row = statements.fetch(_COUNT.format(rows=_LATEST), [moment, moment, *chosen, newest])[0]
        return Count(*map(int, row))

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""
        self.write()
        return bool(statements.fetch(_ANY, [self.party_id, standard, statements.adapter()(begin)]))


def write(of_parties: Sequence[Tallies]) -> None:
    """Write what waits of several parties: one statement for each of the two ways."""
    merging = [_values(each.party_id, row) for each in of_parties for row in each.merging.values()]
    replacing = [_values(each.party_id, row) for each in of_parties for row in each.replacing.values()]
    for rows, statement in ((merging, _merge()), (replacing, _INSTEAD)):
        if rows:
            statements.write_rows(statement, rows, TallyRow, ("party_id", *_COLUMNS))
    for each in of_parties:
        each.merging.clear()
        each.replacing.clear()


def _merge() -> str:
    least = "LEAST" if statements.on_postgresql() else "MIN"
    return _INSERT + _CONFLICT + ", ".join(_LEAST.format(name=name, least=least) for name in _SET)


def _values(party_id: int, row: Tally) -> Sequence[object]:
    adapt = statements.adapter()
    return (
        party_id,
        row.standard,
        row.subject,
        adapt(row.basis),
        adapt(row.counted_at),
        adapt(row.faulty_at),
        adapt(row.cleared_at),
        adapt(row.excluded_at),
        row.value,
    )
