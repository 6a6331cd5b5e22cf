"""Django, started when a command needs the database."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from comity.cli.show import Failure

if TYPE_CHECKING:
    from django.db.migrations.executor import MigrationExecutor


def django(*, up_to_date: bool = True) -> None:
    """Set Django up; with `up_to_date`, make sure that the database has the newest tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    import django as framework

    framework.setup()
    if up_to_date:
        _check_database()


def _check_database() -> None:
    _see_that_it_is_there()
    executor = history()
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Failure("the database is empty or of an older version; run: comity migrate")


def _see_that_it_is_there() -> None:
    """SQLite would make an empty file of what it does not find."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite" not in database["ENGINE"] or Path(database["NAME"]).exists():
        return
    sample = Path(database["NAME"]).parent / "demo"
    hint = f"; the sample marketplace is in {sample}: comity --data {sample} …" if sample.exists() else ""
    raise Failure(f"there is no database at {database['NAME']}; run: comity migrate, or say --data{hint}")


def history() -> "MigrationExecutor":
    """Return what was done to the database and what waits. Raises Failure where nothing leads on from what was done."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import OperationalError

    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise Failure(f"cannot open the database: {str(error).strip().splitlines()[0]}") from None
    gone, done = _of_before()
    if done and done != gone:
        raise Failure(
            "this database stopped halfway before version 0.1.0; bring it up to date with the version just before, "
            "then run: comity migrate"
        )
    return executor


def take_up() -> None:
    """Say of a database of before 0.1.0 that it has the tables of then, so that the steps from there lead on."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    gone, done = _of_before()
    recorder = MigrationRecorder(connection)
    if done == gone and ("records", "0001_tables") not in recorder.applied_migrations():
        recorder.record_applied("records", "0001_tables")


def _of_before() -> tuple[set[str], set[str]]:
    """Return the names of the migrations of before 0.1.0, and those of them that the database went through."""
    from importlib import import_module

    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    gone = set(import_module("comity.records.migrations.0001_everything").GONE)
    done = {name for app, name in MigrationRecorder(connection).applied_migrations() if app == "records"}
    return gone, done & gone
