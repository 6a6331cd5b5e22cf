"""Fixtures shared by all rings."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from comity.lib import ids
from comity.records import rulebooks
from tests.cast import Cast, assemble

settings.register_profile("comity", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("comity")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Each test has its own identifiers, and rulebooks read from its own database."""
    rulebooks.forget()
    with ids.seeded(7):
        yield
    rulebooks.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in the database."""
    return assemble()
