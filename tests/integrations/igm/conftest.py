"""The stage of every test of the network: an installation that takes part, and an order that the shop names O1."""

from datetime import timedelta
from pathlib import Path

import pytest

from comity.records.models import Order
from tests.disputing import Stage, stage
from tests.integrations.igm.stage import AT, BUYER, World, joined


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    joined(tmp_path, monkeypatch, BUYER)
    return World(monkeypatch, AT)


@pytest.fixture
def here(db: None, world: World) -> Stage:
    del db
    found = stage(at=world.now - timedelta(days=3))
    Order.objects.filter(pk=found.order.pk).update(external_id="O1", named_by_shop=False)
    found.order.refresh_from_db()
    return found
