"""Measures follow facts where no ruling moves them: whether an appeal against one waits to be decided."""

from comity.policy.facts import Fact, subject_kind
from comity.records.follow.world import World
from comity.records.models import Sanction


def appealed(world: World, fact: Fact) -> None:
    """An appeal was filed, taken back or decided."""
    if fact.id not in world.fresh or subject_kind(fact.subject) != "sanction":
        return
    mine = Sanction.objects.filter(party=world.party, key=fact.subject.partition(":")[2])
    if fact.kind == "appeal.filed":
        mine.filter(appealed_at=None).update(appealed_at=fact.at)
    else:
        mine.update(appealed_at=None)
