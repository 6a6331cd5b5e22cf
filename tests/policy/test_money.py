"""The money of an order, from its facts: each case of trouble, and the equation over random facts in any order."""

import random
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.policy.facts import Fact, problems
from comity.policy.money import MONEY_KINDS, Ledger, held_and_due, ledger
from tests.policy.strategies import PARTY, START

ORDER = "order:1"
Told = tuple[str, dict[str, Any]]


def facts(*told: Told, paid: int = 9000, currency: str = "EUR") -> list[Fact]:
    """The facts of an order that was paid, an hour apart."""
    first: list[Told] = [("order.placed", {"amount": paid, "currency": currency}), ("order.paid", {})]
    made = []
    for number, (kind, data) in enumerate([*first, *told]):
        at = START + timedelta(hours=number)
        if "amount" in data:
            data = {"currency": currency, **data}
        made.append(
            Fact(id=f"f{number}", kind=kind, at=at, noted_at=at, subject=ORDER, matter=ORDER, party=PARTY, data=data)
        )
        assert list(problems(made[-1])) == []
    return made


def instructed(refund: str, amount: int, **more: Any) -> Told:
    return "refund.instructed", {"refund": f"refund:{refund}", "amount": amount, "cost": "seller", **more}


def refunded(amount: int | None = None, **data: Any) -> Told:
    return "order.refunded", data if amount is None else {"amount": amount, **data}


def failed(**data: Any) -> Told:
    return "refund.failed", data


def numbers(found: Ledger) -> tuple[int, ...]:
    """Refunded, instructed, charged back, refundable; and the equation."""
    conserved(found)
    return found.refunded, found.instructed, found.charged_back, found.refundable


def conserved(found: Ledger) -> None:
    for held in (True, False):
        kept, due = held_and_due(found, held)
        gone = found.refunded + found.instructed + found.charged_back
        assert found.paid == gone + kept + due + found.paid_out - found.owed
        assert min(kept, due, gone, found.refundable, found.paid_out, found.owed, found.platform_due) >= 0


def test_nothing_is_nothing() -> None:
    assert ledger([]) == Ledger()
    assert ledger(facts()[:1]).paid == 0, "ordered is not paid"
    assert numbers(ledger(facts())) == (0, 0, 0, 9000)
    assert numbers(ledger(facts(refunded()))) == (0, 0, 0, 9000), "a refund of which nobody says how much is not all"


def test_a_refund_is_instructed_and_then_confirmed() -> None:
    ours = {"refund": "refund:i1"}
    told = [instructed("i1", 3000), refunded(3000, **ours, reference="r1"), refunded(3000, reference="r1")]
    assert numbers(ledger(facts(*told[:1]))) == (0, 3000, 0, 6000)
    for upto in (2, 3):
        assert numbers(ledger(facts(*told[:upto]))) == (3000, 0, 0, 6000)
    (found,) = ledger(facts(*told)).refunds
    assert (found.state, found.reference, found.asked) == ("confirmed", "r1", 3000)


def test_a_report_that_comes_before_our_own_answer_is_the_same_refund() -> None:
    told = [instructed("i1", 1000), refunded(1000, reference="r1"), refunded(1000, refund="refund:i1", reference="r1")]
    assert numbers(ledger(facts(*told, paid=6000))) == (1000, 0, 0, 5000)
    told += [instructed("i2", 1500), refunded(1500, refund="refund:i2", reference="r2")]
    assert numbers(ledger(facts(*told, paid=6000))) == (2500, 0, 0, 3500)


def test_an_id_belongs_to_the_instruction_that_named_it_last() -> None:
    told = [instructed("i1", 1000), instructed("i2", 1000), refunded(1000, refund="refund:i1", reference="r2")]
    told.append(refunded(1000, refund="refund:i2", reference="r2"))
    found = ledger(facts(*told))
    assert numbers(found) == (1000, 1000, 0, 7000)
    assert [each.state for each in found.refunds] == ["instructed", "confirmed"]


