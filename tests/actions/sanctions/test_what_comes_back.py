"""What an appeal gives back is given back as it was: it is not held against what applies to new things by then."""

from datetime import timedelta

import pytest

from comity.actions import appeals, clock, listings, orders, sanctions
from comity.actions.guard import Forbidden
from comity.actions.measured import written
from comity.lib.money import Money
from comity.records.models import JournalLine, Listing, Notice, Sanction
from tests.actions.sanctions.rules import agent, staged
from tests.actions.sanctions.test_deciding import one, same_when_replayed
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db
DAY = 24


def offered(cast: Cast, title: str, at: float) -> Listing:
    what = listings.Offered(
        seller=cast.seller, title=title, price=Money(900, "EUR"), handling_hours=24, delivery=listings.Delivery(days=5)
    )
    return listings.offer(cast.li, what, at=hours(at))


def is_live(cast: Cast, listing: Listing, at: float) -> bool:
    line = orders.Line(listing.title, 1, listing.price, listing=listing)
    try:
        orders.place(cast.ana, orders.NewOrder(buyer=cast.buyer, seller=cast.seller, lines=(line,)), at=hours(at))
    except Forbidden as refused:
        assert refused.reason == "listing_off"
        return False
    return True


def told(kind: str) -> list[str]:
    """What the shop is told by webhook of measures: the journal's lines of that kind, by what they are about."""
    return [line.matter for line in JournalLine.objects.filter(kind=kind).order_by("pk")]


def test_listings_that_an_appeal_gives_back_are_live_although_no_new_ones_may_be_made() -> None:
    cast = staged()
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")
    offers = [offered(cast, f"L{number}", 0) for number in range(7)]
    taken = offers[:5]
    wanted = sanctions.Wanted("listing off", "spam", "Copies.", timedelta(days=90), of=tuple(taken))
    off = sanctions.ask(noor, cast.seller, wanted, at=hours(1))
    sanctions.approve(omar, off, at=hours(2))
    assert [is_live(cast, each, 3) for each in offers] == [False] * 5 + [True] * 2
    # Meanwhile the seller may make no new ones: those that are there stay.
    lesser = sanctions.Wanted("no new listings", "spam", "Too many.", timedelta(days=60))
    stop = sanctions.ask(noor, cast.seller, lesser, at=hours(10 * DAY))
    sanctions.approve(omar, stop, at=hours(10 * DAY))
    assert [is_live(cast, each, 10 * DAY + 1) for each in offers] == [False] * 5 + [True] * 2

    appeals.file(cast.li, one(off.key), words=written("They are no copies."), at=hours(11 * DAY))
    before = Notice.objects.filter(party=cast.seller).count()
    appeals.decide(iris, one(off.key), result="falls", because="They are not.", at=hours(22 * DAY))
    assert [is_live(cast, each, 22 * DAY) for each in offers] == [True] * 7
    with pytest.raises(Forbidden) as refused:
        offered(cast, "New", 22 * DAY)
    assert refused.value.reason == "no_new_listings", "the other measure is its own"
    assert one(stop.key).status == "placed"

    # Once each: that it began, and that it fell, dated when it did.
    assert (told("sanction.placed").count(off.ref), told("ruling.overturned")) == (1, [off.ref])
    assert JournalLine.objects.get(kind="ruling.overturned").at == hours(22 * DAY)
    assert Notice.objects.filter(party=cast.seller).count() == before + 1, "one notice of one decision"
    clock.turn(hours(95 * DAY))
    assert told("sanction.lifted") == [stop.ref], "what fell is not lifted once more at its time"
    assert set(Sanction.objects.values_list("key", "status")) == {(off.key, "overturned"), (stop.key, "lifted")}
    same_when_replayed(cast, 100 * DAY)
