"""Databases for processes of their own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from comity.records import engines
from tests.properties import lived
from tests.properties.lived import Database, Working

Named = Callable[[str], AbstractContextManager[Database]]


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Named:
    """Lends a database with empty tables, of the engine that the tests run on."""
    lived.start()
    server = settings.DATABASES["default"]
    return postgresql(server) if "postgresql" in server["ENGINE"] else sqlite(tmp_path_factory.mktemp("lived"))


def sqlite(folder: Path) -> Named:
    def at(name: str) -> Database:
        database = engines.sqlite(folder / name)
        # Processes are killed here, not the machine: nothing need reach the disk.
        safe = database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF")
        return {**database, "OPTIONS": {**database["OPTIONS"], "init_command": safe}}

    @contextmanager
    def lent(name: str) -> Iterator[Database]:
        shutil.copy(folder / "empty", folder / name)
        yield at(name)

    Working(lived.migrate, at("empty")).result()
    return lent


def postgresql(server: Database) -> Named:
    def execute(statement: str) -> None:
        with psycopg.connect(engines.conninfo({**server, "NAME": "postgres"}), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def lent(name: str) -> Iterator[Database]:
        execute(f"CREATE DATABASE lived_{name} TEMPLATE lived")
        yield {**server, "NAME": f"lived_{name}"}
        execute(f"DROP DATABASE lived_{name} WITH (FORCE)")

    execute("CREATE DATABASE lived")
    Working(lived.migrate, {**server, "NAME": "lived"}).result()
    return lent
