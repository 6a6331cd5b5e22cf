"""The money of an order by the API: who sees what, what is refused and why, reports, and pay-outs."""

import json
from typing import Any

import pytest

from comity.actions import money, orders
from comity.actions.money import Instruction
from comity.lib.money import Money
from comity.records.models import Order, Refund
from tests.api.client import Api
from tests.cast import Cast, hours

pytestmark = pytest.mark.django_db


def body_of(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


@pytest.fixture
def api(cast: Cast) -> dict[str, Api]:
    return {name: Api(cast.platform, getattr(cast, name)) for name in ("platform", "ana", "li", "ken", "bea", "max")}


@pytest.fixture
def order(cast: Cast, api: dict[str, Api]) -> Order:
    """An order of lines, postage and two payments, placed by the shop's token, and paid."""
    new = {
        "buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "EUR", "amount": 6748,
        "lines": [
            {"title": "Lamp", "amount": 3999, "tax": 638},
            {"title": "Shades", "amount": 2500, "paid": 1999, "listed": 2500, "parts": [
                {"title": "Left", "pieces": 1, "net": 1000}, {"title": "Right", "pieces": 1, "net": 999},
            ]},
        ],
        "postage": 750, "payments": [{"name": "card", "amount": 6748, "reference": "pi_1"}],
        "handling_hours": 24, "deliver_by": "2999-01-01T00:00:00Z", "external_id": "77",
    }  # fmt: skip
    told = body_of(api["platform"].post("/orders", new), 201)
    assert (told["amount"], told["postage"]) == (6748, 750)
    lamp, shades, left, right = told["lines"]
    assert [each["paid"] for each in told["lines"]] == [3999, 1999, 1000, 999]
    assert (lamp["tax"], shades["tax"], left["part_of"], right["part_of"]) == (638, None, shades["id"], shades["id"])
    placed = Order.objects.select_related("seller", "buyer").get()
    return orders.pay(cast.platform, placed, at=placed.placed_at)


def test_what_does_not_add_up_is_refused_with_a_sentence(cast: Cast, api: dict[str, Api]) -> None:
    new = {
        "buyer": str(cast.buyer.uuid), "seller": str(cast.seller.uuid), "currency": "EUR", "amount": 6000,
        "lines": [{"title": "Lamp", "amount": 3999}], "postage": 750, "handling_hours": 24,
        "deliver_by": "2999-01-01T00:00:00Z",
    }  # fmt: skip
    told = body_of(api["platform"].post("/orders", new), 422)
    assert told["errors"] == [
        "The lines come to 39.99 EUR and the postage to 7.50 EUR: that is not the order's 60.00 EUR."
    ]


def test_a_refund_is_instructed_reported_and_seen(cast: Cast, api: dict[str, Api], order: Order) -> None:
    lamp = order.lines.get(title="Lamp")
    asked = {"amount": 4749, "currency": "EUR", "because": "damaged", "parts": [
        {"line": lamp.pk, "amount": 3999, "pieces": 1}, {"amount": 750},
    ]}  # fmt: skip
    first, second = (
        body_of(api["li"].post(f"/orders/{order.uuid}/refunds", asked, idempotency_key="k1"), 201) for _ in range(2)
    )
    assert first == second
    assert (first["state"], first["parts"][0]["tax"], first["ways"][0]["payment"]) == ("instructed", 638, "card")
    seen = body_of(api["ana"].get(f"/orders/{order.uuid}/money"))
    assert (seen["refunded"], seen["instructed"], seen["refundable"], seen["left_of_postage"]) == (0, 4749, 1999, 0)
    assert {each["line"]: each["left"] for each in seen["left"]}[lamp.pk] == 0
    assert (seen["sellers"], seen["refunds"][0]["cost"]) == (None, "")
    report = {"kind": "refunded", "key": first["uuid"], "reference": "r1"}
    for told in ("recorded", "same"):
        found = body_of(api["platform"].post("/money/reports", report))
        assert found == {"told": told, "order": str(order.uuid)}
    seen = body_of(api["li"].get(f"/orders/{order.uuid}/money"))
    assert (seen["refunded"], seen["payments"]) == (4749, [{"name": "card", "amount": 6748, "refunded": 4749}])
    assert seen["sellers"] == {"held": 0, "due": 1999, "paid_out": 0, "owed": 0, "platform": 0, "why_held": ""}
    assert seen["refunds"][0]["reference"] == "r1"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"amount": 6749}, "At most €67.48 is left of order"),
        ({"currency": "USD"}, "The order was paid in EUR; nothing goes back in USD."),
        ({"amount": 0}, "amount"),
        ({"amount": 14.5}, "amount"),
        ({"parts": [{"line": 9**9, "amount": 100}]}, "has no line"),
        ({"parts": [{"amount": 99}]}, "The parts do not come to €1.00."),
    ],
)
def test_what_cannot_go_back_is_refused(api: dict[str, Api], order: Order, change: dict[str, Any], why: str) -> None:
    asked = {"amount": 100, "currency": "EUR", **change}
    told = body_of(api["li"].post(f"/orders/{order.uuid}/refunds", asked), 422)
    assert any(why in each for each in told["errors"]), told
    assert not Refund.objects.exists()


