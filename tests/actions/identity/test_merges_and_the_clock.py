"""What an account brings the one that took it over does not depend on when the clock looked."""

from datetime import datetime

import pytest

from comity.actions import clock, merges, orders, rulebooks
from comity.lib.money import Money
from comity.records.models import Charge, Order, Party, Sanction
from tests.actions.identity.rules import joined
from tests.actions.identity.test_merges import TWENTY, WHY, merged, points, same_when_replayed
from tests.actions.sanctions.rules import BOOK, FREEZE, agent, violation
from tests.cast import START, Cast, assemble, hours

pytestmark = pytest.mark.django_db
DISPATCH = """
[[duty]]
name = "dispatch"
title = "Send in 72 hours"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
within = "72 hours"
breach = { charge = { ledger = "conduct", points = 8 } }
"""
#: When the clock looks, in hours, while Max misses a deadline at 72 and Li does something at 100, or misses one at 97.
CLOCKS = {"at once": (72.1, 97.1), "between": (98,), "late": ()}


def staged(rungs: str = FREEZE) -> Cast:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK % rungs + DISPATCH, at=START)
    return cast


def placed(cast: Cast, seller: Party, at: float) -> Order:
    """Ana orders something that nobody sends."""
    new = orders.NewOrder(buyer=cast.buyer, seller=seller, title="Lamp", price=Money(1999, "EUR"), handling_hours=72,
                          deliver_by=hours(at + 480))  # fmt: skip
    return orders.place(cast.platform, new, at=hours(at))


def ordered(cast: Cast, seller: Party, at: float) -> None:
    """She pays at once: it is to be sent 72 hours later."""
    orders.pay(cast.platform, placed(cast, seller, at), at=hours(at))


def measures(party: Party) -> list[tuple[int, datetime]]:
    rows = Sanction.objects.filter(party=party).exclude(status="overturned").order_by("at")
    return [(row.points, row.at) for row in rows]


def since(party: Party) -> list[datetime | None]:
    return list(Charge.objects.filter(party=party, taken_from__gt="").values_list("counts_from", flat=True))


@pytest.mark.parametrize("turns", CLOCKS.values(), ids=CLOCKS)
@pytest.mark.parametrize("own", [97, 100])
def test_a_missed_deadline_counts_since_it_fell(own: int, turns: tuple[float, ...]) -> None:
    cast = staged()
    ordered(cast, cast.max.party, 0)
    merged(cast, 1)
    if own == 97:
        ordered(cast, cast.seller, 25)
    for at in turns:
        clock.turn(hours(at))
    if own == 100:
        violation(cast, hours(100), 8)
    clock.turn(hours(200))
    assert since(cast.seller) == [hours(72)]
    assert (points(cast.seller, 200), measures(cast.seller)) == (16, [(16, hours(own))])
    same_when_replayed(201, cast.seller, cast.max.party)


@pytest.mark.parametrize("turns", [(72.1,), ()], ids=["at once", "late"])
def test_of_accounts_in_a_row_it_counts_since_they_are_one(turns: tuple[float, ...]) -> None:
    cast = staged()
    kim = joined(cast, "Kim").party
    ordered(cast, kim, 0)
    merged(cast, 1, kim, cast.max.party)
    for at in turns:
        clock.turn(hours(at))
    violation(cast, hours(90), 8)
    merged(cast, 100)
    clock.turn(hours(200))
    assert (since(cast.max.party), since(cast.seller)) == ([hours(72)], [hours(100)])
    assert (points(cast.seller, 200), measures(cast.seller)) == (16, []), "nothing was done since"
    same_when_replayed(201, cast.seller, cast.max.party, kim)


@pytest.mark.parametrize("turns", [(151,), ()], ids=["at once", "late"])
def test_what_is_told_late_counts_since_it_was_told(turns: tuple[float, ...]) -> None:
    cast = staged()
    order = placed(cast, cast.max.party, 0)
    merged(cast, 1)
    violation(cast, hours(100), 8)
    orders.pay(cast.platform, order, at=hours(0), noted_at=hours(150))
    for at in turns:
        clock.turn(hours(at))
    violation(cast, hours(160), 1)
    clock.turn(hours(200))
    assert since(cast.seller) == [hours(150)]
    assert measures(cast.seller) == [], "twelve was passed by what came, and lies behind"
    same_when_replayed(201, cast.seller, cast.max.party)


def test_what_the_clock_finds_late_is_looked_at_all_the_same() -> None:
    cast = staged(FREEZE + TWENTY)
    kim = joined(cast, "Kim").party
    violation(cast, hours(0), 13, of=cast.max.party)
    ordered(cast, kim, 0)
    merged(cast, 1, kim, cast.max.party)
    merge = merged(cast, 2)
    merges.look(agent(cast, "Omar"), merge, words=WHY, at=hours(90))
    assert not merge.is_to_be_looked_at
    clock.turn(hours(200))
    merge.refresh_from_db()
    assert merge.is_to_be_looked_at, "a deadline at 72 passed twenty, which nobody could know at 90"
