"""Reviews by the API: written, hidden, changed, answered, removed; what they come to; what hides in the journal."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comity.actions import reviews
from comity.actions.guard import Actor
from comity.records.models import Listing, Order, Review
from tests.api.client import Api
from tests.cast import Cast
from tests.web.test_review_pages import delivered, listing, order

__all__ = ["listing", "order"]
pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def api(cast: Cast, who: Actor) -> Api:
    return Api(cast.platform, who)


def body(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def possible(review: dict[str, Any]) -> set[str]:
    return {deed["deed"] for deed in review["deeds"] if deed["possible"]}


def test_a_review_from_both_sides(cast: Cast, order: Order) -> None:
    ana, li, path = api(cast, cast.ana), api(cast, cast.li), f"/orders/{order.uuid}/reviews"
    (rate,) = [deed for deed in body(ana.get(f"/orders/{order.uuid}/deeds")) if deed["deed"] == "rate"]
    assert order.delivered_at
    assert rate["until"][:19] == (order.delivered_at + timedelta(days=30)).isoformat()[:19]
    hers = body(ana.post(path, {"score": 2, "text": "Dim"}), 201)
    assert (hers["score"], hers["text"], hers["visible"], possible(hers)) == (2, "Dim", False, {"revise", "withdraw"})
    assert hers["shown_from"][:19] == rate["until"][:19]
    assert {deed["until"][:19] for deed in hers["deeds"] if deed["possible"]} == {rate["until"][:19]}
    (seen,) = body(li.get(path))
    assert (seen["score"], seen["text"], seen["visible"], possible(seen)) == (None, "", False, set())
    again = ana.post(path, {"score": 1})
    assert body(again, 422)["code"] == "written_already"
    for wrong in ({"score": 0}, {"score": 6}, {"score": "5"}, {"score": True}, {}, {"score": 5, "stars": 5}):
        assert li.post(path, wrong).status_code in (400, 422)
    body(li.post(path, {"score": 5}), 201)
    seen = next(each for each in body(li.get(path)) if each["by"] == "buyer")
    assert (seen["score"], seen["text"], possible(seen)) == (2, "Dim", {"answer", "ask-removal"})
    here = f"{path}/{seen['uuid']}"
    assert body(li.post(f"{here}/answer", {"text": "Sorry"}))["answer"] == "Sorry"
    assert body(li.post(f"{here}/answer", {"text": "Sorry"}), 422)["code"] == "answered_already"
    assert body(ana.post(f"{here}/revise", {"score": 4, "text": "Bright"}))["score"] == 4
    asked = body(li.post(f"{here}/ask-removal", {}))
    assert asked["asked_at"]
    assert (
        body(ana.post(f"{here}/answer-removal", {"accepted": False, "asked_at": NOW.isoformat()}), 422)["code"]
        == "changed"
    )
    kept = body(ana.post(f"{here}/answer-removal", {"accepted": False, "asked_at": asked["asked_at"]}))
    assert kept["declined_at"]
    gone = body(api(cast, cast.ken).post(f"{here}/moderate", {"because": "offensive"}))
    assert (gone["removed_by"], gone["because"], gone["visible"]) == ("agent", "offensive", False)
    seen = next(each for each in body(li.get(path)) if each["by"] == "buyer")
    assert (seen["score"], seen["text"]) == (None, "")


def test_the_shop_may_speak_for_both_and_withdraw(cast: Cast, order: Order) -> None:
    shop, path = api(cast, cast.platform), f"/orders/{order.uuid}/reviews"
    at = (NOW - timedelta(hours=5)).isoformat()
    made = body(shop.post(path, {"score": 3, "on_behalf_of": cast.buyer.ref, "at": at}), 201)
    body(shop.post(path, {"score": 3, "on_behalf_of": cast.seller.ref}), 201)
    assert body(shop.post(path, {"score": 3}), 422)["code"] == "no_side"
    gone = body(shop.post(f"{path}/{made['uuid']}/withdraw", {"on_behalf_of": cast.buyer.ref}))
    assert gone["because"] == "own_wish"
    body(shop.post(f"{path}/{made['uuid']}/withdraw", {"on_behalf_of": cast.buyer.ref}))
    assert Review.objects.get(uuid=made["uuid"]).written_at.isoformat()[:19] == at[:19]


def test_others_get_nothing(cast: Cast, order: Order) -> None:
    review = reviews.write(cast.ana, order, score=2, at=NOW - timedelta(hours=1))
    path = f"/orders/{order.uuid}/reviews"
    for rival in (cast.bea, cast.max):
        assert api(cast, rival).get(path).status_code == 403
        assert api(cast, rival).post(path, {"score": 1}).status_code == 403
    assert api(cast, cast.li).post(f"{path}/{review.uuid}/moderate", {"because": "offensive"}).status_code == 403
    assert body(api(cast, cast.li).post(f"{path}/{review.uuid}/revise", {"score": 5}), 422)["code"] == "not_yours"
    assert api(cast, cast.ana).post(f"{path}/{order.uuid}/revise", {"score": 5}).status_code == 404
    assert api(cast, cast.ken).post(f"{path}/{review.uuid}/moderate", {"because": "own_wish"}).status_code in (400, 422)


def test_what_they_come_to(cast: Cast, listing: Listing) -> None:
    for score in (5, 4, 4):
        found = delivered(cast, listing)
        reviews.write(cast.ana, found, score=score, text=f"{score}", at=NOW - timedelta(hours=3))
        reviews.write(cast.li, found, score=5, at=NOW - timedelta(hours=2))
    hidden = delivered(cast, listing)
    reviews.write(cast.ana, hidden, score=1, at=NOW - timedelta(hours=1))
    bea = api(cast, cast.bea)
    of_seller, of_listing = (
        body(bea.get(path)) for path in (f"/parties/{cast.seller.uuid}/reviews", f"/listings/{listing.uuid}/reviews")
    )
    assert of_seller == of_listing
    assert (of_seller["number"], of_seller["mean"]) == (3, "4.33")
    assert of_seller["stars"] == {"5": 1, "4": 2, "3": 0, "2": 0, "1": 0}
    first = body(bea.get(f"/parties/{cast.seller.uuid}/reviews?limit=2"))
    rest = body(bea.get(f"/parties/{cast.seller.uuid}/reviews?limit=2&after={first['next']}"))
    assert [len(part["items"]) for part in (first, rest)] == [2, 1]
    assert body(bea.get(f"/parties/{cast.buyer.uuid}/reviews"))["mean"] == "5.00"
    assert body(bea.get(f"/parties/{cast.max.party.uuid}/reviews"))["mean"] is None
    assert bea.get(f"/parties/{cast.ken.party.uuid}/reviews").status_code == 404


def test_the_sellers_journal_hides_what_the_review_hides(cast: Cast, order: Order) -> None:
    reviews.write(cast.ana, order, score=1, text="Dim", at=NOW - timedelta(hours=1))
    path = f"/parties/{cast.seller.uuid}/journal?limit=200"

    def data(who: Actor) -> dict[str, Any]:
        (line,) = [each for each in body(api(cast, who).get(path))["items"] if each["kind"] == "review.written"]
        found: dict[str, Any] = line["body"]["data"]
        return found

    assert {"score", "digest"}.isdisjoint(data(cast.li))
    assert data(cast.ken)["score"] == 1
    reviews.write(cast.li, order, score=4, at=NOW)
    line = [each for each in body(api(cast, cast.li).get(path))["items"] if each["kind"] == "review.written"]
    assert [each["body"]["data"]["score"] for each in line] == [1, 4]
