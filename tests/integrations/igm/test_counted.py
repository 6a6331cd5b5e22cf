"""Issues that were told by how many facts are told on from the line of the last of these."""

from importlib import import_module

from django.apps import apps

from comity.actions.disputes import offers
from comity.lib.money import Money
from comity.records.models import Dispute, JournalLine
from comity.records.models.network import NetworkIssue
from tests.disputing import Stage
from tests.integrations.igm.stage import World

step = import_module("comity.records.migrations.0032_network")


def test_what_was_told_by_number_is_told_on_from_its_line(world: World, here: Stage) -> None:
    world.opened("O1")
    world.answered()
    for minor in (100, 200):
        world.goes_by(minutes=5)
        offer = offers.NewOffer("partial refund", Money(minor, "EUR"))
        offers.offer(here.cast.li, Dispute.objects.get(), offer, at=world.now)
    # Told, as it was counted: all up to the first offer.
    own = JournalLine.objects.filter(party=here.cast.seller, fact_id__isnull=False, kind__startswith="dispute.")
    told = list(own.order_by("seq").values_list("kind", "seq"))
    first = [kind for kind, _ in told].index("dispute.offered")
    NetworkIssue.objects.update(told=first + 1)
    step.up_to_a_line(apps, None)
    assert NetworkIssue.objects.get().told == told[first][1]
    ((_, said),) = world.answered()
    assert [each["id"] for each in said["message"]["issue"]["resolutions"]] == ["R2"]