def test_told_with_its_id_and_without_it_counts_once() -> None:
    told = [instructed("i1", 1000), refunded(1000, refund="refund:i1"), refunded(refund="refund:i1", reference="r1")]
    assert numbers(ledger(facts(*told))) == (1000, 0, 0, 8000)


def test_what_failed_counts_nowhere_and_a_new_try_counts_once() -> None:
    told = [instructed("i1", 3000), failed(refund="refund:i1", reason="account_closed")]
    assert numbers(ledger(facts(*told))) == (0, 0, 0, 9000)
    told += [instructed("i2", 3000), refunded(3000, refund="refund:i2"), failed(refund="refund:i1")]
    found = ledger(facts(*told))
    assert numbers(found) == (3000, 0, 0, 6000)
    assert [(each.state, each.failed_why) for each in found.refunds] == [
        ("failed", "account_closed"),
        ("confirmed", ""),
    ]
    assert found.refunds[0].failed_at == START + timedelta(hours=3), "told once more, it failed when it failed"


@pytest.mark.parametrize(
    "by", [{"refund": "refund:i1"}, {"reference": "r1"}, {"refund": "refund:i1", "reference": "r1"}]
)
def test_one_that_fails_after_it_was_confirmed_counts_nowhere(by: dict[str, str]) -> None:
    told = [instructed("i1", 3000), refunded(3000, refund="refund:i1", reference="r1"), failed(**by)]
    assert numbers(ledger(facts(*told))) == (0, 0, 0, 9000)
    assert ledger(facts(*told)).refunds[0].state == "failed"
    assert numbers(ledger(facts(*told, refunded(3000, reference="r1")))) == (3000, 0, 0, 6000), (
        "it went through after all"
    )


def test_one_that_was_taken_back_before_it_was_sent_is_cancelled() -> None:
    found = ledger(facts(instructed("i1", 3000), failed(refund="refund:i1", reason="withdrawn")))
    assert numbers(found) == (0, 0, 0, 9000)
    assert found.refunds[0].state == "cancelled"


def test_a_part_fails_where_a_refund_goes_several_ways() -> None:
    ours = {"refund": "refund:i1"}
    told = [instructed("i1", 7500), refunded(5000, **ours, reference="card"), failed(**ours, amount=2500)]
    found = ledger(facts(*told))
    assert numbers(found) == (5000, 0, 0, 4000)
    assert found.refunds[0].state == "failed", "a part is still to be given back"


def test_made_outside_each_counts_by_its_id() -> None:
    told = [refunded(1000, reference="x1"), refunded(500), refunded(500), refunded(1000, reference="x1")]
    found = ledger(facts(*told))
    assert numbers(found) == (2000, 0, 0, 7000)
    assert [each.asked for each in found.refunds] == [None] * 3
    assert found.refunds[0].ref == "outside:x1"


def test_more_went_back_than_was_paid() -> None:
    found = ledger(facts(refunded(9500, reference="x1")))
    assert numbers(found) == (9500, 0, 0, 0)
    assert found.owed == 500


def test_the_bank_takes_the_payment_and_gives_it_back() -> None:
    taken: Told = ("order.charged_back", {"amount": 8000, "reference": "c1"})
    back: Told = ("order.charge_back_reversed", {"amount": 5000, "reference": "c1"})
    more: Told = ("order.charge_back_reversed", {"reference": "c1"})
    assert numbers(ledger(facts(taken, paid=8000))) == (0, 0, 8000, 0)
    assert numbers(ledger(facts(taken, taken, paid=8000))) == (0, 0, 8000, 0), "told twice, it was taken once"
    assert numbers(ledger(facts(taken, back, paid=8000))) == (0, 0, 3000, 5000)
    assert numbers(ledger(facts(taken, back, more, paid=8000))) == (0, 0, 0, 8000)


def test_a_charge_back_without_an_amount_is_all_that_had_not_gone_back() -> None:
    assert numbers(ledger(facts(refunded(3000, reference="r"), ("order.charged_back", {})))) == (3000, 0, 6000, 0)
    assert numbers(ledger(facts(("order.charged_back", {}), ("order.charge_back_reversed", {})))) == (0, 0, 0, 9000)


