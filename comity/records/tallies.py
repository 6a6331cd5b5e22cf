"""Tallies: the rows of standards, counted where they lie. Each function is one statement.

The pure twin is `policy.standards.tally.Tallies`; `tests/records/test_tallies.py` holds the two against each other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from comity.policy.standards.rates import Count
from comity.policy.standards.tally import Tally, differs_from, merged
from comity.policy.time.clocks import Interval
from comity.records import statements
from comity.records.models import Tally as TallyRow

_COLUMNS = ("standard", "subject", "basis", "counted_at", "faulty_at", "cleared_at", "excluded_at", "value", "buyer")
_SET = _COLUMNS[2:]
_INSERT = f"INSERT INTO records_tally (party_id, {', '.join(_COLUMNS)}) {{rows}} "
_CONFLICT = "ON CONFLICT (party_id, standard, subject) DO UPDATE SET "
_INSTEAD = _INSERT + _CONFLICT + ", ".join(f"{name} = excluded.{name}" for name in _SET)
#: The earlier of two moments where either may be null. PostgreSQL's LEAST passes over nulls, SQLite's MIN does not.
_LEAST = (
    "{name} = COALESCE({least}(records_tally.{name}{by}, excluded.{name}{by}), records_tally.{name}, excluded.{name})"
)
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
#: What is asked of several parties at once: a number, the party, the standard, from when, up to when, as of when.
_ASKED = ("value", "party_id", "standard", "basis", "basis", "counted_at")
_COUNTS = """
SELECT asked.column1, COUNT(t.id),
       COALESCE(SUM(CASE WHEN t.faulty_at <= asked.column6 AND (t.cleared_at IS NULL OR t.cleared_at > asked.column6)
                    THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(t.value), 0), COUNT(t.value)
FROM ({rows}) AS asked LEFT JOIN records_tally t
ON t.party_id = asked.column2 AND t.standard = asked.column3 AND t.basis >= asked.column4 AND t.basis < asked.column5
AND t.counted_at <= asked.column6 AND (t.excluded_at IS NULL OR t.excluded_at > asked.column6)
GROUP BY asked.column1
"""
_BUYERS_OF = """
SELECT asked.column1, t.buyer, COUNT(*) FROM ({rows}) AS asked JOIN records_tally t
ON t.party_id = asked.column2 AND t.standard = asked.column3 AND t.basis >= asked.column4 AND t.basis < asked.column5
AND t.counted_at <= asked.column6 AND (t.excluded_at IS NULL OR t.excluded_at > asked.column6)
AND t.faulty_at <= asked.column6 AND (t.cleared_at IS NULL OR t.cleared_at > asked.column6)
WHERE t.buyer IS NOT NULL GROUP BY asked.column1, t.buyer
"""
_ANY_OF = """
SELECT asked.column1, EXISTS (
    SELECT 1 FROM records_tally t
    WHERE t.party_id = asked.column2 AND t.standard = asked.column3 AND t.basis >= asked.column4
) FROM ({rows}) AS asked
"""
_LATEST = f"(SELECT faulty_at, cleared_at, value FROM {_COUNTING} ORDER BY basis DESC, subject DESC LIMIT %s) AS latest"
#: Who bought what is faulty, of rows that count.
_BUYERS = (
    f"SELECT buyer, COUNT(*) FROM {_COUNTING} AND buyer IS NOT NULL AND faulty_at <= %s"
    " AND (cleared_at IS NULL OR cleared_at > %s) GROUP BY buyer"
)
_ALL = f"SELECT {', '.join(_COLUMNS)} FROM records_tally WHERE party_id = %s"
_ROW = f"{_ALL} AND standard = %s AND subject = %s"
_DELETE = "DELETE FROM records_tally WHERE party_id = %s AND standard = %s AND subject = %s RETURNING id"
_ANY = "SELECT 1 FROM records_tally WHERE party_id = %s AND standard = %s AND basis >= %s LIMIT 1"


class Question(NamedTuple):
    """What an evaluation asks of rows: how many count in a stretch, or with `buyers` who bought the faulty ones.

    Without `end`, whether there are any.
    """

    standard: str
    begin: datetime
    end: datetime | None = None
    at: datetime | None = None
    buyers: bool = False


class Asked:
    """Rows that answer nothing, and note what they are asked."""

    def __init__(self) -> None:
        self.questions: list[Question] = []

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Note how many rows are asked for; those of the newest share are not asked for ahead."""
        if latest is None:
            self.questions.append(Question(standard, *window, at))
        return Count()

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Note that the buyers are asked for."""
        self.questions.append(Question(standard, *window, at, buyers=True))
        return {}

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Note that it is asked whether there are any."""
        self.questions.append(Question(standard, begin))
        return False

    def put(self, row: Tally, *, instead: bool = False, fresh: bool = False) -> datetime | None:
        """Rows that answer nothing take none up."""
        raise TypeError("these rows are only asked")


class Tallies:
    """One party's rows in the database. What is put waits until it is counted, or written."""

    def __init__(self, party_id: int):
        self.party_id = party_id
        self.merging: dict[tuple[str, str], Tally] = {}
        self.replacing: dict[tuple[str, str], Tally] = {}
        #: What was asked for ahead (`look_ahead`), until a row changes.
        self.ahead: dict[Question, Count] = {}
        self.buyers_ahead: dict[Question, dict[str, int]] = {}

    def put(self, row: Tally, *, instead: bool = False, fresh: bool = False) -> datetime | None:
        """Take up a row: merged with the one there is, or instead of it. Return since when it may be seen otherwise.

        The row that was there is read only where it could have been seen before the moments that the new one says.
        """
        key = (row.standard, row.subject)
        self.ahead.clear()
        self.buyers_ahead.clear()
        since = differs_from(None, row)
        # Put instead: read it, unless there is none. Merged: only a date or a buyer by itself can move a subject that
        # counted before.
        alone = row.counted_at is None and (row.basis is not None or row.buyer is not None)
        if not fresh if instead else alone:
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
        return _read(rows[0]) if rows else None

    def write(self) -> None:
        """Write what waits: one statement for each of the two ways."""
        write([self])

    def count(self, standard: str, window: Interval, at: datetime, latest: Fraction | None = None) -> Count:
        """Count the rows whose basis lies in `window`, as things stood at `at`; with `latest`, the newest share."""
        if latest is None and (known := self.ahead.get(Question(standard, *window, at))) is not None:
            return known
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

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return who bought what is faulty among them, as far as that is known, and how many of each."""
        if (known := self.buyers_ahead.get(Question(standard, *window, at, buyers=True))) is not None:
            return known
        self.write()
        adapt = statements.adapter()
        moment = adapt(at)
        chosen = [self.party_id, standard, adapt(window[0]), adapt(window[1]), *[moment] * 4]
        return {str(buyer): int(number) for buyer, number in statements.fetch(_BUYERS, chosen)}

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""
        if (known := self.ahead.get(Question(standard, begin))) is not None:
            return known.counted > 0
        self.write()
        return bool(statements.fetch(_ANY, [self.party_id, standard, statements.adapter()(begin)]))


def as_they_are(party_id: int) -> dict[tuple[str, str], Tally]:
    """Return all of a party's rows, by standard and subject."""
    return {(row.standard, row.subject): row for row in map(_read, statements.fetch(_ALL, [party_id]))}


def make_anew(party_id: int, wanted: Mapping[tuple[str, str], Tally]) -> None:
    """Let a party have these rows and no others. Whoever calls this holds the party's lock."""
    rows = as_they_are(party_id)
    for place in rows.keys() - wanted.keys():  # few, if any
        statements.fetch(_DELETE, [party_id, *place])
    new = [_values(party_id, row) for place, row in wanted.items() if rows.get(place) != row]
    statements.write_rows(_INSTEAD, new, TallyRow, ("party_id", *_COLUMNS))


def _read(values: Sequence[Any]) -> Tally:
    """Return a row as the engine gives it, in the order of `_COLUMNS`."""
    standard, subject, *moments, value, buyer = values
    dated = dict(zip(_COLUMNS[2:-2], map(statements.moment, moments), strict=True))
    return Tally(standard=standard, subject=subject, value=value, buyer=buyer, **dated)


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
    # Texts in the order of their characters, as everywhere else.
    collated = {"buyer": ' COLLATE "C"'} if statements.on_postgresql() else {}
    return (
        _INSERT
        + _CONFLICT
        + ", ".join(_LEAST.format(name=name, least=least, by=collated.get(name, "")) for name in _SET)
    )


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
        row.buyer,
    )


