"""The app's name."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The one app that owns tables."""

    name = "comity.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
