"""The hot path's statements, written out: what each fact costs in the database, in one place.

The same work by the ORM took three times the processor time (benchmarks/live.py measures it against bare SQL). Each
function is one statement; `tests/records/test_statements.py` holds them against the ORM's view of the same rows.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import Model
from django.db.models.base import ModelState

from comity.lib import moments, options
from comity.policy.facts import DEADLINE, Fact, read_fact
from comity.policy.turns import NOBODY, Turn
from comity.records import refs
from comity.records.models import Conversation, JournalLine, Message, Notice, Party, Standing

M = TypeVar("M", bound=Model)

_PARTY = ("id", "uuid", "role", "name", "external_id", "user_id", "time_zone", "language", "joined_at")
_CONVERSATION = ("id", "uuid", "key", "buyer_id", "seller_id", "order_id", "listing_id", "topic", "opened_at", "turn",
                 "turn_since", "due_at", "last_message_id", "last_at", "closed_at", "asked_agent_at",
                 "joined_by_id", "external_id", "named_by_shop")  # fmt: skip
_MOMENTS = ("joined_at", "opened_at", "turn_since", "due_at", "last_at", "closed_at", "asked_agent_at")
_ANSWERS = "(SELECT MAX(m.id) FROM records_answermodel m WHERE m.seller_id = c.seller_id AND m.current)"
_CONVERSATION_BY_UUID = f"""
SELECT {_ANSWERS}, {", ".join(f"c.{name}" for name in _CONVERSATION)}, {", ".join(f"b.{name}" for name in _PARTY)},
       {", ".join(f"s.{name}" for name in _PARTY)}
FROM records_conversation c JOIN records_party b ON b.id = c.buyer_id JOIN records_party s ON s.id = c.seller_id
WHERE c.uuid = %s
"""
_NEWEST = "(SELECT MAX(id) FROM records_rulebookversion)"
_LOCK = f"""
SELECT chain_seq, chain_hash, noted_at, next_due, paused_until, {_NEWEST}, evaluations, unjudged, judge_at
FROM records_standing WHERE party_id = %s
"""
#: Locked by row and passed over where another process holds it: the database hands the work out.
_CLAIM = f"""
SELECT s.party_id, s.chain_seq, s.chain_hash, s.noted_at, s.next_due, s.paused_until, {_NEWEST}, s.evaluations,
       s.unjudged, s.judge_at,
       {", ".join(f"p.{name}" for name in _PARTY)}
