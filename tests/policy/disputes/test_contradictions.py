"""What a side says against what the facts show."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.disputes.contradictions import SAYS, Beside, Claim, contradictions, place_key
from comity.policy.facts import Fact
from tests.policy.disputes.test_inputs import STORIES
from tests.policy.disputes.told import CASE, OTHER, PARCEL, arrived, day, fact, opened, paid, scan, sent

TALK = "conversation:1"


def wrote(by: str, at: float, *, automatic: bool = False) -> Fact:
    return fact("message.sent", at, TALK, by=by, automatic=automatic)


def shown(
    code: str, told: list[Fact], at: float = 20, beside: Beside | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    found = contradictions([Claim(code, SAYS[code], day(at))], [*paid(), *told], dispute=CASE, beside=beside)
    assert all((each.claim, each.side, each.said_at) == (code, SAYS[code], day(at)) for each in found)
    return [(each.code, each.because) for each in found]


ELSEWHERE = scan("delivered_elsewhere", 8, differs="postcode")
BACK, THERE = scan("returned", 8), scan("back_at_sender", 12)
SENT_BACK = fact("return.sent", 9, CASE, dispute=CASE, weight_g=120)
POSTED = fact("return.scanned", 10, CASE, dispute=CASE, source="carrier", status="accepted")
RETURNED = fact("return.delivered", 14, CASE, dispute=CASE)
REFUND = fact("order.refunded", 11, amount=100, currency="AUD")


@pytest.mark.parametrize(
    ("code", "told", "by"),
    [
        ("says_delivered", [sent(), ELSEWHERE], [("delivered_elsewhere", (ELSEWHERE.id,))]),
        ("says_delivered", [sent(), BACK, THERE], [("went_back", (BACK.id, THERE.id))]),
        ("says_delivered", [sent()], [("no_scan", ())]),
        ("says_delivered", [sent(), scan("lost", 8)], [("lost", (scan("lost", 8).id,))]),
        ("says_delivered", [sent(), scan("in_transit", 8)], [("on_its_way", (scan("in_transit", 8).id,))]),
        ("says_delivered", [sent(), arrived(8), ELSEWHERE], []),
        ("says_not_shipped", [sent(), scan("accepted", 2), arrived(8)],
         [("carrier_has_it", (scan("accepted", 2).id,))]),
        ("says_not_shipped", [sent()], []),
        ("says_shipped", [], [("nothing_sent", ())]),
        ("says_shipped", [sent(), scan("accepted", 2)], []),
        ("says_not_received", [sent(), arrived(8)], [("delivered", (arrived(8).id,))]),
        ("says_not_received", [sent(), fact("order.receipt_confirmed", 9)],
         [("receipt_confirmed", ("order.receipt_confirmed:order:1:9",))]),
        ("says_not_received", [sent(), ELSEWHERE], []),
        ("says_not_received", [sent(), BACK, arrived(12)], []),
        ("says_late", [sent(), arrived(8)], [("in_time", (arrived(8).id, "order.paid:order:1:0"))]),
        ("says_in_time", [sent(), arrived(20.5)], []),  # not there yet when it was said
        ("says_never_answered", [wrote("buyer", 3), wrote("seller", 4)], [("answered", (wrote("seller", 4).id,))]),
        ("says_never_answered", [wrote("seller", 2), wrote("buyer", 3)], []),
        ("says_never_answered", [wrote("buyer", 3), wrote("seller", 4, automatic=True)], []),
        ("says_answered", [wrote("buyer", 3)], [("no_answer", ())]),
        ("says_never_asked", [wrote("buyer", 3)], [("asked", (wrote("buyer", 3).id,))]),
        ("says_sent_back", [SENT_BACK], [("no_scan_of_return", (SENT_BACK.id,))]),
        ("says_sent_back", [SENT_BACK, POSTED], []),
        ("says_sent_back", [], [("nothing_sent_back", ())]),
        ("says_return_not_received", [SENT_BACK, RETURNED], [("return_delivered", (RETURNED.id,))]),
        ("says_not_refunded", [REFUND], [("refunded", (REFUND.id,))]),
        ("says_refunded", [], [("no_refund", ())]),
        ("says_address_changed", [], [("address_not_changed", ())]),
        ("says_address_changed", [fact("address.changed", 0.5)], []),
    ],
)  # fmt: skip
def test_claims_against_facts(code: str, told: list[Fact], by: list[tuple[str, tuple[str, ...]]]) -> None:
    assert shown(code, told) == by


def test_what_happened_after_it_was_said_contradicts_nothing() -> None:
    told = [sent(), scan("accepted", 5)]
    assert shown("says_not_shipped", told, 4) == []
    assert shown("says_not_shipped", told, 5) == [("carrier_has_it", (scan("accepted", 5).id,))]


def test_the_seller_says_delivered_and_the_scan_is_of_another_postcode() -> None:
    """`tracking-another-town`: marked with both postcodes, which no fact holds."""
    beside = Beside(places={place_key(PARCEL, day(8)): ("3000", "2000")})
    claim = Claim("says_delivered", "seller", day(15))
    (found,) = contradictions([claim], [*paid(), sent(), ELSEWHERE], beside=beside)
    assert found.values == {"at": day(8), "differs": "postcode", "told": "3000", "wanted": "2000"}


def test_the_return_weighed_less_than_its_goods() -> None:
    """`return-empty-box`: the carrier weighed 0.12 kg where the goods weigh 0.48 kg."""
    told, beside = [SENT_BACK, RETURNED], Beside(goods_g=480)
    (found,) = contradictions([Claim("says_contained", "buyer", day(16))], told, dispute=CASE, beside=beside)
    assert (found.code, found.because) == ("return_weighed_less", (SENT_BACK.id,))
    assert found.values == {"weighed_g": 120, "goods_g": 480}
    assert shown("says_empty", told, beside=beside) == [], "that goes with what the seller says"
    assert shown("says_empty", told, beside=Beside(goods_g=125)) == [("return_weighed_full", (SENT_BACK.id,))]
    assert shown("says_contained", told) == [], "nobody said what the goods weigh"
    assert contradictions([Claim("says_contained", "buyer", day(16))], told, dispute="dispute:b", beside=beside) == []


def test_a_box_that_arrived_full() -> None:
    told = [sent(), scan("in_transit", 3, weight_g=500), arrived(8)]
    full = [("weighed_full", (scan("in_transit", 3).id,))]
    assert shown("says_got_empty_box", told, beside=Beside(goods_g=480)) == full
    assert shown("says_got_empty_box", told, beside=Beside(goods_g=900)) == []


@given(
    STORIES,
    st.lists(st.builds(Claim, st.sampled_from([*SAYS, "says_what_nobody_knows"]), st.sampled_from(["buyer", "seller"]),
                       st.integers(0, 30).map(day))),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_order_in_which_anything_comes_changes_nothing(told: list[Fact], claims: list[Claim], chance: Any) -> None:
    facts = [*paid(), *told, wrote("buyer", 3), wrote("seller", 5), sent(6, OTHER), opened(7)]
    wanted = contradictions(claims, facts, dispute=CASE)
    mixed = list(facts)
    chance.shuffle(mixed)
    chance.shuffle(claims)
    assert contradictions(claims, mixed, dispute=CASE) == wanted
    at = {each.id: each.at for each in facts}
    assert all(at[each] <= found.said_at for found in wanted for each in found.because)