def look_ahead(asked: Sequence[tuple[Tallies, Sequence[Question]]]) -> None:
    """Count for several parties at once what each will be asked. One statement for each of the three questions."""
    adapt = statements.adapter()
    write([each for each, _ in asked])
    numbered = list(enumerate((each, question) for each, questions in asked for question in questions))
    named = {number for number, (_, question) in numbered if question.buyers}
    rows = [
        (number, each.party_id, question.standard, adapt(question.begin), adapt(question.end), adapt(question.at))
        for number, (each, question) in numbered
    ]
    answers: dict[int, Count] = {}
    for number, *counts in statements.fetch_rows(
        _COUNTS, [row for row in rows if row[-1] and row[0] not in named], TallyRow, _ASKED
    ):
        answers[number] = Count(*map(int, counts))
    for number, found in statements.fetch_rows(_ANY_OF, [row for row in rows if not row[-1]], TallyRow, _ASKED):
        answers[number] = Count(int(found))
    buyers: dict[int, dict[str, int]] = {number: {} for number in named}
    for number, buyer, many in statements.fetch_rows(_BUYERS_OF, [r for r in rows if r[0] in named], TallyRow, _ASKED):
        buyers[number][str(buyer)] = int(many)
    for number, (each, question) in numbered:
        if question.buyers:
            each.buyers_ahead[question] = buyers[number]
        else:
            each.ahead[question] = answers[number]