FROM records_standing s JOIN records_party p ON p.id = s.party_id
WHERE s.next_due < %s AND s.next_due IS NOT NULL ORDER BY s.next_due LIMIT %s
"""
#: Asked so that no index answers: SQLite would read all facts of a party for those of one matter.
_IS_FACT = "COALESCE(fact_id, '') <> ''"
_FACTS = f"""
SELECT body FROM records_journalline WHERE party_id = %s AND matter = %s AND {_IS_FACT} AND kind <> %s
"""
_FACTS_FROM = """
SELECT body FROM records_journalline WHERE party_id = %s AND seq >= %s AND fact_id IS NOT NULL ORDER BY seq LIMIT %s
"""
_KINDS_AFTER = "SELECT DISTINCT kind FROM records_journalline WHERE party_id = %s AND seq > %s AND fact_id IS NULL"
_FACTS_OF_KINDS = """
SELECT body FROM records_journalline WHERE party_id = %s AND kind IN ({marks}) AND fact_id IS NOT NULL
"""
_KNOWN = "SELECT 1 FROM records_journalline WHERE party_id = %s AND fact_id = %s"
_FACTS_OF_IDS = "SELECT body FROM records_journalline WHERE party_id = %s AND fact_id IN ({marks})"
_FACTS_OF_MATTERS = f"""
SELECT body FROM records_journalline
WHERE party_id = %s AND matter IN ({{marks}}) AND {_IS_FACT} AND kind <> %s
"""
_FACTS_OF_PAIRS = f"""
SELECT j.party_id, j.body FROM ({{rows}}) AS asked JOIN records_journalline j
ON j.party_id = asked.column1 AND j.matter = asked.column2 AND {_IS_FACT} AND j.kind <> '{DEADLINE}'
"""
_LINE = ("party_id", "seq", "kind", "matter", "fact_id", "at", "noted_at", "body", "hash")
_JOURNAL_INSERT = f"INSERT INTO records_journalline ({', '.join(_LINE)}) {{rows}}"
_NOTICE = ("party_id", "kind", "matter", "at", "values", "read_at", "unsent")
_NOTICE_INSERT = """INSERT INTO records_notice (party_id, kind, matter, at, "values", read_at, unsent) {rows}"""
_STANDING = (
    "chain_seq", "chain_hash", "noted_at", "next_due", "paused_until", "evaluations", "unjudged", "judge_at",
    "party_id",
)  # fmt: skip
_STANDING_UPDATE = f"""
UPDATE records_standing SET {", ".join(f"{name} = %s" for name in _STANDING[:-1])} WHERE {_STANDING[-1]} = %s
"""
_STANDINGS_UPDATE = f"""
UPDATE records_standing SET {", ".join(f"{name} = told.column{n}" for n, name in enumerate(_STANDING[:-1], 1))}
FROM ({{rows}}) AS told WHERE records_standing.party_id = told.column{len(_STANDING)}
"""
_OF_TURNS = """
UPDATE records_conversation SET turn = told.column1, turn_since = told.column2, due_at = told.column3
FROM ({{rows}}) AS told WHERE {which}
"""
#: By our id, and by the shop's: one statement with both would read every conversation.
_TURNS = _OF_TURNS.format(which="records_conversation.uuid = told.column4 AND NOT named_by_shop")
_TURN_COLUMNS = ("turn", "turn_since", "due_at", "uuid")
_TURNS_BY_NAME = _OF_TURNS.format(which="seller_id = told.column4 AND external_id = told.column5 AND named_by_shop")
_NAMED_TURN_COLUMNS = ("turn", "turn_since", "due_at", "seller_id", "external_id")
#: A message that is not the newest, since it came late, changes whose turn it is only where a duty says so.
_TELLS = "(%(by_a_duty)s OR (%(tells)s AND (last_at IS NULL OR last_at <= %(at)s)))"
_NEWEST_MESSAGE = "last_at IS NULL OR last_at <= %(at)s"
#: Who writes again while the other's turn goes on does not make it begin anew.
_GOES_ON = "(%(since_the_message)s AND turn = %(who)s AND turn_since < %(since_or_at)s)"
_TURN_AND_MESSAGE = f"""
UPDATE records_conversation SET
    turn = CASE WHEN {_TELLS} THEN %(who)s ELSE turn END,
    turn_since = CASE WHEN NOT {_TELLS} OR {_GOES_ON} THEN turn_since ELSE %(since)s END,
    due_at = CASE WHEN {_TELLS} THEN %(due)s ELSE due_at END,
    last_message_id = CASE WHEN {_NEWEST_MESSAGE} THEN %(message)s ELSE last_message_id END,
    closed_at = CASE WHEN closed_at <= %(at)s THEN NULL ELSE closed_at END,
    last_at = CASE WHEN {_NEWEST_MESSAGE} THEN %(at)s ELSE last_at END
WHERE id = %(conversation)s
"""
_BODY_INSERT = """
INSERT INTO records_trackingbody (provider, digest, body, received_at, outcome, number, why, read_at)
VALUES (%s, %s, %s, %s, '', '', '', NULL) ON CONFLICT (provider, digest) DO NOTHING RETURNING id
"""
#: Where `comity live` listens for the parties and matters of new lines.
CHANNEL = "comity_noted"
_to_json = json.JSONEncoder().encode
#: SQLite allows 32,766 parameters in a statement, PostgreSQL 65,535.
_MAX_PARAMETERS = 30_000
#: From so many rows on, PostgreSQL is given them as one text: as many parameters take it three times as long.
_MANY_ROWS = 8
#: How values go into that text that are not written as they are: bytes as PostgreSQL reads them, and JSON.
_INTO_TEXT: Mapping[str, Callable[[Any], Any]] = {
    "bytea": lambda value: f"\\x{value.hex()}",
    "jsonb": lambda value: msgspec.Raw(value.encode()),
}


class NewLine(NamedTuple):
    """A line that is to be appended to a party's chain, column by column."""

    party_id: int
    seq: int
    kind: str
    matter: str
    fact_id: str | None
    at: datetime
    noted_at: datetime
    body: str
    hash: bytes


