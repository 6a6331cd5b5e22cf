"""Django, started when a command needs the database."""

import os

from comity.cli.show import Failure


def django(*, up_to_date: bool = True) -> None:
    """Set Django up; with `up_to_date`, make sure that the database has the newest tables."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "comity.config.settings")
    import django as framework

    framework.setup()
    if up_to_date:
        _check_database()


def _check_database() -> None:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import OperationalError

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        raise Failure(f"cannot open the database: {str(error).strip().splitlines()[0]}") from None
    if waiting:
        raise Failure("the database is missing or of an older version; run: comity migrate")
