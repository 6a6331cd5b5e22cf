"""The two database engines, each set up once: SQLite embedded, PostgreSQL when that is outgrown."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
import psycopg
from django.db.utils import InterfaceError, OperationalError
from psycopg.conninfo import make_conninfo

from comity.lib import options
from comity.lib.options import BadOption

#: What Django raises where the database is away or locked: no work is to blame for it, and it is waited for.
AWAY = (OperationalError, InterfaceError)
_FORM = "COMITY_DATABASE_URL must read postgresql://user:password@host:port/name"
#: What Django and psycopg take beside libpq's own parameters.
_NOT_FOR_LIBPQ = {"assume_role", "pool", "prepare_threshold", "server_side_binding"}


def database() -> dict[str, Any]:
    """Return Django's DATABASES["default"]: PostgreSQL from COMITY_DATABASE_URL, else SQLite in the data folder."""
    url = options.value("COMITY_DATABASE_URL")
    return postgresql(url) if url else sqlite(options.data_folder() / "comity.sqlite3")


def sqlite(path: Path) -> dict[str, Any]:
    """SQLite, set up so that what was acknowledged survives a power cut: WAL with synchronous=FULL (ADR 5)."""
    return {
        "ENGINE": "comity.records.sqlite",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that reads first and writes later would fail where another has written meanwhile (decision
            # 5).
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # mmap_size in bytes; cache_size below zero in KiB. Foreign keys are off in SQLite unless asked for.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;"
            " PRAGMA cache_size=-32000; PRAGMA foreign_keys=ON",
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """PostgreSQL with connections that stay open: a new one for each request is five times slower.

    What follows the question mark is handed to libpq, as sslmode, or to Django and psycopg. Raises BadOption.
    """
    try:
        settings: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=None))
    except ValueError:
        raise BadOption(f"{_FORM}; in a password, write / as %2F, # as %23, @ as %40") from None
    if settings["ENGINE"] != "django.db.backends.postgresql" or not settings["NAME"]:
        raise BadOption(_FORM)
    if settings["HOST"].startswith("/"):  # a socket's folder; urllib makes hosts small
        settings["HOST"] = unquote(urlsplit(url).netloc.rpartition("@")[2].partition(":")[0])
    given = settings.get("OPTIONS", {})
    try:
        make_conninfo(**{name: value for name, value in given.items() if name not in _NOT_FOR_LIBPQ})
    except psycopg.Error as error:
        raise BadOption(f"COMITY_DATABASE_URL: {str(error).strip()}") from None
    # Django switches prepared statements off; the hot path's are always the same, so psycopg's usual 5 is set again.
    return settings | {"OPTIONS": {"prepare_threshold": 5, "server_side_binding": True} | given}


def conninfo(settings: Mapping[str, Any]) -> str:
    """Return a PostgreSQL entry of Django's DATABASES as libpq writes it, for a connection outside of Django."""
    options = {name: value for name, value in settings["OPTIONS"].items() if name not in _NOT_FOR_LIBPQ}
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    return make_conninfo(**options, **{ours: settings[its] for ours, its in names.items() if settings[its]})
