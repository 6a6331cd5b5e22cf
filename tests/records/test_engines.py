"""COMITY_DATABASE_URL: everything in it reaches the database, and what cannot be used is said."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.postgresql.base import DatabaseWrapper

from comity.lib.options import BadOption
from comity.records import engines
from comity.records.sqlite.base import DatabaseWrapper as SQLite

COMMON: dict[str, Any] = {
    "TIME_ZONE": None, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False, "TEST": {}, "CONN_HEALTH_CHECKS": False,
}  # fmt: skip


def connects_with(url: str) -> dict[str, Any]:
    """What psycopg is given for this URL."""
    settings = {**COMMON, **engines.postgresql(url)}
    parameters: dict[str, Any] = DatabaseWrapper(settings).get_connection_params()
    return parameters


@pytest.mark.parametrize(
    ("url", "given"),
    [
        ("postgresql://ann:a%2Fb%40c@db.example:5433/shop",
         {"host": "db.example", "port": 5433, "dbname": "shop", "user": "ann", "password": "a/b@c"}),
        ("postgres://db/shop?sslmode=verify-full&sslrootcert=/etc/ca.pem",
         {"host": "db", "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}),
        ("postgresql:///shop?host=/run/postgresql", {"host": "/run/postgresql", "dbname": "shop"}),
        ("postgresql://ann@%2Ftmp%2FSocket:5433/shop", {"host": "/tmp/Socket", "port": 5433, "user": "ann"}),
        ("postgresql://[::1]:5432/shop", {"host": "::1"}),
        ("postgresql://db/my%20shop?connect_timeout=3", {"dbname": "my shop", "connect_timeout": 3}),
        ("postgresql://db/shop", {"prepare_threshold": 5}),
        ("postgresql://db/shop?prepare_threshold=0", {"prepare_threshold": 0}),
    ],
)  # fmt: skip
def test_what_the_url_says_reaches_the_driver(url: str, given: dict[str, Any]) -> None:
    parameters = connects_with(url)
    assert {name: parameters.get(name) for name in given} == given


def test_a_connection_outside_of_django_is_made_alike() -> None:
    found = engines.conninfo(
        engines.postgresql("postgresql://ann@/shop?host=/run/pg&sslmode=require&prepare_threshold=0")
    )
    assert sorted(found.split()) == ["dbname=shop", "host=/run/pg", "sslmode=require", "user=ann"]


def test_connections_stay_open_and_bind_at_the_server() -> None:
    found = engines.postgresql("postgresql://db/shop?sslmode=require")
    assert found["CONN_MAX_AGE"] is None
    assert found["OPTIONS"]["server_side_binding"] is True


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://db/shop", "must read postgresql://"), ("nonsense", "must read postgresql://"),
        ("postgresql://db", "must read postgresql://"), ("postgresql://db:port/shop", "must read postgresql://"),
        ("postgresql://ann:a#b@db/shop", "write / as %2F, # as %23"),
        ("postgresql://db/shop?sslmod=require", 'invalid connection option "sslmod"'),
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_used_is_said(url: str, says: str) -> None:
    with pytest.raises(BadOption, match=says):
        engines.postgresql(url)


def test_without_a_url_it_is_sqlite_made_to_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("COMITY_DATABASE_URL", raising=False)
    monkeypatch.setenv("COMITY_DATA", str(tmp_path))
    found = engines.database()
    assert found["NAME"] == tmp_path / "comity.sqlite3"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]


def test_writers_of_one_process_take_turns(tmp_path: Path, django_db_blocker: Any) -> None:
    """Who waits is woken by who ends, whatever ends it: a commit, a rollback, a connection that is closed."""
    path, order, waits = tmp_path / "turns.sqlite3", [], threading.Event()

    def connect() -> SQLite:
        made = SQLite({**COMMON, **engines.sqlite(path)}, "turns")
        made.inc_thread_sharing()
        return made

    def ends(first: SQLite, how: str) -> None:
        second = connect()

        def wait() -> None:
            waits.set()
            second.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
            order.append("second")
            second.rollback()
            second.close()

        first.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        waits.clear()
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert waits.wait(5)
        waiting.join(0.2)
        order.append(f"first {how}")
        getattr(first, how)()
        waiting.join(5)
        assert not waiting.is_alive()
        first.close()

    with django_db_blocker.unblock():
        for how in ("commit", "rollback", "close"):
            ends(connect(), how)
    assert order == ["first commit", "second", "first rollback", "second", "first close", "second"]
