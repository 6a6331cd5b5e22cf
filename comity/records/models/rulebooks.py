"""Published rulebook versions."""

from typing import ClassVar

from django.db import models

from comity.records.models.fields import NAME_CHARS


class RulebookVersion(models.Model):
    """A version of the rules as it was published. Never changed; a mistake is mended by the next version."""

    name = models.CharField(max_length=NAME_CHARS)
    version = models.CharField(max_length=NAME_CHARS)
    text = models.TextField()
    in_force_from = models.DateTimeField(unique=True)
    published_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="rulebook_one_of_each_version")
        ]

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"
