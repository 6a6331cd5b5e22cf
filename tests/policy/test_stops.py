"""Time that stops by itself: a charge-back, a claim on the carrier, a repair; and what waits says for what."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from comity.lib.moments import UTC
from comity.policy.duties.rule import CAUSES, DutyRule
from comity.policy.duties.rulings import Breach, Move
from comity.policy.facts import NEVER, Fact, Scalar
from comity.policy.matching import Match
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebook, Rulebooks
from comity.policy.time import deadlines, stops
from comity.policy.time.calendars import Days
from comity.policy.time.clocks import ALWAYS

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANSWER = DutyRule(
    name="answer",
    title="Answer",
    who="seller",
    each="dispute",
    opened_by=(Match("dispute.opened"),),
    met_by=(Match("dispute.answered"),),
    within=Days(5),
    clock=replace(ALWAYS, zone="Europe/Berlin"),
)
BOOK = Rulebook(
    name="b", version="1", title="B", in_force_from=START - timedelta(days=30), announced_on=START, notice=timedelta(0),
    duties=(ANSWER,), ledgers={}, clocks={},
)  # fmt: skip
ORDER, ONE, OTHER = "order:1", "dispute:1", "dispute:2"


def day(days: float) -> datetime:
    return START + timedelta(days=days)


def fact(kind: str, days: float, about: str = ONE, noted: float | None = None, **data: Scalar) -> Fact:
    return Fact(
        id=f"{kind}:{days}:{about}", kind=kind, at=day(days), noted_at=day(days if noted is None else noted),
        subject=about, matter=ORDER, party="seller:1", data=data,
    )  # fmt: skip


def judged(*facts: Fact, until: float, **changes: object) -> Memory:
    book = replace(BOOK, duties=(replace(ANSWER, **changes),))  # type: ignore[arg-type]
    memory = Memory(Rulebooks([book]), "seller:1")
    memory.replay(facts)
    memory.turn(day(until))
    return memory


def dues(memory: Memory) -> dict[str, tuple[str, datetime]]:
    return {duty.subject: (duty.status.value, duty.due) for duty in memory.all_duties()}


OPENED = fact("dispute.opened", 0)
TAKEN = fact("order.charged_back", 3, ORDER, reference="cb1")
GIVEN = fact("order.charge_back_reversed", 13, ORDER, reference="cb1")


def test_a_charge_back_stops_the_dispute_and_what_was_left_runs_on() -> None:
    waiting = judged(OPENED, TAKEN, until=12)
    assert dues(waiting) == {ONE: ("open", NEVER)}
    assert dues(judged(OPENED, TAKEN, GIVEN, until=14)) == {ONE: ("open", day(15))}
    assert dues(judged(OPENED, TAKEN, GIVEN, until=16)) == {ONE: ("breached", day(15))}


def test_it_is_said_for_what_a_duty_waits() -> None:
    (duty,) = judged(OPENED, TAKEN, until=12).all_duties()
    pauses = stops.derived([TAKEN])
    assert stops.waits(ANSWER, duty.subject, duty.due, pauses) == "charge_back"
    assert stops.waits(ANSWER, duty.subject, day(5), pauses) == ""


def test_what_was_due_before_the_bank_took_the_money_stays_due() -> None:
    memory = judged(OPENED, fact("order.charged_back", 6, ORDER), until=8)
    assert dues(memory) == {ONE: ("breached", day(5))}


def test_a_dispute_that_is_opened_while_the_bank_has_the_money_waits_from_the_beginning() -> None:
    late = fact("dispute.opened", 4)
    assert dues(judged(TAKEN, late, until=12)) == {ONE: ("open", NEVER)}
    assert dues(judged(TAKEN, late, GIVEN, until=14)) == {ONE: ("open", day(18))}


def test_a_reversal_that_is_noted_late_counts_from_when_it_was() -> None:
    told_late = fact("order.charge_back_reversed", 13, ORDER, noted=30, reference="cb1")
    memory = judged(OPENED, TAKEN, told_late, until=31)
    assert dues(memory) == {ONE: ("breached", day(15))}


def test_a_second_charge_back_goes_on_after_the_first_was_reversed() -> None:
    second = fact("order.charged_back", 4, ORDER, reference="cb2")
    assert dues(judged(OPENED, TAKEN, second, GIVEN, until=14)) == {ONE: ("open", NEVER)}


def test_what_is_no_dispute_goes_on() -> None:
    memory = judged(OPENED, TAKEN, until=12, each="order")
    assert dues(memory) == {ORDER: ("breached", day(5))}


CLAIMED = fact("carrier.claimed", 2, claim="c1")
ANSWERED = fact("carrier.answered", 9, claim="c1", accepted=True)


def test_nobody_waits_for_the_carrier_unless_the_rule_says_so() -> None:
    assert dues(judged(OPENED, CLAIMED, until=6)) == {ONE: ("breached", day(5))}
    waits = judged(OPENED, CLAIMED, until=6, pauses=("carrier_claim",))
    assert dues(waits) == {ONE: ("open", NEVER)}
    done = judged(OPENED, CLAIMED, ANSWERED, until=10, pauses=("carrier_claim",))
    assert dues(done) == {ONE: ("open", day(12))}


def test_a_claim_on_the_carrier_stops_its_own_dispute_alone() -> None:
    memory = judged(OPENED, fact("dispute.opened", 0, OTHER), CLAIMED, until=6, pauses=("carrier_claim",))
    assert dues(memory) == {ONE: ("open", NEVER), OTHER: ("breached", day(5))}


def test_a_repair_stops_until_the_goods_are_back() -> None:
    begun, done = fact("dispute.settled", 1, act="repair"), fact("dispute.fulfilled", 4)
    assert dues(judged(OPENED, begun, done, until=5, pauses=("repair",))) == {ONE: ("open", day(8))}
    assert stops.derived([begun]) == ((begun.at, NEVER, "repair@dispute:1"),)
    assert stops.derived([fact("dispute.settled", 1, act="resend")]) == ()


def test_the_deadline_moves_and_no_breach_comes_meanwhile() -> None:
    memory = Memory(Rulebooks([BOOK]), "seller:1")
    rulings = memory.replay([OPENED, TAKEN, GIVEN])
    rulings += memory.turn(day(20))
    moves = [(ruling.was, ruling.due) for ruling in rulings if isinstance(ruling, Move)]
    assert moves == [(day(5), NEVER), (NEVER, day(15))]
    assert [ruling.at for ruling in rulings if isinstance(ruling, Breach)] == [day(15)]


@pytest.mark.parametrize("together", [False, True])
def test_however_facts_are_judged_the_same_stands(together: bool) -> None:
    facts = [OPENED, TAKEN, GIVEN]
    memory = Memory(Rulebooks([BOOK]), "seller:1")
    if together:
        memory.sit(facts)
    else:
        memory.replay(facts)
    memory.turn(day(16))
    assert dues(memory) == {ONE: ("breached", day(15))}


def test_pauses_lengthen_days_by_as_long_as_they_last() -> None:
    """Over the change of clocks, with an outage of 12 hours: the same time of the day, and 12 hours."""
    opened = datetime(2026, 3, 27, 8, tzinfo=UTC)
    outage = (opened + timedelta(days=1), opened + timedelta(days=1.5), "platform_outage")
    assert deadlines.after(ANSWER, opened, ()) == datetime(2026, 4, 1, 7, tzinfo=UTC)
    assert deadlines.after(ANSWER, opened, (outage,)) == datetime(2026, 4, 1, 19, tzinfo=UTC)


def test_every_cause_that_facts_bring_is_one_that_rules_may_name() -> None:
    assert set(stops.CAUSES) < set(CAUSES)


def test_the_bank_has_all_only_as_long_as_nothing_else_comes_free() -> None:
    placed = fact("order.placed", -2, ORDER, amount=6000, currency="EUR")
    paid = fact("order.paid", -1, ORDER)
    asked = fact("refund.instructed", 1, ORDER, refund="refund:1", amount=5000, currency="EUR", cost="seller")
    taken = fact("order.charged_back", 2, ORDER, amount=1000, currency="EUR", reference="cb1")
    failed = fact("refund.failed", 3, ORDER, refund="refund:1")
    told = [placed, paid, OPENED, asked, taken]
    assert dues(judged(*told, until=9)) == {ONE: ("open", NEVER)}
    assert dues(judged(*told, failed, until=5)) == {ONE: ("open", day(6))}, "one day stood still"
