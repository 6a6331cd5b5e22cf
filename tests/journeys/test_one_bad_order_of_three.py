"""A story with the cast: one of Li's first three orders goes wrong. A raw rate warns her for it; evidence does not.

Max, of whose fifteen orders every second is disputed, is warned either way.
"""

from datetime import timedelta

import pytest

from comity.actions import clock, orders, rulebooks
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records import journal, rebuild
from comity.records.models import Notice, Order, Party, Sanction
from comity.records.scorecards import scorecards
from tests.cast import START, Cast, assemble, hours, tell
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
DAY = 24
RULES = """
name = "story"
version = "1"
in_force_from = 2026-01-01

[[standard]]
name = "disputes"
title = "Few disputes"
counted = { fact = "order.paid" }
faulty = { fact = "dispute.opened" }
window = "90 days"
DECIDES
limit = { rate = "<= 5%" }
breach = { measure = { measure = "warning", length = "30 days", decided_by = "automatic" } }
"""
RAW, CERTAIN = 'decides = "raw"', 'decides = "certain"\nerror = "5%"'


def sold(cast: Cast, seller: Actor, at: float) -> Order:
    new = orders.NewOrder(
        buyer=cast.buyer, seller=seller.party, title="Cup", price=Money(900, "EUR"), handling_hours=24,
        deliver_by=hours(at) + timedelta(days=9),
    )  # fmt: skip
    return orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(at)), at=hours(at))


def warned(party: Party) -> list[str]:
    return list(Sanction.objects.filter(party=party).values_list("measure", flat=True))


@pytest.mark.parametrize(("decides", "of_li"), [(RAW, ["warning"]), (CERTAIN, [])])
def test_one_bad_order_of_three(decides: str, of_li: list[str]) -> None:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, RULES.replace("DECIDES", decides), at=START)
    mine = [sold(cast, cast.li, number * DAY) for number in range(3)]
    his = [sold(cast, cast.max, number * 5) for number in range(15)]
    tell(cast, "dispute.opened", mine[1].ref, hours(3 * DAY), reason="late")
    for order in his[::2]:
        tell(cast, "dispute.opened", order.ref, hours(4 * DAY), whose=cast.max.party, reason="late")
    end = hours(20 * DAY)
    clock.turn(end)

    assert warned(cast.seller) == of_li
    assert Notice.objects.filter(party=cast.seller, kind="sanction.placed").count() == len(of_li)
    assert warned(cast.max.party) == ["warning"]
    # She sees her third all the same, with how little it says.
    (card,) = scorecards(cast.seller, end)
    assert (card.projected.seen.counted, card.projected.seen.faulty) == (3, 1)
    assert card.projected.interval is not None
    low, high = card.projected.interval
    assert (low < 0.07, high > 0.79) == (True, True)
    for party in (cast.seller, cast.max.party):
        assert list(journal.verify(party)) == []
        assert replayed(party, until=end) == ruled(party)
        assert rebuild.at_odds(party) == []