class NewNotice(NamedTuple):
    """A notice that is to be given, column by column.

    unsent   it is to be mailed, too
    read_at  of what the party did itself: nothing is new in it
    """

    party_id: int
    kind: str
    matter: str
    at: datetime
    values: dict[str, Any]
    unsent: bool = False
    read_at: datetime | None = None


def conversation(uuid: UUID) -> Conversation:
    """Return a conversation with its buyer and seller; raise Conversation.DoesNotExist. One statement.

    `answer_model_id` comes with it: the model that chooses the seller's automatic answers, if there is one.
    """
    rows = fetch(_CONVERSATION_BY_UUID, [_plain(uuid)])
    if not rows:
        raise Conversation.DoesNotExist(f"there is no conversation {uuid}")
    own, parties = len(_CONVERSATION), len(_PARTY)
    model, *row = rows[0]
    conversation: Conversation = _model(Conversation, _CONVERSATION, row[:own])
    conversation.buyer = _model(Party, _PARTY, row[own : own + parties])
    conversation.seller = _model(Party, _PARTY, row[own + parties :])
    conversation.answer_model_id = model  # type: ignore[attr-defined]
    return conversation


def keep_body(provider: str, digest: str, body: bytes, at: datetime) -> bool:
    """Keep what an aggregator told, as it came; return whether it is new. One statement."""
    return bool(fetch(_BODY_INSERT, [provider, digest, body, adapter()(at)]))


def take_turn(turn: Turn | None, message: Message) -> None:
    """Note whose turn it is in a conversation (None: as before) once a message was written. One statement."""
    adapt = adapter()
    who, since, due = turn or NOBODY
    values = {
        "by_a_duty": turn is not None and due is not None,
        "tells": turn is not None,
        "who": who,
        "since": adapt(since),
        "due": adapt(due),
        "since_the_message": due is None,
        "since_or_at": adapt(since or message.at),
        "at": adapt(message.at),
        "message": message.pk,
        "conversation": message.conversation_id,
    }
    _cursor().execute(_TURN_AND_MESSAGE, values)


class TurnOf(NamedTuple):
    """Whose turn it is in a conversation of a seller, which facts call by that id."""

    party_id: int
    identity: str
    turn: Turn


def take_turns(taken: Sequence[TurnOf]) -> None:
    """Note whose turn it is in conversations. One statement for those that have our id, one for those of the shop's."""
    adapt = adapter()
    ours, the_shops = [], []
    for party_id, identity, turn in taken:
        of_turn = (turn.who, adapt(turn.since), adapt(turn.due))
        if (uuid := refs.uuid_of(identity)) is not None:
            ours.append((*of_turn, _plain(uuid)))
        the_shops.append((*of_turn, party_id, identity))
    write_rows(_TURNS, ours, Conversation, _TURN_COLUMNS)
    write_rows(_TURNS_BY_NAME, the_shops, Conversation, _NAMED_TURN_COLUMNS)


def insert(row: Model) -> None:
    """Insert a new row of any model, and give it its id. One statement.

    What it refers to may have been inserted just before, and have its id since then.
    """
    sql, fields = _insertion(type(row))
    row.pk = fetch(sql, _values_of(row, fields))[0][0]
    row._state.adding = False


def insert_all(rows: Sequence[Model]) -> None:
    """Insert new rows of one model; those that have a `uuid` get their ids. One statement for every few thousand."""
    _, fields = _insertion(model := type(rows[0]))
    names = tuple(field.column for field in fields)
    quoted = ", ".join(f'"{name}"' for name in names)
    statement = f'INSERT INTO "{model._meta.db_table}" ({quoted}) {{rows}}'
    values = [_values_of(row, fields) for row in rows]
    if "uuid" not in names:
        write_rows(statement, values, model, names)
        return
    given = dict(fetch_rows(f"{statement} RETURNING uuid, id", values, model, names))
    for row in rows:
        row.pk, row._state.adding = given[_plain(getattr(row, "uuid"))], False  # noqa: B009


def _values_of(row: Model, fields: Iterable[Any]) -> list[Any]:
    for field in fields:
        if field.is_relation and getattr(row, field.attname) is None and field.is_cached(row):
            setattr(row, field.name, getattr(row, field.name))
    return [_plain(getattr(row, field.attname)) for field in fields]


