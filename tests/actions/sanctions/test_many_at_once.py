"""As many files, listings and charges are taken at once as forms and the API offer."""

from datetime import timedelta

import pytest

from comity.actions import appeals, clock, listings, measured, sanctions
from comity.actions.measured import MAX_FILES, written
from comity.files.uploads import made_safe
from comity.lib.money import Money
from comity.records import rebuild
from comity.records.models import Charge, Listing, Sanction
from tests.actions.sanctions.rules import agent, staged, violation
from tests.cast import Cast, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
DAY = 24
WEEK = timedelta(days=7)


def offered(cast: Cast, number: int) -> Listing:
    what = listings.Offered(
        seller=cast.seller, title="Lamp", price=Money(900, "EUR"), handling_hours=24, external_id=f"lamp-{number}"
    )
    return listings.offer(cast.li, what, at=hours(0))


def same_when_replayed(cast: Cast, at: float) -> None:
    clock.turn(hours(at))
    assert replayed(cast.seller, until=hours(at)) == ruled(cast.seller)
    assert rebuild.at_odds(cast.seller) == []


def test_as_many_files_listings_and_charges_are_taken_as_are_offered() -> None:
    cast = staged()
    noor = agent(cast, "Noor")
    off = tuple(offered(cast, number) for number in range(100))
    row = sanctions.ask(noor, cast.seller, sanctions.Wanted("listing off", "spam", "Seen.", WEEK, of=off), at=hours(1))
    assert len(row.of) == 100
    given = tuple(made_safe(f"{n}.txt", b"%d" % n, max_bytes=100) for n in range(MAX_FILES))
    sanctions.answer(cast.li, row, words=written("See.", given), at=hours(1))
    assert measured.texts_of(row)[-1].files.count() == MAX_FILES
    same_when_replayed(cast, 30 * DAY)


def test_many_charges_are_taken_off_at_once() -> None:
    cast = staged()
    charges = [violation(cast, hours(0) + timedelta(minutes=n), 1) for n in range(30)]
    freeze = Sanction.objects.get()
    sanctions.approve(agent(cast, "Noor"), freeze, at=hours(60))
    appeals.file(cast.li, Sanction.objects.get(), words=written("None of them."), at=hours(61))
    counted = [charge for charge in charges if charge.key in Sanction.objects.get().because]
    appeals.decide(cast.ken, Sanction.objects.get(), result="falls", because="Right.", at=hours(62), charges=counted)
    assert Charge.objects.filter(overturned_at=None).count() == len(charges) - len(counted)
    same_when_replayed(cast, 30 * DAY)
