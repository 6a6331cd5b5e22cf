"""Duties and ledgers as tables: what happened, in hours; what became of it. No database."""

from datetime import timedelta
from typing import Any

import pytest

from comity.policy.duties.rulings import Breach, Meet, Open, OverturnDuty, Warn
from comity.policy.facts import KINDS, Fact, problems
from comity.policy.memory import Memory, Stuck, fold
from comity.policy.rulebook import NoRules, Rulebooks
from comity.policy.sanctions.rulings import Charge, Lift, OverturnCharge, OverturnMeasure, Place, Propose
from tests.policy.strategies import BOOKS, PARTY, books, hour

END = hour(60)


def fact(
    at: float, kind: str, matter: str = "conversation:1", *, noted: float | None = None, subject: str = "", **data: Any
) -> Fact:
    moment = hour(0) + timedelta(hours=at)
    return Fact(
        id=f"{kind}@{at}", kind=kind, at=moment, noted_at=hour(0) + timedelta(hours=at if noted is None else noted),
        subject=subject or matter, matter=matter, party=PARTY, data=data,
    )  # fmt: skip


def buyer(at: float, **more: Any) -> Fact:
    return fact(at, "message.sent", by="buyer", automatic=False, **more)


def seller(at: float, *, automatic: bool = False, **more: Any) -> Fact:
    return fact(at, "message.sent", by="seller", automatic=automatic, **more)


def paid(at: float, dispatch_by: float, deliver_by: float) -> Fact:
    moments = {"dispatch_by": dispatch_by, "deliver_by": deliver_by}
    data: dict[str, Any] = {k: (hour(0) + timedelta(hours=v)).isoformat() for k, v in moments.items()}
    return fact(at, "order.paid", "order:1", **data)


def outcomes(facts: list[Fact], rule: str) -> list[str]:
    memory = fold(BOOKS, PARTY, sorted(facts, key=lambda f: f.noted_at), until=END)
    return [str(d.status) for d in sorted(memory.all_duties(), key=lambda d: d.place) if d.rule == rule]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([buyer(0), seller(5)], ["met"]),
        ([buyer(0), seller(12)], ["met"]),  # at the deadline is in time
        ([buyer(0), seller(12.5)], ["cured"]),
        ([buyer(0)], ["breached"]),
        ([buyer(0), buyer(11), seller(13)], ["cured"]),  # the oldest unanswered message counts
        ([buyer(0), seller(5), buyer(6), seller(7)], ["met", "met"]),
        ([buyer(0), seller(5, automatic=True)], ["breached"]),  # an automatic answer does not count
        ([seller(0), buyer(1)], ["breached"]),  # an answer before the question is none
        ([buyer(0), fact(3, "conversation.no_reply_needed", by="seller")], ["waived"]),
        ([buyer(0), fact(3, "conversation.no_reply_needed", by="seller"), buyer(4), seller(5)], ["waived", "met"]),
        ([buyer(0), buyer(20), seller(30)], ["cured"]),  # while it is overdue, no second one opens
        ([buyer(0), seller(3, noted=20)], ["met"]),  # learned late, true from when it happened
        ([buyer(0), seller(13, noted=20)], ["cured"]),
        ([buyer(4), seller(5), buyer(0, noted=30)], ["met"]),  # an earlier question, learned late
        ([buyer(55)], ["open"]),
    ],
)  # fmt: skip
def test_replies(facts: list[Fact], expected: list[str]) -> None:
    assert outcomes(facts, "reply") == expected


