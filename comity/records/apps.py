"""The app: its name, and what is done once its tables have changed."""

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
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


def _rebuild_rows(plan: Sequence[tuple[Any, bool]] = (), **_: Any) -> None:
    """Make rows anew that a migration could not keep (`rebuilds_rows`), by the chains.

    Done at the end, when tables are what this code takes them for: a migration itself would meet them half-way.
    """
    if any(getattr(migration, "rebuilds_rows", False) and not backwards for migration, backwards in plan):
        from comity.records.rebuild import rebuild_where_at_odds

        if count := rebuild_where_at_odds():
            logger.warning("the rows of %s parties did not follow from their chains and were made anew", count)