@cache
def _insertion(model: type[Model]) -> tuple[str, list[Any]]:
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks}) RETURNING id', fields


def _model(model: type[M], names: Sequence[str], values: Sequence[Any]) -> M:
    """Build a row of `model` from what the engine gives: ids as hexadecimal and moments as text from SQLite."""
    read = dict(zip(names, values, strict=True))
    read["uuid"] = read["uuid"] if isinstance(read["uuid"], UUID) else UUID(hex=read["uuid"])
    for name in _MOMENTS:
        if name in read:
            read[name] = moment(read[name])
    made = model.__new__(model)  # its values are the database's own: nothing to check or to default
    made.__dict__.update(read)
    made._state = ModelState()
    # As Django's own `from_db` leaves it: saving it will update, not insert.
    made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
    return made


def lock(party_id: int) -> Standing:
    """Lock a party's standing until the transaction ends; `newest_rulebook` comes with it. One statement.

    SQLite has no row locks and needs none: its transactions begin IMMEDIATE, one writer at a time.
    """
    rows = fetch(_LOCK + (" FOR UPDATE" if on_postgresql() else ""), [party_id])
    if not rows:
        raise Standing.DoesNotExist(f"party {party_id} has no standing")
    return _standing(party_id, rows[0])


def claim(before: datetime, limit: int) -> list[Standing]:
    """Lock the standings of parties that wait for a moment before `before`, earliest first, and return them.

    As `lock` does, each with its party; those that another process holds are passed over. One statement.
    """
    passing = " FOR UPDATE OF s SKIP LOCKED" if on_postgresql() else ""
    claimed = []
    for row in fetch(_CLAIM + passing, [adapter()(before), limit]):
        standing = _standing(row[0], row[1:])
        standing.party = _model(Party, _PARTY, row[10:])
        claimed.append(standing)
    return claimed


def _standing(party_id: int, row: Sequence[Any]) -> Standing:
    standing = Standing(
        party_id=party_id,
        chain_seq=row[0],
        chain_hash=bytes(row[1]),
        noted_at=moment(row[2]),
        next_due=moment(row[3]),
        paused_until=moment(row[4]),
        evaluations=row[6],
        unjudged=row[7],
        judge_at=moment(row[8]),
    )
    standing.newest_rulebook = row[5]  # type: ignore[attr-defined]
    return standing


def facts_from(party_id: int, number: int, *, most: int = 1_000_000) -> list[Fact]:
    """Return a party's facts from line `number` on, in the order of its chain. One statement."""
    return [read_fact(row[0]) for row in fetch(_FACTS_FROM, [party_id, number, most])]


def kinds_of_rulings(party_id: int, *, after: int) -> frozenset[str]:
    """Return the kinds of rulings that a party's chain has after a line. One statement."""
    return frozenset(kind for (kind,) in fetch(_KINDS_AFTER, [party_id, after]))


def facts_of_matter(party_id: int, matter: str) -> list[Fact]:
    """Return all facts of a matter but the clock's, in no order. One statement."""
    return [read_fact(row[0]) for row in fetch(_FACTS, [party_id, matter, DEADLINE])]


def facts_of_kinds(party_id: int, kinds: Collection[str]) -> list[Fact]:
    """Return all facts of a party of these kinds, in no order. One statement."""
    marks = ", ".join(["%s"] * len(kinds))
    return [read_fact(row[0]) for row in fetch(_FACTS_OF_KINDS.format(marks=marks), [party_id, *sorted(kinds)])]


def known(party_id: int, fact_id: str) -> bool:
    """Whether a party's journal has a fact of that id. One statement."""
    return bool(fetch(_KNOWN, [party_id, fact_id]))


def facts_of_ids(party_id: int, ids: Sequence[str]) -> list[Fact]:
    """Return those of a party's facts that have one of these ids. One statement for every few thousand."""
    return [read_fact(row[0]) for row in fetch_in(_FACTS_OF_IDS, [party_id], ids)]


def facts_of_matters(party_id: int, matters: Sequence[str]) -> list[Fact]:
    """Return all facts of these matters but the clock's, in no order. One statement for every few thousand."""
    return [read_fact(row[0]) for row in fetch_in(_FACTS_OF_MATTERS, [party_id], matters, [DEADLINE])]


