"""Reviews as buyer, seller, agents and strangers see them on pages."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from comity.actions import facts, listings, orders, parties, reviews
from comity.actions.guard import Actor
from comity.lib.money import Money
from comity.records.models import JournalLine, Listing, Notice, Order, Review
from tests.cast import Cast
from tests.web.test_pages import sign_in, text

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
AGO = NOW - timedelta(days=5)


@pytest.fixture
def listing(cast: Cast) -> Listing:
    offered = listings.Offered(seller=cast.seller, title="Desk lamp", price=Money(1999, "EUR"), handling_hours=24)
    return listings.offer(cast.platform, offered, at=AGO)


@pytest.fixture
def order(cast: Cast, listing: Listing) -> Order:
    """An order that came two days ago."""
    return delivered(cast, listing)


def delivered(cast: Cast, listing: Listing) -> Order:
    line = orders.Line("Desk lamp", 2, Money(1999, "EUR"), listing)
    new = orders.NewOrder(
        buyer=cast.buyer, seller=cast.seller, lines=(line,), handling_hours=24, deliver_by=NOW + timedelta(days=3)
    )
    made = orders.pay(cast.platform, orders.place(cast.platform, new, at=AGO), at=AGO)
    event = {
        "specversion": "1.0", "id": str(made.uuid), "source": "shop", "type": "shipment.delivered",
        "time": (NOW - timedelta(days=2)).isoformat(), "subject": made.ref, "data": {"party": cast.seller.ref},
    }  # fmt: skip
    assert facts.record(cast.platform, event, now=NOW).status == "recorded"
    return Order.objects.get(pk=made.pk)


def browser(who: Actor) -> Client:
    if who.party.user is None:
        return sign_in(who)
    client = Client()
    client.force_login(who.party.user)
    return client


def page(who: Actor, address: str) -> str:
    return text(browser(who).get(address))


def send(who: Actor, address: str, **data: Any) -> str:
    answer = browser(who).post(address, data, follow=True)
    assert answer.status_code == 200
    return text(answer)


def timeline(said: str) -> str:
    return said.partition("What happened")[2].partition("<aside")[0]


def test_both_rate_by_radio_buttons_and_see_nothing_before(cast: Cast, order: Order) -> None:
    address = f"/orders/{order.uuid}/"
    shown = page(cast.ana, address)
    assert "Rate Li Wei" in shown
    assert re.findall(r'type="radio" name="score" value="(\d)" required', shown) == ["5", "4", "3", "2", "1"]
    assert "It is shown once both sides have rated, or on" in shown
    said = send(cast.ana, f"{address}rate/", score="2", text="It <b>flickers</b>.")
    assert "Thank you. Your review is shown once both sides have rated, or on" in said
    assert "It &lt;b&gt;flickers&lt;/b&gt;." in said
    his = page(cast.li, address)
    assert "flickers" not in his
    assert "You see what it says once you have rated, too, or on" in his
    assert "Buyer rated the order; it is shown once both sides have rated" in timeline(his)
    assert "2 of 5" not in his
    assert "Buyer rated the order: 2 of 5" in timeline(page(cast.ana, address)), "she knows what she wrote"
    assert "flickers" in page(cast.ken, address)
    assert "Rate Ana Souza" in his
    said = send(cast.li, f"{address}rate/", score="5")
    assert "Your review is shown." in said
    assert "It &lt;b&gt;flickers&lt;/b&gt;." in said
    assert "Buyer rated the order: 2 of 5" in timeline(said)


def test_a_form_without_stars_is_refused_with_what_is_wrong(cast: Cast, order: Order) -> None:
    for score in ("", "9", "x", "²", "55"):
        assert "Choose 1 to 5 stars." in send(cast.ana, f"/orders/{order.uuid}/rate/", score=score)
    assert not Review.objects.exists()
    answer = browser(cast.bea).post(f"/orders/{order.uuid}/rate/", {"score": "1"})
    assert answer.status_code == 403


def test_it_is_changed_answered_asked_for_and_removed_from_the_page(cast: Cast, order: Order) -> None:
    hers = reviews.write(cast.ana, order, score=2, text="Dim", at=NOW - timedelta(hours=9))
    reviews.write(cast.li, order, score=4, at=NOW - timedelta(hours=8))
    address, here = f"/orders/{order.uuid}/", f"/orders/{order.uuid}/reviews/{hers.uuid}/"
    form = page(cast.ana, address)
    assert re.search(r'value="2" required checked', form)
    assert ">Dim</textarea>" in form
    assert "Your review is changed." in send(cast.ana, f"{here}revise/", score="3", text="Dim, but nice")
    assert "Your answer stands beside the review." in send(cast.li, f"{here}answer/", text="Try the other bulb.")
    hers_again = page(cast.ana, address)
    assert "The seller answered" in hers_again
    assert "Try the other bulb." in hers_again
    assert f'action="{here}answer/"' not in page(cast.li, address), "once"
    assert "The writer is asked, and decides." in send(cast.li, f"{here}ask-removal/")
    asked = re.search(r'name="asked_at" value="([^"]+)"', page(cast.ana, address))
    assert asked
    assert "Your review stays." in send(cast.ana, f"{here}answer-removal/", asked_at=asked[1], keep="1")
    assert "Asked to remove it, the writer keeps it." in page(cast.li, address)
    assert "Only its writer can change or remove a review." in send(cast.li, f"{here}withdraw/")
    said = send(cast.ken, f"{here}moderate/", because="extortion")
    assert "The review is removed. Both sides are told why." in said
    gone = page(cast.li, address)
    assert "Dim, but nice" not in gone
    assert "a demand was made for it. It counts nowhere any more." in gone
    assert "Dim, but nice" in page(cast.ana, address), "the writer still sees it"
    assert browser(cast.max).post(f"{here}moderate/", {"because": "extortion"}).status_code == 403


def test_an_objection_is_found_on_the_desk_and_decided_on_the_page_of_the_order(cast: Cast, order: Order) -> None:
    hers = reviews.write(cast.ana, order, score=1, text="Dim", at=NOW - timedelta(hours=9))
    reviews.write(cast.li, order, score=4, at=NOW - timedelta(hours=8))
    reviews.moderate(cast.ken, hers, because="offensive", at=NOW - timedelta(hours=7))
    here, address = f"/orders/{order.uuid}/reviews/{hers.uuid}/", f"/orders/{order.uuid}/"
    assert "You may object on the order" in page(cast.ana, "/notices/")
    assert f'action="{here}appeal/"' in page(cast.ana, address)
    assert f'action="{here}appeal/"' not in page(cast.li, address)
    assert "An agent who had no part in the removal decides." in send(cast.ana, f"{here}appeal/", text="It is dim.")
    assert "It is dim." in page(cast.ana, address)
    assert "It is dim." not in page(cast.li, address), "it is between her and the marketplace"
    new = parties.NewParty(role="agent", name="Iris", external_id="iris")
    iris = Actor(parties.add(cast.platform, new, at=NOW - timedelta(days=1)))
    assert order.key in page(iris, "/desk/measures/")
    assert f'action="{here}decide-appeal/"' not in page(cast.ken, address), "he removed it"
    said = send(iris, f"{here}decide-appeal/", result="restored", text="It is about the lamp.")
    assert "Decided. The writer is told." in said
    assert "Dim" in page(cast.li, address)
    assert "It is about the lamp." in page(cast.ana, address)
    assert "the review is shown again" in page(cast.ana, "/notices/")
    assert order.key not in page(iris, "/desk/measures/")


def test_agreed_it_goes(cast: Cast, order: Order) -> None:
    hers = reviews.write(cast.ana, order, score=1, at=NOW - timedelta(hours=9))
    reviews.write(cast.li, order, score=4, at=NOW - timedelta(hours=8))
    reviews.ask_removal(cast.li, hers, at=NOW - timedelta(hours=1))
    here = f"/orders/{order.uuid}/reviews/{hers.uuid}/"
    hers.refresh_from_db()
    assert hers.asked_at
    assert "It counts nowhere any more." in send(
        cast.ana, f"{here}answer-removal/", asked_at=hers.asked_at.isoformat(), accept="1"
    )
    assert Review.objects.get(pk=hers.pk).removed_by == "agreement"


def test_number_and_mean_are_the_same_on_every_page(cast: Cast, listing: Listing) -> None:
    made = [delivered(cast, listing) for _ in range(3)]
    for found, score in zip(made, (5, 5, 1), strict=True):
        reviews.write(cast.ana, found, score=score, text=f"Given {score}", at=NOW - timedelta(hours=3))
        reviews.write(cast.li, found, score=5, at=NOW - timedelta(hours=2))
    pages = [
        (cast.bea, f"/listings/{listing.uuid}/"), (cast.bea, f"/parties/{cast.seller.uuid}/reviews/"),
        (cast.li, "/sell/reviews/"), (cast.ken, f"/desk/parties/{cast.seller.uuid}/"),
    ]  # fmt: skip
    for who, address in pages:
        assert '<strong>3.67</strong> <span class="muted">of 5, from 3 reviews</span>' in page(who, address), address
    bad = Review.objects.get(by="buyer", score=1)
    reviews.moderate(cast.ken, bad, because="not_about_the_order", at=NOW)
    for who, address in pages:
        shown = page(who, address)
        assert '<strong>5.00</strong> <span class="muted">of 5, from 2 reviews</span>' in shown, address
        assert "Given 1" not in shown
    assert "Given 5" in page(cast.bea, f"/listings/{listing.uuid}/")
    assert made[0].key not in page(cast.bea, f"/parties/{cast.seller.uuid}/reviews/"), "whose order it was is not told"
    assert made[0].key in page(cast.li, "/sell/reviews/")


def test_a_seller_sees_what_waits_and_not_what_it_says(cast: Cast, order: Order) -> None:
    reviews.write(cast.ana, order, score=1, text="Broken", at=NOW - timedelta(hours=1))
    shown = page(cast.li, "/sell/reviews/")
    assert "Waiting for your review" in shown
    assert order.key in shown
    assert "Broken" not in shown
    assert "No reviews yet" in shown
    told = page(cast.li, "/notices/")
    assert f"Buyer rated order {order.key}. You see it once you have rated, too, or on" in told
    reviews.write(cast.li, order, score=4, at=NOW)
    assert "Waiting for your review" not in page(cast.li, "/sell/reviews/")
    assert f"Buyer rated order {order.key}: 1 of 5" in page(cast.li, "/notices/")
    assert f"Seller rated order {order.key}: 4 of 5" in page(cast.ana, "/notices/")
    assert Notice.objects.filter(kind="review.written").count() == 2


def test_old_reviews_that_say_nothing_of_their_writer_are_the_buyers(cast: Cast, order: Order) -> None:
    event = {
        "specversion": "1.0", "id": "r", "source": "shop", "type": "review.written",
        "time": (NOW - timedelta(hours=1)).isoformat(), "subject": order.ref, "data": {"party": cast.seller.ref, "score": 4},
    }  # fmt: skip
    assert facts.record(cast.platform, event, now=NOW).status == "recorded"
    assert "by" not in JournalLine.objects.get(kind="review.written").body.partition('"data"')[2].partition("}")[0]
    shown = page(cast.li, f"/orders/{order.uuid}/")
    assert "Buyer rated the order: 4 of 5" in timeline(shown)
    assert "The shop keeps what it says." in shown
