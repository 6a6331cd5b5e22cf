"""What the facts fill in of the decision table, and which row follows."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.disputes.inputs import Known, known_inputs, row_for
from comity.policy.disputes.rule import DisputeRules, Reason, Row
from comity.policy.disputes.table import decide
from comity.policy.facts import Fact
from tests.policy.disputes.told import CASE, ORDER, OTHER, PARCEL, arrived, day, fact, opened, paid, scan, sent

FINE = ("delivered in time", "late", "delivered elsewhere", "in transit", "returned", "lost", "none")
WIDE = ("delivered", "in transit", "none")
YES = ("yes", "no")


def rules(**inputs: tuple[str, ...]) -> DisputeRules:
    return DisputeRules({"not received": Reason("not received", "It did not arrive")}, (), (), (), inputs, ())


def read(
    facts: list[Fact], at: float = 30, *, needs_signature: bool = False, **inputs: tuple[str, ...]
) -> dict[str, str]:
    known = known_inputs(rules(**inputs), facts, dispute=CASE, at=day(at), needs_signature=needs_signature)
    return {name: each.value for name, each in known.items()}


LATER: dict[str, Any] = {"zone_assumed": True}


@pytest.mark.parametrize(
    ("told", "fine", "wide", "delivered"),
    [
        ([], "none", "none", "no"),
        ([sent()], "none", "none", None),
        ([sent(), scan("accepted", 2)], None, "in transit", "no"),
        ([sent(), arrived(8)], "delivered in time", "delivered", "yes"),
        ([sent(), arrived(22)], "late", "delivered", "yes"),
        ([sent(), scan("delivered_elsewhere", 8, differs="postcode")], "delivered elsewhere", "none", "no"),
        ([sent(), scan("delivered_elsewhere", 8), scan("in_transit", 9), arrived(10)], "delivered in time", "delivered",
         "yes"),
        ([sent(), arrived(8), scan("delivered_elsewhere", 9)], "delivered in time", "delivered", "yes"),
        ([sent(), scan("returned", 8), scan("back_at_sender", 12)], "returned", "none", "no"),
        ([sent(), scan("returned", 8), arrived(12)], "returned", "none", "no"),
        ([sent(), arrived(8), scan("attempted", 9)], None, "in transit", "no"),
        ([sent(), arrived(8), scan("attempted", 9, **LATER)], "delivered in time", "delivered", "yes"),
        ([sent(), scan("lost", 8)], "lost", "none", "no"),
        ([sent(), fact("order.receipt_confirmed", 12)], "none", "none", "yes"),
        ([fact("shipment.delivered", 8)], "delivered in time", "delivered", "yes"),
        ([fact("shipment.delivered", 8, date_known=False)], None, "delivered", "yes"),
    ],
)  # fmt: skip
def test_tracking_says_the_most_exact_that_is_listed(
    told: list[Fact], fine: str | None, wide: str, delivered: str | None
) -> None:
    facts = [*paid(), *told]
    fine_at: dict[str, str] = {"tracking": fine} if fine else {"tracking": "in transit"} if wide == "in transit" else {}
    assert read(facts, 15 if fine is None else 30, tracking=FINE) == fine_at
    assert read(facts, tracking=WIDE) == {"tracking": wide}
    assert read(facts, delivered=YES) == ({"delivered": delivered} if delivered else {})


def test_in_transit_is_late_only_once_the_promise_has_passed() -> None:
    facts = [*paid(), sent(), scan("in_transit", 2)]
    amazon = ("delivered in time", "late", "none")
    assert read(facts, 19, tracking=amazon) == {}
    assert read(facts, 21, tracking=amazon) == {"tracking": "late"}


def test_where_only_a_signature_shows_it() -> None:
    unsigned, signed = [*paid(), sent(), arrived(8)], [*paid(), sent(), arrived(8, signed=True)]
    listed: dict[str, Any] = {"tracking": WIDE, "delivered": YES, "signature": YES}
    assert read(unsigned, needs_signature=True, **listed) == {"tracking": "none", "signature": "no"}
    assert read(signed, needs_signature=True, **listed) == {
        "tracking": "delivered", "delivered": "yes", "signature": "yes",
    }  # fmt: skip


def test_two_parcels_count_together() -> None:
    parts: dict[str, Any] = {"pieces": 1, "of_pieces": 2}
    one = [*paid(), sent(**parts), sent(2, OTHER, **parts), arrived(8, **parts)]
    assert read(one, 15, delivered=YES) == {}, "of the other one nothing is known"
    assert read([*one, scan("accepted", 3, OTHER)], 15, tracking=FINE) == {"tracking": "in transit"}
    assert read([*one, arrived(9, OTHER, **parts)], tracking=FINE) == {"tracking": "delivered in time"}


def test_what_replaces_a_lost_parcel_counts_in_its_place() -> None:
    lost = [*paid(), sent(), scan("lost", 8)]
    instead = [*lost, sent(10, OTHER, dispute=CASE), arrived(14, OTHER)]
    assert read(instead, tracking=FINE, delivered=YES) == {"tracking": "delivered in time", "delivered": "yes"}
    back = [*instead, scan("returned", 15), scan("back_at_sender", 16)]
    assert read(back, delivered=YES) == {"delivered": "yes"}, "the first one is the seller's again"


def test_the_rest_of_what_facts_know() -> None:
    facts = [*paid(), sent(), arrived(8), opened(9), fact("dispute.answered", 10, CASE, answer="rejected")]
    listed: dict[str, Any] = {"answered": YES, "returned": YES, "reason": ("not received", "damaged"), "promise": ("kept", "broken"),
              "refunded": ("no", "in part", "in full"), "proof": ("clear", "unclear")}  # fmt: skip
    assert read(facts, **listed) == {
        "answered": "yes", "returned": "no", "reason": "not received", "promise": "kept", "refunded": "no",
    }  # fmt: skip
    more = [*facts, fact("return.delivered", 20, CASE), fact("order.refunded", 21, amount=100, currency="AUD")]
    assert read(more, returned=YES, refunded=("no", "in part")) == {"returned": "yes", "refunded": "in part"}
    contested = msgspec.structs.replace(fact("dispute.escalated", 21, CASE), kind="return.contested")
    assert "returned" not in read([*more, contested], returned=YES), "what came back is in question"
    assert read(facts[:-1], answered=YES) == {"answered": "no"}
    other = [fact("return.delivered", 20, "dispute:b", dispute="dispute:b")]
    assert read([*facts, *other], returned=YES) == {"returned": "no"}, "another case's return is not this one's"


def test_each_value_names_the_facts_that_show_it() -> None:
    elsewhere = scan("delivered_elsewhere", 8, differs="town")
    known = known_inputs(rules(tracking=FINE, delivered=YES), [*paid(), sent(), elsewhere], at=day(30))
    assert known["tracking"] == Known("delivered elsewhere", (elsewhere.id,))
    assert known["delivered"].because == (elsewhere.id,)


STORIES = st.lists(
    st.sampled_from(
        [sent(), sent(10, OTHER, dispute=CASE), scan("in_transit", 2), scan("returned", 5), scan("back_at_sender", 6),
         scan("out_for_delivery", 7), scan("delivered_elsewhere", 7.5), arrived(4), arrived(9), arrived(12, OTHER),
         scan("lost", 11), opened(13), fact("dispute.answered", 14, CASE, answer="accepted"),
         fact("return.sent", 15, CASE, dispute=CASE), fact("return.delivered", 16, CASE, dispute=CASE),
         fact("order.refunded", 17, amount=60000, currency="AUD"), fact("order.receipt_confirmed", 12.5)]
    ),
    unique_by=lambda each: each.id,
)  # fmt: skip


@given(STORIES, st.randoms(use_true_random=False))
def test_the_order_in_which_facts_come_changes_nothing(told: list[Fact], chance: Any) -> None:
    listed: dict[str, Any] = {"tracking": FINE, "delivered": YES, "returned": YES, "answered": YES, "promise": ("kept", "broken"),
              "signature": YES, "refunded": ("no", "in full"), "reason": ("not received",)}  # fmt: skip
    facts = [*paid(), *told]
    mixed = [*facts, *facts[:3]]
    chance.shuffle(mixed)
    wanted = known_inputs(rules(**listed), facts, dispute=CASE, at=day(30))
    assert known_inputs(rules(**listed), mixed, dispute=CASE, at=day(30)) == wanted
    ids = {each.id for each in facts}
    assert all(set(each.because) <= ids for each in wanted.values())


# Which row


TABLE = (
    Row("silent", {"answered": ("no",)}, "buyer"),
    Row("there", {"tracking": ("delivered",)}, "seller"),
    Row("shown", {"proof": ("clear",)}, "buyer"),
    Row("not shown", {"proof": ("unclear",)}, "both"),
)
BOOK = DisputeRules(
    {}, (), (), (), {"answered": YES, "tracking": ("delivered", "none"), "proof": ("clear", "unclear")}, TABLE
)


def test_facts_alone_decide_where_nobody_need_be_asked() -> None:
    known = {"answered": Known("no", ("f1",))}
    applied = row_for(BOOK, known, {})
    assert (applied.row, applied.by_facts, applied.asks, applied.because) == (TABLE[0], True, (), ("f1",))
    assert [each.row for each in applied.why_not] == ["there", "shown", "not shown"]
    assert applied.why_not[0].differs == {"tracking": ("", ("delivered",))}


def test_what_is_missing_is_asked_for_and_nothing_else() -> None:
    known = {"answered": Known("yes", ("f1",)), "tracking": Known("none", ("f2",))}
    applied = row_for(BOOK, known, {})
    assert (applied.row, applied.asks, applied.by_facts) == (None, ("proof",), False)
    applied = row_for(BOOK, known, {"proof": "unclear", "tracking": "delivered"})
    assert applied.row is TABLE[3], "where facts know an input, they stand"
    assert not applied.by_facts
    assert applied.because == ("f1", "f2")
    assert {each.row: dict(each.differs) for each in applied.why_not} == {
        "silent": {"answered": ("yes", ("no",))},
        "there": {"tracking": ("none", ("delivered",))},
        "shown": {"proof": ("unclear", ("clear",))},
    }


def test_a_row_behind_waits_for_those_before_it() -> None:
    applied = row_for(BOOK, {"tracking": Known("delivered", ("f2",))}, {})
    assert (applied.row, applied.asks) == (None, ("answered",)), "the seller may have been silent"
    applied = row_for(BOOK, {"tracking": Known("delivered", ("f2",))}, {"answered": "yes"})
    assert (applied.row, applied.by_facts) == (TABLE[1], False)
    assert applied.why_not[1].differs == {"proof": ("", ("clear",))}


VALUES = st.fixed_dictionaries({}, optional={n: st.sampled_from(v) for n, v in BOOK.inputs.items()})


@given(VALUES, VALUES)
def test_a_row_that_applies_is_the_one_of_the_whole_table(facts: dict[str, str], said: dict[str, str]) -> None:
    applied = row_for(BOOK, {name: Known(value) for name, value in facts.items()}, said)
    inputs = {**said, **facts}
    if applied.row is not None:
        for rest in BOOK.inputs["proof"]:
            whole = {"answered": "yes", "tracking": "none", "proof": rest, **inputs}
            assert decide(BOOK, whole) is applied.row
        assert not applied.by_facts or decide(BOOK, {"answered": "yes", "proof": "unclear", **facts}) is applied.row
    else:
        assert set(applied.asks).isdisjoint(inputs)
    if len(inputs) == 3:
        assert applied.row is decide(BOOK, inputs)


def test_the_case_of_another_town() -> None:
    """`tracking-another-town`: filled in from the scan, the row is for the buyer and needs nobody."""
    table = (
        Row("here", {"tracking": ("delivered at the order's place",)}, "seller"),
        Row("elsewhere", {"tracking": ("delivered elsewhere",)}, "buyer", "refund"),
        Row("wait", {"tracking": ("in transit",)}, "nobody"),
    )
    listed = ("delivered at the order's place", "delivered elsewhere", "in transit")
    book = DisputeRules({}, (), (), (), {"tracking": listed}, table)
    facts = [*paid(), sent(), scan("delivered_elsewhere", 8, differs="postcode"), opened(14)]
    applied = row_for(book, known_inputs(book, facts, dispute=CASE, at=day(15)), {})
    assert (applied.row, applied.by_facts) == (table[1], True)
    assert applied.because == (f"shipment.scanned:{PARCEL}:8",)
    assert ORDER not in applied.because
