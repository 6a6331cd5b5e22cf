"""What is in force is a question of time alone, whatever the worker did, and everybody gives the same answer."""

import pytest

from comity.actions import clock, listings, sanctions
from comity.actions.guard import Forbidden, is_frozen
from comity.lib.money import Money
from comity.records.models import Listing, Notice, Sanction
from comity.web.trade.standing import standing_of
from tests.actions.test_trade import breaches
from tests.cast import Cast, hours

#: Told then, when the clock ran; approved; its notice has run since it was told; a week later it is over.
TOLD, APPROVED = 100, 101
BEGINS, ENDS = TOLD + 48, TOLD + 48 + 7 * 24


@pytest.fixture
def freeze(cast: Cast) -> Sanction:
    breaches(cast, 12)
    sanctions.approve(cast.ken, Sanction.objects.get(rung=12), at=hours(APPROVED))
    return Sanction.objects.get(rung=12)


def in_force(at: int) -> set[str]:
    """The measures in force, as a query says and as each row says."""
    asked = {row.key for row in Sanction.objects.filter(Sanction.in_force(hours(at)))}
    assert asked == {row.key for row in Sanction.objects.all() if row.is_in_force(hours(at))}
    return asked


def offered(cast: Cast, at: int) -> Listing:
    what = listings.Offered(seller=cast.seller, title="Lamp", price=Money(900, "EUR"), handling_hours=24)
    return listings.offer(cast.li, what, at=hours(at))


def test_a_freeze_ends_at_its_hour_though_nothing_ran_at_that_hour(cast: Cast, freeze: Sanction) -> None:
    for at, frozen in ((BEGINS - 1, False), (BEGINS, True), (ENDS - 1, True), (ENDS, False), (ENDS + 40, False)):
        assert (freeze.key in in_force(at), is_frozen(cast.seller, hours(at))) == (frozen, frozen), at
        shown = {row.key for row in standing_of(cast.seller, hours(at)).in_effect}
        assert (freeze.key in shown) == (at < ENDS), "what is to come is shown with its beginning"
    with pytest.raises(Forbidden):
        offered(cast, BEGINS)
    assert offered(cast, ENDS).title == "Lamp"
    clock.turn(hours(ENDS + 40))
    freeze.refresh_from_db()
    assert (freeze.status, freeze.ended_at) == ("lifted", hours(ENDS)), "at its hour, not when somebody looked"
    assert Notice.objects.filter(party=cast.seller, kind="sanction.lifted", values__measure="freeze").count() == 1
    for at, frozen in ((BEGINS - 1, False), (BEGINS, True), (ENDS - 1, True), (ENDS, False)):
        assert (freeze.key in in_force(at)) == frozen, "and looked back upon, it was as it was"
