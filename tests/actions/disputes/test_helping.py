"""The settlement helper and the search for similar cases."""

from datetime import timedelta

import pytest

from comity.actions.disputes import cases, claims, due, helping, offers
from comity.lib.money import Money
from comity.records import similar
from comity.records.models import ClosedCase, Dispute
from tests.cast import START
from tests.disputing import stage

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def closed(dispute: Dispute, number: int, share: int, words: str = "", **values: object) -> ClosedCase:
    """A case of another time, as if it had ended long ago."""
    other = Dispute.objects.create(
        uuid=f"00000000-0000-7000-8000-{number:012}", key=f"D-{number:07}", order=dispute.order, stage="closed",
        since=START, opened_at=START, ended_at=START, ended_how="settled", reason="damaged",
    )  # fmt: skip
    given = {
        "ended_at": START + timedelta(minutes=number), "reason": "damaged", "how": "settled", "currency": "EUR",
        "size": similar.size_of(6000), "share": share, "proven": "nobody", "words": similar.spelt(words), **values,
    }  # fmt: skip
    kept = ClosedCase.objects.create(dispute=other, **given)
    similar.index([kept])
    return kept


def test_too_few_is_an_answer() -> None:
    here = stage()
    dispute = here.open(START + DAY)
    for number in range(helping.LEAST - 1):
        closed(dispute, number, 500)
    found = helping.help_with(cases.held(dispute), at=START + DAY)
    assert (found.similar, found.n) == (None, helping.LEAST - 1)
    assert found.asks == ("proof",)


def test_the_range_of_similar_cases() -> None:
    here = stage()
    dispute = here.open(START + DAY)
    for number in range(40):
        closed(dispute, number, 25 * number)
    for number in range(40, 60):
        closed(dispute, number, 1000, reason="not received")
    found = helping.help_with(cases.held(dispute), at=START + DAY).similar
    assert found is not None
    assert (found.n, found.median, found.quarter, found.three_quarters) == (40, 3000, 1500, 4500)
    # Of 40 cases the median lies between the 14th and the 27th with more than 95 %.
    assert (found.low, found.high) == (25 * 13 * 6, 25 * 26 * 6)
    assert found.alike == ("reason", "size", "evidence")


def test_a_case_that_ends_is_found_by_its_words_and_nobody_elses() -> None:
    here = stage()
    dispute = here.open(START + DAY, text="屏幕碎了 The screen is cracked")
    number = offers.offer(
        here.cast.li, dispute, offers.NewOffer("partial refund", Money(4000, "EUR"), text="Sorry for the glass."),
        at=START + DAY,
    )  # fmt: skip
    offers.accept(here.cast.ana, dispute, number=number, at=START + DAY)
    assert due.look(START + 2 * DAY) == 0, "money is still on its way"
    assert similar.by_words("cracked screen") == []
    other = stage_of_another(here.cast.li)
    claims.withdraw(here.cast.ana, other, at=START + 2 * DAY)
    assert due.look(START + 2 * DAY) == 1
    assert due.look(START + 2 * DAY) == 0
    assert [case.dispute_id for case in similar.by_words("碎 nothing else")] == [other.pk]
    assert similar.by_words("碎", similar.Facets(reason="not received")) == []
    assert similar.by_words('"') == []


def stage_of_another(seller: object) -> Dispute:
    """Another dispute of the same stage, about a further order."""
    from comity.actions import orders, parties
    from comity.actions.disputes import opening
    from comity.actions.guard import Actor
    from comity.records.models import Party

    platform = Actor(parties.platform(START))
    ana = Party.objects.get(role="buyer", name="Ana Souza")
    new = orders.NewOrder(
        buyer=ana, seller=seller.party, title="Vase", price=Money(2000, "EUR"), handling_hours=72,  # type: ignore[attr-defined]
        deliver_by=START + 20 * DAY,
    )  # fmt: skip
    order = orders.place(platform, new, at=START)
    orders.pay(platform, order, at=START)
    return opening.open_(Actor(ana), order, opening.Claim("damaged", text="花瓶碎了"), at=START + DAY)