def test_more_than_is_left_has_a_code(api: dict[str, Api], order: Order) -> None:
    asked = {"amount": 6749, "currency": "EUR"}
    assert body_of(api["li"].post(f"/orders/{order.uuid}/refunds", asked), 422)["code"] == "more_than_is_left"


def test_who_sees_and_does_what(cast: Cast, api: dict[str, Api], order: Order) -> None:
    asked = {"amount": 100, "currency": "EUR"}
    for who, sees in (("ana", 200), ("li", 200), ("ken", 200), ("bea", 403), ("max", 403)):
        assert api[who].get(f"/orders/{order.uuid}/money").status_code == sees
        if who != "li":
            assert api[who].post(f"/orders/{order.uuid}/refunds", asked).status_code == 403
        assert api[who].post("/money/reports", {"kind": "refunded", "reference": "r"}).status_code == 403
    for who, sees in (("li", 200), ("ken", 200), ("ana", 403), ("max", 403)):
        assert api[who].get(f"/parties/{cast.seller.uuid}/due?currency=EUR").status_code == sees
    payout = {
        "seller": str(cast.seller.uuid),
        "reference": "p",
        "currency": "EUR",
        "lines": [{"order": str(order.uuid)}],
    }
    assert api["li"].post("/payouts", payout).status_code == 403
    assert not Refund.objects.exists()


def test_the_platform_speaks_for_a_seller(cast: Cast, api: dict[str, Api], order: Order) -> None:
    asked = {"amount": 100, "currency": "EUR", "on_behalf_of": cast.seller.ref}
    assert body_of(api["platform"].post(f"/orders/{order.uuid}/refunds", asked), 201)["amount"] == 100


def test_a_refund_that_failed_is_sent_again_by_an_agent(api: dict[str, Api], order: Order) -> None:
    asked = {"amount": 100, "currency": "EUR"}
    uuid = body_of(api["li"].post(f"/orders/{order.uuid}/refunds", asked), 201)["uuid"]
    report = {"kind": "failed", "key": uuid, "reference": "r1", "reason": "account_closed"}
    body_of(api["platform"].post("/money/reports", report))
    assert api["li"].post(f"/refunds/{uuid}/again").status_code == 403
    again = body_of(api["ken"].post(f"/refunds/{uuid}/again"))
    assert (again["replaces"], again["state"], again["amount"]) == (uuid, "instructed", 100)
    assert api["ken"].post("/refunds/0190163d-8694-739b-aea5-966c26f8ad91/again").status_code == 404


def test_reports_that_say_too_little_are_refused(api: dict[str, Api], order: Order) -> None:
    for report, why in (
        ({"kind": "refunded", "reference": "r1", "amount": 5}, "currency is missing"),
        ({"kind": "refunded", "reference": "r1", "amount": 5, "currency": "EUR"}, "names no order"),
        ({"kind": "charged_back", "order": str(order.uuid), "reference": "c1"}, "amount is missing"),
        ({"kind": "burnt"}, "kind"),
        ({"kind": "refunded", "order": str(order.uuid), "reference": "r", "amount": 5, "currency": "USD"}, "in EUR"),
    ):
        told = body_of(api["platform"].post("/money/reports", report), 422)
        assert any(why in each for each in told["errors"]), told


def test_a_seller_is_paid_what_is_due(cast: Cast, api: dict[str, Api], order: Order) -> None:
    due = body_of(api["platform"].get(f"/parties/{cast.seller.uuid}/due?currency=EUR"))
    line = {
        "order": str(order.uuid),
        "external_id": "77",
        "due": 6748,
        "held": 0,
        "owed": 0,
        "netted": 0,
        "platform": 0,
    }
    assert due == {"currency": "EUR", "pays": 6748, "items": [line | {"why_held": ""}], "next": ""}
    run: dict[str, Any] = {"seller": str(cast.seller.uuid), "reference": "po1", "currency": "EUR", "lines": [
        {"order": str(order.uuid), "amount": 6748},
    ]}  # fmt: skip
    assert body_of(api["platform"].post("/payouts", run)) == {"recorded": 1, "known": 0}
    assert body_of(api["platform"].post("/payouts", run)) == {"recorded": 0, "known": 1}
    order.refresh_from_db()
    assert order.paid_out == 6748
    money.instruct(cast.platform, order, Instruction(Money(748, "EUR")), at=hours(900_000))
    due = body_of(api["li"].get(f"/parties/{cast.seller.uuid}/due?currency=EUR"))
    assert (due["pays"], due["items"][0]["owed"], due["items"][0]["netted"]) == (0, 748, 0)
    for change, why in (
        ({"currency": "USD"}, "is in EUR, the pay-out in USD"),
        ({"lines": [{"order": str(cast.seller.uuid), "amount": 5}]}, "there is no order"),
        ({"lines": [{"order": str(order.uuid), "netted": 749}], "reference": "po2"}, "748 is owed"),
        ({"lines": [{"order": str(order.uuid)}], "reference": "po2"}, "something is paid or taken off"),
        ({"lines": [*run["lines"], *run["lines"]], "reference": "po2"}, "names each order once"),
    ):
        told = body_of(api["platform"].post("/payouts", run | change), 422)
        assert any(why in each for each in told["errors"]), told
    other = {"seller": str(cast.max.party.uuid)}
    assert "another seller's" in body_of(api["platform"].post("/payouts", run | other), 422)["errors"][0]
