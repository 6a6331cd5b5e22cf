"""A buyer's message through `actions`, against the same SQL statements sent bare.

The statements and their values are recorded while the messages go through Comity, and then sent again by psycopg or
sqlite3 alone to a copy of the database as it was before: the same work for the database, in one process, in turns.
Both commit each message, with the engine's usual durability.
"""

import re
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import stage

ROUNDS, MESSAGES = 8, 250


def main(engine: str) -> None:
    stage.set_up(engine)
    conversations = _prepare()
    ours: list[float] = []
    bare: list[float] = []
    counts: list[int] = []
    _round(conversations[:20], 0, "buyer", [])  # the first message reads the rulebook
    send_bare = _bare_sqlite() if engine == "sqlite" else _bare_postgresql()
    for number in range(ROUNDS):
        for answer in _round(conversations, 2 * number + 1, "seller", []):
            send_bare(answer)
        recorded = _round(conversations, 2 * number + 2, "buyer", ours)
        counts += [len(statements) for statements in recorded]
        for statements in recorded:
            began = time.perf_counter()
            send_bare(statements)
            bare.append(time.perf_counter() - began)
    rate, bare_rate = len(ours) / sum(ours), len(bare) / sum(bare)
    stage.say({
        "compares": "messages.send through actions, with the same SQL statements sent bare", "engine": engine,
        "messages": len(ours), "statements": max(counts), "per_second": round(rate), "bare_per_second": round(bare_rate),
        "ratio": round(rate / bare_rate, 3), "p50_ms": round(1000 * stage.percentile(ours, 0.5), 2),
        "p99_ms": round(1000 * stage.percentile(ours, 0.99), 2), "bare_p99_ms": round(1000 * stage.percentile(bare, 0.99), 2),
    })  # fmt: skip


def _prepare() -> list[Any]:
    from datetime import UTC, datetime

    from comity.actions import messages, parties, rulebooks
    from comity.actions.guard import Actor
    from comity.rulebooks.shelf import text_of

    at = datetime(2026, 3, 2, tzinfo=UTC)
    platform = Actor(parties.platform(at))
    rulebooks.publish(platform, text_of("aliexpress"), at=at)
    buyer = parties.add(platform, parties.NewParty(role="buyer", name="B"), at=at)
    made = []
    for number in range(MESSAGES):
        seller = parties.add(platform, parties.NewParty(role="seller", name=f"S{number}"), at=at)
        made.append(
            messages.open_conversation(
                Actor(buyer), messages.NewConversation(buyer=buyer, seller=seller, topic="?"), at=at
            )
        )
    return [conversation.uuid for conversation in made]


def _round(conversations: list[Any], hour: int, write: str, took: list[float]) -> list[list[tuple[str, Any]]]:
    """Let the buyer or the seller write in every conversation; return what was sent to the database for each."""
    from datetime import UTC, datetime, timedelta

    from django.db import connection

    from comity.actions import messages
    from comity.actions.guard import Actor
    from comity.records import statements

    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour)
    recorded: list[list[tuple[str, Any]]] = []
    sent: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for uuid in conversations:
            sent = []
            began = time.perf_counter()
            conversation = statements.conversation(uuid)
            messages.send(Actor(getattr(conversation, write)), conversation, text="Where is my parcel?", at=at)
            took.append(time.perf_counter() - began)
            recorded.append([entry for entry in sent if not entry[0].startswith("BEGIN")])
    return recorded


def _bare_sqlite() -> Callable[[list[tuple[str, Any]]], None]:
    from django.db import connection

    path = connection.settings_dict["NAME"]
    connection.close()
    shutil.copy(path, f"{path}.bare")
    bare = sqlite3.connect(f"{path}.bare", isolation_level=None)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "mmap_size=134217728",
        "cache_size=-32000",
        "foreign_keys=ON",
    ):
        bare.execute(f"PRAGMA {pragma}")
    known: dict[str, str] = {}

    def send(statements: list[tuple[str, Any]]) -> None:
        bare.execute("BEGIN IMMEDIATE")
        for sql, params in statements:
            # As Django hands them to SQLite: by place, or by name.
            spoken = known.setdefault(sql, re.sub(r"%\((\w+)\)s", r":\1", sql.replace("%s", "?")))
            bare.execute(spoken, params).fetchall()
        bare.execute("COMMIT")

    return send


def _bare_postgresql() -> Callable[[list[tuple[str, Any]]], None]:
    import psycopg
    from django.db import connection

    connection.close()
    settings = connection.settings_dict
    address = f"host={settings['HOST']} port={settings['PORT']} user={settings['USER']}"
    with psycopg.connect(f"{address} dbname=template1", autocommit=True) as admin:
        admin.execute("CREATE DATABASE bare TEMPLATE postgres")
    bare = psycopg.connect(f"{address} dbname=bare", prepare_threshold=5)

    def send(statements: list[tuple[str, Any]]) -> None:
        cursor = bare.cursor()
        for sql, params in statements:
            cursor.execute(sql, params)
        bare.commit()

    return send


if __name__ == "__main__":
    main(sys.argv[1])
