"""What is told to the network is looked for where something is new, and nowhere else."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from comity.actions import orders
from comity.actions.disputes import offers
from comity.actions.orders import Line
from comity.integrations.igm import acting
from comity.lib.money import Money
from comity.records.models import Dispute
from comity.records.models.network import NetworkIssue
from tests.disputing import Stage
from tests.integrations.igm.stage import World
from tests.integrations.igm.test_igm import codes


def another(world: World, here: Stage, name: str) -> Dispute:
    """Open an issue about another order of the same seller; return its dispute."""
    placed = world.now - timedelta(days=3)
    new = orders.NewOrder(
        buyer=here.cast.buyer, seller=here.cast.seller, lines=(Line("Vase", 1, Money(3000, "EUR")),),
        handling_hours=72, deliver_by=placed + timedelta(days=20), external_id=name,
    )  # fmt: skip
    orders.pay(here.cast.platform, orders.place(here.cast.platform, new, at=placed), at=placed)
    world.opened(name, number=f"ISSUE-{name}")
    found = NetworkIssue.objects.get(number=f"ISSUE-{name}").dispute
    assert found is not None
    return found


def test_only_what_changed_is_looked_at_and_nothing_is_missed_or_told_twice(
    world: World, here: Stage, django_assert_num_queries: Callable[[int], Any]
) -> None:
    world.opened("O1")
    others = [another(world, here, name) for name in ("P1", "P2", "P3")]
    acting.tell(world.now)
    with django_assert_num_queries(1):
        assert acting.tell(world.now) == 0
    world.answered()
    world.goes_by(hours=1)
    one = Money(100, "EUR")
    offers.offer(here.cast.li, others[1], offers.NewOffer("partial refund", one), at=world.now)
    ((_, said),) = world.answered()
    assert (said["message"]["issue"]["id"], codes(said)[-1]) == ("ISSUE-P2", "RESOLUTION_PROPOSED")
    with django_assert_num_queries(1):  # the others were looked at, too: their seller's journal has no more
        assert acting.tell(world.now) == 0
    offers.offer(here.cast.li, others[0], offers.NewOffer("partial refund", one), at=world.now)
    offers.offer(here.cast.li, others[2], offers.NewOffer("partial refund", one), at=world.now)
    assert sorted(said["message"]["issue"]["id"] for _, said in world.answered()) == ["ISSUE-P1", "ISSUE-P3"]
    world.goes_by(hours=1)
    offers.offer(here.cast.li, others[1], offers.NewOffer("partial refund", Money(200, "EUR")), at=world.now)
    ((_, said),) = world.answered()
    assert codes(said).count("RESOLUTION_PROPOSED") == 2, "what was told is not told again"
    assert world.answered() == []