def facts_of_pairs(matters: Sequence[tuple[int, str]]) -> list[tuple[int, Fact]]:
    """Return all facts of matters but the clock's, each matter named by its party and itself. One statement."""
    rows = fetch_rows(_FACTS_OF_PAIRS, matters, JournalLine, ("party_id", "matter"))
    return [(party_id, read_fact(body)) for party_id, body in rows]


def fetch_in(
    statement: str, before: Sequence[Any], values: Sequence[Any], after: Sequence[Any] = ()
) -> Iterator[tuple[Any, ...]]:
    """Execute a statement whose {marks} stand for `values`, as often as their number asks for, and yield its rows."""
    for start in range(0, len(values), _MAX_PARAMETERS - 10):
        some = values[start : start + _MAX_PARAMETERS - 10]
        yield from _anew(statement.format(marks=", ".join(["%s"] * len(some))), [*before, *some, *after]).fetchall()


def append_lines(lines: Sequence[NewLine]) -> None:
    """Append journal lines, whoever's they are. One statement for every few thousand."""
    adapt = adapter()
    rows = ((*line[:5], adapt(line.at), adapt(line.noted_at), *line[7:]) for line in lines)
    write_rows(_JOURNAL_INSERT, rows, JournalLine, _LINE)
    if lines and on_postgresql() and options.value("COMITY_LIVE_URL"):
        topics = {f"{line.party_id} {line.matter}" for line in lines}
        # Told once it is there. A transaction that tells commits alone: PostgreSQL lets no other commit beside it.
        transaction.on_commit(lambda: _tell(sorted(topics)), robust=True)


def _tell(topics: list[str]) -> None:
    fetch("SELECT pg_notify(%s, topic) FROM unnest(%s::text[]) AS topic", [CHANNEL, topics])


def add_notices(notices: Sequence[NewNotice]) -> None:
    """Add notices. One statement."""
    adapt = adapter()
    rows = (
        (
            notice.party_id,
            notice.kind,
            notice.matter,
            adapt(notice.at),
            _to_json(notice.values),
            adapt(notice.read_at),
            notice.unsent,
        )
        for notice in notices
    )
    write_rows(_NOTICE_INSERT, rows, Notice, _NOTICE)


def save_standing(standing: Standing) -> None:
    """Write the head of a party's chain and its next moment. One statement."""
    save_standings([standing])


def save_standings(standings: Sequence[Standing]) -> None:
    """Write the heads of parties' chains and their next moments. One statement."""
    adapt = adapter()
    rows = [
        (
            standing.chain_seq,
            bytes(standing.chain_hash),
            adapt(standing.noted_at),
            adapt(standing.next_due),
            adapt(standing.paused_until),
            standing.evaluations,
            standing.unjudged,
            adapt(standing.judge_at),
            standing.party_id,
        )
        for standing in standings
    ]
    if len(rows) == 1:  # the hot path, with the plainest of statements
        _cursor().execute(_spoken(_STANDING_UPDATE), rows[0])
        return
    write_rows(_STANDINGS_UPDATE, rows, Standing, _STANDING)


def _cursor() -> Any:
    """Return this connection's one cursor for these statements: making one for each costs as much as they do."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    kept = getattr(wrapper, "comity_cursor", None)
    # A connection that broke and was made anew needs a new one.
    if kept is None or kept[0] is not wrapper.connection:
        kept = wrapper.comity_cursor = (wrapper.connection, wrapper.cursor())
    return kept[1]


def fetch(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a statement with %s for each parameter, and return its rows."""
    cursor = _cursor()
    cursor.execute(_spoken(statement), parameters)
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def write_rows(statement: str, rows: Iterable[Sequence[Any]], model: type[Model], names: tuple[str, ...]) -> None:
    """Execute a statement whose {rows} stand for rows of values for columns of a table.

    Where it speaks of them, these are column1, column2 … One statement for every few thousand.
    """
    for _ in _with_rows(statement, list(rows), model, names):
        pass


def fetch_rows(
    statement: str, rows: Iterable[Sequence[Any]], model: type[Model], names: tuple[str, ...]
) -> Iterator[tuple[Any, ...]]:
    """Execute a statement as `write_rows` does, and yield the rows that it returns."""
    for cursor in _with_rows(statement, list(rows), model, names):
        yield from cursor.fetchall()


