"""The app: its name, and what is done once its tables have changed."""

import logging
from typing import Any

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate

logger = logging.getLogger(__name__)


class RecordsConfig(AppConfig):
    """The one app that owns tables."""

    name = "comity.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for the end of migrations."""
        post_migrate.connect(_rebuild_rows, sender=self)


def _rebuild_rows(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """Make rows anew that a migration could not keep, by the chains, and say that it is done.

    Done at the end, when tables are what this code takes them for: a migration itself would meet them half-way.
    """
    from comity.records.migrations._by_engine import ASKED_FOR_ROWS

    connection = connections[using]
    if ASKED_FOR_ROWS not in connection.introspection.table_names():
        return
    from comity.records.rebuild import rebuild_where_at_odds

    count, broken = rebuild_where_at_odds()
    if count:
        logger.warning("the rows of %s parties did not follow from their chains and were made anew", count)
    for problem in broken:
        logger.error("%s: nothing was made of it", problem)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {ASKED_FOR_ROWS}")