def settled(at: float, question: float, *, noted: float | None = None, **data: Any) -> Fact:
    """What an automatic answer helped with: one question alone."""
    named = {"by": "buyer", "of": f"message.sent@{question}", **data}
    return fact(at, "conversation.no_reply_needed", noted=noted, **named)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([buyer(0), settled(3, 0)], [("waived", 12)]),
        ([buyer(0), buyer(2), settled(3, 0)], [("breached", 14)]),  # due as the other question alone would be
        ([buyer(0), buyer(2), settled(3, 0), seller(13)], [("met", 14)]),
        ([buyer(0), buyer(2), settled(3, 2), seller(11)], [("met", 12)]),  # the older one goes on as it was
        ([buyer(0), buyer(2), settled(3, 2)], [("breached", 12)]),
        ([buyer(0), buyer(2), settled(3, 2), settled(4, 0)], [("waived", 12)]),  # one after the other, in any order
        ([buyer(0), buyer(2), settled(3, 0), settled(4, 2)], [("waived", 14)]),
        ([buyer(0), seller(1), buyer(2), settled(3, 0)], [("met", 12), ("breached", 14)]),  # long answered
        ([buyer(0), buyer(2), settled(20, 0)], [("breached", 12)]),  # what is broken stays so, and is asked for
        ([buyer(0), buyer(2), settled(20, 0), seller(21)], [("cured", 12)]),
        ([buyer(0), settled(20, 0)], [("breached", 12)]),
        ([buyer(0), settled(3, 0), buyer(2, noted=30)], [("breached", 14)]),  # the other question is learned late
        ([buyer(0), buyer(2), settled(3, 0, noted=30)], [("breached", 14)]),
        ([buyer(0), settled(3, 40)], [("breached", 12)]),  # of a question that nobody asked
    ],
)  # fmt: skip
def test_what_settles_one_question_settles_no_other(facts: list[Fact], expected: list[tuple[str, int]]) -> None:
    assert outcomes(facts, "reply") == [status for status, _ in expected]
    memory = fold(BOOKS, PARTY, sorted(facts, key=lambda f: f.noted_at), until=END)
    duties = sorted((d for d in memory.all_duties() if d.rule == "reply"), key=lambda d: d.place)
    assert [d.due for d in duties] == [hour(due) for _, due in expected]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([paid(1, 10, 40), fact(5, "shipment.dispatched", "order:1", subject="shipment:1", tracked=True)], ["met"]),
        ([paid(1, 10, 40), fact(5, "shipment.dispatched", "order:1", subject="shipment:1", tracked=False)], ["breached"]),
        ([fact(0, "shipment.dispatched", "order:1", subject="shipment:1", tracked=True), paid(1, 10, 40)], ["met"]),
        ([paid(1, 10, 40), fact(5, "order.cancelled", "order:1")], ["voided"]),
        ([paid(1, 10, 40), fact(15, "order.cancelled", "order:1")], ["breached"]),  # too late to void
        ([paid(1, 0, 40), fact(5, "shipment.dispatched", "order:1", subject="shipment:1", tracked=True)], ["cured"]),
        ([paid(1, 10, 40), paid(2, 50, 50)], ["breached"]),  # opened once for each order
        ([fact(1, "order.paid", "order:1")], []),  # without the promised moment there is nothing to judge
    ],
)  # fmt: skip
def test_dispatch(facts: list[Fact], expected: list[str]) -> None:
    assert outcomes(facts, "dispatch") == expected


def test_done_but_nobody_knows_when_is_not_charged() -> None:
    memory = fold(
        BOOKS, PARTY, [paid(1, 50, 10), fact(2, "shipment.delivered", "order:1", date_known=False)], until=END
    )
    assert {d.rule: str(d.status) for d in memory.all_duties()}["deliver"] == "unknown"
    assert not [c for c in memory.charges.values() if c.rule == "deliver"]


def test_a_scan_after_delivery_asks_for_no_more_tracking() -> None:
    late_scan = [fact(5, "shipment.delivered", "order:1", subject="shipment:1"), fact(6, "shipment.scanned", "order:1", subject="shipment:1")]  # fmt: skip
    assert outcomes(late_scan, "tracking") == []


def test_business_hours_run_beside_the_clock_that_never_stops() -> None:
    # hour 0 is Monday 00:00 UTC = 01:00 in Berlin; four office hours end at 14:00 Berlin
    memory = fold(BOOKS, PARTY, [buyer(0)])
    due = {duty.rule: duty.due for duty in memory.all_duties()}
    assert due == {"reply": hour(12), "answer in office hours": hour(13)}


def test_warnings_then_the_breach_each_dated_at_its_moment() -> None:
    memory = Memory(BOOKS, PARTY)
    memory.note(buyer(0))
    rulings = [r for r in memory.turn(hour(100)) if r.rule == "reply"]
    assert [(type(r), r.at) for r in rulings] == [
        (Warn, hour(6)),
        (Warn, hour(10)),
        (Breach, hour(12)),
        (Charge, hour(12)),
    ]


def test_a_late_reply_overturns_breach_points_and_measure_by_new_lines() -> None:
    memory = Memory(BOOKS, PARTY)
    memory.note(buyer(0))
    placed = [r for r in memory.turn(hour(20)) if isinstance(r, Place)]
    assert placed[0].measure == "warning"
    rulings = [r for r in memory.note(seller(3, noted=20)) if r.rule in ("reply", "service:1")]
    assert [type(r) for r in rulings] == [OverturnDuty, Meet, OverturnCharge, OverturnMeasure]
    assert not memory.charges
    assert next(iter(memory.measures.values())).status == "overturned"


def test_our_outage_is_not_their_breach() -> None:
    stretch: dict[str, Any] = {"from": hour(5).isoformat(), "until": hour(25).isoformat()}
    outage = fact(30, "pause.recorded", PARTY, by="platform", cause="platform_outage", **stretch)
    memory = fold(BOOKS, PARTY, [buyer(0), outage, seller(31)], until=END)
    reply = next(duty for duty in memory.all_duties() if duty.rule == "reply")
    assert (str(reply.status), reply.due) == ("met", hour(32))
    assert not memory.charges


