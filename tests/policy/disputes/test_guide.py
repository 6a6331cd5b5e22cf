"""What stands before a dispute, in codes and values."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from comity.policy.disputes.edges import Edge
from comity.policy.disputes.guide import HELPS, Guide, guide
from comity.policy.disputes.rule import DisputeRules, Opening, Reason
from comity.policy.facts import Fact
from comity.policy.matching import Match
from tests.policy.disputes.test_inputs import STORIES
from tests.policy.disputes.told import CASE, OTHER, arrived, day, fact, paid, scan, sent

PROMISE = Match("order.paid")
BACK = Match("shipment.scanned", where={"status": "back_at_sender"})
OPENINGS = (
    Opening("not received", ("not received",), (Edge(PROMISE, "deliver_by"),),
            (Edge(PROMISE, "deliver_by", timedelta(15)),)),
    Opening("went back", ("not received",), (Edge(BACK),), (Edge(PROMISE, "deliver_by", timedelta(15)),)),
    Opening("damaged", ("damaged",), (Edge(Match("shipment.delivered")),),
            (Edge(Match("shipment.delivered"), plus=timedelta(14)),)),
)  # fmt: skip
RULES = DisputeRules({name: Reason(name, name) for name in ("not received", "damaged")}, OPENINGS, (), (), {}, ())


def looked(told: list[Fact], at: float, refund_until: datetime | None = None) -> Guide:
    return guide(RULES, [*paid(), *told], at=day(at), refund_until=refund_until)


def test_the_carrier_has_it_and_it_may_still_arrive() -> None:
    found = looked([sent(), scan("accepted", 2)], 10)
    (here,) = found.now
    assert (here.code, dict(here.values)) == ("carrier_has_it", {"at": day(2), "until": day(20)})
    assert here.because == (scan("accepted", 2).id,)
    assert found.promise is not None
    assert (found.promise.code, found.promise.values["until"]) == ("promise_running", day(20))
    not_received, damaged = found.opens
    assert (not_received.state, not_received.begin, not_received.end) == ("ahead", day(20), day(35))
    assert not_received.helps == ("wait", "follow_the_parcel", "ask_seller")
    assert (damaged.state, damaged.begin) == ("never", None)


def test_once_it_may_be_opened_waiting_is_no_help() -> None:
    found = looked([sent(), scan("accepted", 2)], 21)
    assert found.promise is not None
    assert found.promise.code == "promise_broken"
    assert (found.opens[0].state, found.opens[0].helps) == ("open", ("follow_the_parcel", "ask_seller"))
    assert looked([sent()], 36).opens[0].state == "over"


@pytest.mark.parametrize(
    ("told", "code", "first"),
    [
        ([], "not_sent", "wait"),
        ([sent()], "sent_without_scan", "wait"),
        ([sent(), arrived(8, signed=True)], "delivered", "look_around"),
        ([sent(), scan("delivered_elsewhere", 8, differs="town")], "delivered_elsewhere", "check_address"),
        ([sent(), scan("returned", 8)], "went_back", "check_address"),
        ([sent(), scan("lost", 8)], "lost", "ask_to_send_again"),
    ],
)
def test_where_it_is_says_what_helps(told: list[Fact], code: str, first: str) -> None:
    found = looked(told, 10)
    assert [each.code for each in found.now] == [code]
    assert found.opens[0].helps[0] == first


def test_the_parcel_went_back_so_it_may_be_opened_at_once() -> None:
    """`window-came-back-to-the-sender`: seen is when it was back; the window for a delivery does not run."""
    found = looked([sent(), scan("returned", 7), scan("back_at_sender", 10)], 11)
    (here,) = found.now
    assert here.code == "back_at_sender"
    assert (found.opens[0].state, found.opens[0].begin) == ("open", day(10))
    assert found.opens[1].state == "never"


def test_a_replacement_begins_the_window_anew() -> None:
    """`replacement-and-the-lost-one-comes-back`: 14 days after the piece that the buyer has."""
    told = [sent(), scan("lost", 4), sent(5, OTHER, dispute=CASE), scan("back_at_sender", 7), arrived(8, OTHER)]
    found = looked(told, 9)
    assert [each.code for each in found.now] == ["delivered"]
    assert (found.opens[1].state, found.opens[1].end) == ("open", day(22))


def test_a_cancelled_order_waits_for_its_refund() -> None:
    cancelled = fact("order.cancelled", 2, by="seller")
    found = looked([cancelled], 3, day(12))
    assert [(each.code, dict(each.values)) for each in found.now] == [
        ("cancelled", {"at": day(2)}), ("refund_awaited", {"until": day(12)}),
    ]  # fmt: skip
    assert {opens.helps for opens in found.opens} == {("wait_for_refund", "ask_seller")}
    refunded = fact("order.refunded", 5, amount=60000, currency="AUD")
    values = looked([cancelled, refunded], 6).now[1].values
    assert values == {"at": day(5), "amount": 60000, "currency": "AUD"}


def test_some_of_several_parcels_are_there() -> None:
    parts: dict[str, Any] = {"pieces": 1, "of_pieces": 2}
    told = [sent(**parts), sent(2, OTHER, **parts), scan("accepted", 3, OTHER), arrived(8, **parts)]
    found = looked(told, 10)
    assert [each.code for each in found.now] == ["carrier_has_it", "partly_there"]
    assert found.now[1].values == {"there": 1, "of": 2}
    assert found.opens[0].helps[0] == "wait_for_other_parcels"


def test_goods_that_go_back() -> None:
    told = [sent(), arrived(4), fact("return.sent", 9, CASE, dispute=CASE)]
    assert looked(told, 10).now[-1].code == "return_on_its_way"
    there = fact("return.delivered", 15, CASE, dispute=CASE)
    again = fact("return.delivered", 15.3, CASE, dispute=CASE)
    arrived_back = looked([*told, there, again], 16).now[-1]
    assert (arrived_back.code, arrived_back.values) == ("return_arrived", {"at": day(15)})


@given(STORIES)
def test_every_code_is_one_of_those_listed(told: list[Fact]) -> None:
    found = looked(told, 20)
    assert found == looked(told[::-1], 20)
    assert {each for opens in found.opens for each in opens.helps} <= set(HELPS)
    assert all(opens.state in ("open", "ahead", "over", "never") for opens in found.opens)
