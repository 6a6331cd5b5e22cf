"""A story with the cast: Max turns out to be Li again, by the wrong passport; everything that came of it goes again.

A sheet of pay-out accounts has slipped by a line. What the machine made of it closes by itself, what two people made of
it two people undo, and what was earned meanwhile stays.
"""

from datetime import timedelta

import pytest

from comity.actions import appeals, clock, identity, listings, merges, messages, orders, rulebooks, sanctions, shipments
from comity.actions.guard import Forbidden
from comity.actions.measured import written
from comity.lib.money import Money
from comity.records import dossiers, journal, rebuild
from comity.records import identity as linked
from comity.records import merges as merged
from comity.records.models import Notice, Party, Sanction
from tests.actions.identity.rules import DAY, EVASION, joined, link, shut_out
from tests.actions.sanctions.rules import BOOK, FREEZE, agent, violation
from tests.cast import START, Cast, assemble, hours
from tests.properties.stories import replayed, ruled

pytestmark = pytest.mark.django_db
SECOND = FREEZE.replace("at = 12", "at = 24").replace("7 days", "30 days")


def points(party: Party, at: float) -> int:
    return dossiers.points_of(party.pk, hours(at))["conduct"]


def stage() -> Cast:
    cast = assemble(publish=False)
    rulebooks.publish(cast.platform, BOOK % (FREEZE + SECOND) + EVASION, at=START)
    return cast


def test_two_accounts_become_one_and_two_again() -> None:
    cast = stage()
    li, li2, kim = cast.seller, cast.max.party, joined(cast, "Kim").party
    noor, omar, iris = agent(cast, "Noor"), agent(cast, "Omar"), agent(cast, "Iris")

    # What each did before. Max has an order to send, and Ana asks for it.
    violation(cast, hours(0), 10)
    strike = violation(cast, hours(1), 12, of=li2)
    (frozen,) = Sanction.objects.filter(party=li2)
    sanctions.approve(noor, frozen, at=hours(2))
    new = orders.NewOrder(buyer=cast.buyer, seller=li2, title="Lamp", price=Money(1999, "EUR"), handling_hours=72,
                          deliver_by=hours(20 * DAY))  # fmt: skip
    order = orders.pay(cast.platform, orders.place(cast.platform, new, at=hours(2.5)), at=hours(2.5))
    talk = messages.open_conversation(
        cast.ana, messages.NewConversation(buyer=cast.buyer, seller=li2, topic="My lamp?", order=order), at=hours(3)
    )

    # Kim was shut out, and the sheet says that Max is Kim. Noor and Omar believe that Max is Li.
    shut_out(cast, kim, 4)
    link(cast, li2, kim, "payout network", hours(5))
    evaded = Sanction.objects.get(party=li2, origin="evasion:evasion")
    merge = merges.ask(noor, li2, li, words=written("The same passport."), at=hours(6))
    merges.approve(omar, merge, at=hours(7))
    assert (points(li, 7), points(li2, 7)) == (22, 12)
    assert not Sanction.objects.filter(party=li).exists(), "twelve was passed by nothing that was done"
    assert [each.pk for each in merged.to_look_at()] == [merge.pk]

    # The closed account sends what was paid, answers, and appeals; it begins nothing.
    shipments.dispatch(cast.max, order, shipments.Parcel("post", "A1"), at=hours(8))
    messages.send(cast.max, talk, text="It left.", at=hours(9))
    with pytest.raises(Forbidden):
        listings.offer(cast.max, listings.Offered(li2, "Lamp", Money(100, "EUR"), 24), at=hours(10))
    appeals.file(cast.max, frozen, words=written("It was not spam."), at=hours(10))

    # Li does something new: the sum reaches the next rung.
    violation(cast, hours(11), 2)
    (proposed,) = Sanction.objects.filter(party=li)
    assert (proposed.rung, proposed.points, proposed.status) == (24, 24, "proposed")
    assert [each["taken_over"] for each in proposed.statement["charges"]] == [False, True, False]  # type: ignore[index]

    # The sheet had slipped: the link goes, and what rested on it.
    identity.unlink(iris, li2, kim, ["payout"], words=written("The sheet had slipped by a line."), at=hours(12))
    evaded.refresh_from_db()
    assert (evaded.status, linked.unfounded()) == ("overturned", [])

    # Max wins the appeal: twelve points go from both, and what stood on them; what Li did by herself reaches twelve.
    appeals.decide(iris, frozen, result="falls", because="A newsletter.", charges=[strike], at=hours(13))
    proposed.refresh_from_db()
    assert (proposed.status, points(li, 13), points(li2, 13)) == ("overturned", 12, 0)
    own = Sanction.objects.get(party=li, status="proposed")
    assert (own.rung, own.points, len(own.because)) == (12, 12, 2)

    # And they are two people: two agents undo it.
    violation(cast, hours(14), 3, of=li2)
    assert points(li, 14) == 15
    merges.ask_undo(omar, merge, words=written("Two passports after all."), at=hours(15))
    merges.undo(noor, merge, at=hours(16))
    assert (points(li, 16), points(li2, 16)) == (12, 3)
    own.refresh_from_db()
    assert own.status == "proposed"
    listings.offer(cast.max, listings.Offered(li2, "Lamp", Money(100, "EUR"), 24), at=hours(17))

    told = Notice.objects.filter(kind__startswith="account.").order_by("pk")
    said = list(told.values_list("kind", flat=True))
    assert said == ["account.taken_over", "account.took_over", "account.given_back", "account.gave_back"]
    clock.turn(hours(0) + timedelta(days=200))
    for party in (li, li2, kim, cast.buyer):
        assert replayed(party, until=hours(0) + timedelta(days=200)) == ruled(party)
        assert rebuild.at_odds(party) == []
        assert list(journal.verify(party)) == []
