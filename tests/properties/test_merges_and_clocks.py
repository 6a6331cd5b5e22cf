"""Whatever accounts do that become one: a clock that looks at every step and one that looks once come to the same."""

import random
from typing import Any, NamedTuple

import pytest
from django.db import transaction

from comity.actions import clock, merges, orders, rulebooks
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records import dossiers, rebuild
from comity.records.models import AccountMerge, Charge, Party, Sanction
from tests.actions.identity.rules import joined
from tests.actions.identity.test_merges import TWENTY, WHY
from tests.actions.identity.test_merges_and_the_clock import DISPATCH
from tests.actions.sanctions.rules import BOOK, FREEZE, agent, violation
from tests.cast import START, Cast, assemble, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
STORIES = 3
_WHAT = ("ordered", "ordered", "ordered", "found", "merged", "merged", "undone")


class Undo(Exception):
    """Rolls a story back, so that it can be lived again by another clock."""


class Done(NamedTuple):
    """Something that happens to one of three sellers, or between two, at an hour; `late`: for how long it was unknown."""

    what: str
    at: int
    of: int
    to: int
    worth: int
    late: int


def story(seed: int) -> list[Done]:
    rnd, at, found = random.Random(seed), 24, []
    for _ in range(14):
        at += rnd.choice((1, 20, 60, 100))
        of, to = rnd.sample(range(3), 2)
        found.append(Done(rnd.choice(_WHAT), at, of, to, rnd.randint(1, 9), rnd.choice((0, 0, 0, 200))))
    return found


def do(cast: Cast, agents: tuple[Actor, Actor], sellers: list[Party], each: Done, number: int) -> None:
    """Let it happen where it can."""
    noor, omar = agents
    party, at, was = sellers[each.of], hours(each.at), hours(max(each.at - each.late, 0) + number / 1000)
    gone_over = (
        AccountMerge.objects.filter(AccountMerge.in_force(), party=party).select_related("party", "into").first()
    )
    match each.what:
        case "ordered" if gone_over is None:
            new = orders.NewOrder(buyer=cast.buyer, seller=party, title="Lamp", price=Money(100, "EUR"),
                                  handling_hours=72, deliver_by=hours(each.at + 800))  # fmt: skip
            order = orders.place(cast.platform, new, at=min(was, at), noted_at=at)
            orders.pay(cast.platform, order, at=min(was, at), noted_at=at)
        case "found":
            violation(cast, was, each.worth, of=party, now=max(was, at))
        case "merged" if not list(merges._against(noor, party, sellers[each.to])):
            merges.approve(omar, merges.ask(noor, party, sellers[each.to], words=WHY, at=at), at=at)
        case "undone" if gone_over is not None:
            merges.ask_undo(noor, gone_over, words=WHY, at=at)
            merges.undo(omar, gone_over, at=at)


def lived(cast: Cast, sellers: list[Party], told: list[Done], *, often: bool) -> list[Any]:
    """What stands in the end for each seller."""
    agents, end = (agent(cast, "Noor"), agent(cast, "Omar")), hours(told[-1].at + 400)
    for number, each in enumerate(told):
        if often:
            clock.turn(hours(each.at))
        do(cast, agents, sellers, each, number)
    clock.turn(end)
    stands: list[Any] = []
    for party in sellers:
        assert replayed(party, until=end) == ruled(party)
        assert rebuild.at_odds(party) == []
        measures = Sanction.objects.filter(party=party).exclude(status="overturned").values_list("rung", "points", "at")
        charges = Charge.objects.filter(party=party, overturned_at=None)
        counted = charges.values_list("at", "points", "taken_from", "counts_from").order_by(
            "at", "points", "taken_from"
        )
        stands.append((sorted(measures), list(counted), dossiers.points_of(party.pk, end)))
    return stands


@pytest.mark.parametrize("seed", range(STORIES))
def test_when_the_clock_looks_changes_nothing(seed: int) -> None:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK % (FREEZE + TWENTY) + DISPATCH, at=START)
    sellers, stood = [cast.seller, cast.max.party, joined(cast, "Kim").party], []
    for often in (True, False):
        with pytest.raises(Undo), transaction.atomic():
            stood.append(lived(cast, sellers, story(seed), often=often))
            raise Undo
    assert stood[0] == stood[1]
