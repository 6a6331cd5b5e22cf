"""Fixtures shared by all rings."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from comity.actions import answers
from comity.identity import tokens
from comity.lib import ids
from comity.records import rulebooks
from tests.cast import Cast, assemble

# What is imported stays: the collector need not look through it again and again.
gc.freeze()
gc.set_threshold(100_000, 50, 100)
# Shrinking a failure in a database takes minutes; `HYPOTHESIS_SHRINK=1` asks for it.
PHASES = [phase for phase in Phase if phase is not Phase.shrink or os.environ.get("HYPOTHESIS_SHRINK")]
settings.register_profile("comity", deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=PHASES)
settings.load_profile("comity")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Each test has its own identifiers, and rulebooks read from its own database."""
    rulebooks.forget()
    answers.forget()
    tokens.forget()
    with ids.seeded(7):
        yield
    rulebooks.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast, in the database."""
    return assemble()