def _anew(statement: str, parameters: Sequence[Any]) -> Any:
    """Execute a statement about many, with a plan of its own, and return the cursor.

    PostgreSQL keeps the plan of a statement that comes again and again, one from when the tables were small too: then
    all lines of a party are read for some of them, and each is compared with every one that was asked for.
    """
    cursor = _cursor()
    if on_postgresql():
        with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
            cursor.cursor.execute(statement, parameters, prepare=False)
    else:
        cursor.execute(_spoken(statement), parameters)
    return cursor


def _with_rows(
    statement: str, rows: Sequence[Sequence[Any]], model: type[Model], names: tuple[str, ...]
) -> Iterator[Any]:
    """Execute a statement for all rows, and yield the cursor after each time."""
    if on_postgresql() and len(rows) >= _MANY_ROWS:
        types = _types(model, names)
        yield _anew(statement.format(rows=_recordset(types)), [_as_json(rows, types)])
        return
    cursor = _cursor()
    size = _MAX_PARAMETERS // len(names)
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        cursor.execute(_values(statement, model, names, len(some)), [value for row in some for value in row])
        yield cursor


# As many as stay small together: a statement for thousands of rows is long.
@lru_cache(maxsize=64)
def _values(statement: str, model: type[Model], names: tuple[str, ...], count: int) -> str:
    if on_postgresql():
        marks = [f"%s::{kind}" for kind in _types(model, names)]
    else:
        marks = ["%s" if settings.DEBUG else "?"] * len(names)
    row = f"({', '.join(marks)})"
    return statement.format(rows=f"VALUES {', '.join([row] * count)}")


@cache
def _types(model: type[Model], names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the types that PostgreSQL has for columns; texts of any length, for a column too short to refuse them."""
    columns = {field.column: field for field in model._meta.concrete_fields}
    types = [str(columns[name].db_type(connections[DEFAULT_DB_ALIAS])) for name in names]
    return tuple("text" if kind.startswith("varchar") else kind for kind in types)


@cache
def _recordset(types: tuple[str, ...]) -> str:
    columns = ", ".join(f"column{number} {kind}" for number, kind in enumerate(types, 1))
    return f"SELECT * FROM json_to_recordset(%s::json) AS row({columns})"


def _as_json(rows: Iterable[Sequence[Any]], types: Sequence[str]) -> str:
    names = [f"column{number}" for number in range(1, len(types) + 1)]
    special = [(at, _INTO_TEXT[kind]) for at, kind in enumerate(types) if kind in _INTO_TEXT]
    told = []
    for row in rows:
        values = dict(zip(names, row, strict=True))
        for at, write in special:
            if row[at] is not None:
                values[names[at]] = write(row[at])
        told.append(values)
    return msgspec.json.encode(told).decode()


def adapter() -> Any:
    """Return what turns a moment into the engine's own form: SQLite keeps text, as Django's ORM writes it."""
    return _same if on_postgresql() else _as_text


@cache
def _spoken(statement: str) -> str:
    """Return a statement with the engine's own placeholders, so that Django need not rewrite it each time.

    While it debugs, Django shows each statement with its values, and reads only its own placeholders.
    """
    return statement if on_postgresql() or settings.DEBUG else statement.replace("%s", "?")


def _plain(value: Any) -> Any:
    """Return a field's value in the engine's own form. Numbers, texts, bytes, ids and moments; no JSON."""
    if isinstance(value, datetime):
        return adapter()(value)
    return value.hex if isinstance(value, UUID) and not on_postgresql() else value


@cache
def on_postgresql() -> bool:
    """Which engine it is; that does not change while a process lives."""
    return connections[DEFAULT_DB_ALIAS].vendor == "postgresql"


def _same(moment: datetime | None) -> datetime | None:
    return moment


def _as_text(at: datetime | None) -> str | None:
    return None if at is None else moments.require(at).isoformat(" ")[: -len("+00:00")]


def moment(value: Any) -> datetime | None:
    """Read a moment as the engine gives it: aware from PostgreSQL, naive or as text from SQLite, always UTC."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    # The one object UTC: `moments.require` knows it at a glance.
    return moment.replace(tzinfo=moments.UTC)
