"""A story with the cast: a storm keeps two sellers from sending; the desk excuses both, and one is on holiday besides."""

from datetime import timedelta

from comity.actions import clock, orders, rulebooks, shipments
from comity.actions.excuses import preview, spreading, verbs
from comity.actions.excuses.asked import Asked
from comity.lib.money import Money
from comity.records import journal
from comity.records.models import Duty
from tests.actions.test_pauses import HOLIDAYS
from tests.cast import START, assemble, hours
from tests.properties.stories import replayed, ruled

BOOK = HOLIDAYS.replace("2026-03-03", "2026-01-01").replace('["holiday"]', '["holiday", "force_majeure"]')


def test_a_storm(db: None) -> None:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK, at=START)
    placed = []
    for seller in (cast.seller, cast.max.party):
        new = orders.NewOrder(
            buyer=cast.buyer, seller=seller, title="Lamp", price=Money(100, "EUR"), handling_hours=24,
            deliver_by=hours(400), lane=orders.Lane(destination="BR-SP"),
        )  # fmt: skip
        order = orders.place(cast.platform, new, at=hours(0))
        orders.pay(cast.platform, order, at=hours(0))
        placed.append(order)

    # Neither sends within a day: the storm has closed the roads of São Paulo.
    clock.turn(hours(30))
    assert set(Duty.objects.values_list("status", flat=True)) == {"breached"}

    # Ken looks whom a pause would excuse, and records it; errands carry it to both, once.
    storm = Asked("force_majeure", hours(0), hours(48), places=("BR",), evidence="The weather office's warning")
    seen = preview.of(cast.ken, storm, at=hours(31))
    assert (seen.parties, seen.orders, seen.broken) == (2, 2, 2)
    assert set(Duty.objects.values_list("status", flat=True)) == {"breached"}, "only looked at"
    row = verbs.record(cast.ken, storm, at=hours(31))
    assert (spreading.spread(hours(32)), spreading.spread(hours(33))) == (2, 0)
    assert set(Duty.objects.values_list("status", "due")) == {("open", hours(72))}

    # Li takes a day off after the storm. It was no more than a gale: Ken takes the pause back, and time counts again.
    verbs.record(cast.li, Asked("holiday", hours(48), hours(72), about=cast.seller), at=hours(34))
    verbs.end(cast.ken, row, at=hours(36), mistaken=True, because="The roads were open from noon")
    spreading.spread(hours(36) + timedelta(minutes=1))
    due = dict(Duty.objects.values_list("party__name", "due"))
    assert due[cast.seller.name] - due[cast.max.party.name] == timedelta(days=1), "the holiday is Li's alone"

    # Both send in the time they have, and the journal alone tells the same.
    shipments.dispatch(cast.max, placed[1], shipments.Parcel("post", "RR2"), at=hours(50))
    shipments.dispatch(cast.li, placed[0], shipments.Parcel("post", "RR1"), at=hours(75))
    clock.turn(hours(200))
    assert set(Duty.objects.values_list("status", flat=True)) == {"met"}
    for seller in (cast.seller, cast.max.party):
        assert replayed(seller, until=hours(200)) == ruled(seller)
        assert list(journal.verify(seller)) == []
