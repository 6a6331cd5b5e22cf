"""Pauses follow facts: a time that counts against nobody."""

from comity.policy.facts import Fact
from comity.policy.time import deadlines
from comity.records.follow.world import World
from comity.records.models import Pause


def recorded(world: World, fact: Fact) -> None:
    """A time was recorded that counts against nobody, or one that was recorded ends early: a row of its own says so."""
    if fact.id not in world.fresh:
        return
    begins, ends, cause = deadlines.pauses_of([fact])[0]
    matter = "" if fact.matter == world.party.ref else fact.matter
    row = Pause(party=world.party, matter=matter, begins=begins, ends=ends, cause=cause)
    world.noted[id(row)] = fact.place
    world.make(row)
    if (standing := world.standing) is not None:
        standing.paused_until = max(ends, standing.paused_until or ends)
