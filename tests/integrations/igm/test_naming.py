"""For which orders a participant may speak, and what of them it may name."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest

from comity.actions.orders import Line
from comity.integrations.igm import network
from comity.lib.money import Money
from comity.lib.options import BadOption
from comity.records.models import Dispute, Order, Shipment
from comity.records.models.network import NetworkIssue
from tests.cast import tell
from tests.disputing import Stage, stage
from tests.integrations.igm.stage import BUYER, World, joined
from tests.integrations.igm.test_igm import acked, refusals


@pytest.mark.parametrize(
    ("untold", "told", "codes"),
    [
        ("", [], ["IGM002"]),  # the default
        ("refuse", ["buyerapp.com"], []),
        ("refuse", ["otherapp.com"], ["IGM002"]),
        ("accept", [], []),
        ("accept", ["otherapp.com"], ["IGM002"]),
        ("refuse", ["otherapp.com", "buyerapp.com"], []),  # it was told wrongly, and put right
        ("accept", ["buyerapp.com", "otherapp.com"], ["IGM002"]),
    ],
)
def test_a_participant_speaks_for_orders_that_were_placed_through_it(
    world: World, here: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    untold: str, told: list[str], codes: list[str],
) -> None:  # fmt: skip
    joined(tmp_path, monkeypatch, BUYER, untold=untold)
    for hours, participant in enumerate(told, 1):
        at = world.now - timedelta(days=2) + timedelta(hours=hours)
        tell(here.cast, "order.placed_through", "order:O1", at, participant=participant)
    with caplog.at_level(logging.WARNING, logger="comity"):
        assert acked(world.opened("O1"))
    heard = world.answered()
    assert refusals(heard) == codes
    assert (Dispute.objects.count(), NetworkIssue.objects.count()) == ((0, 0) if codes else (1, 1))
    if codes:  # nobody learns whose order it is, nor that it is there; the operator reads it
        world.opened("O9", number="ISSUE-9")
        ((_, none),) = world.answered()
        assert heard[0][1]["error"] == none["error"]
        assert here.order.key in caplog.text


def test_only_what_the_file_may_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    joined(tmp_path, monkeypatch, BUYER, untold="ask")
    with pytest.raises(BadOption, match="untold_orders is one of refuse, accept"):
        network.here()


def with_parcels(world: World, *names: str | None, pieces: int = 2) -> Stage:
    """Return a stage whose order has two pieces, with parcels of one piece that the shop gave these ids."""
    found = stage(at=world.now - timedelta(days=3), lines=(Line("Clock", pieces, Money(6000, "EUR")),))
    Order.objects.filter(pk=found.order.pk).update(
        external_id="O1", named_by_shop=False, sent_at=world.now if len(names) == pieces else None
    )
    Shipment.objects.filter(order=found.order).delete()
    for number, name in enumerate(names):
        at = world.now - timedelta(days=2, minutes=number)
        uuid = f"0198{number:04x}-0000-7000-8000-000000000000"
        Shipment.objects.create(order=found.order, uuid=uuid, external_id=name, dispatched_at=at)
    return found


@pytest.mark.parametrize(
    ("parcels", "named", "codes"),
    [
        (("F1", "F2"), "F1", []),
        (("F1", "F2"), "F3", ["IGM003"]),
        (("F1", None), "F3", []),  # the network may call it so
        (("F1",), "F2", []),  # it may be still to be sent
        ((), "F1", []),
    ],
)
@pytest.mark.parametrize("category", ["ITM004", "VIS001"])
def test_a_fulfilment_is_of_the_order_from_the_first_message_on(
    world: World, db: None, parcels: tuple[str | None, ...], named: str, codes: list[str], category: str
) -> None:
    del db
    with_parcels(world, *parcels)
    refs = [{"ref_id": "O1", "ref_type": "ORDER"}, {"ref_id": named, "ref_type": "FULFILLMENT"}]
    world.opened("O1", refs=refs, category=category)
    assert refusals(world.answered()) == codes


def test_items_are_looked_at_whatever_the_category(world: World, here: Stage) -> None:
    del here
    world.opened("O1", items=("no such thing", "nor this"), category="VIS001")
    assert (refusals(world.answered()), NetworkIssue.objects.count()) == (["IGM004"], 0)
