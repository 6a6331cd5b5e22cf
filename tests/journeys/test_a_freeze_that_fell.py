"""A story with the cast: three late answers and two parcels that nobody scanned lead Li over a warning to a freeze.

She is heard, another agent approves, she appeals, one charge turns out to be none: all of it is restored at once.
"""

from datetime import timedelta

import pytest

from comity.actions import appeals, clock, listings, messages, orders, rulebooks, sanctions, shipments
from comity.actions.guard import Forbidden, is_frozen
from comity.actions.measured import written
from comity.lib.money import Money
from comity.records import journal, rebuild
from comity.records.models import Charge, Listing, Notice, Order, Sanction
from tests.actions.sanctions.rules import agent
from tests.cast import START, Cast, assemble, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
DAY = 24
RULES = """
name = "story"
version = "1"
in_force_from = 2026-01-01

[[duty]]
name = "reply"
title = "Reply within a day"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller" } }
within = "24 hours"
repeats = true
breach = { charge = { ledger = "service", points = 1 } }

[[duty]]
name = "first scan"
title = "The carrier has the parcel within 2 days"
who = "seller"
each = "shipment"
opened_by = { fact = "shipment.dispatched" }
met_by = { fact = "shipment.scanned", where = { source = "carrier" } }
within = "2 days"
breach = { charge = { ledger = "service", points = 4 } }

[[ledger]]
name = "service"
title = "Service"
expires_after = "365 days"

[[ledger.rung]]
at = 2
measure = "warning"
length = "30 days"
decided_by = "automatic"

[[ledger.rung]]
at = 11
measure = "freeze"
length = "14 days"
notice = "48 hours"
decided_by = "reviewer"
needs = "warning"
"""


def left_unanswered(cast: Cast, at: float) -> None:
    talk = cast.conversation()
    messages.send(cast.ana, talk, text="Is it blue?", at=hours(at))
    clock.turn(hours(at + 25))
    messages.send(cast.li, talk, text="Yes.", at=hours(at + 26))


def declared_sent(cast: Cast, at: float) -> Order:
    order = cast.order(at=at)
    shipments.dispatch(cast.li, order, shipments.Parcel("post", f"RR{at}"), at=hours(at + 1))
    clock.turn(hours(at + 50))
    return order


def offer(cast: Cast, at: float) -> Listing:
    what = listings.Offered(seller=cast.seller, title="Lamp", price=Money(900, "EUR"), handling_hours=24)
    return listings.offer(cast.li, what, at=hours(at))


def test_a_freeze_that_fell() -> None:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, RULES, at=START)
    noor, omar = agent(cast, "Noor"), agent(cast, "Omar")

    for at in (0, 2 * DAY, 4 * DAY):
        left_unanswered(cast, at)
    warning = Sanction.objects.get()
    assert (warning.measure, warning.status, warning.points) == ("warning", "placed", 2)
    assert Notice.objects.filter(party=cast.seller, kind="sanction.placed").count() == 1

    for at in (10 * DAY, 14 * DAY):
        declared_sent(cast, at)
    freeze = Sanction.objects.get(measure="freeze")
    assert (freeze.status, freeze.points, len(freeze.because)) == ("proposed", 11, 5)
    told = freeze.told_at
    assert told is not None
    assert not is_frozen(cast.seller, told + timedelta(hours=48)), "nobody has approved it"

    sanctions.answer(
        cast.li, freeze, words=written("The second parcel was at the depot."), at=told + timedelta(hours=5)
    )
    sanctions.approve(noor, freeze, at=told + timedelta(hours=60), because="The carrier knows of no such parcel.")
    begins = told + timedelta(hours=60)
    assert is_frozen(cast.seller, begins), "its notice had run, and it is approved"
    with pytest.raises(Forbidden):
        offer(cast, 21 * DAY)
    with pytest.raises(Forbidden):
        cast.order(at=21 * DAY)

    freeze = Sanction.objects.get(pk=freeze.pk)
    charge = Charge.objects.filter(rule="first scan").order_by("-at")[0]
    appeals.file(cast.li, freeze, words=written("Here is the receipt of the depot."), at=hours(22 * DAY))
    appeals.decide(omar, freeze, result="falls", because="The receipt shows it.", charges=[charge], at=hours(23 * DAY))
    assert not is_frozen(cast.seller, hours(23 * DAY)), "at once"
    freeze.refresh_from_db()
    assert (freeze.status, freeze.ended_at) == ("overturned", hours(23 * DAY))
    live = Charge.objects.filter(party=cast.seller, overturned_at=None)
    assert sorted(live.values_list("points", flat=True)) == [1, 1, 1, 4]
    assert offer(cast, 23 * DAY).title == "Lamp"
    assert orders.pay(cast.platform, cast.order(at=23 * DAY, paid=False), at=hours(23 * DAY)).paid_at is not None
    warning.refresh_from_db()
    assert warning.status == "placed", "what does not hang on it stays"

    end = hours(60 * DAY)
    clock.turn(end)
    assert list(journal.verify(cast.seller)) == []
    assert replayed(cast.seller, until=end) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []
