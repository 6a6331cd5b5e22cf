"""Several facts of one second: what they mean decides, never their ids nor which was noted first."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from comity.policy.facts import Fact, Scalar
from comity.policy.memory import Memory
from comity.policy.rulebook import Rulebooks
from comity.rulebooks.language.parse import parse

BOTH = """name = "both"
version = "1"
in_force_from = 2026-01-01
[[duty]]
name = "answer"
title = "Answer the buyer"
who = "seller"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "buyer" } }
met_by = { fact = "message.sent", where = { by = "seller", automatic = false } }
waived_by = { fact = "conversation.no_reply_needed" }
within = "1 hour"
repeats = true
[[duty]]
name = "come back"
title = "Answer the seller"
who = "buyer"
each = "conversation"
opened_by = { fact = "message.sent", where = { by = "seller" } }
met_by = { fact = "message.sent", where = { by = "buyer" } }
within = "2 hours"
repeats = true
[[duty]]
name = "send"
title = "Send it"
who = "seller"
each = "order"
opened_by = { fact = "order.paid" }
met_by = { fact = "shipment.dispatched" }
voided_by = { fact = "order.cancelled" }
not_after = { fact = "order.cancelled" }
by = "dispatch_by"
breach = { opens = "at last" }
[[duty]]
name = "at last"
title = "Send it at last"
who = "seller"
each = "order"
opened_by = { fact = "shipment.scanned" }
met_by = { fact = "shipment.dispatched" }
within = "10 hours"
"""
BOOKS = Rulebooks([parse(BOTH)])
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SOON, LATER = "2026-03-02T10:00:00.000000Z", "2026-03-02T15:00:00.000000Z"
Told = tuple[str, str, dict[str, Scalar]]
QUESTION: Told = ("message.sent", "conversation:1", {"by": "buyer", "automatic": False})
ANSWER: Told = ("message.sent", "conversation:1", {"by": "seller", "automatic": False})
NO_REPLY: Told = ("conversation.no_reply_needed", "conversation:1", {})
PAID, LATE_PAID = (("order.paid", "order:1", {"dispatch_by": by}) for by in (LATER, SOON))
SENT, CANCELLED = ("shipment.dispatched", "order:1", {"tracked": True}), ("order.cancelled", "order:1", {"by": "buyer"})


def outcomes(told: Sequence[Told], ids: Sequence[str], before: Sequence[Told] = ()) -> list[tuple[str, str, datetime]]:
    memory = Memory(BOOKS, "seller:1")
    noted = [(NOON - timedelta(minutes=30), f"m{n}", each) for n, each in enumerate(before)]
    noted += [(NOON, fact_id, each) for fact_id, each in zip(ids, told, strict=True)]
    for at, fact_id, (kind, matter, data) in noted:
        subject = "shipment:1" if kind.startswith("shipment") else matter
        memory.note(
            Fact(id=fact_id, kind=kind, at=at, noted_at=at, subject=subject, matter=matter, party="seller:1", data=data)
        )
    memory.turn(NOON + timedelta(minutes=30))
    return sorted((duty.rule, duty.status.value, duty.due) for duty in memory.all_duties())


@pytest.mark.parametrize(
    ("told", "before", "expected"),
    [
        ([QUESTION, ANSWER], [], {("answer", "met"), ("come back", "met")}),
        ([QUESTION, ANSWER], [QUESTION], {("answer", "met"), ("come back", "met")}),
        ([QUESTION, QUESTION, ANSWER, NO_REPLY], [], {("answer", "met"), ("come back", "met")}),
        ([QUESTION, NO_REPLY], [ANSWER], {("answer", "waived"), ("come back", "met")}),
        ([PAID, SENT], [], {("send", "met")}),
        ([PAID, SENT, CANCELLED], [], {("send", "met")}),
        ([PAID, CANCELLED], [], {("send", "voided")}),
        # late when it begins: broken and cured at once, and so is what the breach opens
        ([LATE_PAID, SENT], [], {("at last", "met"), ("send", "cured")}),
        ([LATE_PAID, PAID, SENT], [], {("at last", "met"), ("send", "cured")}),
    ],
)  # fmt: skip
def test_neither_ids_nor_arrival_decide(told: list[Told], before: list[Told], expected: set[tuple[str, str]]) -> None:
    ids = ["a1", "b1", "c1", "d1"][: len(told)]
    found = [outcomes(list(order), names, before) for order in permutations(told) for names in permutations(ids)]
    assert all(each == found[0] for each in found), found
    assert {(rule, status) for rule, status, _ in found[0]} == expected


def test_at_the_deadline_itself_a_duty_is_open_and_an_act_is_in_time() -> None:
    memory = Memory(BOOKS, "seller:1")
    due = NOON + timedelta(hours=1)

    def note(fact_id: str, at: datetime, by: str) -> None:
        data: dict[str, Scalar] = {"by": by, "automatic": False}
        memory.note(Fact(id=fact_id, kind="message.sent", at=at, noted_at=at, subject="conversation:1", matter="conversation:1", party="seller:1", data=data))  # fmt: skip

    note("q", NOON, "buyer")
    memory.turn(due)
    assert [duty.status.value for duty in memory.all_duties()] == ["open"]
    note("a", due, "seller")
    assert [duty.status.value for duty in memory.all_duties() if duty.rule == "answer"] == ["met"]
