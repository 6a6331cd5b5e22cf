"""Tallies: the rows of standards, counted where they lie. Each function is one statement.

The pure twin is `policy.standards.tally.Tallies`; `tests/records/test_tallies.py` holds the two against each other.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Substr

from comity.policy.standards.rates import Count
from comity.policy.standards.tally import Fault, Tally, differs_from, merged
from comity.policy.time.clocks import Interval
from comity.records import statements
from comity.records.models import Tally as TallyRow
from comity.records.models.fields import KEY_CHARS

_COLUMNS = ("standard", "subject", "basis", "counted_at", "faulty_at", "cleared_at", "excluded_at", "value", "buyer",
            "fault")  # fmt: skip
#: What is written beside them: by when it is worth looking for the rows of faults.
_WRITTEN = (*_COLUMNS, "first_fault_at")
_SET = (*_COLUMNS[2:-1], "first_fault_at")
_INSERT = f"INSERT INTO records_tally (party_id, {', '.join(_WRITTEN)}) {{rows}} "
_CONFLICT = "ON CONFLICT (party_id, standard, subject, fault) DO UPDATE SET "
_INSTEAD = _INSERT + _CONFLICT + ", ".join(f"{name} = excluded.{name}" for name in _SET)
#: The earlier of two moments where either may be null. PostgreSQL's LEAST passes over nulls, SQLite's MIN does not.
_LEAST = (
    "{name} = COALESCE({least}(records_tally.{name}{by}, excluded.{name}{by}), records_tally.{name}, excluded.{name})"
)
#: Whether the row t is faulty by itself as of {at}.
_FAULTY = "t.faulty_at <= {at} AND (t.cleared_at IS NULL OR t.cleared_at > {at})"
#: Whether it is so by a fault that is cleared by itself, and by no other: one that is there and was not cleared. Two of
#: a kind are about the same thing where both say about which. Asked only where there are such faults.
_FAULTY_BESIDE = f"""
t.first_fault_at <= {{at}} AND (t.cleared_at IS NULL OR t.cleared_at > {{at}})
AND (t.faulty_at IS NULL OR t.faulty_at > {{at}}) AND EXISTS (
    SELECT 1 FROM records_tally f
    WHERE f.party_id = t.party_id AND f.standard = t.standard AND f.subject = t.subject
    AND f.fault <> '' AND f.faulty_at <= {{at}} AND NOT EXISTS (
        SELECT 1 FROM records_tally g
        WHERE g.party_id = f.party_id AND g.standard = f.standard AND g.subject = f.subject
        AND g.fault <> '' AND g.cleared_at <= {{at}}
        AND SUBSTR(g.fault, 1, {KEY_CHARS + 1}) = SUBSTR(f.fault, 1, {KEY_CHARS + 1})
        AND (g.fault = f.fault OR LENGTH(g.fault) = {KEY_CHARS + 1} OR LENGTH(f.fault) = {KEY_CHARS + 1})
    )
)
"""
_WAYS = (_FAULTY, _FAULTY_BESIDE)
_COUNT = f"""
SELECT COUNT(*), COALESCE(SUM(CASE WHEN {_FAULTY.format(at="%s")} THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(t.value), 0), COUNT(t.value), COUNT(t.first_fault_at)
FROM {{rows}}
"""
_COUNT_BESIDE = f"SELECT COUNT(*) FROM {{rows}} WHERE {_FAULTY_BESIDE.format(at='%s')}"
_COUNTING = """
records_tally t WHERE t.party_id = %s AND t.standard = %s AND t.basis >= %s AND t.basis < %s
AND t.counted_at <= %s AND (t.excluded_at IS NULL OR t.excluded_at > %s)
"""
_COUNTED = f"(SELECT t.* FROM {_COUNTING}) AS t"
_LATEST = f"(SELECT t.* FROM {_COUNTING} ORDER BY t.basis DESC, t.subject DESC LIMIT %s) AS t"
#: What is asked of several parties at once: a number, the party, the standard, from when, up to when, as of when.
_ASKED = ("value", "party_id", "standard", "basis", "basis", "counted_at")
_COUNTING_OF = """
records_tally t
ON t.party_id = asked.column2 AND t.standard = asked.column3 AND t.basis >= asked.column4 AND t.basis < asked.column5
AND t.counted_at <= asked.column6 AND (t.excluded_at IS NULL OR t.excluded_at > asked.column6)
"""
_COUNTS = f"""
SELECT asked.column1, COUNT(t.id), COALESCE(SUM(CASE WHEN {_FAULTY.format(at="asked.column6")} THEN 1 ELSE 0 END), 0),
       COALESCE(SUM(t.value), 0), COUNT(t.value), COUNT(t.first_fault_at)
FROM ({{rows}}) AS asked LEFT JOIN {_COUNTING_OF} GROUP BY asked.column1
"""
_COUNTS_BESIDE = f"""
SELECT asked.column1, COUNT(*) FROM ({{rows}}) AS asked JOIN {_COUNTING_OF}
WHERE {_FAULTY_BESIDE.format(at="asked.column6")} GROUP BY asked.column1
"""
_BUYERS_OF = [
    f"SELECT asked.column1, t.buyer, COUNT(*) FROM ({{rows}}) AS asked JOIN {_COUNTING_OF}"
    f" WHERE t.buyer IS NOT NULL AND {way.format(at='asked.column6')} GROUP BY asked.column1, t.buyer"
    for way in _WAYS
]
_ANY_OF = """
SELECT asked.column1, EXISTS (
    SELECT 1 FROM records_tally t
    WHERE t.party_id = asked.column2 AND t.standard = asked.column3 AND t.basis >= asked.column4
) FROM ({rows}) AS asked
"""
#: Who bought what is faulty, of rows that count.
_BUYERS = [
    f"SELECT t.buyer, COUNT(*) FROM {_COUNTING} AND t.buyer IS NOT NULL AND {way.format(at='%s')} GROUP BY t.buyer"
    for way in _WAYS
]
_ALL = f"SELECT {', '.join(_COLUMNS)} FROM records_tally WHERE party_id = %s"
_ROW = f"{_ALL} AND standard = %s AND subject = %s"
_DELETE = "DELETE FROM records_tally WHERE party_id = %s AND standard = %s AND subject = %s AND fault = %s RETURNING id"
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
        #: Places of faults that a row put instead has no more.
        self.gone: list[tuple[object, ...]] = []
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
        since, old = differs_from(None, row), None
        # Put instead: read it, unless there is none. Merged: only a date or a buyer by itself can move a subject that
        # counted before.
        alone = row.counted_at is None and (row.basis is not None or row.buyer is not None)
        if not fresh if instead else alone:
            old = self._row(*key)
            since = differs_from(old, row if instead else merged(old, row))
        if instead:
            left = {_place(each) for each in _values(self.party_id, row)}
            here = _values(self.party_id, old) if old is not None and old.faults else ()
            self.gone += [place for each in here if (place := _place(each)) not in left]
            self.replacing[key] = row
        elif key in self.replacing:
            self.replacing[key] = merged(self.replacing[key], row)
        else:
            self.merging[key] = merged(self.merging.get(key), row)
        return since

    def _row(self, standard: str, subject: str) -> Tally | None:
        """Return a row as it stands."""
        self.write()
        rows = statements.fetch(_ROW, [self.party_id, standard, subject])
        return next(_read(rows), None)

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
        rows, (*counts, beside) = _COUNTED, self._counts(_COUNTED, moment, chosen)
        if latest is not None:
            # How many are the latest share is known only once all are counted.
            chosen.append(ceil(counts[0] * latest))
            rows, (*counts, beside) = _LATEST, self._counts(_LATEST, moment, chosen)
        if beside:
            ((more,),) = _fetch(_COUNT_BESIDE.format(rows=rows), chosen, moment)
            counts[1] += more
        return Count(*counts)

    def _counts(self, rows: str, moment: object, chosen: Sequence[object]) -> list[int]:
        return [int(number) for number in statements.fetch(_COUNT.format(rows=rows), [moment, moment, *chosen])[0]]

    def buyers(self, standard: str, window: Interval, at: datetime) -> Mapping[str, int]:
        """Return who bought what is faulty among them, as far as that is known, and how many of each."""
        if (known := self.buyers_ahead.get(Question(standard, *window, at, buyers=True))) is not None:
            return known
        self.write()
        adapt = statements.adapter()
        chosen = [self.party_id, standard, adapt(window[0]), adapt(window[1])]
        found: Counter[str] = Counter()
        for asked in _BUYERS:
            found.update({str(buyer): int(number) for buyer, number in _fetch(asked, chosen, adapt(at))})
        return found

    def any_from(self, standard: str, begin: datetime) -> bool:
        """Whether any row's basis is at `begin` or later."""
        if (known := self.ahead.get(Question(standard, begin))) is not None:
            return known.counted > 0
        self.write()
        return bool(statements.fetch(_ANY, [self.party_id, standard, statements.adapter()(begin)]))


def _fetch(statement: str, chosen: Sequence[object], moment: object) -> list[Any]:
    """Execute a statement that after what is chosen asks for the same moment, however often."""
    return statements.fetch(statement, [*chosen, *[moment] * (statement.count("%s") - len(chosen))])


def as_they_are(party_id: int) -> dict[tuple[str, str], Tally]:
    """Return all of a party's rows, by standard and subject."""
    return {(row.standard, row.subject): row for row in _read(statements.fetch(_ALL, [party_id]))}


def rows_of(party_id: int, standard: str, subjects: Sequence[str]) -> list[Tally]:
    """Return a party's rows of a standard by their subjects, in the order in which these are given. One statement."""
    found = TallyRow.objects.filter(party=party_id, standard=standard, subject__in=subjects).values_list(*_COLUMNS)
    rows = {row.subject: row for row in _read(found)}
    return [rows[subject] for subject in subjects if subject in rows]


def is_faulty(at: datetime) -> Q:
    """Return the condition that a row is faulty as of `at`, as `Tally.is_faulty` says it."""
    mine = TallyRow.objects.filter(party=OuterRef("party"), standard=OuterRef("standard"), subject=OuterRef("subject"))
    kind = Substr("fault", 1, KEY_CHARS + 1)
    faults = mine.exclude(fault="").annotate(kind=kind)
    clearing = faults.filter(cleared_at__lte=at, kind=OuterRef("kind"))
    same = Q(fault=OuterRef("fault")) | Q(fault=F("kind")) | Q(kind=OuterRef("fault"))
    left = faults.filter(faulty_at__lte=at).exclude(Exists(clearing.filter(same)))
    return (Q(cleared_at=None) | Q(cleared_at__gt=at)) & (
        Q(faulty_at__lte=at) | Q(Exists(left), first_fault_at__lte=at)
    )


def make_anew(party_id: int, wanted: Mapping[tuple[str, str], Tally]) -> None:
    """Let a party have these rows and no others. Whoever calls this holds the party's lock."""
    rows = as_they_are(party_id)
    there = {_place(each) for row in rows.values() for each in _values(party_id, row)}
    right = {_place(each) for row in wanted.values() for each in _values(party_id, row)}
    for place in there - right:  # few, if any
        statements.fetch(_DELETE, place)
    new = [each for place, row in wanted.items() if rows.get(place) != row for each in _values(party_id, row)]
    statements.write_rows(_INSTEAD, new, TallyRow, ("party_id", *_WRITTEN))


def _read(found: Iterable[Sequence[Any]]) -> Iterator[Tally]:
    """Yield rows with their faults, from what the engine gives, each in the order of `_COLUMNS`."""
    rows: dict[tuple[str, str], Tally] = {}
    for standard, subject, *moments, value, buyer, fault in found:
        dated: dict[str, Any] = dict(zip(_COLUMNS[2:-3], map(statements.moment, moments), strict=True))
        if fault:
            faulty, cleared = dated["faulty_at"], dated["cleared_at"]
            one = Fault(kind=fault[:KEY_CHARS], thing=fault[KEY_CHARS + 1 :], faulty_at=faulty, cleared_at=cleared)
            row = Tally(standard=standard, subject=subject, faults=(one,))
        else:
            row = Tally(standard=standard, subject=subject, value=value, buyer=buyer, **dated)
        rows[standard, subject] = merged(rows.get((standard, subject)), row)
    yield from rows.values()


def write(of_parties: Sequence[Tallies]) -> None:
    """Write what waits of several parties: one statement for each of the two ways."""
    merging = [line for each in of_parties for row in each.merging.values() for line in _values(each.party_id, row)]
    replacing = [line for each in of_parties for row in each.replacing.values() for line in _values(each.party_id, row)]
    for place in [place for each in of_parties for place in each.gone]:
        statements.fetch(_DELETE, place)
    for rows, statement in ((merging, _merge()), (replacing, _INSTEAD)):
        if rows:
            statements.write_rows(statement, rows, TallyRow, ("party_id", *_WRITTEN))
    for each in of_parties:
        each.merging.clear()
        each.replacing.clear()
        each.gone.clear()


def _merge() -> str:
    least = "LEAST" if statements.on_postgresql() else "MIN"
    # Texts in the order of their characters, as everywhere else.
    collated = {"buyer": ' COLLATE "C"'} if statements.on_postgresql() else {}
    return (
        _INSERT
        + _CONFLICT
        + ", ".join(_LEAST.format(name=name, least=least, by=collated.get(name, "")) for name in _SET)
    )


def _values(party_id: int, row: Tally) -> Iterator[tuple[object, ...]]:
    """Yield the row of a subject, and one for each of its faults that is cleared by itself."""
    adapt = statements.adapter()
    first = min((each.faulty_at for each in row.faults if each.faulty_at is not None), default=None)
    moments = (row.basis, row.counted_at, row.faulty_at, row.cleared_at, row.excluded_at)
    yield (party_id, row.standard, row.subject, *map(adapt, moments), row.value, row.buyer, "", adapt(first))
    for each in row.faults:
        moments = (None, None, each.faulty_at, each.cleared_at, None)
        fault = f"{each.kind}:{each.thing}"
        yield (party_id, row.standard, row.subject, *map(adapt, moments), None, None, fault, None)


def _place(values: Sequence[object]) -> tuple[object, ...]:
    return (*values[:3], values[-2])


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
    counting = [row for row in rows if row[-1] and row[0] not in named]
    beside = set()
    for number, *counts, faults in statements.fetch_rows(_COUNTS, counting, TallyRow, _ASKED):
        answers[number] = Count(*map(int, counts))
        if faults:
            beside.add(number)
    for number, more in statements.fetch_rows(
        _COUNTS_BESIDE, [r for r in counting if r[0] in beside], TallyRow, _ASKED
    ):
        answers[number] = answers[number]._replace(faulty=answers[number].faulty + int(more))
    for number, found in statements.fetch_rows(_ANY_OF, [row for row in rows if not row[-1]], TallyRow, _ASKED):
        answers[number] = Count(int(found))
    buyers: dict[int, Counter[str]] = {number: Counter() for number in named}
    for asking in _BUYERS_OF if named else ():
        for number, buyer, many in statements.fetch_rows(asking, [r for r in rows if r[0] in named], TallyRow, _ASKED):
            buyers[number][str(buyer)] += int(many)
    for number, (each, question) in numbered:
        if question.buyers:
            each.buyers_ahead[question] = buyers[number]
        else:
            each.ahead[question] = answers[number]
