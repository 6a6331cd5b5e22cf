"""How long a dispute was whose turn: told stories, and over random ones that the whole age is shared out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comity.policy.disputes.fold import fold, steps
from comity.policy.disputes.spent import spent
from comity.policy.facts import Fact
from tests.policy.disputes.told import CASE, day, fact, paid

KEN = "agent:0195c0de-0000-7000-8000-000000000001"


def days(facts: Sequence[Fact], until: float, **over: float) -> dict[str, float]:
    """With whom the case was, in days; who had no time is left out."""
    ends = {request: day(end) for request, end in over.items()}
    found = spent(facts, CASE, day(until), over=ends)
    assert sum(found.values(), timedelta(0)) == day(until) - facts[2].at
    return {who: length / timedelta(days=1) for who, length in found.items() if length}


def opened() -> list[Fact]:
    return [*paid(), fact("dispute.opened", 10, CASE, reason="damaged", amount=5000, currency="AUD")]


def rejected() -> Fact:
    return fact("dispute.answered", 12, CASE, answer="rejected")


def escalated() -> list[Fact]:
    return [*opened(), rejected(), fact("dispute.escalated", 15, CASE, by="buyer")]


def test_each_side_has_the_time_until_it_spoke() -> None:
    assert days([*opened(), rejected()], 17) == {"seller": 2, "buyer": 5}


def test_the_platform_has_a_case_from_when_it_was_asked_and_who_was_asked_has_it_until_the_answer() -> None:
    told = [*escalated(), fact("dispute.taken", 16, CASE, agent=KEN)]
    told += [fact("dispute.information_asked", 17, CASE, of="seller", request="r1")]
    assert days([*told, fact("dispute.information_given", 20, CASE, by="seller", request="r1")], 22) == {
        "seller": 2 + 3, "buyer": 3, "mediator": 2 + 2
    }  # fmt: skip


def test_a_request_whose_time_is_over_is_the_platforms_turn_again_with_nothing_told() -> None:
    asked = fact("dispute.information_asked", 15, CASE, of="buyer", request="r1", until=day(18))
    assert days([*escalated(), asked], 20) == {"seller": 2, "buyer": 3 + 3, "mediator": 2}
    asked = fact("dispute.information_asked", 15, CASE, of="buyer", request="r1")
    assert days([*escalated(), asked], 20, r1=16) == {"seller": 2, "buyer": 3 + 1, "mediator": 4}
    both = [asked, fact("dispute.information_asked", 16, CASE, of="seller", request="r2")]
    assert days([*escalated(), *both], 20) == {"seller": 2, "buyer": 3 + 1, "both": 4}


def test_a_written_decision_waits_with_nobody_until_it_leaves_and_then_with_who_holds_it() -> None:
    drafted = fact("dispute.drafted", 16, CASE, agent=KEN, leaves_at=day(17))
    assert days([*escalated(), drafted], 19) == {"seller": 2, "buyer": 3, "mediator": 1 + 2, "nobody": 1}


def test_a_parcel_on_its_way_back_and_the_bank_are_nobodys() -> None:
    settled = fact("dispute.settled", 12, CASE, by="buyer", offer="return and refund", goes_back=True,
                   return_postage="buyer", amount=5000, currency="AUD")  # fmt: skip
    sent = fact("return.sent", 14, dispute=CASE)
    there = fact("return.delivered", 19, dispute=CASE)
    assert days([*opened(), settled, sent, there], 20) == {"seller": 2 + 1, "buyer": 2, "nobody": 5}
    taken = fact("order.charged_back", 11, amount=60000, currency="AUD", reference="c1")
    back = fact("order.charge_back_reversed", 14, amount=60000, currency="AUD", reference="c1")
    assert days([*opened(), taken, back], 16) == {"seller": 1 + 2, "nobody": 3}


def test_an_appeal_after_the_end_is_the_platforms_and_what_never_was_has_no_time() -> None:
    told = [*escalated(), fact("dispute.decided", 16, CASE, outcome="seller", agent=KEN)]
    told += [fact("dispute.appealed", 18, CASE, by="buyer")]
    assert days(told, 20) == {"seller": 2, "buyer": 3, "mediator": 1 + 2, "nobody": 2}
    assert set(spent(told, "dispute:other", day(20)).values()) == {timedelta(0)}


def test_a_refund_that_did_not_go_through_is_the_platforms_until_it_is_sent_anew() -> None:
    told = [*escalated(), fact("dispute.decided", 16, CASE, outcome="buyer", agent=KEN, amount=5000, currency="AUD")]
    told += [fact("refund.instructed", 16, refund="refund:a", amount=5000, currency="AUD", cost="seller", dispute=CASE)]
    told += [fact("refund.failed", 18, refund="refund:a")]
    assert days(told, 20) == {"seller": 2, "buyer": 3, "mediator": 1 + 2, "nobody": 2}
    told += [fact("refund.instructed", 19, refund="refund:b", amount=5000, currency="AUD", cost="seller", dispute=CASE)]
    assert days(told, 20) == {"seller": 2, "buyer": 3, "mediator": 1 + 1, "nobody": 2 + 1}


_HAPPENS: dict[str, dict[str, Any]] = {
    "dispute.modified": {"reason": "damaged"},
    "dispute.answered": {"answer": "rejected"},
    "dispute.escalated": {"by": "buyer"},
    "dispute.taken": {"agent": KEN},
    "dispute.information_asked": {"of": "buyer", "request": "r1"},
    "dispute.information_given": {"by": "buyer", "request": "r1"},
    "dispute.drafted": {"agent": KEN, "leaves_at": day(45)},
    "dispute.decided": {"outcome": "buyer", "agent": KEN, "goes_back": True},
    "dispute.settled": {"by": "buyer", "offer": "resend", "act": "resend"},
    "dispute.withdrawn": {},
    "dispute.opened": {"reason": "damaged"},
    "dispute.appealed": {"by": "buyer"},
    "dispute.appeal_decided": {"result": "sent_back", "agent": KEN},
}
moments = st.integers(11, 80)
happened = st.lists(st.tuples(st.sampled_from(sorted(_HAPPENS)), moments), max_size=12, unique=True)


@given(happened, moments, st.integers(0, 60))
def test_whatever_happens_the_whole_age_is_shared_out_and_none_of_it_twice(
    told: list[tuple[str, int]], until: int, later: int
) -> None:
    said = sorted((fact(kind, at, CASE, **_HAPPENS[kind]) for kind, at in told), key=lambda each: each.place)
    facts = [*opened(), *said, *(fact("order.charged_back", at, amount=60000, currency="AUD") for at in [90])]
    first, second = spent(facts, CASE, day(until)), spent(facts, CASE, day(until + later))
    assert sum(first.values(), timedelta(0)) == day(until) - day(10)
    assert sum(second.values(), timedelta(0)) == day(until + later) - day(10)
    assert all(first[who] <= second[who] for who in first), "what was spent stays spent"
    assert [case for _, case in steps(facts, CASE)][-1] == fold(facts, CASE)