def test_after_the_pay_out_what_goes_back_is_owed_and_netted_once() -> None:
    told: list[Told] = [("payout.made", {"amount": 9000, "reference": "p1"}), refunded(3000, reference="r1")]
    found = ledger(facts(*told))
    assert (found.paid_out, found.owed, found.free) == (9000, 3000, 0)
    told += 2 * [("payout.made", {"amount": 0, "netted": 3000, "reference": "p2"})]
    found = ledger(facts(*told))
    conserved(found)
    assert (found.paid_out, found.owed, found.free) == (6000, 0, 0)


def test_an_open_dispute_holds_what_is_left_and_so_does_what_was_not_received() -> None:
    found = ledger(facts(instructed("i1", 3000)))
    assert held_and_due(found, True) == (6000, 0)
    assert held_and_due(found, False) == held_and_due(found, False, received=True) == (0, 6000)
    assert held_and_due(found, False, received=False) == (6000, 0)


def test_what_the_platform_bears_goes_to_the_seller_beside_all_this() -> None:
    borne = instructed("i1", 9000, cost="platform")
    found = ledger(facts(borne))
    assert numbers(found) == (0, 9000, 0, 0)
    assert found.platform_pays == 9000
    assert ledger(facts(borne, failed(refund="refund:i1"))).platform_pays == 0
    reversed_: Told = ("platform.paid", {"amount": 6000, "because": "reversed"})
    paid: Told = ("payout.made", {"amount": 0, "platform": 2500, "reference": "p"})
    found = ledger(facts(refunded(6000, reference="r"), reversed_, paid))
    assert (found.platform_pays, found.platform_paid, found.platform_due) == (6000, 2500, 3500)


def test_what_was_paid_later_is_paid() -> None:
    more: Told = ("order.paid_more", {"amount": 500, "reference": "m1"})
    assert numbers(ledger(facts(more, more))) == (0, 0, 0, 9500)


def test_another_currency_counts_nowhere_and_is_named() -> None:
    found = ledger(facts(refunded(1700, currency="EUR", reference="r"), paid=5800, currency="JPY"))
    assert numbers(found) == (0, 0, 0, 5800)
    assert (found.currency, found.ignored) == ("JPY", ("f2",))


REFS = st.sampled_from(["a", "b", "c"])
AMOUNTS = st.integers(1, 12_000)
MAYBE = st.none() | AMOUNTS


@st.composite
def random_told(draw: st.DrawFn) -> Told:
    kind = draw(st.sampled_from(sorted(MONEY_KINDS)))
    if kind == "refund.instructed":
        return instructed(draw(REFS), draw(AMOUNTS), cost=draw(st.sampled_from(["seller", "platform", "carrier"])))
    if kind == "payout.made":
        return kind, {
            "amount": draw(AMOUNTS), "netted": draw(AMOUNTS) // 2, "platform": draw(AMOUNTS) // 2, "reference": draw(REFS),
        }  # fmt: skip
    data: dict[str, Any] = {}
    if kind in ("order.paid_more", "platform.paid"):
        data["amount"] = draw(AMOUNTS)
    elif (amount := draw(MAYBE)) is not None:
        data["amount"] = amount
    if draw(st.booleans()):
        data["reference"] = draw(REFS)
    if kind in ("refund.failed", "order.refunded") and draw(st.booleans()):
        data["refund"] = f"refund:{draw(REFS)}"
    return kind, data


@given(told=st.lists(random_told(), max_size=14), seed=st.integers(0, 2**16))
def test_whatever_is_told_in_whatever_order_money_is_conserved(told: list[Told], seed: int) -> None:
    made = facts(*told)
    found = ledger(made)
    conserved(found)
    assert found.refundable <= found.paid
    random.Random(seed).shuffle(made)
    assert ledger(made) == found
    assert ledger([*made, *(fact for fact in made if fact.kind == "order.refunded")]).refundable <= found.paid