def test_a_duty_is_judged_by_the_version_it_opened_under() -> None:
    # the second version, from hour 47 (midnight UTC on 4 March = hour 48), asks for an answer within 6 hours
    assert outcomes([buyer(47), seller(56)], "reply") == ["met"]
    assert outcomes([buyer(49), seller(56)], "reply") == ["cured"]


def test_points_expire_and_only_the_heaviest_rung_is_executed() -> None:
    memory = Memory(BOOKS, PARTY)
    for number in range(3):
        memory.note(fact(number, "message.sent", f"conversation:{number}", by="buyer", automatic=False))
    memory.turn(hour(40))
    rungs = [measure.rung for measure in sorted(memory.measures.values(), key=lambda m: m.at)]
    assert rungs == [1, 3], "one, two, three points: the warning, nothing, the restriction"
    # all three charges lived three days; the fourth breach begins at one point again
    memory.note(fact(100, "message.sent", "conversation:9", by="buyer", automatic=False))
    memory.turn(hour(200))
    assert [m.rung for m in memory.measures.values()].count(1) == 2


def test_one_charge_over_several_rungs_places_the_heaviest_alone() -> None:
    text = books()[0]
    heavy = Rulebooks([text])
    memory = Memory(heavy, PARTY)
    memory.note(buyer(0))
    memory.note(paid(0.5, 11, 11.5))
    rulings = memory.turn(hour(12))  # dispatch 2 points at 11, deliver 1 at 11.5
    placed = [r for r in rulings if isinstance(r, Place)]
    assert [(r.rung, r.points) for r in placed] == [(1, 2), (3, 3)]


def test_a_persons_rung_is_proposed_then_placed_with_its_notice_and_lifted_at_its_end() -> None:
    memory = Memory(BOOKS, PARTY)
    for number in range(5):
        memory.note(fact(number, "message.sent", f"conversation:{number}", by="buyer", automatic=False))
    proposed = next(r for r in memory.turn(hour(30)) if isinstance(r, Propose))
    assert (proposed.measure, proposed.points, len(proposed.because)) == ("freeze", 5, 5)
    matter = f"sanction:{proposed.key}"
    placed = memory.note(fact(40, "sanction.approved", matter, agent="agent:1"))[-1]
    assert isinstance(placed, Place)
    assert (placed.effective_at, placed.until) == (hour(40), hour(88))
    assert placed.because == proposed.because
    assert memory.note(fact(41, "sanction.declined", matter, agent="agent:1")) == [], "decided is decided"
    assert [type(r) for r in memory.turn(hour(200)) if r.matter == matter] == [Lift]


def test_before_the_first_rulebook_nothing_has_consequences() -> None:
    assert Memory(Rulebooks([]), PARTY).note(buyer(0)) == []
    assert BOOKS.in_force(hour(-100_000)) is None


def test_a_moment_that_cannot_be_judged_names_itself() -> None:
    memory = Memory(BOOKS, PARTY)
    opened = next(r for r in memory.note(buyer(0)) if isinstance(r, Open) and r.rule == "reply")
    memory.rulebooks = Rulebooks([])
    with pytest.raises(Stuck) as caught:
        memory.turn(hour(100))
    assert (caught.value.life, caught.value.key) == ("duty", opened.key)
    assert isinstance(caught.value.why, NoRules)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kind": "order.unheard"}, "unknown kind"), ({"subject": "order"}, "kind:id"), ({"party": ""}, "party must have"),
        ({"id": "x" * 201}, "id must have"), ({"at": hour(3)}, "after noted_at"), ({"data": {"by": "me", "automatic": False}}, "must be one of"),
        ({"data": {"by": "buyer", "automatic": 1}}, "true or false"), ({"data": {"by": "buyer"}}, "needs data.automatic"),
        ({"data": {"by": "buyer", "automatic": False, "digest": "x" * 501}}, "longer than"),
        ({"data": {"by": "buyer", "automatic": False, "text": "secret"}}, "no field 'text'"), ({"subject": "order:1"}, "is about conversation"),
    ],
)  # fmt: skip
def test_facts_that_are_not_sound(changes: dict[str, Any], says: str) -> None:
    sound = buyer(0)
    assert list(problems(sound)) == []
    values = {name: getattr(sound, name) for name in sound.__struct_fields__}
    assert says in " ".join(problems(Fact(**values | changes)))


def test_every_kind_of_fact_is_documented_and_named_subject_verb() -> None:
    for name, kind in KINDS.items():
        assert name.count(".") == 1
        assert kind.doc.endswith(".")
        assert kind.subjects
